// One line for each tool call: who, what and how it ended, never the arguments.

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include <mcp/base/digest.h>
#include <mcp/server/audit.h>

#include "asking.h"

namespace {

/// A directory that goes with the test.
struct Scratch {
  Scratch() {
    std::string pattern = std::filesystem::temp_directory_path() / "audit.XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    directory = pattern;
  }
  ~Scratch() { std::filesystem::remove_all(directory); }
  std::string file() const { return directory / "audit.jsonl"; }
  std::vector<std::string> lines() const {
    std::ifstream in(file());
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
  std::filesystem::path directory;
};

/// The start of manual runtimes.
const std::string began = R"({"time":"2026-01-01T00:00:00.000Z","tool":)";
const std::string no_arguments = mcp::sha256_hex("{}");

std::string line(const std::string& tool, const std::string& arguments,
                 const std::string& outcome) {
  return began + "\"" + tool + R"(","arguments":")" + arguments + R"(","outcome":")" + outcome +
         R"(","durationMs":0.0,"principal":null})";
}

}  // namespace

TEST_CASE("every tool call leaves a line, whatever it came to") {
  const Scratch scratch;
  mcp::Server server({.name = "test", .version = "1"}, quiet());
  server.tool("repeat", "", [](const Name& in) { return in.name; });
  server.tool("fail", "", [](const None&) -> std::string { throw mcp::ToolError("no"); });
  server.tool("break", "", [](const None&) -> std::string { throw std::runtime_error("oops"); });
  server.deferred_tool({.name = "leave", .input_schema = {{"type", "object"}}},
                       [](const mcp::Json&, Context&, const mcp::Responder&) {});
  mcp::set_audit_log(server, std::make_shared<mcp::AuditLog>(scratch.file()));
  Wire wire(server);
  wire.ask(modern("1", "tools/call", R"("name":"repeat","arguments":{"name":"secret"})"));
  wire.ask(modern("2", "tools/call", R"("name":"repeat","arguments":{"name":7})"));
  wire.ask(modern("3", "tools/call", R"("name":"fail")"));
  wire.ask(modern("4", "tools/call", R"("name":"break")"));
  wire.ask(modern("5", "tools/call", R"("name":"no\nsuch")"));
  wire.ask(modern("6", "tools/call", R"("name":"leave")"));
  wire.ask(modern("7", "tools/list"));
  CHECK(scratch.lines() ==
        std::vector<std::string>{line("repeat", mcp::sha256_hex(R"({"name":"secret"})"), "ok"),
                                 line("repeat", mcp::sha256_hex(R"({"name":7})"), "failed"),
                                 line("fail", no_arguments, "failed"),
                                 line("break", no_arguments, "error -32603"),
                                 line("no\\nsuch", no_arguments, "error -32602"),
                                 line("leave", no_arguments, "error -32603")});
  struct stat status {};
  REQUIRE(::stat(scratch.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a call that asks leaves a line for each run, and its time is that of the run") {
  const Scratch scratch;
  Asking asking;
  mcp::set_audit_log(asking.server, std::make_shared<mcp::AuditLog>(scratch.file()));
  Wire wire(asking.server);
  wire.initialize();
  wire.ask(call("7", "greet"));
  wire.runtime.advance(std::chrono::seconds(90));
  wire.ask(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":"Ada"}}})");
  const auto lines = scratch.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == line("greet", no_arguments, "asked"));
  CHECK(lines[1] == R"({"time":"2026-01-01T00:01:30.000Z","tool":"greet","arguments":")" +
                        no_arguments + R"(","outcome":"ok","durationMs":0.0,"principal":null})");
}

TEST_CASE("a cancelled call that ran is told so") {
  const Scratch scratch;
  mcp::Server server({.name = "test", .version = "1"}, quiet());
  Wire* client = nullptr;
  server.tool("stop", "", [&](const None&, Context& ctx) -> std::string {
    client->post(
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
    client->runtime.run_loop();
    if (ctx.stop_token().stop_requested()) throw mcp::ToolError("stopped");
    return "went on";
  });
  mcp::set_audit_log(server, std::make_shared<mcp::AuditLog>(scratch.file()));
  Wire wire(server);
  client = &wire;
  CHECK(wire.say(modern("1", "tools/call", R"("name":"stop")")).empty());
  CHECK(scratch.lines() == std::vector<std::string>{line("stop", no_arguments, "cancelled")});
}

TEST_CASE("an audit log is added to, and is a regular file") {
  const Scratch scratch;
  std::ofstream(scratch.file()) << "before\n";
  mcp::AuditLog log(scratch.file());
  CHECK(log.record({.tool = "t", .outcome = "ok", .caller = "192.0.2.1"}));
  CHECK(log.record({.tool = std::string(1000, 'x'), .outcome = "error -32602"}));
  const auto lines = scratch.lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[2].find(std::string(200, 'x') + "\"") != std::string::npos);
  CHECK(lines[0] == "before");
  CHECK(
      lines[1] ==
      R"({"time":"1970-01-01T00:00:00.000Z","tool":"t","arguments":"","outcome":"ok","durationMs":0.0,"principal":null,"caller":"192.0.2.1"})");
  const std::string pipe = scratch.directory / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_AS(mcp::AuditLog{pipe}, std::runtime_error);
  CHECK_THROWS_AS(mcp::AuditLog{scratch.directory}, std::runtime_error);
  CHECK_THROWS_AS(mcp::AuditLog{scratch.directory / "missing" / "file"}, std::runtime_error);
}
