#include <mcp/client/core.h>

#include <algorithm>
#include <utility>

#include <mcp/protocol/method.h>

namespace mcp::client {

Core::Core(Runtime& runtime, Target target, ClientOptions options)
    : runtime_(runtime),
      loop_(runtime.loop()),
      target_(std::move(target)),
      options_(std::move(options)),
      verdicts_(options_.verdicts ? options_.verdicts : std::make_shared<EraVerdicts>()),
      // Subscriptions and the handshake wait beside the calls, which are counted by themselves.
      peer_(loop_, options_.limits.pending_calls + 1024),
      ask_bytes_(options_.limits.ask_bytes),
      cache_(options_.limits.cache_entries, options_.limits.cache_bytes),
      tools_(options_.limits.list_items, options_.limits.list_bytes),
      subscriptions_(*this) {}

std::optional<ServerInfo> Core::last_server() const {
  std::lock_guard lock(last_server_mutex_);
  return last_server_;
}

void Core::violation(const std::string& what) {
  if (++violations_ > options_.limits.violations || !options_.observer.on_violation) return;
  options_.observer.on_violation(what);
}

// --- Opening ---

void Core::start(Callback<ServerInfo> ready) {
  if (ready) server_waiters_.push_back(std::move(ready));
  if (state_ == State::idle) open();
}

void Core::with_server(Callback<ServerInfo> done) {
  switch (state_) {
    case State::ready:
      return done(server_);
    case State::closing:
    case State::closed:
      return done(CallError(CallError::Kind::closed, "the client is closed"));
    default:
      server_waiters_.push_back(std::move(done));
      if (state_ == State::down) restart();
  }
}

void Core::open() {
  state_ = State::opening;
  opened_at_ = loop_.now();
  violations_ = 0;
  std::unique_ptr<Transport> transport;
  std::string problem = "it was opened before, and can't be opened again";
  try {
    transport = target_.open(runtime_, [weak = weak_from_this()](std::string_view line) {
      auto self = weak.lock();
      if (self && self->options_.observer.on_stderr) self->options_.observer.on_stderr(line);
    });
  } catch (const std::exception& error) {
    problem = error.what();
  }
  if (!transport) {
    loop_.post([self = shared_from_this(), problem] {
      self->handshake_failed(
          {CallError(CallError::Kind::not_connected, "the server can't be started: " + problem)});
    });
    return;
  }
  connection_ = std::make_unique<Connection>(loop_, std::move(transport), options_, peer_, *this);
  std::optional<Era> verdict =
      initialize_first_ ? Era::session
                        : (target_.key().empty() ? std::nullopt : verdicts_->find(target_.key()));
  handshake_ =
      std::make_unique<Handshake>(loop_, *connection_, options_, verdict,
                                  [this](auto result) { handshake_done(std::move(result)); });
  connection_->start();
  handshake_->start();
}

void Core::handshake_done(std::variant<ServerInfo, Handshake::Failure> result) {
  auto finished = std::move(handshake_);  // it is the caller: it goes when this returns
  if (auto* server = std::get_if<ServerInfo>(&result)) {
    became_ready(std::move(*server));
    return;
  }
  // Later, for this may be a call from inside the connection.
  loop_.post([self = shared_from_this(), failure = std::get<Handshake::Failure>(result)] {
    self->handshake_failed(failure);
  });
}

void Core::handshake_failed(const Handshake::Failure& failure) {
  if (state_ != State::opening) return;
  retire_connection();
  // A verdict that led to nothing is asked for anew the next time.
  if (!target_.key().empty() && failure.error.kind() != CallError::Kind::not_connected) {
    verdicts_->forget(target_.key());
  }
  if (failure.retry_with_initialize && target_.reopens() && !initialize_first_) {
    initialize_first_ = true;
    open();
    return;
  }
  initialize_first_ = false;
  state_ = State::down;
  gone_ = failure.error.what();
  // A server that worked before may work again; one that never did is reported at once.
  bool wanted = !queue_.empty() || !server_waiters_.empty() || !subscriptions_.empty();
  if (ever_ready_ && wanted && failure.error.kind() == CallError::Kind::not_connected) {
    restart();
  } else {
    give_up(failure.error);
  }
}

void Core::became_ready(ServerInfo server) {
  state_ = State::ready;
  server_ = std::move(server);
  {
    std::lock_guard lock(last_server_mutex_);
    last_server_ = server_;
  }
  ever_ready_ = true;
  initialize_first_ = false;
  connection_->set_revision(server_.revision);
  if (!target_.key().empty()) verdicts_->keep(target_.key(), server_.era());
  if (options_.observer.on_connected) options_.observer.on_connected();
  for (auto& waiter : std::exchange(server_waiters_, {})) waiter(server_);
  if (logging_level_ && has_session_methods(server_.revision) && server_.capabilities.logging) {
    request(
        method::logging_set_level,
        [level = *logging_level_](Revision revision) {
          return to_json(SetLevelParams{level}, revision);
        },
        {}, [](const Outcome<Json>&) {});
  }
  subscriptions_.server_ready();
  for (std::uint64_t key : std::exchange(queue_, {})) {
    if (calls_.contains(key)) send(key);
  }
}

// --- Losing ---

void Core::disconnected(Connection& connection, const std::string& reason) {
  // Destroyed by a task of its own: this is a call from inside it.
  auto bury = [this](std::unique_ptr<Connection> dead) {
    loop_.post([self = shared_from_this(), held = std::shared_ptr<Connection>(std::move(dead))] {});
  };
  if (&connection != connection_.get()) {
    auto found = std::find_if(retired_.begin(), retired_.end(),
                              [&](const auto& retired) { return retired.get() == &connection; });
    if (found == retired_.end()) return;
    bury(std::move(*found));
    retired_.erase(found);
    if (state_ == State::closing) finish_closing();
    return;
  }
  bury(std::move(connection_));
  if (state_ == State::opening) return;  // the handshake has failed, and says so by itself
  end_asks();
  cache_.clear();
  subscriptions_.server_lost();
  gone_ = reason.empty() ? "the server ended the connection" : reason;
  if (options_.observer.on_disconnected) options_.observer.on_disconnected(reason);
  if (loop_.now() - opened_at_ >= options_.restart.stable_after) attempts_ = 0;
  state_ = State::down;
  if (!target_.reopens() || !options_.restart.enabled) {
    give_up({CallError::Kind::not_connected, "the server is gone: " + gone_});
  } else if (!queue_.empty() || !subscriptions_.empty()) {
    restart();
  }
}

void Core::restart() {
  const RestartPolicy& policy = options_.restart;
  if (!target_.reopens() || !policy.enabled) {
    give_up({CallError::Kind::not_connected, "the server is gone: " + gone_});
    return;
  }
  // After the last attempt there is one more each time the longest delay has passed.
  if (attempts_ >= policy.max_attempts && policy.max_attempts > 0 &&
      loop_.now() - opened_at_ >= policy.max_delay) {
    attempts_ = policy.max_attempts - 1;
  }
  if (attempts_ >= policy.max_attempts) {
    give_up({CallError::Kind::not_connected, "the server could not be restarted: " + gone_});
    return;
  }
  Duration delay = Duration::zero();
  for (std::size_t i = 0; i < attempts_; ++i) {
    delay =
        std::min(delay == Duration::zero() ? policy.initial_delay : delay * 2, policy.max_delay);
  }
  ++attempts_;
  state_ = State::waiting;
  restart_timer_ = loop_.schedule(delay, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (self && self->state_ == State::waiting) self->open();
  });
}

