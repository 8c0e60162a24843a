#include "fixture.h"

TEST_CASE("a call is answered with JSON when there is nothing to stream") {
  Serving serving;
  RawClient client(serving.service->port());
  const auto answer = client.ask(modern("7", "tools/call", "echo", R"("arguments":{"word":"hi"})"));
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "application/json");
  CHECK(
      answer.body ==
      R"({"jsonrpc":"2.0","id":7,"result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"test","version":"1"}},"content":[{"text":"hi","type":"text"}],"resultType":"complete"}})");
  // The connection stays, and ids mean nothing beyond their own request.
  CHECK(client.ask(modern("7", "tools/call", "echo", R"("arguments":{"word":"again"})")).status ==
        200);
}

TEST_CASE("a call that tells something is answered with a stream") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string body =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"tell","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/logLevel":"info","io.modelcontextprotocol/clientCapabilities":{}}}})";
  const auto answer = client.ask(post(
      body, "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: tell\r\n"));
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/event-stream");
  CHECK(answer.header("X-Accel-Buffering") == "no");
  CHECK(client.chunk() ==
        "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"data\":"
        "\"working\",\"level\":\"info\"}}\n\n");
  CHECK(client.chunk().find("\"told\"") != std::string::npos);
  CHECK(client.chunk() == "");
  CHECK(client.ask(modern("2", "tools/list")).status == 200);
}

TEST_CASE("headers must repeat the body") {
  Serving serving;
  RawClient client(serving.service->port());
  struct Row {
    const char* headers;
    int status;
    const char* says;
  };
  const std::string body =
      modern_body("1", "tools/call", R"("name":"echo","arguments":{"word":"x"})");
  const Row rows[] = {
      {"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n", 200,
       "\"result\""},
      {"mcp-protocol-version: 2026-07-28\r\nMCP-METHOD:   tools/call  \r\nmcp-name: echo\r\n", 200,
       "\"result\""},
      {"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: "
       "=?base64?ZWNobw==?=\r\n",
       200, "\"result\""},
      {"Mcp-Method: tools/call\r\nMcp-Name: echo\r\n", 400, "-32020"},
      {"MCP-Protocol-Version: 2025-11-25\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n", 400,
       "-32020"},
      {"MCP-Protocol-Version: 2026-07-28\r\nMcp-Name: echo\r\n", 400, "-32020"},
      {"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: TOOLS/CALL\r\nMcp-Name: echo\r\n", 400,
       "-32020"},
      {"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n", 400, "-32020"},
      {"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: other\r\n", 400,
       "-32020"},
      {"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Method: "
       "tools/call\r\nMcp-Name: echo\r\n",
       400, "-32020"},
      {"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: "
       "=?base64?ZWNobw?=\r\n",
       400, "-32020"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.headers);
    const auto answer = client.ask(post(body, row.headers));
    CHECK(answer.status == row.status);
    CHECK(answer.body.find(row.says) != std::string::npos);
    CHECK(answer.body.find("\"id\":1") != std::string::npos);
  }
}

TEST_CASE("parameters that a tool mirrors into headers are compared") {
  Serving serving;
  RawClient client(serving.service->port());
  const auto status = [&](const std::string& region, const std::string& header) {
    const auto answer = client.ask(post(
        modern_body("1", "tools/call",
                    R"("name":"mirrored","arguments":{"region":")" + region + "\"}"),
        "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: mirrored\r\n" +
            header));
    CHECK((answer.status == 200) == (answer.body.find("-32020") == std::string::npos));
    return answer.status;
  };
  CHECK(status("Hello", "Mcp-Param-Region: Hello\r\n") == 200);
  CHECK(status("Hello", "Mcp-Param-Region: =?base64?SGVsbG8=?=\r\n") == 200);
  CHECK(status("Hello", "Mcp-Param-Region: =?base64?SGVsbG8?=\r\n") == 400);
  CHECK(status("Hello", "Mcp-Param-Region: =?base64?SGVs!!!bG8=?=\r\n") == 400);
  CHECK(status("SGVsbG8=", "Mcp-Param-Region: SGVsbG8=\r\n") == 200);
  CHECK(status("Hello", "Mcp-Param-Region: Bye\r\n") == 400);
  CHECK(status("Hello", "") == 400);
}

