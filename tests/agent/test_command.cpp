#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>

#include <client/cli/terminal_json.h>
#include <client/cli/terminal_text.h>
#include <client/model/foreign_json.h>
#include <client/replay/replay_gateway.h>

using namespace fairlead::agent;

namespace {

struct Ran {
  int code = -1;
  std::string out;
};

/// Runs the command with these arguments, in a shell, without stderr.
Ran run(const std::string& arguments, const std::string& redirect = "2>/dev/null",
        const std::string& program = FAIRLEAD_COMMAND) {
  Ran ran;
  // Nothing of the developer's own gateway.
  const std::string command =
      "env -i PATH=\"$PATH\" '" + program + "' " + arguments + " " + redirect;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe))
    ran.out.append(buffer, got);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) ran.code = WEXITSTATUS(status);
  return ran;
}

const std::string server = "--server '" CHECKED_SMALL_SERVER "' ";

const char* const sums = R"({
  "fairlead_recording": 1,
  "conversations": [{"question": "What is 2 and 3?", "turns": [
    {"reply": {"tool_calls": [{"name": "add", "arguments": {"a": 2, "b": 3}}]}},
    {"tool_results": [{"contains": ["the sum is 5"]}], "reply": {"text": "It is 5."}}
  ]}]
})";

std::string to(const ReplayGateway& gateway) {
  return "--gateway " + gateway.url() + " --model m ";
}

}  // namespace

TEST_CASE("run answers a question through a server and a gateway") {
  const ReplayGateway gateway(read_recording(sums), 0);
  for (const char* api : {"--api openai ", "--api anthropic ", "--no-stream "}) {
    CAPTURE(api);
    const Ran ran = run("run 'What is 2 and 3?' " + to(gateway) + server + api);
    CHECK(ran.code == 0);
    CHECK(ran.out == "It is 5.\n");
  }
  const Ran shown = run("run 'What is 2 and 3?' " + to(gateway) + server, "2>&1 >/dev/null");
  CHECK(shown.out.find("→ add {\"a\":2,\"b\":3}") != std::string::npos);
  CHECK(shown.out.find("the sum is 5") != std::string::npos);
}

TEST_CASE("two servers of one program have two names") {
  const ReplayGateway gateway(read_recording(R"({
    "fairlead_recording": 1,
    "conversations": [{"question": "Which?", "turns": [
      {"reply": {"tool_calls": [{"name": "small_server__add", "arguments": {"a": 1, "b": 2}},
                                {"name": "small_server_2__add", "arguments": {"a": 3, "b": 4}}]}},
      {"tool_results": [{"contains": ["the sum is 3"]}, {"contains": ["the sum is 7"]}],
       "reply": {"text": "Both."}}
    ]}]
  })"),
                              0);
  const Ran ran = run("run 'Which?' " + to(gateway) + server + server);
  CHECK(ran.code == 0);
  CHECK(ran.out == "Both.\n");
}

TEST_CASE("run --json gives events, the last one is the result") {
  const ReplayGateway gateway(read_recording(sums), 0);
  const Ran ran = run("run --json 'What is 2 and 3?' " + to(gateway) + server);
  CHECK(ran.code == 0);
  const std::size_t last = ran.out.rfind('\n', ran.out.size() - 2);
  const Json result = parse_foreign_json(ran.out.substr(last + 1));
  CHECK(result["event"] == "result");
  CHECK(result["end"] == "answered");
  CHECK(result["text"] == "It is 5.");
  CHECK(result["tool_calls"] == 1);
}

TEST_CASE("each end has its exit code") {
  const ReplayGateway gateway(read_recording(sums), 0);
  CHECK(run("run").code == 2);
  CHECK(run("run q --unknown").code == 2);
  CHECK(run("run 'not recorded' " + to(gateway)).code == 3);
  CHECK(run("run 'What is 2 and 3?' --max-turns 1 " + to(gateway) + server).code == 4);
  CHECK(run("run q --server /does/not/exist " + to(gateway)).code == 6);
  CHECK(run("run q --config /does/not/exist " + to(gateway)).code == 7);
  CHECK(run("run q").code == 7);
  CHECK(run("--help").code == 0);
  CHECK(run("--version").out.starts_with("0."));
}

