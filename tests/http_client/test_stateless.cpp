#include <atomic>
#include <future>
#include <thread>

#include <doctest/doctest.h>

#include "fixture.h"

using mcp::CallError;
using mcp::Json;

namespace {

/// Answers `server/discover`; the rest is the test's.
RawServer::Script stateless(RawServer::Script rest) {
  return [rest = std::move(rest)](const RawServer::Request& request,
                                  RawServer::Connection& connection) {
    if (request.what() == "server/discover") return connection.answer(request, discovered());
    rest(request, connection);
  };
}

Json response(const RawServer::Request& request, const Json& result) {
  return {{"jsonrpc", "2.0"}, {"id", request.json()["id"]}, {"result", result}};
}

Json list_of(const Json& tools) {
  return {{"resultType", "complete"}, {"tools", tools}, {"ttlMs", 0}, {"cacheScope", "private"}};
}

Json tool(const std::string& name, const Json& properties) {
  return {{"name", name}, {"inputSchema", {{"type", "object"}, {"properties", properties}}}};
}

}  // namespace

TEST_CASE("a call names itself in headers, and its connection is used again") {
  RawServer server(stateless([](const auto& request, auto& connection) {
    connection.answer(request, text_result("hello"));
  }));
  HttpFixture fixture;
  auto client = fixture.connect(server.url("/mcp?key=1"));
  CHECK(client.server().revision == mcp::Revision::v2026_07_28);
  CHECK(text_of(client.call_tool("größe")) == "hello");

  const auto call = server.requests("tools/call").at(0);
  CHECK(call.method == "POST");
  CHECK(call.target == "/mcp?key=1");
  CHECK(call.header("mcp-method") == "tools/call");
  CHECK(call.header("mcp-name") == "=?base64?Z3LDtsOfZQ==?=");
  CHECK(call.header("mcp-protocol-version") == "2026-07-28");
  CHECK(call.header("accept") == "application/json, text/event-stream");
  CHECK(call.header("content-type") == "application/json");
  CHECK(call.header("accept-encoding") == "(none)");
  CHECK(call.header("mcp-session-id") == "(none)");
  CHECK(call.connection == server.requests("server/discover").at(0).connection);
}

TEST_CASE("an answer may come as a stream, after progress") {
  RawServer server(stateless([](const auto& request, auto& connection) {
    connection.begin_stream();
    connection.send(": keep-alive\n\n");
    const Json token = request.json()["params"]["_meta"]["progressToken"];
    for (int i = 1; i <= 2; ++i) {
      connection.event({{"jsonrpc", "2.0"},
                        {"method", "notifications/progress"},
                        {"params", {{"progressToken", token}, {"progress", i}}}});
    }
    connection.event(response(request, text_result("streamed")));
  }));
  HttpFixture fixture;
  auto client = fixture.connect(server.url());
  std::vector<double> seen;
  mcp::CallOptions options;
  options.on_progress = [&](const mcp::Progress& progress) { seen.push_back(progress.progress); };
  CHECK(text_of(client.call_tool("slow", Json::object(), options)) == "streamed");
  CHECK(seen == std::vector<double>{1, 2});
}

TEST_CASE("parameters that the schema annotates travel in headers, an empty text too") {
  RawServer server(stateless([](const auto& request, auto& connection) {
    if (request.what() == "tools/list") {
      return connection.answer(
          request, list_of(Json::array(
                       {tool("query", {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}},
                                       {"empty", {{"type", "string"}, {"x-mcp-header", "Empty"}}},
                                       {"count", {{"type", "integer"}, {"x-mcp-header", "Count"}}},
                                       {"text", {{"type", "string"}}}}),
                        tool("broken", {{"a", {{"type", "number"}, {"x-mcp-header", "A"}}}})})));
    }
    connection.answer(request, text_result("done"));
  }));
  HttpFixture fixture;
  auto client = fixture.connect(server.url());
  const auto tools = client.list_tools();
  REQUIRE(tools.size() == 1);
  CHECK(tools[0].name == "query");
  REQUIRE(fixture.violations.size() == 1);
  CHECK(contains(fixture.violations[0], "the tool broken is left out: /properties/a/x-mcp-header"));

  client.call_tool("query", {{"region", " west"}, {"empty", ""}, {"count", 42}, {"text", "x"}});
  const auto call = server.requests("tools/call").at(0);
  CHECK(call.header("mcp-param-region") == "=?base64?IHdlc3Q=?=");
  CHECK(call.header("mcp-param-empty") == "");
  CHECK(call.header("mcp-param-count") == "42");
  CHECK(call.header("mcp-param-text") == "(none)");
}

