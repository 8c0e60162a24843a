// What a server offers: tools, resources, prompts, completion, lists and their changes.

#include <cmath>

#include "wire.h"

namespace {

struct City {
  std::string city;
  int days = 3;
};
struct Weather {
  double celsius;
  std::string summary;
};

std::string legacy(const std::string& method, const std::string& params = "{}") {
  return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
}
std::string result(const std::string& members) {
  return R"({"jsonrpc":"2.0","id":1,"result":)" + members + "}";
}
std::string notice(const std::string& method) {
  return R"({"jsonrpc":"2.0","method":")" + method + R"("})";
}

}  // namespace

TEST_CASE("a typed tool: schemas, checks, defaults and results come from the types") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("get_forecast", "Forecast for a city", [](const City& in, mcp::Context&) {
    return Weather{21.5, in.city + " for " + std::to_string(in.days) + " days"};
  });
  server.tool("say", "", [](const City& in) { return "I like " + in.city; });
  server.tool("nothing", "", [](const City&) {});
  server.tool("fail", "", [](const City&) -> mcp::ToolResult { throw mcp::ToolError("no data"); });
  Wire wire(server);
  wire.initialize();

  const auto list = mcp::Json::parse(wire.ask(legacy("tools/list")));
  CHECK(
      list["result"]["tools"][0].dump() ==
      R"({"description":"Forecast for a city","inputSchema":{"properties":{"city":{"type":"string"},"days":{"default":3,"type":"integer"}},"required":["city"],"type":"object"},"name":"get_forecast","outputSchema":{"properties":{"celsius":{"type":"number"},"summary":{"type":"string"}},"required":["celsius","summary"],"type":"object"}})");
  CHECK(
      wire.ask(legacy("tools/call", R"({"name":"get_forecast","arguments":{"city":"Paris"}})")) ==
      result(
          R"({"content":[{"text":"{\"celsius\":21.5,\"summary\":\"Paris for 3 days\"}","type":"text"}],"structuredContent":{"celsius":21.5,"summary":"Paris for 3 days"}})"));
  CHECK(wire.ask(legacy("tools/call", R"({"name":"say","arguments":{"city":"Paris"}})")) ==
        text_result("1", "I like Paris"));
  CHECK(wire.ask(legacy("tools/call", R"({"name":"nothing","arguments":{"city":"Paris"}})")) ==
        result(R"({"content":[]})"));
  CHECK(wire.ask(legacy("tools/call", R"({"name":"fail","arguments":{"city":"Paris"}})")) ==
        result(R"({"content":[{"text":"no data","type":"text"}],"isError":true})"));
  CHECK(
      wire.ask(legacy("tools/call", R"({"name":"say","arguments":{"city":5,"days":"x"}})")) ==
      result(
          R"({"content":[{"text":"invalid arguments for tool 'say': /city: must be string, not integer 5; /days: must be integer, not string \"x\"","type":"text"}],"isError":true})"));
}

TEST_CASE("a number that JSON can't hold is an error with its path, never null") {
  struct Sum {
    double total;
    std::vector<double> parts;
  };
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("sum", "", [](const City&) { return Sum{3, {1, HUGE_VAL, 2}}; });
  server.tool("mean", "", [](const City&) { return Sum{std::nan(""), {}}; });
  server.tool({.name = "raw"}, [](const mcp::Json&, mcp::Context&) {
    return mcp::structured(mcp::Json{{"a/b", mcp::Json::array({{{"c", -HUGE_VAL}}})}});
  });
  server.deferred_tool({.name = "later"},
                       [](const mcp::Json&, mcp::Context&, mcp::Responder responder) {
                         responder.finish(mcp::structured(mcp::Json{{"n", HUGE_VAL}}));
                       });
  Wire wire(server);
  wire.initialize();
  const auto failed = [](const std::string& place) {
    return result(
        R"({"content":[{"text":"the tool's result has a number that JSON can not hold at )" +
        place + R"(: it is infinite, or not a number at all","type":"text"}],"isError":true})");
  };
  const std::string city = R"(,"arguments":{"city":"Paris"}})";
  CHECK(wire.ask(legacy("tools/call", R"({"name":"sum")" + city)) == failed("/parts/1"));
  CHECK(wire.ask(legacy("tools/call", R"({"name":"mean")" + city)) == failed("/total"));
  CHECK(wire.ask(legacy("tools/call", R"({"name":"raw"})")) == failed("/a~1b/0/c"));
  CHECK(wire.ask(legacy("tools/call", R"({"name":"later"})")) == failed("/n"));
}

