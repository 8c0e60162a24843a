#include "http_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <utility>

HttpConnection::HttpConnection(int port, std::uint8_t from)
    : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (from != 1) {
    address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xffU) | from);
    if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("can't connect from 127.0.0." + std::to_string(from));
  }
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("can't connect to port " + std::to_string(port));
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(descriptor_, F_SETFL, O_NONBLOCK);
}

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), received_(std::move(other.received_)) {}

HttpConnection::~HttpConnection() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void HttpConnection::send(std::string_view bytes) const {
  if (::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("the server does not take a request");
}

std::string HttpConnection::Response::header(std::string_view name) const {
  const std::string wanted = "\r\n" + std::string(name) + ":";
  const auto same = [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  };
  auto found = std::search(head.begin(), head.end(), wanted.begin(), wanted.end(), same);
  if (found == head.end()) return "";
  found += static_cast<std::ptrdiff_t>(wanted.size());
  while (*found == ' ') ++found;
  return {found, std::find(found, head.end(), '\r')};
}

bool HttpConnection::receive() {
  char chunk[65536];
  const ssize_t count = ::recv(descriptor_, chunk, sizeof chunk, 0);
  if (count > 0) received_.append(chunk, static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && errno == EAGAIN);
}

std::optional<HttpConnection::Response> HttpConnection::response() {
  const auto head = received_.find("\r\n\r\n");
  if (head == std::string::npos) return std::nullopt;
  Response got{std::atoi(received_.c_str() + 9), received_.substr(0, head + 2), {}};
  std::size_t end = head + 4;
  if (const std::string length = got.header("Content-Length"); !length.empty()) {
    const auto size = std::strtoul(length.c_str(), nullptr, 10);
    if (received_.size() < end + size) return std::nullopt;
    got.body = received_.substr(end, size);
    end += size;
  } else if (got.header("Transfer-Encoding") == "chunked") {
    for (std::size_t size = 1; size != 0;) {
      const auto line = received_.find("\r\n", end);
      if (line == std::string::npos) return std::nullopt;
      size = std::strtoul(received_.c_str() + end, nullptr, 16);
      if (received_.size() < line + 2 + size + 2) return std::nullopt;
      got.body.append(received_, line + 2, size);
      end = line + 2 + size + 2;
    }
  }
  received_.erase(0, end);
  return got;
}

namespace {
void wait_readable(int descriptor) {
  pollfd waited{descriptor, POLLIN, 0};
  if (::poll(&waited, 1, 60'000) != 1) throw std::runtime_error("no answer within a minute");
}
}  // namespace

HttpConnection::Response HttpConnection::wait() {
  for (;;) {
    if (auto got = response()) return *std::move(got);
    wait_readable(descriptor_);
    if (!receive()) throw std::runtime_error("the server closed a connection: " + received_);
  }
}

std::string HttpConnection::wait_for_stream() {
  for (;;) {
    if (const auto end = received_.find("\r\n\r\n"); end != std::string::npos) {
      std::string head = received_.substr(0, end + 4);
      received_.erase(0, end + 4);
      return head;
    }
    wait_readable(descriptor_);
    if (!receive()) throw std::runtime_error("the server closed a connection: " + received_);
  }
}

std::size_t HttpConnection::count(std::string_view text) {
  std::size_t found = 0;
  std::size_t from = 0;
  for (std::size_t at; (at = received_.find(text, from)) != std::string::npos; ++found)
    from = at + text.size();
  received_.erase(0, from);
  return found;
}
