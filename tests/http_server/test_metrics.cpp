// What /health and, after calls that are known, /metrics say, in virtual time.

#include <sstream>
#include <stdexcept>
#include <vector>

#include "manual_endpoint.h"
#include "raw_client.h"

namespace {

std::string scraped(ManualEndpoint& served) {
  const auto answer = served.ask_while_busy("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(answer->response.status == 200);
  return answer->response.body;
}

/// The lines that begin so.
std::string lines(const std::string& text, const std::string& beginning) {
  std::istringstream in(text);
  std::string all;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(beginning)) all += line + "\n";
  }
  return all;
}

std::string call(const std::string& tool) {
  return modern("1", "tools/call", tool, R"("arguments":{})");
}

mcp::ToolHandler saying(const std::string& text) {
  return [text](const mcp::Json&, mcp::Context&) { return mcp::text(text); };
}

struct Sure {
  bool sure;
};

}  // namespace

TEST_CASE("health: a server that stops lives, and is not ready") {
  ManualEndpoint served;
  const auto says = [&](const std::string& method, const std::string& path) {
    const auto answer = served.ask(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return std::to_string(answer->response.status) + " " + answer->response.body;
  };
  CHECK(says("GET", "/health") == R"(200 {"status":"ok"})");
  CHECK(says("GET", "/health/ready") == R"(200 {"status":"ok"})");
  CHECK(says("GET", "/health/live") == R"(200 {"status":"ok"})");
  served.on_loop([&] { served.endpoint.drain(); });
  CHECK(says("GET", "/health") == R"(503 {"status":"stopping"})");
  CHECK(says("HEAD", "/health/ready") == R"(503 {"status":"stopping"})");
  CHECK(says("GET", "/health/live") == R"(200 {"status":"stopping"})");
}

TEST_CASE("metrics: calls by tool, and how they ended") {
  ManualEndpoint served;
  served.server.tool({.name = "works"}, saying("done"));
  served.server.tool({.name = "fails"},
                     [](const mcp::Json&, mcp::Context&) { return mcp::error_text("no"); });
  served.server.tool({.name = "throws"}, [](const mcp::Json&, mcp::Context&) -> mcp::ToolResult {
    throw std::runtime_error("broken");
  });
  served.server.tool({.name = "idle"}, saying("never"));
  served.server.tool({.name = "asks"}, [](const mcp::Json&, mcp::Context& ctx) {
    ctx.elicit<Sure>("sure", "Sure?");
    return mcp::text("sure");
  });
  for (int times = 0; times < 3; ++times) served.ask(call("works"));
  for (int times = 0; times < 2; ++times) served.ask(call("fails"));
  served.ask(call("throws"));
  served.ask(call("no_such_tool"));
  served.ask(modern("1", "tools/list"));
  // A question is no end of the call.
  std::string asking = call("asks");
  const std::string nothing = R"("io.modelcontextprotocol/clientCapabilities":{})";
  asking.replace(asking.find(nothing), nothing.size(),
                 R"("io.modelcontextprotocol/clientCapabilities":{"elicitation":{}})");
  CHECK(served.ask(asking)->response.body.find("input_required") != std::string::npos);

  CHECK(lines(scraped(served), "mcp_tool_calls_total") ==
        R"~(mcp_tool_calls_total{tool="(unknown)",status="success"} 0
mcp_tool_calls_total{tool="(unknown)",status="error"} 1
mcp_tool_calls_total{tool="(unknown)",status="cancelled"} 0
mcp_tool_calls_total{tool="asks",status="success"} 0
mcp_tool_calls_total{tool="asks",status="error"} 0
mcp_tool_calls_total{tool="asks",status="cancelled"} 0
mcp_tool_calls_total{tool="fails",status="success"} 0
mcp_tool_calls_total{tool="fails",status="error"} 2
mcp_tool_calls_total{tool="fails",status="cancelled"} 0
mcp_tool_calls_total{tool="idle",status="success"} 0
mcp_tool_calls_total{tool="idle",status="error"} 0
mcp_tool_calls_total{tool="idle",status="cancelled"} 0
mcp_tool_calls_total{tool="throws",status="success"} 0
mcp_tool_calls_total{tool="throws",status="error"} 1
mcp_tool_calls_total{tool="throws",status="cancelled"} 0
mcp_tool_calls_total{tool="works",status="success"} 3
mcp_tool_calls_total{tool="works",status="error"} 0
mcp_tool_calls_total{tool="works",status="cancelled"} 0
)~");

  // A counter never goes back, whatever becomes of the tool.
  served.server.remove_tool("works");
  served.ask(call("works"));
  served.server.tool({.name = "works"}, saying("done, too"));
  served.ask(call("works"));
  const std::string later = scraped(served);
  CHECK(lines(later, R"(mcp_tool_calls_total{tool="works",status="success"})") ==
        "mcp_tool_calls_total{tool=\"works\",status=\"success\"} 4\n");
  CHECK(lines(later, R"~(mcp_tool_calls_total{tool="(unknown)",status="error"})~") ==
        "mcp_tool_calls_total{tool=\"(unknown)\",status=\"error\"} 2\n");
}

TEST_CASE("metrics: what calls take, in seconds and in milliseconds") {
  ManualEndpoint served;
  std::vector<mcp::Responder> waiting;
  served.server.deferred_tool({.name = "slow"},
                              [&](const mcp::Json&, mcp::Context&, mcp::Responder responder) {
                                waiting.push_back(std::move(responder));
                              });
  const auto take = [&](mcp::Duration time) {
    const auto exchange = served.ask(call("slow"));
    served.runtime.advance(time);
    const mcp::Responder responder = std::move(waiting.back());
    waiting.pop_back();
    responder.finish(mcp::text("at last"));
    served.runtime.run();
    CHECK(exchange->response.status == 200);
  };
  take(std::chrono::microseconds(2'500));
  take(std::chrono::microseconds(2'501));
  take(std::chrono::milliseconds(120));
  take(std::chrono::seconds(90));

  const std::string text = scraped(served);
  CHECK(text.find("# HELP mcp_tool_latency_ms MCP tool call latency in milliseconds\n"
                  "# TYPE mcp_tool_latency_ms histogram\n") != std::string::npos);
  CHECK(lines(text, R"(mcp_tool_latency_ms_bucket{tool="slow")") ==
        R"(mcp_tool_latency_ms_bucket{tool="slow",le="1"} 0
mcp_tool_latency_ms_bucket{tool="slow",le="2.5"} 1
mcp_tool_latency_ms_bucket{tool="slow",le="5"} 2
mcp_tool_latency_ms_bucket{tool="slow",le="10"} 2
mcp_tool_latency_ms_bucket{tool="slow",le="25"} 2
mcp_tool_latency_ms_bucket{tool="slow",le="50"} 2
mcp_tool_latency_ms_bucket{tool="slow",le="100"} 2
mcp_tool_latency_ms_bucket{tool="slow",le="250"} 3
mcp_tool_latency_ms_bucket{tool="slow",le="500"} 3
mcp_tool_latency_ms_bucket{tool="slow",le="1000"} 3
mcp_tool_latency_ms_bucket{tool="slow",le="2500"} 3
mcp_tool_latency_ms_bucket{tool="slow",le="5000"} 3
mcp_tool_latency_ms_bucket{tool="slow",le="10000"} 3
mcp_tool_latency_ms_bucket{tool="slow",le="30000"} 3
mcp_tool_latency_ms_bucket{tool="slow",le="60000"} 3
mcp_tool_latency_ms_bucket{tool="slow",le="+Inf"} 4
)");
  CHECK(lines(text, R"(mcp_tool_latency_ms_sum{tool="slow"})") ==
        "mcp_tool_latency_ms_sum{tool=\"slow\"} 90125.001\n");
  CHECK(lines(text, R"(mcp_tool_latency_ms_count{tool="slow"})") ==
        "mcp_tool_latency_ms_count{tool=\"slow\"} 4\n");
  CHECK(lines(text, R"(mcp_tool_call_duration_seconds_bucket{tool="slow",le="0.25"})") ==
        "mcp_tool_call_duration_seconds_bucket{tool=\"slow\",le=\"0.25\"} 3\n");
  CHECK(lines(text, R"(mcp_tool_call_duration_seconds_sum{tool="slow"})") ==
        "mcp_tool_call_duration_seconds_sum{tool=\"slow\"} 90.125001\n");
}

TEST_CASE("metrics: calls that wait, run, were cancelled or refused") {
  ManualEndpoint served;
  std::vector<mcp::Responder> waiting;
  served.server.deferred_tool({.name = "slow"},
                              [&](const mcp::Json&, mcp::Context&, mcp::Responder responder) {
                                waiting.push_back(std::move(responder));
                              });
  const auto now = [&](const std::string& name) { return lines(scraped(served), name + " "); };
  // The queue of this runtime has two places.
  std::vector<std::shared_ptr<Written>> asked;
  for (int times = 0; times < 3; ++times) asked.push_back(served.ask_while_busy(call("slow")));
  CHECK(asked[2]->response.status == 503);
  CHECK(now("mcp_calls_queued") == "mcp_calls_queued 2\n");
  CHECK(now("mcp_calls_running") == "mcp_calls_running 0\n");
  CHECK(now("mcp_calls_refused_total") == "mcp_calls_refused_total 1\n");
  CHECK(now("mcp_http_open_calls") == "mcp_http_open_calls 2\n");

  served.runtime.run();
  CHECK(now("mcp_calls_queued") == "mcp_calls_queued 0\n");
  CHECK(now("mcp_calls_running") == "mcp_calls_running 2\n");

  served.on_loop([&] { std::exchange(asked[0]->gone, {})(); });  // one client leaves
  CHECK(now("mcp_http_open_calls") == "mcp_http_open_calls 1\n");
  waiting[0].finish(mcp::text("to nobody"));
  waiting.pop_back();  // the other handler lets go without an answer
  waiting.clear();
  served.runtime.run();
  CHECK(asked[1]->response.body.find("internal error") != std::string::npos);
  CHECK(now("mcp_calls_running") == "mcp_calls_running 0\n");
  CHECK(lines(scraped(served), R"(mcp_tool_calls_total{tool="slow")") ==
        R"(mcp_tool_calls_total{tool="slow",status="success"} 0
mcp_tool_calls_total{tool="slow",status="error"} 1
mcp_tool_calls_total{tool="slow",status="cancelled"} 1
)");
}

TEST_CASE("metrics: streams and sessions, each described once") {
  ManualEndpoint served;
  served.ask(
      modern("1", "subscriptions/listen", "", R"("notifications":{"toolsListChanged":true})"));
  served.ask(post(initialize()));
  const std::string text = scraped(served);
  CHECK(lines(text, "mcp_http_open_streams ") == "mcp_http_open_streams 1\n");
  CHECK(lines(text, "mcp_http_sessions ") == "mcp_http_sessions 1\n");
  CHECK(lines(text, "mcp_http_requests_total ") == "mcp_http_requests_total 2\n");
  CHECK(lines(text, "mcp_http_refused_total ") == "mcp_http_refused_total 0\n");
  std::istringstream in(lines(text, "# TYPE "));
  std::vector<std::string> described;
  for (std::string line; std::getline(in, line);) described.push_back(line);
  CHECK(described == std::vector<std::string>{
                         "# TYPE mcp_http_requests_total counter",
                         "# TYPE mcp_http_refused_total counter",
                         "# TYPE mcp_http_open_streams gauge", "# TYPE mcp_http_sessions gauge",
                         "# TYPE mcp_http_open_calls gauge", "# TYPE mcp_calls_queued gauge",
                         "# TYPE mcp_calls_running gauge", "# TYPE mcp_calls_refused_total counter",
                         "# TYPE mcp_message_bytes gauge", "# TYPE mcp_tool_calls_total counter",
                         "# TYPE mcp_tool_call_duration_seconds histogram",
                         "# TYPE mcp_tool_latency_ms histogram"});
}

TEST_CASE("metrics: what was answered with an error status") {
  ManualEndpoint served;
  const auto answer = served.ask(post(initialize()));
  std::string session;
  for (const auto& [name, value] : answer->response.headers) {
    if (name == "Mcp-Session-Id") session = "Mcp-Session-Id: " + value + "\r\n";
  }
  const auto get = [&](const std::string& headers) {
    return served.ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n")
        ->response.status;
  };
  CHECK(get("") == 400);
  CHECK(get("Mcp-Session-Id: another\r\n") == 404);
  CHECK(get(session + "Last-Event-ID: 7-7\r\n") == 400);
  CHECK(served.ask(modern("1", "no/such/method"))->response.status == 404);
  CHECK(lines(scraped(served), "mcp_http_refused_total ") == "mcp_http_refused_total 4\n");
}

TEST_CASE("metrics: the tools of a server that makes ever new ones share a name in the end") {
  ManualEndpoint served;
  for (int number = 0; number < 600; ++number) {
    const std::string name = "made" + std::to_string(number);
    served.server.tool({.name = name}, saying("made"));
    if (number < 500) served.server.remove_tool(name);
  }
  served.ask(call("made511"));
  served.ask(call("made512"));
  served.ask(call("made599"));
  const std::string text = scraped(served);
  CHECK(lines(text, R"(mcp_tool_calls_total{tool="made511",status="success"})") ==
        "mcp_tool_calls_total{tool=\"made511\",status=\"success\"} 1\n");
  CHECK(lines(text, R"(mcp_tool_calls_total{tool="made512")") == "");
  CHECK(lines(text, R"~(mcp_tool_calls_total{tool="(other)",status="success"})~") ==
        "mcp_tool_calls_total{tool=\"(other)\",status=\"success\"} 2\n");
}
