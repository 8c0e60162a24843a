#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <mcp/base/json.h>

#include "../wire/checked_transport.h"

/// A client that is bytes on a loopback socket. Whatever does not come within a minute fails, and
/// so does a message that does not fit the official schema of its revision.
class RawClient {
 public:
  /// `from` is the last byte of its own address, 127.0.0.from: each is a caller of its own.
  explicit RawClient(std::uint16_t port, std::uint8_t from = 1)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    REQUIRE(socket_ >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xffU) | from);
    if (from != 1)
      REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  struct Connected {
    int socket;
  };
  explicit RawClient(Connected connected) : socket_(connected.socket) {}
  ~RawClient() { leave(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void leave() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  void send(std::string_view bytes) {
    if (bytes.starts_with("POST ")) note(bytes);
    while (!bytes.empty()) {
      const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;  // the server has closed: what it said is read
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  /// Reads up to and including `end`; all that came when the server closes first.
  std::string until(std::string_view end) {
    for (;;) {
      if (const auto at = held_.find(end); at != std::string::npos) {
        std::string text = held_.substr(0, at + end.size());
        held_.erase(0, at + end.size());
        return text;
      }
      if (!more()) return std::exchange(held_, {});
    }
  }
  std::string bytes(std::size_t count) {
    while (held_.size() < count && more()) {
    }
    std::string text = held_.substr(0, count);
    held_.erase(0, count);
    return text;
  }
  std::string until_end() {
    while (more()) {
    }
    return std::exchange(held_, {});
  }

  struct Answer {
    int status = 0;
    std::string head;  ///< names as the server writes them
    std::string body;

    std::string header(const std::string& name) const {
      const auto at = head.find("\r\n" + name + ": ");
      if (at == std::string::npos) return "";
      const auto from = at + name.size() + 4;
      return head.substr(from, head.find("\r\n", from) - from);
    }
  };

  /// A response; of a stream only the head.
  Answer answer() {
    Answer got;
    got.head = until("\r\n\r\n");
    if (got.head.size() > 12) got.status = std::atoi(got.head.c_str() + 9);
    if (const std::string length = got.header("Content-Length"); !length.empty())
      got.body = bytes(std::stoul(length));
    check(got.body);
    return got;
  }
  Answer ask(std::string_view request) {
    send(request);
    return answer();
  }
  /// The payload of one chunk; empty at the end of the stream.
  std::string chunk() {
    const std::string size = until("\r\n");
    const auto count = std::stoul(size.empty() ? "0" : size, nullptr, 16);
    std::string payload = bytes(count);
    bytes(2);
    if (const auto data = payload.find("data: "); data != std::string::npos)
      check(std::string_view(payload).substr(data + 6));
    return payload;
  }

 private:
  /// What a request says of the answer to come.
  void note(std::string_view request) {
    const auto end = request.find("\r\n\r\n");
    if (end == std::string_view::npos) return;
    const std::string_view header = "\r\nMCP-Protocol-Version: ";
    if (const auto at = request.substr(0, end).find(header); at != std::string_view::npos)
      revision_ = request.substr(at + header.size(), std::string_view("2026-07-28").size());
    const auto body = mcp::Json::parse(request.substr(end + 4), nullptr, false);
    if (!body.is_object() || !body.contains("id") || !body.contains("method")) return;
    asked_[body["id"].dump()] = body["method"].is_string() ? body["method"] : "";
  }
  /// Errors are left out: the HTTP transport sends some without the id that the schema wants.
  void check(std::string_view text) {
    const auto message = mcp::Json::parse(text, nullptr, false);
    if (!message.is_object()) return;
    if (const auto found = message.find("result"); found != message.end()) {
      const std::string method = asked_[message["id"].dump()];
      if (method == "initialize") revision_ = (*found)["protocolVersion"];
      CHECK_MESSAGE(message_problem(revision_, message, method) == "", text);
    } else if (message.contains("method")) {
      CHECK_MESSAGE(message_problem(revision_, message) == "", text);
    }
  }

  bool more() {
    pollfd waiting{socket_, POLLIN, 0};
    REQUIRE_MESSAGE(::poll(&waiting, 1, 60'000) == 1, "nothing came; so far: " << held_);
    char buffer[65536];
    const auto count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    held_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string held_;
  std::string revision_;
  std::map<std::string, std::string> asked_;  // the method by the id
};

/// A POST of the stateless era; `headers` are whole lines.
inline std::string post(const std::string& body, const std::string& headers = "",
                        const std::string& path = "/mcp") {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Accept: application/json, text/event-stream\r\n" +
         headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The first message of a session, whose client shows forms.
inline std::string initialize(const std::string& revision = "2025-11-25") {
  return R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
         revision +
         R"(","capabilities":{"elicitation":{}},"clientInfo":{"name":"raw","version":"1"}}})";
}

/// A request of the stateless era, without headers.
inline std::string modern_body(const std::string& id, const std::string& method,
                               const std::string& members = "",
                               const std::string& version = "2026-07-28") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" +
         members + (members.empty() ? "" : ",") +
         R"("_meta":{"io.modelcontextprotocol/protocolVersion":")" + version +
         R"(","io.modelcontextprotocol/clientCapabilities":{}}}})";
}
/// The same with the headers that it needs.
inline std::string modern(const std::string& id, const std::string& method,
                          const std::string& name = "", const std::string& members = "") {
  std::string headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method + "\r\n";
  std::string all = members;
  if (!name.empty()) {
    headers += "Mcp-Name: " + name + "\r\n";
    all = (method == "resources/read" ? R"("uri":")" : R"("name":")") + name + '"' +
          (members.empty() ? "" : "," + members);
  }
  return post(modern_body(id, method, all), headers);
}
