#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>

#include <doctest/doctest.h>

#include "fixture.h"

using mcp::CallError;
using mcp::Json;

namespace {

/// A server of the session era: knows no `server/discover`, gives the session "s1", "s2", …, and
/// offers no stream of its own; the rest is the test's.
class SessionServer {
 public:
  explicit SessionServer(RawServer::Script rest)
      : raw([this, rest = std::move(rest)](const auto& request, auto& connection) {
          const std::string what = request.what();
          if (what == "server/discover") {
            return connection.respond(400, "text/plain",
                                      "Bad Request: Unsupported protocol version");
          }
          if (what == "initialize") {
            return connection.answer(request, initialized(),
                                     "Mcp-Session-Id: s" + std::to_string(++sessions) + "\r\n");
          }
          if (what == "notifications/initialized") return connection.respond(202);
          if (what == "DELETE") return connection.respond(200);
          if (what == "GET" && !offers_stream) return connection.respond(405);
          rest(request, connection);
        }) {}

  std::atomic<int> sessions = 0;
  std::atomic<bool> offers_stream = false;
  RawServer raw;
};

Json response(const RawServer::Request& request, const Json& result) {
  return {{"jsonrpc", "2.0"}, {"id", request.json()["id"]}, {"result", result}};
}

}  // namespace

TEST_CASE("a session: its id on every request, and its end when the client closes") {
  SessionServer server([](const auto& request, auto& connection) {
    connection.answer(request, text_result("hello"));
  });
  {
    HttpFixture fixture;
    auto client = fixture.connect(server.raw.url());
    CHECK(client.server().revision == mcp::Revision::v2025_11_25);
    CHECK(text_of(client.call_tool("greet")) == "hello");
  }
  std::vector<std::string> kinds;
  for (const auto& request : server.raw.requests()) kinds.push_back(request.what());
  CHECK(kinds == std::vector<std::string>{"server/discover", "initialize",
                                          "notifications/initialized", "GET", "tools/call",
                                          "DELETE"});
  CHECK(server.raw.requests("initialize").at(0).header("mcp-session-id") == "(none)");
  for (const char* what : {"notifications/initialized", "GET", "tools/call", "DELETE"}) {
    const auto request = server.raw.requests(what).at(0);
    CHECK(request.header("mcp-session-id") == "s1");
    CHECK(request.header("mcp-protocol-version") == "2025-11-25");
    CHECK(request.header("mcp-method") == "(none)");
  }
  CHECK(server.raw.requests("GET").at(0).header("accept") == "text/event-stream");
}

TEST_CASE("a stream that the server ends is resumed where it was, after its retry") {
  using Clock = std::chrono::steady_clock;
  std::atomic<bool> first_get = true;
  std::atomic<Clock::time_point> ended;
  std::atomic<Clock::time_point> resumed;
  std::atomic<std::int64_t> id = 0;
  SessionServer server([&](const auto& request, auto& connection) {
    if (request.what() == "GET") {
      if (first_get.exchange(false)) return connection.respond(405);
      resumed = Clock::now();
      connection.begin_stream();
      return connection.event(
          {{"jsonrpc", "2.0"}, {"id", id.load()}, {"result", text_result("late")}}, "e2");
    }
    id = request.json()["id"].template get<std::int64_t>();
    connection.begin_stream();
    connection.send("id: e1\nretry: 300\ndata:\n\n");
    ended = Clock::now();
  });
  server.offers_stream = true;
  HttpFixture fixture;
  auto client = fixture.connect(server.raw.url());
  CHECK(text_of(client.call_tool("slow")) == "late");
  CHECK(server.raw.requests("tools/call").size() == 1);
  const auto resuming = server.raw.requests("GET").at(1);
  CHECK(resuming.header("last-event-id") == "e1");
  CHECK(resuming.header("mcp-session-id") == "s1");
  CHECK(resumed.load() - ended.load() >= std::chrono::milliseconds(295));
}

TEST_CASE("a stream without event ids can't be resumed: nobody knows what became of the call") {
  SessionServer server([](const auto&, auto& connection) { connection.begin_stream(); });
  HttpFixture fixture;
  auto client = fixture.connect(server.raw.url());
  CHECK(failure([&] { client.call_tool("pay"); }).kind() == CallError::Kind::outcome_unknown);
  CHECK(server.raw.requests("tools/call").size() == 1);
}

TEST_CASE("a session that the server forgot is begun anew, and the call that met it repeated") {
  SessionServer server([](const auto& request, auto& connection) {
    if (request.header("mcp-session-id") == "s1") return connection.respond(404);
    connection.answer(request, text_result("in the new session"));
  });
  HttpFixture fixture;
  auto client = fixture.connect(server.raw.url());
  CHECK(text_of(client.call_tool("greet")) == "in the new session");
  CHECK(server.sessions == 2);
  CHECK(server.raw.requests("tools/call").size() == 2);
}

