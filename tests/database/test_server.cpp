#include "servers/database/server.h"

#include <mcp/base/manual_runtime.h>
#include <mcp/server/connect.h>
#include <mcp/transport/memory.h>

#include "tests/database/fixture.h"
#include "tests/wire/checked_transport.h"

// The server as a client sees it: messages in, messages out, in both eras.

using namespace fairlead::database;
using namespace fairlead::database::testing;

namespace {

class Client : mcp::Transport::Handler {
 public:
  explicit Client(const std::filesystem::path& file, Options options = {})
      : server_(make_server(std::make_shared<Database>(file, std::move(options)))) {
    auto [ours, theirs] = mcp::make_memory_pair(runtime_.loop(), runtime_.loop());
    transport_ = std::move(ours);
    connection_.emplace(mcp::connect(*server_, runtime_, checked(std::move(theirs))));
    transport_->start(*this);
    runtime_.run();
  }
  ~Client() override {
    transport_->close();
    runtime_.run();
  }

  /// A request of the stateless era; returns its response.
  Json ask(const std::string& method, Json params = Json::object()) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientInfo", {{"name", "t"}, {"version", "1"}}},
                       {"io.modelcontextprotocol/clientCapabilities", Json::object()}};
    return send(method, params);
  }
  Json send(const std::string& method, const Json& params) {
    const int id = ++last_id_;
    transport_->send(
        Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}}.dump());
    runtime_.run();
    for (const Json& message : received_) {
      if (message.contains("id") && message["id"] == id) return message;
    }
    FAIL("no answer to " << method);
    return {};
  }
  Json call(const std::string& tool, const Json& arguments) {
    const Json answer = ask("tools/call", {{"name", tool}, {"arguments", arguments}});
    INFO(answer.dump());
    REQUIRE(answer.contains("result"));
    return answer["result"];
  }

 private:
  void message(std::string_view bytes) override { received_.push_back(Json::parse(bytes)); }
  void oversized(std::size_t) override {}
  void closed(const std::string&) override {}

  mcp::ManualRuntime runtime_;
  std::unique_ptr<mcp::Server> server_;
  std::unique_ptr<mcp::Transport> transport_;
  std::optional<mcp::ServedConnection> connection_;
  std::vector<Json> received_;
  int last_id_ = 0;
};

std::string text_of(const Json& result) {
  return result["content"][0]["text"];
}

Json by_name(const Json& list, const std::string& name) {
  for (const Json& item : list) {
    if (item["name"] == name) return item;
  }
  FAIL("no " << name);
  return {};
}

}  // namespace

TEST_CASE("the tools say what they do, and their annotations follow the mode") {
  SmallDatabase small;
  for (const Mode mode : {Mode::read_only, Mode::write}) {
    Client client(small.file, {.mode = mode});
    const Json tools = client.ask("tools/list")["result"]["tools"];
    REQUIRE(tools.size() == 3);
    const bool reads = mode == Mode::read_only;
    const Json query = by_name(tools, "query_database");
    CHECK(query["annotations"]["readOnlyHint"] == reads);
    CHECK(query["annotations"]["destructiveHint"] == !reads);
    CHECK(query["annotations"]["openWorldHint"] == false);
    CHECK(query["inputSchema"]["required"] == Json{"sql"});
    CHECK((query["description"].get<std::string>().find("not writes") != std::string::npos) ==
          reads);
    for (const Json& tool : tools) {
      CHECK(tool["outputSchema"]["type"] == "object");
      CHECK(tool["inputSchema"]["additionalProperties"] == false);
      for (const Json& property : tool["inputSchema"]["properties"]) {
        has(property["description"], "e.g.");
      }
    }
    CHECK(by_name(tools, "list_tables")["annotations"]["readOnlyHint"] == true);
    CHECK(by_name(tools, "describe_table")["annotations"]["readOnlyHint"] == true);
  }
}

