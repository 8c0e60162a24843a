// How the command's servers start, and that none of them outlives it.
#include <doctest/doctest.h>

#include <csignal>

#include <client/model/foreign_json.h>
#include <client/replay/replay_gateway.h>

#include "../process/command_process.h"

using namespace fairlead::agent;
using On = CommandProcess::On;

namespace {

const std::string command = FAIRLEAD_COMMAND;
const std::string small = "'" SMALL_SERVER "' ";

const char* const waits = R"({
  "fairlead_recording": 1,
  "conversations": [{"question": "Wait.", "turns": [
    {"reply": {"tool_calls": [{"name": "wait", "arguments": {}}]}}
  ]}]
})";

}  // namespace

TEST_CASE("a server that does not start is told of in time, with what it said last") {
  for (const char* way : {"--silent", "--deaf"}) {
    CAPTURE(way);
    EventPipe events;
    CommandProcess tools(
        {command, "tools", "--timeout", "0.4", small + way + " --events " + events.path()},
        On::pipes);
    CHECK(tools.wait() == 6);
    CHECK(tools.output() ==
          "fairlead: the server \"small_server\" did not start: no answer within 400 ms; the last "
          "lines of its stderr:\nsmall_server: not today\n");
    CHECK(events.next() == "started");
    while (!events.next().empty()) {
    }
  }
  CommandProcess missing({command, "tools", "--timeout", "9", "/does/not/exist"}, On::pipes);
  CHECK(missing.wait() == 6);
  CHECK(missing.output().find("cannot start '/does/not/exist': No such file or directory") !=
        std::string::npos);
  CommandProcess run({command, "run", "q", "--model", "m", "--gateway", "http://127.0.0.1:1",
                      "--start-seconds", "0.4", "--server", small + "--silent", "--server", small},
                     On::pipes);
  CHECK(run.wait() == 6);
  CHECK(run.output().find("no answer within 400 ms") != std::string::npos);
}

TEST_CASE("a signal ends a command and the server that is starting") {
  for (const auto& [number, status] : {std::pair{SIGINT, 130}, {SIGTERM, 143}, {SIGHUP, 129}}) {
    CAPTURE(number);
    for (const char* verb : {"tools", "run"}) {
      CAPTURE(verb);
      EventPipe events;
      const std::string server = small + "--silent --events " + events.path();
      std::vector<std::string> words{command, verb, server};
      if (std::string_view(verb) == "run") {
        words = {command,    "run", "q", "--model", "m", "--gateway", "http://127.0.0.1:1",
                 "--server", server};
      }
      CommandProcess process(words, On::pipes);
      CHECK(events.next() == "started");
      process.signal(number);
      CHECK(process.wait() == status);
      CHECK(events.next() == "end of input");
      CHECK(events.next() == "");
    }
  }
}

TEST_CASE("a signal ends a call and its server in order, also a stubborn one") {
  EventPipe events;
  CommandProcess call({command, "call", small + "--stubborn --events " + events.path(), "wait"},
                      On::pipes);
  CHECK(events.next() == "started");
  CHECK(events.next() == "waiting");
  call.signal(SIGTERM);
  CHECK(call.wait() == 143);
  CHECK(events.next() == "end of input");
  CHECK(events.next() == "terminated");
  CHECK(events.next() == "");
}

TEST_CASE("a signal ends a chat at its prompt and its servers") {
  for (const On on : {On::pipes, On::terminal}) {
    CAPTURE(on == On::terminal);
    EventPipe events;
    CommandProcess chat({command, "chat", "--model", "m", "--gateway", "http://127.0.0.1:1",
                         "--server", small + "--events " + events.path()},
                        on);
    CHECK(events.next() == "started");
    chat.read_until("/help.");
    chat.signal(SIGTERM);
    CHECK(chat.wait() == 143);
    CHECK(events.next() == "end of input");
    CHECK(events.next() == "");
  }
}

TEST_CASE("Ctrl-C cancels a chat's turn and not the program") {
  const ReplayGateway gateway(read_recording(waits), 0);
  EventPipe events;
  CommandProcess chat({command, "chat", "--model", "m", "--gateway", gateway.url(), "--server",
                       small + "--events " + events.path()},
                      On::terminal);
  CHECK(events.next() == "started");
  chat.read_until("> ");
  // Also when it comes after the prompt was written and before the line is read.
  for (int i = 0; i < 50; ++i) {
    chat.type("\x03");
    chat.read_until("> ");
  }
  chat.type("/model other\n");
  chat.read_until("model: other");
  chat.type("Wait.\n");
  CHECK(events.next() == "waiting");
  chat.type("\x03");
  chat.read_until("cancelled");
  chat.read_until("> ");
  chat.type("/exit\n");
  CHECK(chat.wait() == 0);
  CHECK(events.next() == "end of input");
  CHECK(events.next() == "");
}

TEST_CASE("a second Ctrl-C during the same turn ends the program") {
  // The answer is larger than what the pipe holds: the turn can't end while nobody reads.
  const Json recording{
      {"fairlead_recording", 1},
      {"conversations",
       {{{"question", "Long?"},
         {"turns", {{{"reply", {{"text", "It begins. " + std::string(500'000, 'x')}}}}}}}}}};
  const ReplayGateway gateway(read_recording(recording.dump()), 0);
  EventPipe events;
  CommandProcess chat({command, "chat", "--model", "m", "--gateway", gateway.url(), "--server",
                       small + "--events " + events.path()},
                      On::pipes);
  chat.type("Long?\n");
  chat.read_until("It begins.");
  chat.signal(SIGINT);
  chat.signal(SIGINT);
  CHECK(chat.wait() == 130);
  CHECK(events.next() == "started");
  CHECK(events.next() == "end of input");
  CHECK(events.next() == "");
}