TEST_CASE("a server may ask on its own stream while a call is open") {
  std::promise<void> asked;
  std::promise<std::string> answer;
  SessionServer server([&](const auto& request, auto& connection) {
    if (request.what() == "GET") {
      connection.begin_stream();
      asked.get_future().wait();
      connection.event({{"jsonrpc", "2.0"}, {"id", "q1"}, {"method", "roots/list"}});
      return connection.wait_until_closed();
    }
    if (request.what() == "POST") {  // the answer to the question
      answer.set_value(request.json()["result"]["roots"][0]["uri"]);
      return connection.respond(202);
    }
    connection.begin_stream();
    asked.set_value();
    connection.event(response(request, text_result(answer.get_future().get())));
  });
  server.offers_stream = true;
  HttpFixture fixture;
  fixture.options.handlers.roots = [](const auto&) {
    return std::vector<mcp::Root>{{.uri = "file:///home", .name = "home"}};
  };
  auto client = fixture.connect(server.raw.url());
  CHECK(text_of(client.call_tool("where")) == "file:///home");
}

TEST_CASE("giving up a call tells the server of the session era so") {
  SessionServer server([](const auto& request, auto& connection) {
    if (request.what() == "notifications/cancelled") return connection.respond(202);
    connection.begin_stream();
    connection.wait_until_closed();
  });
  HttpFixture fixture;
  auto client = fixture.connect(server.raw.url());
  mcp::CallOptions options;
  options.timeout = std::chrono::milliseconds(50);
  CHECK(failure([&] { client.call_tool("slow", Json::object(), options); }).kind() ==
        CallError::Kind::timed_out);
  CHECK(server.raw.wait_for("notifications/cancelled"));
  CHECK(server.raw.requests("notifications/cancelled").at(0).json()["params"]["requestId"] ==
        server.raw.requests("tools/call").at(0).json()["id"]);
}

TEST_CASE("the transport of 2024-11-05 is the last resort") {
  std::promise<std::string> answer_of_initialize;
  std::promise<std::string> answer_of_call;
  RawServer server([&](const auto& request, auto& connection) {
    const std::string what = request.what();
    if (request.target == "/sse" && request.method == "POST") return connection.respond(404);
    if (what == "GET") {
      connection.begin_stream();
      connection.send("event: endpoint\ndata: /messages?session=1\n\n");
      connection.send("event: message\ndata: " + answer_of_initialize.get_future().get() + "\n\n");
      connection.send("data: " + answer_of_call.get_future().get() + "\n\n");
      return connection.wait_until_closed();
    }
    connection.respond(202);
    Json result = initialized();
    result["protocolVersion"] = "2024-11-05";
    if (what == "initialize") answer_of_initialize.set_value(response(request, result).dump());
    if (what == "tools/call") {
      answer_of_call.set_value(response(request, text_result("old")).dump());
    }
  });
  HttpFixture fixture;
  auto client = fixture.connect(server.url("/sse"));
  CHECK(client.server().revision == mcp::Revision::v2024_11_05);
  CHECK(text_of(client.call_tool("greet")) == "old");
  CHECK(server.requests("tools/call").at(0).target == "/messages?session=1");
}

TEST_CASE("a server that speaks nothing is told with what it said") {
  RawServer server([](const auto&, auto& connection) {
    connection.respond(404, "text/html", "<h1>Nothing here</h1>");
  });
  HttpFixture fixture;
  const auto error = failure([&] { fixture.connect(server.url("/mcp?token=geheim")); });
  CHECK(error.kind() == CallError::Kind::refused);
  CHECK(contains(error.what(), "/mcp?token=…: HTTP 404"));
  CHECK(contains(error.what(), "<h1>Nothing here</h1>"));
  CHECK_FALSE(contains(error.what(), "geheim"));
}

TEST_CASE("a modern error is no reason to fall back") {
  RawServer server([](const auto& request, auto& connection) {
    connection.respond(400, "application/json",
                       Json{{"jsonrpc", "2.0"},
                            {"id", request.json()["id"]},
                            {"error",
                             {{"code", -32022},
                              {"message", "Unsupported"},
                              {"data", {{"supported", {"2099-01-01"}}, {"requested", "x"}}}}}}
                           .dump());
  });
  HttpFixture fixture;
  CHECK(failure([&] { fixture.connect(server.url()); }).kind() == CallError::Kind::unsupported);
  CHECK(server.requests("initialize").empty());
}
