// The least an HTTP server can do for a call: epoll, nlohmann parse and dump. What this program
// reaches on a machine is the yardstick for that machine.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

using nlohmann::json;

std::string answer(std::string_view body) {
  const json request = json::parse(body);
  json result = {
      {"content", {{{"type", "text"}, {"text", request["params"]["arguments"]["text"]}}}}};
  return json{{"jsonrpc", "2.0"}, {"id", request["id"]}, {"result", std::move(result)}}.dump();
}

// Answers every whole request of `input`.
void serve(int descriptor, std::string& input) {
  for (;;) {
    const auto head = input.find("\r\n\r\n");
    if (head == std::string::npos) return;
    const std::string_view name = "\r\nContent-Length: ";
    const auto at = input.find(name);
    const std::size_t size =
        at < head ? std::strtoul(input.c_str() + at + name.size(), nullptr, 10) : 0;
    if (input.size() < head + 4 + size) return;
    const std::string body = answer(std::string_view(input).substr(head + 4, size));
    input.erase(0, head + 4 + size);
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    if (::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return;
  }
}

}  // namespace

int main() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 4096) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 1;
  std::printf("http://127.0.0.1:%d/mcp\n", ntohs(address.sin_port));
  std::fflush(stdout);
  const int poll = ::epoll_create1(0);
  const auto watch = [poll](int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
  };
  watch(listener);
  std::unordered_map<int, std::string> inputs;
  static char chunk[65536];
  for (epoll_event events[256];;) {
    const int count = ::epoll_wait(poll, events, 256, -1);
    for (int index = 0; index < count; ++index) {
      const int descriptor = events[index].data.fd;
      if (descriptor == listener) {
        const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (accepted < 0) continue;
        const int on = 1;
        ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(accepted);
        continue;
      }
      const ssize_t received = ::recv(descriptor, chunk, sizeof chunk, 0);
      if (received <= 0) {
        inputs.erase(descriptor);
        ::close(descriptor);
        continue;
      }
      std::string& input = inputs[descriptor];
      input.append(chunk, static_cast<std::size_t>(received));
      serve(descriptor, input);
    }
  }
}
