#include <mcp/transport/memory.h>

#include <deque>
#include <mutex>
#include <string>

namespace mcp {
namespace {

/// One end: the messages on their way to it, and who takes them there.
class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  Inbox(Loop& loop, std::size_t max_bytes) : loop_(loop), max_bytes_(max_bytes) {}

  void start(Transport::Handler& handler) {
    std::lock_guard lock(mutex_);
    if (handler_ == nullptr && !dead_) handler_ = &handler;
    schedule();
  }

  bool put(std::string&& bytes) {
    std::lock_guard lock(mutex_);
    if (ended_ || (!waiting_.empty() && waiting_bytes_ + bytes.size() > max_bytes_)) return false;
    waiting_bytes_ += bytes.size();
    waiting_.push_back(std::move(bytes));
    schedule();
    return true;
  }

  /// No message follows those that wait. With `drop`, they are not delivered either.
  void end(bool drop) {
    std::deque<std::string> dropped;
    std::lock_guard lock(mutex_);
    ended_ = true;
    if (drop) {
      dropped.swap(waiting_);
      waiting_bytes_ = 0;
    }
    schedule();
  }

  /// The handler is not called again.
  void kill() {
    end(true);
    std::lock_guard lock(mutex_);
    dead_ = true;
    handler_ = nullptr;
  }

  bool open() const {
    std::lock_guard lock(mutex_);
    return !ended_;
  }

 private:
  void schedule() {  // with the mutex held
    if (scheduled_ || handler_ == nullptr || (waiting_.empty() && !ended_)) return;
    scheduled_ = true;
    loop_.post([self = shared_from_this()] { self->deliver(); });
  }

  // One message at a time: the handler may close, or destroy, its own end in the middle.
  void deliver() {
    std::unique_lock lock(mutex_);
    scheduled_ = false;
    while (handler_ != nullptr && !waiting_.empty()) {
      const std::string bytes = std::move(waiting_.front());
      waiting_.pop_front();
      waiting_bytes_ -= bytes.size();
      Transport::Handler& handler = *handler_;
      lock.unlock();
      handler.message(bytes);
      lock.lock();
    }
    if (handler_ != nullptr && ended_) {
      Transport::Handler& handler = *std::exchange(handler_, nullptr);
      dead_ = true;
      lock.unlock();
      handler.closed("");
    }
  }

  Loop& loop_;
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  Transport::Handler* handler_ = nullptr;
  bool scheduled_ = false;
  bool ended_ = false;
  bool dead_ = false;
};

class MemoryTransport final : public Transport {
 public:
  MemoryTransport(std::shared_ptr<Inbox> mine, std::shared_ptr<Inbox> other)
      : mine_(std::move(mine)), other_(std::move(other)) {}
  ~MemoryTransport() override {
    mine_->kill();
    other_->end(false);
  }

  void start(Handler& handler) override { mine_->start(handler); }
  bool send(std::string bytes) override { return mine_->open() && other_->put(std::move(bytes)); }
  void close() override {
    mine_->end(true);
    other_->end(false);
  }

 private:
  std::shared_ptr<Inbox> mine_;
  std::shared_ptr<Inbox> other_;
};

}  // namespace

std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> make_memory_pair(
    Loop& a, Loop& b, const MemoryPairOptions& options) {
  auto to_a = std::make_shared<Inbox>(a, options.max_queued_bytes);
  auto to_b = std::make_shared<Inbox>(b, options.max_queued_bytes);
  return {std::make_unique<MemoryTransport>(to_a, to_b),
          std::make_unique<MemoryTransport>(to_b, to_a)};
}

}  // namespace mcp
