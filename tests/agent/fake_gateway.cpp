#include "fake_gateway.h"

#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

FakeGateway::FakeGateway(std::vector<Script> scripts) : scripts_(std::move(scripts)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no loopback socket");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

FakeGateway::~FakeGateway() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void FakeGateway::serve() {
  for (const Script& script : scripts_) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    const int on = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    answer(connection, script);
    if (script.reset) {
      const linger at_once{1, 0};
      ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    ::close(connection);
  }
}

void FakeGateway::answer(int connection, const Script& script) {
  std::string request;
  char buffer[65536];
  const auto complete = [&] {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    if (script.ignore_body) return true;
    const std::size_t length = request.find("Content-Length: ");
    const std::size_t wanted =
        length < head ? std::stoul(request.substr(length + 16)) : std::size_t{0};
    return request.size() >= head + 4 + wanted;
  };
  while (!complete()) {
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    request.append(buffer, static_cast<std::size_t>(got));
  }
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  for (const std::string& text : script.writes) {
    if (::send(connection, text.data(), text.size(), MSG_NOSIGNAL) < 0) return;
  }
  if (!script.hang) return;
  // Until the other side goes, or the test ends.
  pollfd wait[] = {{connection, POLLIN | POLLRDHUP, 0}, {listener_, POLLHUP, 0}};
  ::poll(wait, 2, 30'000);
}

std::vector<std::string> FakeGateway::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string FakeGateway::body(std::size_t index) const {
  const std::string request = requests().at(index);
  return request.substr(request.find("\r\n\r\n") + 4);
}

std::string http_answer(int status, const std::string& body, const std::string& more_headers) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Status\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\nConnection: close\r\n" + more_headers + "\r\n" + body;
}

std::string stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
}
