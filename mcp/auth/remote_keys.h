#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include <mcp/auth/json_web_token.h>
#include <mcp/base/runtime.h>

namespace mcp::auth {

/// The authorization server can't be asked now; the token may be good.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One issuer's key set, fetched when it is needed. Thread-safe; blocks while it fetches.
class RemoteKeys {
 public:
  static constexpr std::chrono::minutes fresh_for{10};
  static constexpr std::chrono::seconds fetch_interval{30};
  static constexpr std::chrono::hours stale_for{24};

  /// `fetch` gets the document, or throws; `now` is a monotonic clock.
  RemoteKeys(std::function<Json()> fetch, std::function<TimePoint()> now);

  /// True when a key of the set signed the token. Throws Unavailable.
  bool signed_token(const UnverifiedToken& token);

 private:
  std::shared_ptr<const KeySet> current(bool want_newer);

  const std::function<Json()> fetch_;
  const std::function<TimePoint()> now_;
  std::mutex fetching_;  // taken first
  std::mutex mutex_;
  std::shared_ptr<const KeySet> keys_;
  TimePoint fetched_{};
  std::optional<TimePoint> attempted_;
};

}  // namespace mcp::auth
