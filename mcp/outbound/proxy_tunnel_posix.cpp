#include <string_view>

#include <sys/socket.h>

#include <mcp/base/base64.h>
#include <mcp/outbound/proxy_tunnel.h>

namespace mcp::outbound {
namespace {

constexpr std::size_t max_head = 16 * 1024;

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

std::string open_tunnel(int socket, const std::string& authority, const std::string& account) {
  std::string request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!account.empty()) {
    request += "Proxy-Authorization: Basic " + base64_encode(std::string_view(account)) + "\r\n";
  }
  if (!send_all(socket, request + "\r\n")) return "it closed the connection";
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char c = 0;
    // What follows the head belongs to the tunnel.
    if (::recv(socket, &c, 1, 0) <= 0) return "it closed the connection";
    head += c;
    if (head.size() > max_head) return "its answer has a head of more than 16 KiB";
  }
  if (!head.starts_with("HTTP/1.") || head.size() < 12) return "its answer is no HTTP";
  if (head[9] == '2') return {};
  std::string status = head.substr(9, 3);
  for (char& c : status)
    if (c < '0' || c > '9') c = '?';
  return "it answered " + status;
}

}  // namespace mcp::outbound