TEST_CASE("errors of the protocol come in their order, with their status") {
  Serving serving;
  RawClient client(serving.service->port());
  const auto headers = [](const std::string& version, const std::string& method) {
    return "MCP-Protocol-Version: " + version + "\r\nMcp-Method: " + method + "\r\n";
  };
  const auto check = [&](const std::string& request, int status, const std::string& code) {
    CAPTURE(request);
    const auto answer = client.ask(request);
    CHECK(answer.status == status);
    CHECK(answer.body.find("\"code\":" + code) != std::string::npos);
  };
  check(post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}})",
             headers("2026-07-28", "tools/list")),
        400, "-32602");
  check(post(modern_body("1", "tools/list", "", "v999"), headers("v999", "tools/list")), 400,
        "-32022");
  check(post(modern_body("1", "tools/list", "", "v999"), headers("2026-07-28", "tools/list")), 400,
        "-32020");
  check(post(modern_body("1", "tools/list", "", "2025-11-25"), headers("2025-11-25", "tools/list")),
        400, "-32022");
  for (const char* removed : {"initialize", "ping", "logging/setLevel", "nonsense"})
    check(post(modern_body("1", removed), headers("2026-07-28", removed)), 404, "-32601");
  check(modern("1", "tools/call", "nobody"), 400, "-32602");
  check(modern("1", "resources/read", "test://nothing"), 400, "-32602");
  check(post("{\"jsonrpc\"", headers("2026-07-28", "tools/list")), 400, "-32700");
  check(post("[]"), 400, "-32600");
  check(post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", "MCP-Protocol-Version: v999\r\n"),
        400, "-32022");
  CHECK(client.ask(modern("\"x\"", "server/discover")).status == 200);
}

TEST_CASE("closing the connection cancels the call") {
  Serving serving;
  RawClient client(serving.service->port());
  client.send(modern("1", "tools/call", "wait"));
  REQUIRE(serving.started.wait({}));
  client.leave();
  CHECK(serving.stopped.wait({}));
}

TEST_CASE("a subscription is a stream: acknowledged, told of changes, forgotten when it is left") {
  Serving serving;
  RawClient listener(serving.service->port());
  const auto answer = listener.ask(modern("\"sub\"", "subscriptions/listen", "",
                                          R"("notifications":{"toolsListChanged":true})"));
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/event-stream");
  CHECK(listener.chunk() ==
        "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\","
        "\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":\"sub\"},"
        "\"notifications\":{\"toolsListChanged\":true}}}\n\n");
  serving.server.tools_changed();
  CHECK(listener.chunk() ==
        "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\",\"params\":{"
        "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":\"sub\"}}}\n\n");
  // The server's own end: the result, then the end of the stream.
  serving.service->drain([] {});
  CHECK(listener.chunk().find("\"id\":\"sub\",\"result\"") != std::string::npos);
  CHECK(listener.chunk() == "");
}

TEST_CASE("a server without sessions refuses what belongs to them") {
  Serving serving({.sessions = false});
  RawClient client(serving.service->port());
  const auto get = client.ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(get.status == 405);
  CHECK(get.header("Allow") == "POST");
  CHECK(RawClient(serving.service->port())
            .ask("DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .status == 405);
}

TEST_CASE("questions are results") {
  Serving serving;
  RawClient client(serving.service->port());
  std::string body = modern_body("1", "tools/call", R"("name":"confirm")");
  const auto missing =
      client.ask(post(body,
                      "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: "
                      "confirm\r\n"));
  CHECK(missing.status == 400);
  CHECK(missing.body.find("\"code\":-32021") != std::string::npos);
  CHECK(missing.body.find(R"("requiredCapabilities":{"elicitation":{)") != std::string::npos);
}

TEST_CASE("who listens has no call in flight") {
  Serving serving({.calls_per_caller = 1});
  RawClient stream(serving.service->port());
  CHECK(stream
            .ask(modern("1", "subscriptions/listen", "",
                        R"("notifications":{"toolsListChanged":true})"))
            .header("Content-Type") == "text/event-stream");
  CHECK(stream.chunk().find("notifications/subscriptions/acknowledged") != std::string::npos);
  RawClient client(serving.service->port());
  CHECK(client.ask(modern("2", "tools/call", "echo", R"("arguments":{"word":"hi"})")).status ==
        200);
}
