// What `fairlead probe` says of servers, good and bad.
#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <mcp/base/json.h>

#include "../process/command_process.h"
#ifdef WITH_HTTP
#include "../http_client/raw_server.h"
#endif

using mcp::Json;
using On = CommandProcess::On;

namespace {

struct Probed {
  int code;
  Json report;

  /// The findings of a rule, each "severity where: message".
  std::vector<std::string> of(const std::string& rule) const {
    std::vector<std::string> found;
    for (const Json& one : report["findings"]) {
      if (one["rule"] != rule) continue;
      const std::string where = one["where"];
      found.push_back(one["severity"].get<std::string>() + " " + where +
                      (where.empty() ? "" : ": ") + one["message"].get<std::string>());
    }
    return found;
  }
  /// "severity: answer" to one hostile input.
  std::string to(const std::string& input) const {
    for (const Json& row : report["hostile"]) {
      if (row["input"] == input) {
        return row["severity"].get<std::string>() + ": " + row["answer"].get<std::string>();
      }
    }
    return "never sent";
  }
};

using Words = std::vector<std::string>;

Probed probe(const std::string& server, const Words& more = {}) {
  Words command{FAIRLEAD_COMMAND, "probe", server, "--json"};
  command.insert(command.end(), more.begin(), more.end());
  CommandProcess process(command, On::pipes, {.errors = CommandProcess::Errors::dropped});
  const int code = process.wait();
  return {code, Json::parse(process.output())};
}

/// The bad server with one good tool, or with these.
std::string bad(const std::string& vices = "",
                const Json& tools = Json::array({{{"name", "fine"},
                                                  {"description", "Does it"},
                                                  {"annotations", {{"readOnlyHint", true}}},
                                                  {"inputSchema", {{"type", "object"}}}}})) {
  return BAD_SERVER " '" + tools.dump() + "' " + vices;
}

Json tool(const std::string& name, const Json& schema, const Json& more = Json::object()) {
  Json out{{"name", name},
           {"description", "Does it"},
           {"annotations", {{"readOnlyHint", true}}},
           {"inputSchema", schema}};
  out.update(more);
  return out;
}

const Json object{{"type", "object"}};

}  // namespace

#ifdef DATABASE_SERVER
namespace {

struct Sample {
  std::string file = std::filesystem::temp_directory_path() /
                     ("fairlead_probe_" + std::to_string(::getpid()) + ".db");
  Sample() {
    std::filesystem::remove(file);
    REQUIRE(CommandProcess({DATABASE_SERVER, "--make-sample", file}, On::pipes).wait() == 0);
  }
  ~Sample() { std::filesystem::remove(file); }
};

}  // namespace

TEST_CASE_FIXTURE(Sample, "of the database server there is nothing to say") {
  const Probed probed = probe(DATABASE_SERVER " " + file);
  CHECK(probed.code == 0);
  CHECK(probed.report["findings"] == Json::array());
  CHECK(probed.report["transports"] == Json{"stdio"});
  CHECK(probed.report["revision"] == "2026-07-28");
  CHECK(probed.report["tools"] == 3);
  CHECK(probed.report["revisions"].size() == 5);
  for (const Json& one : probed.report["revisions"]) CHECK(one["accepted"] == true);
  CHECK(probed.report["hostile"].size() == 18);
  for (const Json& row : probed.report["hostile"]) CHECK_MESSAGE(row["severity"] == "ok", row);
}

#ifdef WITH_HTTP
TEST_CASE_FIXTURE(Sample, "nor over HTTP") {
  CommandProcess server({DATABASE_SERVER, file, "--http", "127.0.0.1:0"}, On::pipes);
  const std::string said = server.read_until("/mcp");
  const std::size_t begin = said.find("http://");
  const Probed probed = probe(said.substr(begin, said.find("/mcp", begin) + 4 - begin));
  CHECK(probed.code == 0);
  CHECK(probed.report["findings"] == Json::array());
  CHECK(probed.report["transports"] == Json{"Streamable HTTP"});
  CHECK(probed.report["hostile"].size() == 18);
  for (const Json& row : probed.report["hostile"]) CHECK_MESSAGE(row["severity"] == "ok", row);
}
#endif
#endif

TEST_CASE("a server of one era is told apart, and what it does not answer is tolerated") {
  const Probed probed = probe(bad());
  CHECK(probed.code == 0);
  CHECK(probed.report["revision"] == "2025-11-25");
  CHECK(probed.report["revisions"][0]["accepted"] == false);
  CHECK(probed.report["revisions"][0]["error"] ==
        "the server does not speak 2026-07-28 (server/discover: unknown)");
  CHECK(probed.report["revisions"][1]["accepted"] == true);
  // It answers every initialize with the newest that it knows.
  CHECK(probed.report["revisions"][2]["accepted"] == false);
  CHECK(probed.to("a message cut off") == "note: no answer");
}

