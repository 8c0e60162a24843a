#include <mcp/server/connect.h>

#include <mcp/server/served.h>

namespace mcp {

ServedConnection::ServedConnection(std::shared_ptr<server::Served> served)
    : served_(std::move(served)) {}
ServedConnection::ServedConnection(ServedConnection&&) noexcept = default;
ServedConnection& ServedConnection::operator=(ServedConnection&& other) noexcept {
  if (served_) served_->close();
  served_ = std::move(other.served_);
  return *this;
}
ServedConnection::~ServedConnection() {
  if (served_) served_->close();
}

bool ServedConnection::open() const {
  return served_ && served_->open();
}

ServedConnection connect(Server& server, Runtime& runtime, std::unique_ptr<Transport> transport) {
  return ServedConnection(
      server::Served::start(server::Engine::create(server, runtime), std::move(transport), {}));
}

}  // namespace mcp
