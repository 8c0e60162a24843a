#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/wait.h>

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
Ran run(const std::string& arguments, const std::string& redirect = "2>/dev/null") {
  Ran ran;
  const std::string command = "env -u OPENAI_API_KEY -u ANTHROPIC_API_KEY '" FAIRLEAD_COMMAND "' " +
                              arguments + " " + redirect;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe))
    ran.out.append(buffer, got);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) ran.code = WEXITSTATUS(status);
  return ran;
}

const std::string server = "--server '" SMALL_SERVER "' ";

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

TEST_CASE("a server can be talked to from the shell") {
  const std::string small = " '" SMALL_SERVER "' ";
  CHECK(run("tools" + small).out == "add  Adds a and b\n");
  CHECK(parse_foreign_json(run("tools --json" + small).out)[0]["name"] == "add");
  const Ran called = run("call" + small + "add '{\"a\":1,\"b\":2}'");
  CHECK(called.code == 0);
  CHECK(called.out == "the sum is 3\n");
  const Ran failed = run("call" + small + "add");
  CHECK(failed.code == 1);
  CHECK(failed.out == "a is missing\n");
  CHECK(run("call" + small + "add '{'").code == 7);
  CHECK(run("read" + small + "file:///x").code != 0);
}

TEST_CASE("what a terminal shows of foreign text has no control characters") {
  CHECK(printable("a\x1b[31mb\a\r\n\tc\x7f") == "a[31mb\n\tc");
  CHECK(printable("x\xC2\x9Bny\xC2\xA0z") == "xny\xC2\xA0z");
  CHECK(one_line("a\nbäc", 4) == "a b…");
}

TEST_CASE("foreign text on a terminal can't turn around, and every line of a question is marked") {
  CHECK(printable("a\u202Eb\u2066c\u200Fd\u061Ce\u2028f\u2013g") == "abcdef\u2013g");
  CHECK(marked_lines("Sure?\nSend {}? [y/N] ") == "  | Sure?\n  | Send {}? [y/N] ");
  CHECK(error_text(std::string(300'000, 'x')) == std::string(4096, 'x') + "… [295904 more bytes]");
}

TEST_CASE("install writes nothing when the server that it would add does not work") {
  namespace fs = std::filesystem;
  char name[] = "/tmp/fairlead-install-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  const fs::path folder = name;
  fs::copy_file(FAIRLEAD_COMMAND, folder / "fairlead");
  std::ofstream(folder / "mcp-server-database") << "#!/bin/sh\necho no luck >&2\nexit 3\n";
  fs::permissions(folder / "mcp-server-database", fs::perms::owner_all);
  std::ofstream(folder / "shop.db") << "";
  std::ofstream(folder / "config.json") << "{\"mcpServers\": {}}";
  const std::string install = (folder / "fairlead").string() + " install database --db " +
                              (folder / "shop.db").string() + " --config-file " +
                              (folder / "config.json").string() + " 2>&1";
  FILE* pipe = ::popen(install.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe))
    out.append(buffer, got);
  CHECK(WEXITSTATUS(::pclose(pipe)) == 6);
  CHECK(out.find("no luck") != std::string::npos);
  std::ifstream file(folder / "config.json");
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "{\"mcpServers\": {}}");
  CHECK_FALSE(fs::exists(folder / "config.json.before-fairlead"));
  fs::remove_all(folder);
}