TEST_CASE("people read the same") {
  CommandProcess process({FAIRLEAD_COMMAND, "probe", bad("nameless"), "--gentle"}, On::pipes);
  CHECK(process.wait() == 1);
  CHECK(process.output().find("1 tool, 0 resources, 0 resource templates, 0 prompts\n") !=
        std::string::npos);
  CHECK(process.output().find("findings\n  problem  it does not say its name\n\n"
                              "1 problem, 0 warnings, 0 notes\n") != std::string::npos);
  CHECK(process.output().find("hostile") == std::string::npos);
}

TEST_CASE(
    "a server that dies of a line is a problem, and the rows after it are sent all the same") {
  const Probed probed = probe(bad("fragile"));
  CHECK(probed.code == 1);
  const std::string answer = probed.to("a message cut off");
  CHECK(answer.starts_with("problem: no answer; then it ended: "));
  CHECK(probed.to("an empty batch").starts_with("problem: "));
  CHECK(probed.to("a tool nobody knows") == "ok: error -32602, unknown");
}

TEST_CASE("requests without an answer, and answers without a request") {
  const Probed silent = probe(bad("silent"));
  CHECK(silent.code == 1);
  CHECK(silent.to("a method nobody knows") == "problem: no answer");
  CHECK(silent.to("an argument of 8 MiB") == "problem: no answer");
  const Probed indulgent = probe(bad("indulgent 'answers everything'"));
  CHECK(indulgent.code == 1);
  CHECK(indulgent.to("a tool nobody knows") == "warning: a result");
  CHECK(indulgent.to("a notification nobody knows") == "warning: a result");
}

TEST_CASE("what its pipes carry beside messages") {
  const Probed chatty = probe(bad("chatty noisy stubborn nameless 'empty promises'"));
  CHECK(chatty.code == 1);
  CHECK(chatty.of("stdout") ==
        Words{"problem on stdout, where only messages may be: Server ready!"});
  CHECK(
      chatty.of("stderr") ==
      Words{"warning 50 lines on stderr before anything was asked of it: hosts keep them as logs"});
  CHECK(chatty.of("end") ==
        Words{"warning it does not end when its stdin does, so a host has to kill it"});
  CHECK(chatty.of("name") == Words{"problem it does not say its name"});
  CHECK(chatty.of("list") == Words{"problem it declares prompts and does not list them: unknown"});
  CHECK(probe(bad(), {"--gentle", "--slow", "0.001"}).of("start").size() == 1);
}

TEST_CASE("names, schemas and descriptions that a host trips over") {
  const Json tools = Json::array(
      {tool("same", object),
       tool("same", object),
       tool("with blank", object),
       tool("dotted.name", object),
       tool(std::string(65, 'n'), object),
       tool("undescribed", {{"type", "object"}, {"properties", {{"a", {{"type", "string"}}}}}},
            {{"description", ""}}),
       tool("any", {{"type", "object"}, {"anyOf", Json::array({object})}}),
       tool("array", {{"type", "array"}}),
       tool("far", {{"type", "object"},
                    {"properties", {{"a", {{"$ref", "https://example.com/a.json"}}}}}}),
       tool("typo", {{"type", "object"}, {"propertis", Json::object()}}),
       tool("wrong", {{"type", "objekt"}}),
       tool("header",
            {{"type", "object"},
             {"properties",
              {{"a", {{"type", "string"}, {"description", "A"}, {"x-mcp-header", ""}}}}}}),
       {{"name", "destroys"}, {"description", "It"}, {"inputSchema", object}}});
  const Probed probed = probe(bad("", tools), {"--gentle"});
  CHECK(probed.code == 1);
  const std::string api = "model APIs take 1 to 64 of A-Za-z0-9_-, so a host refuses or renames it";
  const Words names = probed.of("tool-name");
  REQUIRE(names.size() == 4);
  CHECK(names[0] == "problem tool same: another tool has the same name");
  CHECK(names[1].starts_with("warning tool with blank: "));
  CHECK(names[2] == "warning tool dotted.name: " + api);
  CHECK(names[3] == "warning tool " + std::string(65, 'n') + ": " + api);
  CHECK(probed.of("description") ==
        Words{"warning tool undescribed: it has no description: a model can't know what it does",
              "note tool undescribed: parameters without one: a"});
  CHECK(probed.of("schema-root") ==
        Words{"warning tool any, /inputSchema/anyOf: model APIs refuse it at the root of a tool's "
              "schema"});
  CHECK(probed.of("input-schema").size() == 2);
  CHECK(probed.of("input-schema")[0] ==
        "problem tool array, /inputSchema: the root must have \"type\": \"object\"");
  CHECK(probed.of("schema-reference") ==
        Words{"warning tool far, /inputSchema/properties/a/$ref: nobody fetches "
              "https://example.com/a.json"});
  const Words schemas = probed.of("schema");
  REQUIRE(schemas.size() == 3);
  CHECK(schemas[0].starts_with("problem tool far, /inputSchema/properties/a/$ref: "));
  CHECK(schemas[1].starts_with("warning tool typo, /inputSchema/propertis: "));
  CHECK(schemas[2].starts_with("problem tool wrong, /inputSchema/type: "));
  CHECK(probed.of("x-mcp-header").size() == 1);
  CHECK(probed.of("annotations") ==
        Words{"note no annotations, so hosts take these for tools that may destroy something: "
              "destroys"});
}

