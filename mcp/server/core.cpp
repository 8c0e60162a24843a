#include <mcp/server/core.h>

#include <algorithm>
#include <utility>

namespace mcp::server {
namespace {

std::shared_ptr<const Settings> make_settings(Implementation info, ServerOptions options) {
  if (!options.store) options.store = make_memory_store();
  if (!options.tasks) options.tasks = make_memory_task_store();
  return std::make_shared<const Settings>(Settings{std::move(info), std::move(options)});
}

}  // namespace

Core::Core(Implementation info, ServerOptions options)
    : settings(make_settings(std::move(info), std::move(options))),
      store(settings->options.store),
      sealer(settings->options.state_keys),
      logger(settings->options.log ? settings->options.log : stderr_logger()),
      bytes_in_flight_(std::make_shared<std::atomic<std::size_t>>(0)) {}

std::string Core::seal(const Json& payload, std::string_view bound_to, Environment& environment) {
  if (sealer.key_is_random() && !sealed_.exchange(true))
    log(LogSeverity::info,
        "requestState is sealed with a random key, which no other process knows and none after a "
        "restart: give --state-key or MCP_STATE_KEY where that matters");
  return sealer.seal(payload, bound_to, options().state_lifetime, environment);
}

std::shared_ptr<const Snapshot> Core::snapshot() {
  std::lock_guard lock(mutex_);
  if (!snapshot_) snapshot_ = std::make_shared<const Snapshot>(settings, features_);
  return snapshot_;
}

void Core::announce(const Change& change) {
  std::vector<std::shared_ptr<ChangeListener>> listeners;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [&](const auto& weak) {
      auto listener = weak.lock();
      if (!listener) return true;
      listeners.push_back(std::move(listener));
      return false;
    });
  }
  for (const auto& listener : listeners) listener->changed(change);
}

void Core::listen(std::weak_ptr<ChangeListener> listener) {
  std::lock_guard lock(mutex_);
  std::erase_if(listeners_, [](const auto& weak) { return weak.expired(); });
  listeners_.push_back(std::move(listener));
}

Charge Core::charge(std::size_t bytes) {
  const std::size_t limit = options().limits.in_flight_bytes;
  if (bytes_in_flight_->fetch_add(bytes) + bytes > limit) {
    bytes_in_flight_->fetch_sub(bytes);
    return nullptr;
  }
  return Charge(bytes_in_flight_.get(),
                [total = bytes_in_flight_, bytes](void*) { total->fetch_sub(bytes); });
}

std::size_t Core::room() const {
  const std::size_t limit = options().limits.in_flight_bytes;
  return limit - std::min(limit, charged());
}

std::shared_ptr<const void> Core::watch(const std::string& uri) {
  if (!watch_handlers.began && !watch_handlers.ended) return nullptr;
  {
    const std::lock_guard lock(watch_mutex_);
    if (!watchers_.contains(uri) && watch_handlers.began) watch_handlers.began(uri);
    ++watchers_[uri];
  }
  return {this, [core = shared_from_this(), uri](const void*) {
            const std::lock_guard lock(core->watch_mutex_);
            const auto found = core->watchers_.find(uri);
            if (--found->second != 0) return;
            core->watchers_.erase(found);
            if (core->watch_handlers.ended) core->watch_handlers.ended(uri);
          }};
}

void Core::record(const ToolCallRecord& record) const {
  if (audit && !audit->record(record))
    log(LogSeverity::error, "a line of the audit log could not be written, for " + record.tool);
}

void Core::log(LogSeverity severity, std::string_view line) const {
  // One line, whatever a client put into a name.
  std::string clean(line);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7F') c = ' ';
  }
  logger(severity, clean);
}

std::uint64_t Core::log_reference(const std::string& details) {
  const std::uint64_t reference = ++references_;
  log(LogSeverity::error,
      "internal error, reference " + std::to_string(reference) + ": " + details);
  return reference;
}

bool Core::pass_outgoing(const std::string& method, Json& params) const {
  OutgoingMessage message{method, params};
  return std::all_of(outgoing.begin(), outgoing.end(),
                     [&](const OutgoingMiddleware& pass) { return pass(message); });
}

}  // namespace mcp::server

namespace mcp {

void set_watch_handlers(Server& server, WatchHandlers handlers) {
  server.core()->watch_handlers = std::move(handlers);
}

}  // namespace mcp
