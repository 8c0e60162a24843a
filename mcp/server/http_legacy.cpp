#include <mcp/server/http_legacy.h>

#include <utility>
#include <vector>

#include <mcp/base/ids.h>

namespace mcp::server {

class LegacySessions::Stream final : public Outlet {
 public:
  Stream(std::shared_ptr<HttpShared> shared, const HttpReplyTo& to, std::string_view first)
      : shared_(std::move(shared)),
        exchange_(to.exchange),
        use_(shared_, to.caller, &CallerUse::streams),
        written_(shared_->loop.now()) {
    exchange_->begin_stream(event_stream_headers(to.headers), first);
  }

  bool send(Outbound message) override {
    return write("event: message\n" + event_of({}, message.bytes));
  }
  bool write(std::string_view bytes) {
    written_ = shared_->loop.now();
    return exchange_->write(bytes);
  }
  void tick(TimePoint now) {
    if (now - written_ >= shared_->options.keep_alive) write(":\n\n");
  }
  void end() { exchange_->end({}); }

 private:
  const std::shared_ptr<HttpShared> shared_;
  const std::shared_ptr<HttpExchange> exchange_;
  UseCount use_;
  TimePoint written_;
};

void LegacySessions::open(const HttpReplyTo& to, const std::string& principal) {
  const std::string id = random_token(shared_->engine->runtime().environment());
  auto stream = std::make_shared<Stream>(
      shared_, to, "event: endpoint\n" + event_of({}, post_path_ + "?sessionId=" + id));
  auto connection = shared_->engine->connect(stream);
  sessions_.emplace(id, Session{std::move(stream), std::move(connection), principal});
  to.exchange->on_gone([this, id, alive = std::weak_ptr(shared_)] {
    if (alive.lock()) remove(id);
  });
}

void LegacySessions::post(const HttpRequest& request, const HttpReplyTo& to,
                          const std::string& principal, Taken taken) {
  static const std::string prefix = "sessionId=";
  const auto at = request.query.find(prefix);
  const std::string id =
      at == std::string::npos
          ? std::string()
          : request.query.substr(at + prefix.size(),
                                 request.query.find('&', at) - (at + prefix.size()));
  const auto found = sessions_.find(id);
  HttpResponse response{202, {}, "Accepted"};
  std::shared_ptr<Connection> connection;
  if (found == sessions_.end() || found->second.principal != principal) {
    ++shared_->refused;
    response = error_response(404, std::nullopt,
                              Error(error_code::invalid_request, "there is no such session"));
  } else {
    connection = found->second.connection;
  }
  response.headers.insert(response.headers.end(), to.headers.begin(), to.headers.end());
  to.exchange->respond(std::move(response));
  if (connection)
    connection->take(std::move(taken), {nullptr, principal, to.caller, shared_->rate});
}

void LegacySessions::remove(const std::string& id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  const auto connection = found->second.connection;
  sessions_.erase(found);
  connection->close();
}

void LegacySessions::tick(TimePoint now) {
  for (const auto& [id, session] : sessions_) session.stream->tick(now);
}

void LegacySessions::close() {
  for (const auto& [id, session] : std::exchange(sessions_, {})) {
    session.connection->close();
    session.stream->end();
  }
}

}  // namespace mcp::server
