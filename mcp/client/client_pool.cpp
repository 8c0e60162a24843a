#include <mcp/client/client_pool.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace mcp {

struct ClientPool::State {
  struct Entry {
    std::mutex opening;  ///< held while `client` is made
    std::optional<Client> client;
    std::size_t users = 0;  // under the state's mutex, as the next one
    std::uint64_t last_used = 0;
  };
  using EntryPtr = std::shared_ptr<Entry>;

  /// Takes out who must go. They are closed when the caller lets go of them, after the lock.
  std::vector<EntryPtr> surplus() {
    std::vector<EntryPtr> out;
    while (entries.size() > max_clients) {
      auto oldest = entries.end();
      for (auto it = entries.begin(); it != entries.end(); ++it) {
        if (it->second->users > 0) continue;
        if (oldest == entries.end() || it->second->last_used < oldest->second->last_used) {
          oldest = it;
        }
      }
      if (oldest == entries.end()) break;
      out.push_back(std::move(oldest->second));
      entries.erase(oldest);
    }
    return out;
  }

  void release(const EntryPtr& entry) {
    std::vector<EntryPtr> closing;
    const std::lock_guard lock(mutex);
    --entry->users;
    entry->last_used = ++uses;
    closing = surplus();
  }

  explicit State(std::size_t max) : max_clients(std::max<std::size_t>(1, max)) {}

  const std::size_t max_clients;
  mutable std::mutex mutex;
  std::uint64_t uses = 0;
  std::map<std::string, EntryPtr> entries;
};

ClientPool::ClientPool(std::size_t max_clients) : state_(std::make_shared<State>(max_clients)) {}

std::shared_ptr<Client> ClientPool::get(const std::string& name, const Connect& connect) {
  State::EntryPtr entry;
  std::vector<State::EntryPtr> closing;
  {
    const std::lock_guard lock(state_->mutex);
    State::EntryPtr& known = state_->entries[name];
    if (!known) known = std::make_shared<State::Entry>();
    entry = known;
    ++entry->users;
    closing = state_->surplus();
  }
  closing.clear();
  try {
    const std::lock_guard lock(entry->opening);
    if (!entry->client) entry->client.emplace(connect());
  } catch (...) {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->entries.find(name);
    if (--entry->users == 0 && found != state_->entries.end() && found->second == entry) {
      state_->entries.erase(found);
    }
    throw;
  }
  return {&*entry->client, [state = state_, entry](Client*) { state->release(entry); }};
}

void ClientPool::forget(const std::string& name) {
  State::EntryPtr forgotten;  // closed after the lock, by whoever holds it last
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->entries.find(name);
  if (found == state_->entries.end()) return;
  forgotten = std::move(found->second);
  state_->entries.erase(found);
}

std::size_t ClientPool::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->entries.size();
}

}  // namespace mcp