TEST_CASE("chat answers, obeys its commands and ends with its input") {
  const ReplayGateway gateway(read_recording(sums), 0);
  const Ran ran = run("chat " + to(gateway) + server,
                      "2>&1 <<'END'\n/tools\n/model other\nWhat is 2 and 3?\n/clear\n/nothing\n"
                      "What is 2 and 3?\n/exit\nWhat?\nEND");
  CHECK(ran.code == 0);
  CHECK(ran.out.find("small_server: add  Adds a and b") != std::string::npos);
  CHECK(ran.out.find("model: other") != std::string::npos);
  CHECK(ran.out.find("There is no command /nothing.") != std::string::npos);
  CHECK(ran.out.find("It is 5.\n") != ran.out.rfind("It is 5.\n"));
}

TEST_CASE("chat --json gives events and a result for each question, and nothing else") {
  const ReplayGateway gateway(read_recording(sums), 0);
  const Ran ran = run("chat --json " + to(gateway) + server,
                      "2>/dev/null <<'END'\nWhat is 2 and 3?\n/clear\nnot recorded\nEND");
  CHECK(ran.code == 0);
  std::vector<Json> events;
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) events.push_back(parse_foreign_json(line));
  REQUIRE(events.size() >= 5);
  CHECK(events[0]["event"] == "tool_call");
  CHECK(events[0]["name"] == "add");
  CHECK(events[0]["arguments"] == "{\"a\":2,\"b\":3}");
  CHECK(events[1]["event"] == "tool_result");
  CHECK(events[1]["text"] == "the sum is 5");
  std::string text;
  std::vector<Json> results;
  for (const Json& event : events) {
    if (event["event"] == "text") text += event["text"].get<std::string>();
    if (event["event"] == "result") results.push_back(event);
  }
  CHECK(text == "It is 5.");
  REQUIRE(results.size() == 2);
  CHECK(results[0]["end"] == "answered");
  CHECK(results[0]["text"] == "It is 5.");
  CHECK(results[0]["exit_code"] == 0);
  CHECK(results[1]["end"] == "model_error");
  CHECK(results[1]["exit_code"] == 3);
  CHECK(events.back()["event"] == "result");
}

TEST_CASE("numbers of any size come and go as they are written, and nothing unseen is printed") {
  const Ran ran = run(R"(call --json ')" CHECKED_ASKING_SERVER
                      R"(' echo '{"a":123456789012345678901234567890,"b":[1e400,{}],
                          "c":"\u009b\u202ex\u007f\udb40\udc41é"}')");
  CHECK(ran.code == 0);
  CHECK(ran.out == R"({
  "_meta": {
    "io.modelcontextprotocol/serverInfo": {
      "name": "asking",
      "version": "1"
    }
  },
  "content": [
    {
      "text": "{\"a\":123456789012345678901234567890,\"b\":[1e400,{}],\"c\":\"\u009b\u202ex\u007f\udb40\udc41é\"}",
      "type": "text"
    }
  ],
  "resultType": "complete",
  "structuredContent": {
    "a": 123456789012345678901234567890,
    "b": [
      1e400,
      {}
    ],
    "c": "\u009b\u202ex\u007f\udb40\udc41é"
  }
}
)");
  CHECK(terminal_json(Json{{"a\"", "{,:\\\"["}}) == "{\n  \"a\\\"\": \"{,:\\\\\\\"[\"\n}");
}

TEST_CASE("a server can be talked to from the shell") {
  const std::string small = " '" CHECKED_SMALL_SERVER "' ";
  CHECK(run("tools" + small).out == "add  Adds a and b\n");
  CHECK(parse_foreign_json(run("tools --json" + small).out)[0]["name"] == "add");
  const Ran called = run("call" + small + "add '{\"a\":1,\"b\":2}'");
  CHECK(called.code == 0);
  CHECK(called.out == "the sum is 3\n");
  const Ran failed = run("call" + small + "add");
  CHECK(failed.code == 1);
  CHECK(failed.out == "a is missing\n");
  CHECK(run("call" + small + "add '{'").code == 2);
  CHECK(run("call" + small + "add '[1]'").code == 2);
  CHECK(run("read" + small + "file:///x").code == 1);
  CHECK(run("call /does/not/exist add").code == 6);
}

TEST_CASE("a server without resources and prompts lists none") {
  const std::string small = " '" CHECKED_SMALL_SERVER "' ";
  for (const std::string verb : {"resources", "prompts"}) {
    const Ran listed = run(verb + small);
    CHECK(listed.code == 0);
    CHECK(listed.out == "");
  }
  CHECK(run("prompts --json" + small).out == "[]\n");
}

