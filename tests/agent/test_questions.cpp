// What a person at a terminal sees of a server's questions, and what becomes of the answers.
#include <doctest/doctest.h>

#include "../process/command_process.h"

using On = CommandProcess::On;

namespace {

std::vector<std::string> call(const std::string& tool, const std::string& arguments = "{}") {
  return {FAIRLEAD_COMMAND, "call", "'" CHECKED_ASKING_SERVER "'", tool, arguments};
}

std::string page(const std::string& url) {
  return "{\"url\": \"" + url + "\"}";
}

}  // namespace

TEST_CASE("a form is filled in field by field, shown whole, and sent on consent") {
  CommandProcess process(call("order"), On::terminal);
  const std::string question = process.read_until("name: ");
  CHECK(question.find("The server \"asking_server\" asks:\r\n"
                      "  | What shall it be?\r\n"
                      "  | Send {}? [y/N] [2J\r\n") != std::string::npos);
  process.type("Ann\n");
  process.read_until("count [1]: ");
  process.type("many\n");
  process.read_until("That is no integer.");
  process.read_until("count [1]: ");
  process.type("3\n");
  process.read_until("gift [leave out]: ");
  process.type("yes\n");
  process.read_until("Send {\"count\":3,\"gift\":true,\"name\":\"Ann\"}? [y/N] ");
  process.type("y\n");
  CHECK(process.wait() == 0);
  CHECK(process.output().find("3 for Ann, a gift\r\n") != std::string::npos);
}

TEST_CASE("a form's defaults and optional fields may be left as they are") {
  CommandProcess process(call("order"), On::terminal);
  process.read_until("name: ");
  process.type("Bo\n");
  process.read_until("count [1]: ");
  process.type("\n");
  process.read_until("gift [leave out]: ");
  process.type("\n");
  process.read_until("Send {\"count\":1,\"name\":\"Bo\"}? [y/N] ");
  process.type("yes\n");
  CHECK(process.wait() == 0);
  CHECK(process.output().find("1 for Bo\r\n") != std::string::npos);
}

TEST_CASE("a form asks what is required first, in the server's order") {
  CommandProcess process(call("ship"), On::terminal);
  process.read_until("  to: ");
  process.type("Oslo\n");
  process.read_until("  from: ");
  process.type("Rome\n");
  process.read_until("  box [leave out]: ");
  process.type("\n");
  process.read_until("[y/N] ");
  process.type("y\n");
  CHECK(process.wait() == 0);
  CHECK(process.output().find("from Rome to Oslo") != std::string::npos);
}

TEST_CASE("nothing of a form is sent without a yes, or when the input ends") {
  CommandProcess declined(call("order"), On::terminal);
  declined.read_until("name: ");
  declined.type("Ann\n");
  declined.read_until("count [1]: ");
  declined.type("\n");
  declined.read_until("gift [leave out]: ");
  declined.type("\n");
  declined.read_until("? [y/N] ");
  declined.type("\n");
  declined.wait();
  CHECK(declined.output().find("the form: not sent") != std::string::npos);

  CommandProcess given_up(call("order"), On::terminal);
  given_up.read_until("name: ");
  given_up.type("\x04");
  given_up.wait();
  CHECK(given_up.output().find("the form: not sent") != std::string::npos);

  for (const char* input : {"true |", "printf '3' |", "exec < /dev/null;"}) {
    CAPTURE(input);
    CommandProcess nobody(
        {"/bin/sh", "-c",
         std::string(input) + " '" FAIRLEAD_COMMAND "' call \"'" CHECKED_ASKING_SERVER "'\" order"},
        On::pipes);
    nobody.wait();
    CHECK(nobody.output().find("name: ") != std::string::npos);
    CHECK(nobody.output().find("the form: not sent") != std::string::npos);
  }
}

TEST_CASE("a page is shown with its whole address and its host, and opened by the person alone") {
  CommandProcess process(call("visit", page("https://login.example.com/a?b=c#d")), On::terminal);
  const std::string question = process.read_until("Will you open it yourself? [y/N] ");
  CHECK(question.find("The server \"asking_server\" asks you to open a page:\r\n"
                      "  | Please log in\r\n"
                      "The page: https://login.example.com/a?b=c#d\r\n"
                      "On the host: login.example.com\r\n") != std::string::npos);
  process.type("y\n");
  CHECK(process.wait() == 0);
  CHECK(process.output().find("the page: accept") != std::string::npos);

  CommandProcess declined(call("visit", page("https://login.example.com/")), On::terminal);
  declined.read_until("Will you open it yourself? [y/N] ");
  declined.type("n\n");
  declined.wait();
  CHECK(declined.output().find("the page: decline") != std::string::npos);
}

TEST_CASE("a page whose address misleads or is no https is refused without a question") {
  for (const char* url : {"http://login.example.com/", "https://bank.example@evil.example/",
                          "https://evil.example\\u202E/", "https://evil.example\\\\.bank.example/",
                          "file:///etc/passwd"}) {
    CAPTURE(url);
    CommandProcess process(call("visit", page(url)), On::terminal);
    process.wait();
    CHECK(process.output().find("Will you open it") == std::string::npos);
    CHECK(process.output().find("accept") == std::string::npos);
  }
}

TEST_CASE("Ctrl-C at a question ends the call") {
  CommandProcess process(call("order"), On::terminal);
  process.read_until("name: ");
  process.type("\x03");
  CHECK(process.wait() == 130);
}
