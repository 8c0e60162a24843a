// Servers at a URL, as the command's user meets them.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include <client/replay/replay_gateway.h>

#include "../http_client/guarded_server.h"
#include "../http_client/raw_server.h"
#include "../process/command_process.h"

using namespace fairlead::agent;
using On = CommandProcess::On;

namespace {

struct Ran {
  int code;
  std::string output;  ///< stdout and stderr
};

/// `program` may begin with what sets its environment.
Ran run(const std::vector<std::string>& arguments, std::vector<std::string> program = {}) {
  program.emplace_back(FAIRLEAD_COMMAND);
  program.insert(program.end(), arguments.begin(), arguments.end());
  CommandProcess process(program, On::pipes);
  const int code = process.wait();
  return {code, process.output()};
}

/// A server program on the loopback interface.
class ServedOverHttp {
 public:
  explicit ServedOverHttp(std::vector<std::string> command = {ASKING_SERVER})
      : process_(on_a_free_port(std::move(command)), On::pipes) {
    const std::string said = process_.read_until("/mcp");
    const std::size_t begin = said.find("http://");
    url_ = said.substr(begin, said.find("/mcp", begin) + 4 - begin);
  }
  const std::string& url() const { return url_; }

 private:
  static std::vector<std::string> on_a_free_port(std::vector<std::string> command) {
    command.insert(command.end(), {"--http", "127.0.0.1:0"});
    return command;
  }

  CommandProcess process_;
  std::string url_;
};

/// Answers whoever shows the token.
void guarded(const RawServer::Request& request, RawServer::Connection& connection) {
  if (request.header("authorization") != "Bearer geheim") {
    return connection.respond(401, "text/plain", "who are you?");
  }
  if (request.what() == "server/discover") return connection.answer(request, discovered());
  if (request.what() == "tools/list") {
    return connection.answer(request, {{"resultType", "complete"},
                                       {"tools", mcp::Json::array()},
                                       {"ttlMs", 0},
                                       {"cacheScope", "private"}});
  }
  connection.answer(request, text_result("hello " + request.header("x-name")));
}

}  // namespace

TEST_CASE("each command takes a URL") {
  const ServedOverHttp server;
  const Ran tools = run({"tools", server.url()});
  CHECK(tools.code == 0);
  CHECK(tools.output ==
        "order  Asks by a form\necho  Gives its arguments back\nship  Asks by another form\nvisit  "
        "Asks for a page\n");
  CHECK(run({"read", server.url(), "menu://today"}).output == "soup\n");
  CHECK(run({"prompt", server.url(), "greet", "who=Ann"}).output == "user:\nGreet Ann.\n");
}

#ifdef DATABASE_SERVER
TEST_CASE("the database server is reached at a URL") {
  const std::string file = std::filesystem::temp_directory_path() / "served_over_http.db";
  std::filesystem::remove(file);
  REQUIRE(CommandProcess({DATABASE_SERVER, "--make-sample", file}, On::pipes).wait() == 0);
  const ServedOverHttp server({DATABASE_SERVER, file});
  const Ran answer = run({"call", server.url(), "query_database",
                          R"({"sql": "SELECT count(*) AS customers FROM customers"})"});
  CHECK(answer.code == 0);
  CHECK(answer.output == "Query returned 1 record.\nRecord 1: {\"customers\":250}\n");
  std::filesystem::remove(file);
}
#endif

TEST_CASE("an agent uses the tools of a server at a URL") {
  const ServedOverHttp server;
  const ReplayGateway gateway(read_recording(R"({
    "fairlead_recording": 1,
    "conversations": [{"question": "Order!", "turns": [
      {"reply": {"tool_calls": [{"name": "order", "arguments": {}}]}},
      {"tool_results": [{"contains": ["not sent"]}], "reply": {"text": "It was not sent."}}
    ]}]
  })"),
                              0);
  const Ran ran =
      run({"run", "Order!", "--gateway", gateway.url(), "--model", "m", "--server", server.url()});
  CHECK(ran.code == 0);
  CHECK(ran.output.ends_with("It was not sent.\n"));
}