TEST_CASE("a result that breaks the tool's own output schema is the author's mistake") {
  Journal journal;
  mcp::Server server{{.name = "test", .version = "1"}, {.log = journal.logger()}};
  const mcp::Json number = {{"type", "object"}, {"properties", {{"n", {{"type", "number"}}}}}};
  server.tool({.name = "wrong", .output_schema = number}, [](const mcp::Json&, mcp::Context&) {
    return mcp::structured({{"n", "five"}});
  });
  server.tool({.name = "none", .output_schema = number},
              [](const mcp::Json&, mcp::Context&) { return mcp::text("five"); });
  server.tool({.name = "failed", .output_schema = number},
              [](const mcp::Json&, mcp::Context&) { return mcp::error_text("no number"); });
  Wire wire(server);
  wire.initialize();
  CHECK(
      wire.ask(legacy("tools/call", R"({"name":"wrong"})")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"internal error, reference 1"}})");
  CHECK(
      journal.lines.at(0) ==
      "internal error, reference 1: tools/call 'wrong': the result does not fit the tool's output "
      "schema: /n: must be number, not string \"five\"");
  CHECK(
      wire.ask(legacy("tools/call", R"({"name":"none"})")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"internal error, reference 2"}})");
  CHECK(wire.ask(legacy("tools/call", R"({"name":"failed"})")) ==
        result(R"({"content":[{"text":"no number","type":"text"}],"isError":true})"));
}

TEST_CASE("wrong registrations are refused") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  const mcp::ToolHandler handler = [](const mcp::Json&, mcp::Context&) { return mcp::text(""); };
  CHECK_THROWS_AS(server.tool({.name = "has space"}, handler), std::invalid_argument);
  CHECK_THROWS_AS(server.tool({.name = ""}, handler), std::invalid_argument);
  CHECK_THROWS_AS(server.tool({.name = "x", .input_schema = {{"type", 5}}}, handler),
                  mcp::schema::SchemaError);
  CHECK_THROWS_AS(
      server.resource_template({.uri_template = "test://{", .name = "x"}, mcp::ResourceHandler()),
      std::invalid_argument);
}

