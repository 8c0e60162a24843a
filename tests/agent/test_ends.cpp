// How the command ends when it can't answer: exit codes, and what a program is told of it.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <client/model/foreign_json.h>
#include <client/replay/replay_gateway.h>

#include "../process/command_process.h"
#include "fake_gateway.h"

using namespace fairlead::agent;
using Words = std::vector<std::string>;

namespace {

const std::string small = "'" SMALL_SERVER "'";

const char* const waits = R"({
  "fairlead_recording": 1,
  "conversations": [{"question": "Wait.", "turns": [
    {"reply": {"tool_calls": [{"name": "wait", "arguments": {}}]}}
  ]}]
})";

struct Ended {
  int code;
  std::string output;  ///< stdout and stderr
  Json last;           ///< its last line
};

Ended run(Words words) {
  words.insert(words.begin(), FAIRLEAD_COMMAND);
  CommandProcess process(words, CommandProcess::On::pipes);
  Ended ended{process.wait(), process.output(), nullptr};
  REQUIRE(ended.output.size() > 1);
  const std::size_t before = ended.output.rfind('\n', ended.output.size() - 2);
  ended.last =
      parse_foreign_json(ended.output.substr(before == std::string::npos ? 0 : before + 1));
  return ended;
}

/// `run --json` with a question, a gateway and more.
Ended ask(const std::string& question, const std::string& gateway, const Words& more) {
  Words words{"run", "--json", question, "--api", "openai", "--model", "m", "--gateway", gateway};
  words.insert(words.end(), more.begin(), more.end());
  return run(words);
}

}  // namespace

TEST_CASE("a question whose time is up ends with 5, and its server with it") {
  const ReplayGateway gateway(read_recording(waits), 0);
  EventPipe events;
  const Ended ended =
      ask("Wait.", gateway.url(),
          {"--max-seconds", "0.5", "--server", small + " --events " + events.path()});
  CHECK(ended.code == 5);
  CHECK(ended.last["end"] == "time_limit");
  CHECK(ended.last["exit_code"] == 5);
  CHECK(events.next() == "started");
  while (!events.next().empty()) {
  }
}

TEST_CASE("an answer that was cut or withheld ends with 8, and its tool calls are not run") {
  for (const char* reason : {"length", "content_filter"}) {
    CAPTURE(reason);
    const FakeGateway gateway(
        {{{http_answer(200, R"({"choices":[{"message":{"content":"Let me","tool_calls":[{"id":"1",
                 "type":"function","function":{"name":"add","arguments":"{\"a\":1,\"b\":2}"}}]},
                 "finish_reason":")" +
                                std::string(reason) + "\"}]}")}}});
    const Ended ended = ask("q", gateway.url(), {"--no-stream", "--server", small});
    CHECK(ended.code == 8);
    CHECK(ended.last["end"] == "incomplete");
    CHECK(ended.last["exit_code"] == 8);
    CHECK(ended.last["text"] == "Let me");
    CHECK(ended.output.find("the sum is") == std::string::npos);
  }
}

TEST_CASE("with --json a command that can't begin says so as one JSON object, and nothing else") {
  const auto error = [](const Words& words) {
    const Ended ended = run(words);
    CAPTURE(ended.output);
    CHECK(parse_foreign_json(ended.output) == ended.last);
    CHECK(ended.last["event"] == "error");
    CHECK(ended.last["exit_code"] == ended.code);
    return ended.last;
  };
  const Json missing = error({"run", "q", "--json", "--model", "m", "--gateway",
                              "http://127.0.0.1:1", "--server", "/does/not/exist"});
  CHECK(missing["exit_code"] == 6);
  CHECK(missing.value("message", "").find("cannot start '/does/not/exist'") != std::string::npos);
  CHECK(error({"tools", "--json", "/does/not/exist"})["exit_code"] == 6);
  CHECK(error({"read", "--json", small, "file:///x"})["exit_code"] == 1);
  CHECK(
      error({"replay-gateway", "--json", "/does/not/exist"}) ==
      Json{{"event", "error"}, {"exit_code", 7}, {"message", "there is no file /does/not/exist"}});
  CHECK(error({"install", "database", "--json", "--db", "/does/not/exist"})["exit_code"] == 7);
  CHECK(error({"schema", "lint", "--json", "/does/not/exist"})["exit_code"] == 7);
}

TEST_CASE("replay-gateway tells its address, as text or as JSON") {
  std::string folder = (std::filesystem::temp_directory_path() / "fairlead-ends-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string recording = folder + "/recording.json";
  std::ofstream(recording) << R"({"fairlead_recording": 1, "conversations": [
      {"question": "Well?", "turns": [{"reply": {"text": "Well."}}]}]})";
  for (const bool json : {false, true}) {
    CAPTURE(json);
    Words words{FAIRLEAD_COMMAND, "replay-gateway", recording};
    if (json) words.emplace_back("--json");
    CommandProcess process(words, CommandProcess::On::pipes);
    process.read_until("Ctrl-C ends.\n");
    const std::string first = process.output().substr(0, process.output().find('\n'));
    const Json told = json ? parse_foreign_json(first) : Json{{"url", first}};
    const std::string url = told["url"];
    CHECK(url.starts_with("http://127.0.0.1:"));
    if (json) {
      CHECK(told["event"] == "listening");
      CHECK(url == "http://127.0.0.1:" + told["port"].dump() + "/v1");
    }
    CHECK(ask("Well?", url, {}).last["text"] == "Well.");
    process.signal(SIGTERM);
    CHECK(process.wait() == 143);
  }
  std::filesystem::remove_all(folder);
}