void Core::give_up(const CallError& error) {
  for (auto& waiter : std::exchange(server_waiters_, {})) waiter(error);
  for (std::uint64_t key : std::exchange(queue_, {})) finish(key, error);
  bool for_good = !target_.reopens() || !options_.restart.enabled;
  subscriptions_.give_up(error, for_good);
}

void Core::retire_connection() {
  if (!connection_) return;
  connection_->retire();
  retired_.push_back(std::move(connection_));
}

// --- Closing ---

void Core::shut_down(std::function<void()> closed) {
  if (closed) closers_.push_back(std::move(closed));
  if (state_ == State::closed) return finish_closing();
  if (state_ == State::closing) return;
  state_ = State::closing;
  // Of the loop, not of itself: when the runtime goes first, so does this.
  closing_ = loop_.schedule(jsonrpc::Deadline::never, [self = shared_from_this()] {});
  loop_.cancel(restart_timer_);
  CallError error(CallError::Kind::closed, "the client was closed");
  handshake_.reset();
  end_asks();
  queue_.clear();
  for (auto& waiter : std::exchange(server_waiters_, {})) waiter(error);
  while (!calls_.empty()) finish(calls_.begin()->first, error);
  subscriptions_.give_up(error, true);
  retire_connection();
  finish_closing();
}

void Core::finish_closing() {
  if (!retired_.empty() || connection_) return;
  state_ = State::closed;
  for (auto& closed : std::exchange(closers_, {})) closed();
  // Not now: this may be a call from inside a connection.
  loop_.post([self = shared_from_this()] {});
  loop_.cancel(closing_);
}

}  // namespace mcp::client