TEST_CASE("headers that the server refuses are made anew from a fresh list, once") {
  RawServer server(stateless([](const auto& request, auto& connection) {
    if (request.what() == "tools/list") {
      return connection.answer(
          request, list_of(Json::array({tool(
                       "query", {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}}})})));
    }
    if (request.header("mcp-param-region") == "west") {
      return connection.answer(request, text_result("done"));
    }
    connection.respond(400, "application/json",
                       Json{{"jsonrpc", "2.0"},
                            {"id", request.json()["id"]},
                            {"error", {{"code", -32020}, {"message", "no header"}}}}
                           .dump());
  }));
  HttpFixture fixture;
  auto client = fixture.connect(server.url());
  CHECK(text_of(client.call_tool("query", {{"region", "west"}})) == "done");
  CHECK(server.requests("tools/call").size() == 2);
  const auto error = failure([&] { client.call_tool("query", {{"region", "east"}}); });
  CHECK(error.kind() == CallError::Kind::answered);
  CHECK(error.code() == -32020);
  CHECK(server.requests("tools/call").size() == 4);
}

TEST_CASE("a call whose stream broke is never sent twice; a list is") {
  std::atomic<int> lists = 0;
  RawServer server(stateless([&](const auto& request, auto& connection) {
    if (request.what() == "tools/list" && ++lists == 2) {
      return connection.answer(request, list_of(Json::array()));
    }
    connection.begin_stream();
    connection.send("id: 7\ndata:\n\n");
  }));
  HttpFixture fixture;
  auto client = fixture.connect(server.url());
  const auto error = failure([&] { client.call_tool("pay"); });
  CHECK(error.kind() == CallError::Kind::outcome_unknown);
  CHECK(contains(error.what(), "POST http://127.0.0.1:" + std::to_string(server.port()) + "/mcp"));
  CHECK(server.requests("tools/call").size() == 1);
  CHECK(server.requests("GET").empty());  // the stateless era resumes nothing

  CHECK(client.list_tools().empty());
  CHECK(lists == 2);
}

TEST_CASE("giving up a call closes its stream and says nothing else") {
  std::atomic<bool> closed = false;
  RawServer server(stateless([&](const auto&, auto& connection) {
    connection.begin_stream();
    connection.wait_until_closed();
    closed = true;
  }));
  {
    HttpFixture fixture;
    auto client = fixture.connect(server.url());
    mcp::CallOptions options;
    options.timeout = std::chrono::milliseconds(50);
    CHECK(failure([&] { client.call_tool("slow", Json::object(), options); }).kind() ==
          CallError::Kind::timed_out);
    std::stop_source stop;
    options = {};
    options.stop = stop.get_token();
    std::thread stopper([&] {
      server.wait_for("tools/call", 2);
      stop.request_stop();
    });
    CHECK(failure([&] { client.call_tool("slow", Json::object(), options); }).kind() ==
          CallError::Kind::stopped);
    stopper.join();
  }
  CHECK(server.requests("notifications/cancelled").empty());
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a broken listen stream is opened again") {
  std::atomic<int> streams = 0;
  RawServer server(stateless([&](const auto& request, auto& connection) {
    const Json id = request.json()["id"];
    const int stream = ++streams;
    connection.begin_stream();
    connection.event({{"jsonrpc", "2.0"},
                      {"method", "notifications/subscriptions/acknowledged"},
                      {"params",
                       {{"_meta", {{"io.modelcontextprotocol/subscriptionId", id}}},
                        {"notifications", {{"toolsListChanged", true}}}}}});
    if (stream == 2) connection.wait_until_closed();
  }));
  HttpFixture fixture;
  auto client = fixture.connect(server.url());
  std::promise<void> renewed;
  auto subscription =
      client.subscribe({.tools_list_changed = true}, [&](const mcp::Change& change) {
        if (std::holds_alternative<mcp::SubscriptionRenewed>(change)) renewed.set_value();
      });
  CHECK(subscription.honored().tools_list_changed);
  CHECK(renewed.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  CHECK(streams == 2);
}

TEST_CASE("answers to other requests, twice, or of no message do no harm") {
  RawServer server(stateless([](const auto& request, auto& connection) {
    connection.begin_stream();
    connection.event({{"jsonrpc", "2.0"}, {"id", 9999}, {"result", Json::object()}});
    connection.send("data: no json\n\n");
    connection.event({{"jsonrpc", "2.0"}, {"id", 5}, {"method", "roots/list"}});
    connection.event(response(request, text_result("first")));
    connection.event(response(request, text_result("second")));
  }));
  HttpFixture fixture;
  auto client = fixture.connect(server.url());
  CHECK(text_of(client.call_tool("a")) == "first");
  CHECK(text_of(client.call_tool("b")) == "first");
  CHECK(fixture.violations.size() >= 3);
}
