#include "mcp_requests.h"

#include <cstdlib>
#include <stdexcept>

namespace {

const char* const stateless_meta = R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                                   R"("io.modelcontextprotocol/clientCapabilities":{})";

std::string request(long id, const char* method, const std::string& params) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method +
         R"(","params":{)" + params + "}}";
}

}  // namespace

std::string call_body(long id, const std::string& tool, const std::string& meta) {
  static const std::string text = [] {
    std::string repeated;
    for (int count = 0; count < 10; ++count) repeated += "The quick brown fox. ";
    return repeated;
  }();
  return request(
      id, "tools/call",
      R"("name":")" + tool + R"(","arguments":{"text":")" + text +
          R"(","count":3,"options":{"uppercase":false,"trim":true,"locale":"en_US",)"
          R"("tags":["alpha","beta","gamma","delta"]}},"_meta":{"progressToken":"tok-000000012345",)"
          R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")" +
          (meta.empty() ? "" : "," + meta) + "}");
}

std::string Requests::post(const std::string& body, const std::string& method,
                           const std::string& name, const std::string& session) const {
  std::string text = "POST " + path_ + " HTTP/1.1\r\nHost: " + host_ +
                     "\r\nContent-Type: application/json\r\n"
                     "Accept: application/json, text/event-stream\r\n";
  if (era_ == Era::stateless) {
    text += "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method + "\r\n";
    if (!name.empty()) text += "Mcp-Name: " + name + "\r\n";
  } else if (!session.empty()) {
    text += "MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " + session + "\r\n";
  }
  return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string Requests::open_session(HttpConnection& connection) const {
  if (era_ == Era::stateless) return "";
  connection.send(post(request(0, "initialize",
                               R"("protocolVersion":"2025-11-25","capabilities":{},)"
                               R"("clientInfo":{"name":"load","version":"1"})"),
                       "", "", ""));
  const auto answer = connection.wait();
  std::string session = answer.header("Mcp-Session-Id");
  if (answer.status != 200 || session.empty())
    throw std::runtime_error("no session: " + answer.head + answer.body);
  connection.send(
      post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", "", "", session));
  if (connection.wait().status != 202) throw std::runtime_error("the session does not open");
  return session;
}

std::string Requests::call(long id, const std::string& tool, const std::string& session) const {
  return post(call_body(id, tool, era_ == Era::stateless ? stateless_meta : ""), "tools/call", tool,
              session);
}

std::string Requests::tool_call(long id, const std::string& tool, const std::string& arguments,
                                const std::string& session) const {
  std::string meta = R"("progressToken":)" + std::to_string(id);
  if (era_ == Era::stateless) meta += std::string(",") + stateless_meta;
  return post(request(id, "tools/call",
                      R"("name":")" + tool + R"(","arguments":)" + arguments + R"(,"_meta":{)" +
                          meta + "}"),
              "tools/call", tool, session);
}

std::string Requests::cancelled(long id, const std::string& session) const {
  return post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
                  std::to_string(id) + "}}",
              "", "", session);
}

double Requests::metric(HttpConnection& connection, const std::string& name) const {
  connection.send("GET /metrics HTTP/1.1\r\nHost: " + host_ + "\r\n\r\n");
  const auto answer = connection.wait();
  const auto at = answer.body.find("\n" + name + " ");
  if (at == std::string::npos) throw std::runtime_error("no metric " + name + answer.body);
  return std::strtod(answer.body.c_str() + at + name.size() + 2, nullptr);
}

std::string Requests::listen(long id, const std::string& session) const {
  if (era_ == Era::session)
    return "GET " + path_ + " HTTP/1.1\r\nHost: " + host_ +
           "\r\nAccept: text/event-stream\r\nMCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " +
           session + "\r\n\r\n";
  return post(request(id, "subscriptions/listen",
                      R"("notifications":{"toolsListChanged":true},"_meta":{)" +
                          std::string(stateless_meta) + "}"),
              "subscriptions/listen", "", "");
}

std::string Requests::ping(long id, const std::string& session) const {
  if (era_ == Era::session) return post(request(id, "ping", ""), "", "", session);
  return post(request(id, "server/discover", R"("_meta":{)" + std::string(stateless_meta) + "}"),
              "server/discover", "", "");
}