TEST_CASE("resources and templates") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.resource({.uri = "db://schema", .name = "schema", .mime_type = "text/plain"},
                  [](const mcp::ResourceRequest& request, mcp::Context&) {
                    return mcp::ReadResourceResult{{mcp::text_contents(request.uri, "tables")}};
                  },
                  {.cache = {.ttl_ms = 5000, .scope = mcp::CacheScope::public_}});
  server.resource_template(
      {.uri_template = "db://tables/{name}", .name = "table"},
      [](const mcp::ResourceRequest& request, mcp::Context&) {
        if (request.variables.at("name") == "none")
          throw mcp::Error(mcp::error_code::resource_not_found, "no such table");
        return mcp::ReadResourceResult{
            {mcp::text_contents(request.uri, "table " + request.variables.at("name"))}};
      });
  Wire wire(server);
  wire.initialize();
  CHECK(wire.ask(legacy("resources/list")) ==
        result(R"({"resources":[{"mimeType":"text/plain","name":"schema","uri":"db://schema"}]})"));
  CHECK(wire.ask(legacy("resources/templates/list")) ==
        result(R"({"resourceTemplates":[{"name":"table","uriTemplate":"db://tables/{name}"}]})"));
  CHECK(
      wire.ask(legacy("resources/read", R"({"uri":"db://tables/my%20cats"})")) ==
      result(
          R"({"contents":[{"mimeType":"text/plain","text":"table my cats","uri":"db://tables/my%20cats"}]})"));
  CHECK(
      wire.ask(legacy("resources/read", R"({"uri":"db://tables/none"})")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"no such table","data":{"uri":"db://tables/none"}}})");
  CHECK(
      wire.ask(modern("1", "resources/read", R"("uri":"db://tables/none")")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no such table","data":{"uri":"db://tables/none"}}})");
  CHECK(
      wire.ask(modern("1", "resources/read", R"("uri":"db://schema")")) ==
      R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"test","version":"1"}},"cacheScope":"public","contents":[{"mimeType":"text/plain","text":"tables","uri":"db://schema"}],"resultType":"complete","ttlMs":5000}})");
}

TEST_CASE("completion of prompt arguments and template variables") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  const mcp::CompletionHandler tables = [](const mcp::CompletionRequest& request,
                                           mcp::CallContext&) {
    mcp::CompleteResult found;
    for (const char* table : {"cats", "cars", "dogs"}) {
      if (std::string_view(table).starts_with(request.value)) found.values.push_back(table);
    }
    return found;
  };
  server.prompt({.name = "explore", .arguments = {{.name = "table"}, {.name = "free"}}},
                [](const mcp::PromptArguments&, mcp::Context&) { return mcp::PromptResult{}; },
                {.complete = {{"table", tables}}});
  server.resource_template(
      {.uri_template = "db://{table}", .name = "t"},
      [](const mcp::ResourceRequest&, mcp::Context&) { return mcp::ReadResourceResult{}; },
      {.complete = {{"table", tables}}});
  Wire wire(server);
  wire.initialize();
  const auto complete = [&](const std::string& ref, const std::string& name) {
    return wire.ask(legacy("completion/complete", R"({"ref":)" + ref + R"(,"argument":{"name":")" +
                                                      name + R"(","value":"ca"}})"));
  };
  CHECK(complete(R"({"type":"ref/prompt","name":"explore"})", "table") ==
        result(R"({"completion":{"values":["cats","cars"]}})"));
  CHECK(complete(R"({"type":"ref/resource","uri":"db://{table}"})", "table") ==
        result(R"({"completion":{"values":["cats","cars"]}})"));
  CHECK(complete(R"({"type":"ref/prompt","name":"explore"})", "free") ==
        result(R"({"completion":{"values":[]}})"));
  CHECK(complete(R"({"type":"ref/prompt","name":"explore"})", "x").find("-32602") !=
        std::string::npos);
  CHECK(complete(R"({"type":"ref/prompt","name":"x"})", "x").find("-32602") != std::string::npos);
  CHECK(complete(R"({"type":"ref/other"})", "x").find("-32602") != std::string::npos);

  Wire old(server);
  old.initialize("2024-11-05");
  CHECK(
      old.ask(legacy(
          "completion/complete",
          R"({"ref":{"type":"ref/prompt","name":"explore"},"argument":{"name":"table","value":"d"}})")) ==
      result(R"({"completion":{"values":["dogs"]}})"));
}

TEST_CASE("pages: opaque cursors, one cache scope, an empty cursor is the beginning") {
  mcp::ServerOptions options = quiet({.page_size = 2});
  options.caching.tools = {.ttl_ms = 60'000, .scope = mcp::CacheScope::public_};
  mcp::Server server{{.name = "test", .version = "1"}, options};
  for (const char* name : {"a", "b", "c", "d", "e"})
    server.tool({.name = name}, [](const mcp::Json&, mcp::Context&) { return mcp::text(""); });
  Wire wire(server);
  std::string names;
  mcp::Json params = mcp::Json::object();
  int pages = 0;
  for (;; ++pages) {
    const auto page = mcp::Json::parse(
        wire.ask(modern("1", "tools/list", params.empty() ? "" : R"("cursor":)" + params.dump())));
    for (const auto& tool : page["result"]["tools"]) names += tool["name"].get<std::string>();
    CHECK(page["result"]["cacheScope"] == "public");
    CHECK(page["result"]["ttlMs"] == 60'000);
    if (!page["result"].contains("nextCursor")) break;
    params = page["result"]["nextCursor"];
  }
  CHECK(names == "abcde");
  CHECK(pages == 2);
  const auto first =
      mcp::Json::parse(wire.ask(modern("1", "tools/list", R"("cursor":"")")))["result"]["tools"];
  CHECK(first.size() == 2);
  CHECK(wire.ask(modern("1", "tools/list", R"("cursor":"bm9uc2Vuc2U")")).find("-32602") !=
        std::string::npos);
  CHECK(wire.ask(modern("1", "tools/list", R"("cursor":7)")).find("-32602") != std::string::npos);
}

TEST_CASE("the order of a list is that of registration, also when an entry is replaced") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  const mcp::ToolHandler handler = [](const mcp::Json&, mcp::Context&) { return mcp::text(""); };
  server.tool({.name = "b"}, handler);
  server.tool({.name = "a"}, handler);
  server.tool({.name = "c"}, handler);
  server.tool({.name = "b", .description = "new"}, handler);
  CHECK(server.remove_tool("a"));
  CHECK_FALSE(server.remove_tool("a"));
  server.tool({.name = "a"}, handler);
  Wire wire(server);
  wire.initialize();
  const auto tools = mcp::Json::parse(wire.ask(legacy("tools/list")))["result"]["tools"];
  REQUIRE(tools.size() == 3);
  CHECK(tools[0]["description"] == "new");
  CHECK(tools[1]["name"] == "c");
  CHECK(tools[2]["name"] == "a");
}

TEST_CASE("session era: list_changed and resource updates") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  const mcp::ToolHandler handler = [](const mcp::Json&, mcp::Context&) { return mcp::text(""); };
  server.tool({.name = "a"}, handler);
  server.resource({.uri = "test://r", .name = "r"}, mcp::ResourceHandler());
  Wire wire(server);
  server.tool({.name = "b"}, handler);
  wire.runtime.run();
  CHECK(wire.heard().empty());  // nobody is there yet
  wire.initialize();
  server.tool({.name = "c"}, handler);
  server.tool({.name = "d"}, handler);
  wire.runtime.run();
  CHECK(wire.heard() ==
        std::vector<std::string>{notice("notifications/tools/list_changed")});  // both in one
  server.prompts_changed();  // was not declared to this client
  wire.runtime.run();
  CHECK(wire.heard().empty());

  const std::string updated =
      R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://r"}})";
  server.resource_updated("test://r");
  wire.runtime.run();
  CHECK(wire.heard().empty());
  CHECK(wire.ask(legacy("resources/subscribe", R"({"uri":"test://r"})")) == result("{}"));
  CHECK(wire.ask(legacy("resources/subscribe", R"({"uri":"test://none"})")).find("-32002") !=
        std::string::npos);
  server.resource_updated("test://r");
  wire.runtime.run();
  CHECK(wire.heard() == std::vector<std::string>{updated});
  CHECK(wire.ask(legacy("resources/unsubscribe", R"({"uri":"test://r"})")) == result("{}"));
  server.resource_updated("test://r");
  wire.runtime.run();
  CHECK(wire.heard().empty());
}

TEST_CASE("session era: what is removed is gone, and clients are told") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.prompt({.name = "p"}, mcp::PromptHandler());
  server.resource({.uri = "test://r", .name = "r"}, mcp::ResourceHandler());
  server.resource_template({.uri_template = "test://{name}/t", .name = "t"},
                           mcp::ResourceHandler());
  Wire wire(server);
  wire.initialize();
  const auto told = [&] {
    wire.runtime.run();
    return wire.heard();
  };
  const std::vector<std::string> prompts{notice("notifications/prompts/list_changed")};
  const std::vector<std::string> resources{notice("notifications/resources/list_changed")};

  CHECK(server.remove_prompt("p"));
  CHECK(told() == prompts);
  CHECK(wire.ask(legacy("prompts/list")) == result(R"({"prompts":[]})"));
  CHECK(server.remove_resource("test://r"));
  CHECK(told() == resources);
  CHECK(wire.ask(legacy("resources/list")) == result(R"({"resources":[]})"));
  CHECK(server.remove_resource_template("test://{name}/t"));
  CHECK(told() == resources);
  CHECK(wire.ask(legacy("resources/templates/list")) == result(R"({"resourceTemplates":[]})"));

  // What is not there can't be removed, and nobody hears of it.
  CHECK_FALSE(server.remove_prompt("p"));
  CHECK_FALSE(server.remove_resource("test://r"));
  CHECK_FALSE(server.remove_resource_template("test://{name}/t"));
  CHECK(told().empty());
  server.resources_changed();
  CHECK(told() == resources);
}

TEST_CASE("resources and templates that run inline need no worker") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  const mcp::ResourceHandler echo = [](const mcp::ResourceRequest& request, mcp::Context&) {
    return mcp::ReadResourceResult{{mcp::text_contents(request.uri, "here")}};
  };
  mcp::ResourceOptions inline_options;
  inline_options.run_inline = true;
  server.resource({.uri = "test://fixed", .name = "fixed"}, echo, inline_options);
  server.resource({.uri = "test://t/queued", .name = "queued"}, echo);
  server.resource_template({.uri_template = "test://t/{name}", .name = "t"}, echo, inline_options);
  Wire wire(server);
  wire.initialize();
  const auto answered_on_the_loop = [&](const std::string& uri) {
    wire.post(legacy("resources/read", R"({"uri":")" + uri + R"("})"));
    wire.runtime.run_loop();
    const bool answered = !wire.heard().empty();
    wire.runtime.run();
    wire.heard();
    return answered;
  };
  CHECK(answered_on_the_loop("test://fixed"));
  CHECK(answered_on_the_loop("test://t/any"));
  CHECK_FALSE(answered_on_the_loop("test://t/queued"));  // its own options count
}

TEST_CASE("stateless era: subscriptions/listen") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  const mcp::ToolHandler handler = [](const mcp::Json&, mcp::Context&) { return mcp::text(""); };
  server.tool({.name = "a"}, handler);
  server.resource({.uri = "test://r", .name = "r"}, mcp::ResourceHandler());
  Wire wire(server);
  // The acknowledgement comes first, and leaves out what this server does not have.
  CHECK(
      wire.ask(modern(
          "5", "subscriptions/listen",
          R"("notifications":{"toolsListChanged":true,"promptsListChanged":true,"resourceSubscriptions":["test://r"],"taskIds":["t"]})")) ==
      R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":5},"notifications":{"resourceSubscriptions":["test://r"],"toolsListChanged":true}}})");
  wire.say(modern("\"x\"", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})"));
  server.tool({.name = "b"}, handler);
  wire.runtime.run();
  CHECK(
      wire.heard() ==
      std::vector<std::string>{
          R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":5}}})",
          R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"x"}}})"});
  server.resource_updated("test://r");
  wire.runtime.run();
  CHECK(
      wire.heard_one() ==
      R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":5},"uri":"test://r"}})");
  // Its id is taken while it is open; after a cancel nothing follows, and the id is free.
  CHECK(wire.ask(modern("5", "tools/list")).find("-32600") != std::string::npos);
  CHECK(wire.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})")
            .empty());
  server.resource_updated("test://r");
  wire.runtime.run();
  CHECK(wire.heard().empty());
  CHECK(wire.ask(modern("5", "tools/list")).find("\"result\"") != std::string::npos);
  CHECK(wire.ask(modern("6", "subscriptions/listen")).find("-32602") != std::string::npos);
}

TEST_CASE("calls in flight keep the features that they began with") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool({.name = "a"}, [](const mcp::Json&, mcp::Context&) { return mcp::text("old"); });
  Wire wire(server);
  wire.post(modern("1", "tools/call", R"("name":"a")"));
  wire.runtime.run_loop();
  server.tool({.name = "a"}, [](const mcp::Json&, mcp::Context&) { return mcp::text("new"); });
  wire.runtime.run();
  CHECK(wire.heard_one() == modern_text_result("1", "old"));
  CHECK(wire.ask(modern("1", "tools/call", R"("name":"a")")) == modern_text_result("1", "new"));
}

TEST_CASE("what a revision lacks is not shown to it") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("n", "", [](const City&) { return 5; }, {.title = "Number"});
  Wire old(server);
  old.initialize("2024-11-05");
  CHECK(
      old.ask(legacy("tools/list")) ==
      result(
          R"({"tools":[{"inputSchema":{"properties":{"city":{"type":"string"},"days":{"default":3,"type":"integer"}},"required":["city"],"type":"object"},"name":"n"}]})"));
  Wire middle(server);
  middle.initialize("2025-11-25");
  CHECK(middle.ask(legacy("tools/call", R"({"name":"n","arguments":{"city":""}})")) ==
        result(R"({"content":[{"text":"5","type":"text"}],"structuredContent":{"value":5}})"));
  Wire newest(server);
  CHECK(
      newest.ask(modern("1", "tools/call", R"("name":"n","arguments":{"city":""})")) ==
      R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"test","version":"1"}},"content":[{"text":"5","type":"text"}],"resultType":"complete","structuredContent":5}})");
}