TEST_CASE("a query is answered with rows and a text") {
  SmallDatabase small;
  Client client(small.file);
  const Json result = client.call(
      "query_database",
      {{"sql", "SELECT name FROM people WHERE age > ? ORDER BY name"}, {"params", {40}}});
  CHECK_FALSE(result.value("isError", false));
  CHECK(result["structuredContent"]["rows"].dump() == R"([["Bo"]])");
  CHECK(text_of(result) == "Query returned 1 record.\nRecord 1: {\"name\":\"Bo\"}");
  const Json named = client.call(
      "query_database", {{"sql", "SELECT :a + 1 AS b"}, {"params", {{"a", 1}}}, {"max_rows", 1}});
  CHECK(named["structuredContent"]["rows"].dump() == "[[2]]");
}

TEST_CASE("a failure is a result that the model can read") {
  SmallDatabase small;
  Client client(small.file);
  const Json refused = client.call("query_database", {{"sql", "DELETE FROM people"}});
  CHECK(refused["isError"] == true);
  has(text_of(refused), "starting it with --write");
  const Json wrong = client.call("query_database", {{"sql", "SELECT nmae FROM people"}});
  CHECK(wrong["isError"] == true);
  has(text_of(wrong), "Did you mean name?");
  const Json missing = client.call("query_database", {{"query", "SELECT 1"}});
  CHECK(missing["isError"] == true);
  has(text_of(missing), "sql");
  const Json unknown = client.call("describe_table", {{"table", "peple"}});
  CHECK(unknown["isError"] == true);
  has(text_of(unknown), "Did you mean people?");
}

TEST_CASE("the schema is there as tools, a resource and a template with completion") {
  SmallDatabase small;
  Client client(small.file);
  const Json tables = client.call("list_tables", Json::object());
  CHECK(tables["structuredContent"]["tables"][0]["table"] == "people");
  CHECK(client.call("describe_table",
                    {{"table", "pets"}})["structuredContent"]["foreign_keys"][0]["table"] ==
        "people");

  const auto read = [&](const std::string& uri) {
    const Json answer = client.ask("resources/read", {{"uri", uri}});
    INFO(answer.dump());
    REQUIRE(answer.contains("result"));
    CHECK(answer["result"]["contents"][0]["mimeType"] == "application/json");
    return Json::parse(answer["result"]["contents"][0]["text"].get<std::string>());
  };
  CHECK(read("db://schema").size() == 3);
  CHECK(read("db://tables/pets")["primary_key"] == Json{"id"});
  const Json gone = client.ask("resources/read", {{"uri", "db://tables/gone"}});
  CHECK(gone["error"]["code"] == -32602);
  CHECK(gone["error"]["data"]["uri"] == "db://tables/gone");

  const Json completed = client.ask(
      "completion/complete", {{"ref", {{"type", "ref/resource"}, {"uri", "db://tables/{name}"}}},
                              {"argument", {{"name", "name"}, {"value", "PE"}}}});
  CHECK(completed["result"]["completion"]["values"] == Json{"people", "pets"});
}

TEST_CASE("the prompt tells about the tables and takes a question") {
  SmallDatabase small;
  Client client(small.file);
  const Json prompt = client.ask("prompts/get", {{"name", "explore_database"},
                                                 {"arguments", {{"question", "How old is Ada?"}}}});
  const std::string text = prompt["result"]["messages"][0]["content"]["text"];
  has(text, "people (3 rows)");
  has(text, "Answer this question: How old is Ada?");
  const Json completed = client.ask(
      "completion/complete", {{"ref", {{"type", "ref/prompt"}, {"name", "explore_database"}}},
                              {"argument", {{"name", "table"}, {"value", "pet"}}}});
  CHECK(completed["result"]["completion"]["values"] == Json{"pets"});
}

TEST_CASE("the session era gets the same answers") {
  SmallDatabase small;
  Client client(small.file);
  const Json hello = client.send("initialize", {{"protocolVersion", "2025-06-18"},
                                                {"capabilities", Json::object()},
                                                {"clientInfo", {{"name", "t"}, {"version", "1"}}}});
  CHECK(hello["result"]["serverInfo"]["name"] == "database-query-server");
  has(hello["result"]["instructions"], "Read-only.");
  const Json answer = client.send(
      "tools/call", {{"name", "query_database"}, {"arguments", {{"sql", "SELECT 1 AS one"}}}});
  CHECK(answer["result"]["structuredContent"]["rows"].dump() == "[[1]]");
}
