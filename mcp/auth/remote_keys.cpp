#include <mcp/auth/remote_keys.h>

namespace mcp::auth {

RemoteKeys::RemoteKeys(std::function<Json()> fetch, std::function<TimePoint()> now)
    : fetch_(std::move(fetch)), now_(std::move(now)) {}

bool RemoteKeys::signed_token(const UnverifiedToken& token) {
  const auto keys = current(false);
  if (keys->signer_of(token) != nullptr) return true;
  // A key that we don't know may be new. One that we know and that did not sign is not.
  const auto named = token.header.find("kid");
  if (named != token.header.end() && named->is_string() && keys->has(named->get<std::string>()))
    return false;
  const auto newer = current(true);
  return newer != keys && newer->signer_of(token) != nullptr;
}

std::shared_ptr<const KeySet> RemoteKeys::current(bool want_newer) {
  // Who has keys, if old ones, does not wait for another's fetch.
  std::unique_lock fetching(fetching_, std::defer_lock);
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      const TimePoint now = now_();
      const bool fresh = keys_ && now - fetched_ < fresh_for;
      const bool too_soon = attempted_ && now - *attempted_ < fetch_interval;
      const bool usable = keys_ && now - fetched_ < fresh_for + stale_for;
      if ((fresh && !want_newer) || (usable && too_soon)) return keys_;
      if (too_soon) throw Unavailable("the issuer's keys can't be fetched");
      if (fetching.owns_lock()) {
        attempted_ = now;
        break;
      }
      if (usable && !fetching.try_lock()) return keys_;
    }
    if (!fetching.owns_lock()) fetching.lock();
  }
  std::shared_ptr<const KeySet> fetched;
  try {
    fetched = std::make_shared<const KeySet>(fetch_());
  } catch (const std::exception&) {
    // Its words name internal addresses: they are no business of who sent the token.
  }
  const std::lock_guard lock(mutex_);
  if (fetched) {
    keys_ = std::move(fetched);
    fetched_ = now_();
  } else if (!keys_ || now_() - fetched_ >= fresh_for + stale_for) {
    throw Unavailable("the issuer's keys can't be fetched");
  }
  return keys_;
}

}  // namespace mcp::auth