TEST_CASE("resources and prompts can be had from the shell") {
  const std::string asking = " '" CHECKED_ASKING_SERVER "' ";
  CHECK(run("resources" + asking).out.find("menu://today") != std::string::npos);
  CHECK(run("read" + asking + "menu://today").out == "soup\n");
  CHECK(parse_foreign_json(
            run("read --json" + asking + "menu://today").out)["contents"][0]["text"] == "soup");
  CHECK(run("prompts" + asking).out.find("greet") != std::string::npos);
  CHECK(run("prompt" + asking + "greet who=Ann").out.find("Greet Ann.") != std::string::npos);
  CHECK(parse_foreign_json(run("prompts --json" + asking).out)[0]["name"] == "greet");
}

TEST_CASE("what a terminal shows of foreign text has no control characters") {
  CHECK(printable("a\x1b[31mb\a\r\n\tc\x7f") == "a[31mb\n\tc");
  CHECK(printable("x\xC2\x9Bny\xC2\xA0z") == "xny\xC2\xA0z");
  CHECK(one_line("a\nbäc", 4) == "a b…");
  // What hides behind characters that are not shown is told of, too.
  CHECK(one_line("ask" + std::string(20, '\x01') + "more", 4) == "ask…");
}

TEST_CASE("foreign text on a terminal can't turn around, and every line of a question is marked") {
  CHECK(printable("a\u202Eb\u2066c\u200Fd\u061Ce\u2028f\u2013g") == "abcdef\u2013g");
  CHECK(marked_lines("Sure?\nSend {}? [y/N] ") == "  | Sure?\n  | Send {}? [y/N] ");
  CHECK(error_text(std::string(300'000, 'x')) == std::string(4096, 'x') + "… [295904 more bytes]");
}

namespace {

namespace fs = std::filesystem;

std::string text_of_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder with the command, a database, a configuration, and a server that is this script.
class Installation {
 public:
  explicit Installation(const std::string& script) {
    char name[] = "/tmp/fairlead-install-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    folder_ = name;
    fs::copy_file(FAIRLEAD_COMMAND, folder_ / "fairlead");
    std::ofstream(folder_ / "mcp-server-database") << "#!/bin/sh\n" << script;
    fs::permissions(folder_ / "mcp-server-database", fs::perms::owner_all);
    std::ofstream(folder_ / "shop.db") << "";
    std::ofstream(config()) << before;
  }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;
  ~Installation() { fs::remove_all(folder_); }

  Ran run_in(const std::string& arguments) const {
    return run(arguments + " --config-file " + config().string(), "2>&1",
               (folder_ / "fairlead").string());
  }
  Ran install(const std::string& more = {}) const {
    return run_in("install database --db " + (folder_ / "shop.db").string() + more);
  }
  fs::path config() const { return folder_ / "config.json"; }
  const fs::path& folder() const { return folder_; }

  static constexpr const char* before = "{\"theme\": 1, \"mcpServers\": {}}";

 private:
  fs::path folder_;
};

}  // namespace

TEST_CASE("install shows the server's tools and adds it, uninstall takes it out again") {
  const Installation place("exec '" CHECKED_SMALL_SERVER "'\n");
  const Ran dry = place.install(" --dry-run");
  CHECK(dry.code == 0);
  CHECK(dry.out.find("  add  Adds a and b\n") != std::string::npos);
  CHECK(dry.out.find("A dry run: nothing was written.") != std::string::npos);
  CHECK(text_of_file(place.config()) == Installation::before);

  CHECK(place.install().code == 0);
  const Json config = parse_foreign_json(text_of_file(place.config()));
  CHECK(config["theme"] == 1);
  const Json& entry = config["mcpServers"]["database"];
  CHECK(entry["command"] == (place.folder() / "mcp-server-database").string());
  CHECK(entry["args"] == Json::array({(place.folder() / "shop.db").string()}));
  CHECK(text_of_file(place.folder() / "config.json.before-fairlead") == Installation::before);
  CHECK(place.install().out.find("Nothing to change.") != std::string::npos);

  CHECK(place.run_in("uninstall database").code == 0);
  const Json after = parse_foreign_json(text_of_file(place.config()));
  CHECK(after["theme"] == 1);
  CHECK_FALSE(after["mcpServers"].contains("database"));
}

TEST_CASE("install keeps what the user added to the entry, and every text that it replaces") {
  const Installation place("exec '" CHECKED_SMALL_SERVER "'\n");
  const std::string mine =
      R"({"mcpServers": {"database": {"command": "/old/mcp-server-database", "args": ["/old.db"],)"
      R"( "env": {"KEEP": "1"}, "disabled": true}}})";
  std::ofstream(place.config()) << mine;
  CHECK(place.install().code == 0);
  const Json entry = parse_foreign_json(text_of_file(place.config()))["mcpServers"]["database"];
  CHECK(entry["args"] == Json::array({(place.folder() / "shop.db").string()}));
  CHECK(entry["env"] == Json{{"KEEP", "1"}});
  CHECK(entry["disabled"] == true);
  CHECK(place.install(" --write").code == 0);
  CHECK(text_of_file(place.folder() / "config.json.before-fairlead") == mine);
  CHECK(fs::exists(place.folder() / "config.json.before-fairlead.2"));
  CHECK(place.install(" --write").out.find("Nothing to change.") != std::string::npos);
}

TEST_CASE("install filesystem: the directories, read-only unless --write") {
  const Installation place("exec '" CHECKED_SMALL_SERVER "'\n");
  fs::copy_file(place.folder() / "mcp-server-database", place.folder() / "mcp-server-filesystem");
  const std::string one = (place.folder() / "one").string();
  const std::string two = (place.folder() / "two words").string();
  fs::create_directory(one);
  fs::create_directory(two);
  const std::string install = "install filesystem --dir " + one + "/ '" + two + "'";
  const auto entry = [&] {
    return parse_foreign_json(text_of_file(place.config()))["mcpServers"]["filesystem"];
  };
  CHECK(place.run_in(install).code == 0);
  CHECK(entry()["command"] == (place.folder() / "mcp-server-filesystem").string());
  CHECK(entry()["args"] == Json::array({one, two, "--read-only"}));
  CHECK(place.run_in(install + " --write").code == 0);
  CHECK(entry()["args"] == Json::array({one, two}));
  const Ran ran = place.run_in("install filesystem --dir " + one + "/none");
  CHECK(ran.code == 7);
  CHECK(ran.out.find("there is no directory " + one + "/none") != std::string::npos);
  CHECK(place.run_in("install filesystem").code == 2);
  CHECK(place.run_in("uninstall filesystem").code == 0);
  CHECK(entry().is_null());
}

TEST_CASE("install websearch: nothing is needed, directories may be given") {
  const Installation place("exec '" CHECKED_SMALL_SERVER "'\n");
  fs::copy_file(place.folder() / "mcp-server-database", place.folder() / "mcp-server-websearch");
  const std::string notes = (place.folder() / "notes").string();
  fs::create_directory(notes);
  const auto entry = [&] {
    return parse_foreign_json(text_of_file(place.config()))["mcpServers"]["websearch"];
  };
  CHECK(place.run_in("install websearch").code == 0);
  CHECK(entry()["command"] == (place.folder() / "mcp-server-websearch").string());
  CHECK(entry()["args"] == Json::array());
  CHECK(place.run_in("install websearch --dir " + notes).code == 0);
  CHECK(entry()["args"] == Json::array({"--ingest-dir", notes}));
  CHECK(place.run_in("uninstall websearch").code == 0);
  CHECK(entry().is_null());
}

TEST_CASE("install says what it can't change") {
  const Installation place("exec '" CHECKED_SMALL_SERVER "'\n");
  for (const char* entry : {"5", "[]", "\"x\"", "{\"command\":7}"}) {
    std::ofstream(place.config()) << "{\"mcpServers\": {\"database\": " << entry << "}}";
    const Ran ran = place.install();
    CHECK(ran.code == 7);
    CHECK(ran.out.find("another server is called \"database\" there already") != std::string::npos);
  }
  CHECK(place.install(" --force").code == 0);
  fs::rename(place.folder() / "shop.db", place.folder() / "b\xff.db");
  const Ran ran =
      place.run_in("install database --db '" + (place.folder() / "b\xff.db").string() + "'");
  CHECK(ran.code == 7);
  CHECK(ran.out.find("it is not UTF-8") != std::string::npos);
}

TEST_CASE("install writes nothing when the server that it would add does not work") {
  const Installation place("echo no luck >&2\nexit 3\n");
  const Ran ran = place.install();
  CHECK(ran.code == 6);
  CHECK(ran.out.find("no luck") != std::string::npos);
  CHECK(text_of_file(place.config()) == Installation::before);
  CHECK_FALSE(fs::exists(place.folder() / "config.json.before-fairlead"));
}
