#include <mcp/server/served.h>

#include <utility>

namespace mcp::server {

/// The one outlet of a pipe.
class Served::Pipe final : public Outlet {
 public:
  Pipe(std::weak_ptr<Served> served, std::shared_ptr<Transport> transport)
      : served_(std::move(served)), transport_(std::move(transport)) {}

  bool send(Outbound message) override {
    const bool must_arrive = message.kind != Outbound::Kind::notification;
    if (transport_->send(std::move(message.bytes))) return true;
    // A client that does not read its answers would wait for ever: better it sees the end.
    if (const auto served = served_.lock(); served && must_arrive && served->open())
      served->close();
    return false;
  }

 private:
  std::weak_ptr<Served> served_;
  std::shared_ptr<Transport> transport_;
};

Served::Served(std::shared_ptr<Engine> engine, std::unique_ptr<Transport> transport, Events events)
    : engine_(std::move(engine)), transport_(std::move(transport)), events_(std::move(events)) {}

std::shared_ptr<Served> Served::start(std::shared_ptr<Engine> engine,
                                      std::unique_ptr<Transport> transport, Events events) {
  auto served =
      std::make_shared<Served>(std::move(engine), std::move(transport), std::move(events));
  served->engine_->runtime().loop().post([served] {
    served->self_ = served;
    served->connection_ = served->engine_->connect(
        std::make_shared<Pipe>(served->weak_from_this(), served->transport_));
    served->transport_->start(*served);
  });
  return served;
}

void Served::close() {
  engine_->runtime().loop().post([self = shared_from_this()] { self->close_now(); });
}

void Served::close_now() {
  if (connection_) connection_->close();
  transport_->close();
}

void Served::finish() {
  engine_->runtime().loop().post([self = shared_from_this()] {
    if (self->connection_) self->connection_->finish([self] { self->close_now(); });
  });
}

void Served::message(std::string_view bytes) {
  connection_->receive(bytes);
}

void Served::oversized(std::size_t limit_bytes) {
  connection_->oversized(limit_bytes);
}

bool Served::input_ended() {
  if (events_.input_ended) std::exchange(events_.input_ended, {})();
  finish();
  return true;
}

void Served::closed(const std::string& reason) {
  open_ = false;
  connection_->close();
  if (events_.closed) std::exchange(events_.closed, {})(reason);
  // Not within the transport's own call: it may be the last to hold the transport.
  engine_->runtime().loop().post([self = std::move(self_)] {});
}

}  // namespace mcp::server