TEST_CASE("too many tools, and too much to read") {
  Json tools = Json::array();
  for (int i = 0; i < 129; ++i) {
    tools.push_back(
        tool("tool_" + std::to_string(i), object, {{"description", std::string(800, 'x')}}));
  }
  const Probed probed = probe(bad("", tools), {"--gentle"});
  CHECK(probed.of("tool-count") ==
        Words{"warning 129 tools; model APIs take 128 at a time, of all servers together"});
  CHECK(probed.of("tool-list-size").size() == 1);
}

TEST_CASE("a server that is not there") {
  CommandProcess process({FAIRLEAD_COMMAND, "probe", "/nowhere/server"}, On::pipes);
  CHECK(process.wait() == 6);
}

#ifdef WITH_HTTP
namespace {

/// Answers anybody anything, and falls over broken JSON.
void careless(const RawServer::Request& request, RawServer::Connection& connection) {
  if (request.method != "POST") return connection.respond(405);
  const Json message = request.json();
  if (!message.is_object() || !message.contains("method")) return connection.respond(500);
  if (!message.contains("id")) return connection.respond(202);
  const std::string method = request.what();
  if (method == "server/discover") return connection.respond(404);
  if (method == "initialize") {
    return connection.answer(request, initialized(), "Mcp-Session-Id: s1\r\n");
  }
  if (method == "tools/list") return connection.answer(request, {{"tools", Json::array()}});
  connection.answer(request, Json::object());
}

}  // namespace

TEST_CASE("what an HTTP server lets pass, and what it falls over") {
  RawServer server(careless, false);
  const Probed probed = probe(server.url());
  CHECK(probed.code == 1);
  CHECK(probed.report["transports"] == Json{"Streamable HTTP"});
  CHECK(probed.of("origin") ==
        Words{"warning it answers requests with the Origin of another site: any web page that its "
              "user visits can use it"});
  CHECK(probed.of("session") ==
        Words{"warning it answers a request with a session id that it never gave (wanted: 404)"});
  CHECK(probed.of("version-header").size() == 1);
  CHECK(probed.to("a message cut off") == "warning: HTTP 500, no answer");
  CHECK(probed.to("a method nobody knows") == "warning: HTTP 200, a result");
}

TEST_CASE("the credentials of the command line go with every request of a probe") {
  RawServer server(
      [](const auto& request, auto& connection) {
        if (request.header("authorization") != "Bearer geheim") return connection.respond(401);
        careless(request, connection);
      },
      false);
  const Probed probed = probe(server.url(), {"--header", "Authorization: Bearer geheim"});
  CHECK(probed.report["transports"] == Json{"Streamable HTTP"});
  for (const auto& request : server.requests()) {
    CHECK(request.header("authorization") == "Bearer geheim");
  }
}

TEST_CASE("the transport of 2024-11-05 is recognised") {
  RawServer server(
      [](const auto& request, auto& connection) {
        if (request.method == "GET") {
          connection.begin_stream();
          connection.send("event: endpoint\ndata: /messages\n\n");
          return connection.wait_until_closed();
        }
        if (request.target == "/mcp") return connection.respond(405);
        connection.respond(202);
      },
      false);
  // Nobody answers on the stream: the probe says why there is no server, and ends.
  CommandProcess process({FAIRLEAD_COMMAND, "probe", server.url(), "--timeout", "0.5"}, On::pipes);
  CHECK(process.wait() == 6);
}
#endif
