#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/transport/transport.h>

/// Keeps what arrives, for tests to wait for and to compare.
class RecordingHandler : public mcp::Transport::Handler {
 public:
  /// Answers input_ended().
  bool keep_output = false;
  /// Called on the loop for each message, before it is kept.
  std::function<void(std::string_view)> on_message;

  void message(std::string_view bytes) override {
    if (on_message) on_message(bytes);
    std::lock_guard lock(mutex_);
    after_closed_ = after_closed_ || closed_.has_value();
    messages_.emplace_back(bytes);
    changed_.notify_all();
  }
  void oversized(std::size_t limit_bytes) override {
    std::lock_guard lock(mutex_);
    oversized_.push_back(limit_bytes);
    changed_.notify_all();
  }
  bool input_ended() override {
    std::lock_guard lock(mutex_);
    input_ended_ = true;
    changed_.notify_all();
    return keep_output;
  }
  void closed(const std::string& reason) override {
    std::lock_guard lock(mutex_);
    ++closed_calls_;
    closed_ = reason;
    changed_.notify_all();
  }

  /// Each waits until it is so, at most 30 s, and says whether it became so.
  bool wait_for_messages(std::size_t count) {
    return wait([&] { return messages_.size() >= count; });
  }
  bool wait_for_oversized() {
    return wait([&] { return !oversized_.empty(); });
  }
  bool wait_for_input_end() {
    return wait([&] { return input_ended_; });
  }
  bool wait_for_closed() {
    return wait([&] { return closed_.has_value(); });
  }

  std::vector<std::string> messages() const {
    std::lock_guard lock(mutex_);
    return messages_;
  }
  std::vector<std::size_t> oversized_limits() const {
    std::lock_guard lock(mutex_);
    return oversized_;
  }
  std::optional<std::string> closed_reason() const {
    std::lock_guard lock(mutex_);
    return closed_;
  }
  int closed_calls() const {
    std::lock_guard lock(mutex_);
    return closed_calls_;
  }
  bool called_after_closed() const {
    std::lock_guard lock(mutex_);
    return after_closed_;
  }

 private:
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), condition);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> messages_;
  std::vector<std::size_t> oversized_;
  std::optional<std::string> closed_;
  int closed_calls_ = 0;
  bool input_ended_ = false;
  bool after_closed_ = false;
};
