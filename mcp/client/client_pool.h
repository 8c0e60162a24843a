#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <mcp/client/client.h>

namespace mcp {

/// Clients of many servers, kept open for the next use. The one that was not used for the longest
/// time is closed when there are too many, but never while somebody holds it.
///
/// Threads: any function from any thread. Clients are opened and closed outside the lock: a server
/// that is slow to start delays only those who ask for it. The runtime of the clients must outlive
/// the pool and everything that `get` gave.
class ClientPool {
 public:
  using Connect = std::function<Client()>;

  /// More than `max_clients` are open only while they are all in use.
  explicit ClientPool(std::size_t max_clients = 10);

  /// The client of that name, made by `connect` when there is none: who asks meanwhile waits for
  /// the same one. It stays open at least as long as the pointer is kept; the pool may be gone by
  /// then. Throws what `connect` throws, and asks it again the next time.
  std::shared_ptr<Client> get(const std::string& name, const Connect& connect);
  /// Closes the client of that name as soon as nobody holds it; the next `get` makes a new one.
  void forget(const std::string& name);
  /// How many are open or being opened.
  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mcp
