#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <chrono>
#include <stdexcept>

#include <doctest/doctest.h>

#include "../wire/checked_transport.h"
#include "raw_server.h"

namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// Name and value of each line between `begin` and `end`.
std::map<std::string, std::string> read_headers(const std::string& text, std::size_t begin,
                                                std::size_t end) {
  std::map<std::string, std::string> headers;
  while (begin < end) {
    const std::size_t stop = text.find("\r\n", begin);
    const std::string line = text.substr(begin, stop - begin);
    const std::size_t colon = line.find(':');
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    headers[lower(line.substr(0, colon))] = value == std::string::npos ? "" : line.substr(value);
    begin = stop + 2;
  }
  return headers;
}

}  // namespace

std::string RawServer::Request::what() const {
  const mcp::Json message = json();
  if (message.is_object() && message.contains("method")) return message["method"];
  return method;
}

std::string RawServer::Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "(none)" : found->second;
}

bool RawServer::Connection::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

void RawServer::Connection::respond(int status, const std::string& type, const std::string& body,
                                    const std::string& headers) {
  send("HTTP/1.1 " + std::to_string(status) + " Status\r\n" +
       (type.empty() ? "" : "Content-Type: " + type + "\r\n") + headers +
       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

void RawServer::Connection::answer(const Request& request, const mcp::Json& result,
                                   const std::string& headers) {
  const mcp::Json message{{"jsonrpc", "2.0"}, {"id", request.json()["id"]}, {"result", result}};
  respond(200, "application/json", message.dump(), headers);
}

void RawServer::Connection::begin_stream(const std::string& headers) {
  open = false;
  send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + headers + "\r\n");
}

void RawServer::Connection::event(const mcp::Json& message, const std::string& id) {
  if (message.contains("method") && message.contains("id")) {
    const std::lock_guard lock(server_.mutex_);
    server_.asked_[message["id"].dump()] = message["method"];
  }
  send((id.empty() ? "" : "id: " + id + "\n") + "data: " + message.dump() + "\n\n");
}

void RawServer::Connection::wait_until_closed() {
  open = false;
  char byte = 0;
  while (::recv(socket_, &byte, 1, 0) > 0) {
  }
}

RawServer::RawServer(Script script, bool checked) : script_(std::move(script)), checked_(checked) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || ::bind(listener_, plain, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, plain, &size) != 0) {
    throw std::runtime_error("the test's server can't listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (int socket : sockets_) ::close(socket);
  ::close(listener_);
}

std::string RawServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<RawServer::Request> RawServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<RawServer::Request> RawServer::requests(const std::string& what) const {
  std::vector<Request> out;
  for (const Request& request : requests())
    if (request.what() == what) out.push_back(request);
  return out;
}

bool RawServer::wait_for(const std::string& what, std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10), [&] {
    std::size_t n = 0;
    for (const Request& request : requests_) n += request.what() == what ? 1U : 0U;
    return n >= count;
  });
}

void RawServer::accept_all() {
  while (!stopping_) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back(
        [this, socket, number = static_cast<int>(sockets_.size())] { serve(socket, number); });
  }
}

void RawServer::serve(int socket, int number) {
  Connection connection(*this, socket);
  std::string unread;
  const auto receive = [&] {
    char buffer[4096];
    const ssize_t n = ::recv(socket, buffer, sizeof buffer, 0);
    if (n > 0) unread.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  };
  while (connection.open) {
    std::size_t end = std::string::npos;
    while ((end = unread.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return;
    }
    Request request;
    request.connection = number;
    request.headers = read_headers(unread, unread.find("\r\n") + 2, end + 2);
    const std::string stated = request.header("content-length");
    const std::size_t length = stated == "(none)" ? 0 : std::stoul(stated);
    while (unread.size() < end + 4 + length) {
      if (!receive()) return;
    }
    const std::string first = unread.substr(0, unread.find("\r\n"));
    request.method = first.substr(0, first.find(' '));
    request.target = first.substr(first.find(' ') + 1);
    request.target = request.target.substr(0, request.target.find(' '));
    request.body = unread.substr(end + 4, length);
    unread.erase(0, end + 4 + length);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      if (checked_) check(request);
      changed_.notify_all();
    }
    script_(request, connection);
  }
  ::shutdown(socket, SHUT_RDWR);
}

void RawServer::check(const Request& request) const {
  const mcp::Json message = request.json();
  // An authorization server gets forms, and JSON that is no message.
  if (!message.is_object() || !message.contains("jsonrpc")) return;
  std::string revision = request.header("mcp-protocol-version");
  // Without the header it is the last revision that had none.
  if (revision == "(none)") revision = "2025-03-26";
  std::string method;
  if (message.contains("method")) {
    if (message["method"] == "initialize") revision = message["params"]["protocolVersion"];
  } else if (const auto asked = asked_.find(message.value("id", mcp::Json()).dump());
             asked != asked_.end()) {
    method = asked->second;
  }
  CHECK_MESSAGE(message_problem(revision, message, method) == "", request.body);
}

mcp::Json discovered() {
  return {
      {"resultType", "complete"},
      {"supportedVersions", {"2026-07-28"}},
      {"capabilities", {{"tools", {{"listChanged", true}}}, {"resources", {{"subscribe", true}}}}},
      {"ttlMs", 0},
      {"cacheScope", "private"}};
}

mcp::Json initialized() {
  return {{"protocolVersion", "2025-11-25"},
          {"capabilities", {{"tools", mcp::Json::object()}}},
          {"serverInfo", {{"name", "raw"}, {"version", "1"}}}};
}

mcp::Json text_result(const std::string& text) {
  return {{"resultType", "complete"}, {"content", {{{"type", "text"}, {"text", text}}}}};
}