TEST_CASE("headers and a token from the environment go with each request") {
  RawServer server(guarded);
  const Ran ran =
      run({"call", server.url(), "hi", "--token-env", "TEST_TOKEN", "--header", "X-Name: Ann"},
          {"/usr/bin/env", "TEST_TOKEN=geheim"});
  CHECK(ran.code == 0);
  CHECK(ran.output == "hello Ann\n");

  const auto file = std::filesystem::temp_directory_path() /
                    ("fairlead_remote_" + std::to_string(server.port()) + ".json");
  std::ofstream(file) << R"({"mcpServers": {"net": {"url": ")" << server.url()
                      << R"(", "headers": {"Authorization": "Bearer geheim"}}}})";
  CHECK(run({"call", "net", "hi", "--config", file.string()}).output == "hello (none)\n");
  std::filesystem::remove(file);
}

TEST_CASE("what is wrong with a URL is said, without its secrets") {
  RawServer server(guarded);
  const Ran refused = run({"tools", server.url("/mcp?key=geheim")});
  CHECK(refused.code == 6);
  CHECK(refused.output ==
        "fairlead: the server \"127.0.0.1\" can't be reached: server/discover: POST " +
            server.url() + "?key=…: HTTP 401: who are you?\n");
  CHECK(run({"tools", server.url(), "--header", "geheim"}).output ==
        "fairlead: --header wants \"NAME: VALUE\"\n");
  CHECK(run({"tools", server.url(), "--token-env", "NO_SUCH_VARIABLE"}).output ==
        "fairlead: NO_SUCH_VARIABLE is not set\n");
  CHECK(run({"tools", ASKING_SERVER, "--header", "a: b"}).output ==
        "fairlead: headers and tokens are for servers at a URL\n");
}

TEST_CASE("login gets a token that later commands use, and logout forgets it") {
  GuardedServer server([](const auto& request, auto& connection) {
    if (request.what() == "server/discover") return connection.answer(request, discovered());
    if (request.what() == "tools/list") {
      return connection.answer(request, {{"resultType", "complete"},
                                         {"tools", mcp::Json::array()},
                                         {"ttlMs", 0},
                                         {"cacheScope", "private"}});
    }
    connection.answer(request, text_result("hello"));
  });
  const auto folder = std::filesystem::temp_directory_path() /
                      ("fairlead_login_" + std::to_string(server.raw.port()));
  const std::vector<std::string> keys{
      "/usr/bin/env", "FAIRLEAD_TOKEN_FILE=" + (folder / "tokens").string(),
      "FAIRLEAD_TOKEN_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="};

  const Ran before = run({"call", server.raw.url(), "hi"}, keys);
  CHECK(before.code == 6);
  CHECK(before.output.ends_with("the user has to log in first: fairlead login " + server.raw.url() +
                                "\n"));

  std::vector<std::string> command = keys;
  command.insert(command.end(), {FAIRLEAD_COMMAND, "login", server.raw.url(), "--no-browser"});
  CommandProcess login(command, On::pipes);
  const std::string shown = login.read_until("Paste that page's address here:");
  const std::size_t begin = shown.find("http://");
  const std::string page = shown.substr(begin, shown.find('\n', begin) - begin);
  login.type(GuardedServer::agreed(page) + "\n");
  CHECK(login.wait() == 0);
  CHECK(login.output().ends_with(": logged in\n"));
  CHECK(login.output().find("geheim") == std::string::npos);

  CHECK(run({"call", server.raw.url(), "hi"}, keys).output == "hello\n");
  server.expire();
  CHECK(run({"call", server.raw.url(), "hi"}, keys).output == "hello\n");
  CHECK(server.grants("refresh_token") == 1);

  CHECK(run({"logout", server.raw.url()}, keys).output == "127.0.0.1: logged out\n");
  CHECK(run({"call", server.raw.url(), "hi"}, keys).code == 6);
  CHECK(run({"login", ASKING_SERVER}).output ==
        "fairlead: only servers at a URL have logins: " ASKING_SERVER "\n");
  std::filesystem::remove_all(folder);
}
