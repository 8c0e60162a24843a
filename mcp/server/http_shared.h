#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include <mcp/server/call_rate.h>
#include <mcp/server/engine.h>
#include <mcp/server/http_options.h>

namespace mcp::server {

class HttpAnswer;

/// What one caller uses at the moment.
struct CallerUse {
  std::size_t calls = 0;
  std::size_t streams = 0;
};

/// What an endpoint shares with its answers, streams and sessions, which may outlive it. Loop only.
struct HttpShared {
  HttpShared(std::shared_ptr<Engine> of_engine, HttpOptions of_options)
      : engine(std::move(of_engine)),
        options(std::move(of_options)),
        loop(engine->runtime().loop()),
        events(options.events ? options.events : make_memory_event_store()),
        rate(options.tool_calls_per_minute > 0
                 ? std::make_shared<CallRate>(options.tool_calls_per_minute)
                 : nullptr) {}

  const std::shared_ptr<Engine> engine;
  const HttpOptions options;
  Loop& loop;
  const std::shared_ptr<EventStore> events;
  const std::shared_ptr<CallRate> rate;  ///< may be null
  std::list<HttpAnswer*> answers = {};   ///< that have not ended
  std::unordered_map<std::string, CallerUse> callers = {};
  std::uint64_t requests = 0;  ///< JSON-RPC requests so far
  std::uint64_t refused = 0;   ///< HTTP requests answered 4xx or 5xx
  bool draining = false;
};

/// Counts one call or stream of a caller for as long as it lives.
class UseCount {
 public:
  UseCount() = default;
  UseCount(std::shared_ptr<HttpShared> shared, std::string caller, std::size_t CallerUse::*what)
      : shared_(std::move(shared)), caller_(std::move(caller)), what_(what) {
    ++(shared_->callers[caller_].*what_);
  }
  UseCount(UseCount&& other) noexcept = default;
  UseCount& operator=(UseCount&& other) noexcept {
    release();
    shared_ = std::move(other.shared_);
    caller_ = std::move(other.caller_);
    what_ = other.what_;
    return *this;
  }
  ~UseCount() { release(); }

 private:
  void release() {
    if (!shared_) return;
    const auto found = shared_->callers.find(caller_);
    if (--(found->second.*what_) == 0 && found->second.calls + found->second.streams == 0)
      shared_->callers.erase(found);
    shared_.reset();
  }

  std::shared_ptr<HttpShared> shared_;
  std::string caller_;
  std::size_t CallerUse::*what_ = nullptr;
};

}  // namespace mcp::server
