#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <mcp/base/runtime.h>

namespace mcp::server {

struct Call;

/// Whose call a worker takes next. Callers take turns, however many calls each has waiting, and a
/// quarter of the workers, and of the places to wait in, is kept from those that hold the rest:
/// what one caller's calls leave to the others is never nothing. Thread-safe.
///
/// A task of the executor is a turn, not a call: which call it runs is decided when a worker is
/// free. A turn that nobody may take is kept until somebody gives a worker back.
class Turns : public std::enable_shared_from_this<Turns> {
 public:
  /// `executor` must outlive it.
  explicit Turns(Executor& executor);

  /// Queues a run of `call`'s handler; false when too many wait already, of this caller or of all.
  bool try_wait(const std::shared_ptr<Call>& call);
  /// The same for a call that was admitted before.
  void wait(const std::shared_ptr<Call>& call);
  /// Forgets who waits.
  void clear();

  /// How many of the workers one caller may hold while there are so many of them.
  static std::size_t share(std::size_t workers, std::size_t callers);

 private:
  struct Queue {
    std::deque<std::shared_ptr<Call>> waiting = {};
    std::size_t running = 0;
  };
  using Queues = std::unordered_map<std::string, Queue>;
  using Caller = Queues::value_type;  // stays where it is while there are others

  struct Turn {
    std::shared_ptr<Call> call = nullptr;
    Caller* caller = nullptr;
  };

  bool add(const std::shared_ptr<Call>& call, std::size_t most_waiting);
  bool remove(const std::shared_ptr<Call>& call);
  void work();
  Turn take();
  bool give_back(Caller& caller);
  void forget_idle(const std::string& caller);

  Executor& executor_;
  std::mutex mutex_;
  Queues queues_;              // of callers that wait or run
  std::deque<Caller*> order_;  // of those that wait
  std::size_t kept_ = 0;       // turns that nobody might take
};

}  // namespace mcp::server
