#include <stdexcept>

#include <mcp/transport/http_socket_asio.h>

namespace mcp {

std::unique_ptr<TlsContext> make_tls_context(const std::string&, const std::string&) {
  throw std::runtime_error("this program was built without OpenSSL: it can't serve TLS");
}

}  // namespace mcp
