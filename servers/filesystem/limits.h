#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>

#include "servers/filesystem/failure.h"

namespace fairlead::filesystem {

/// What one call may take; a caller can ask for less, never for more.
struct Limits {
  std::size_t max_read_bytes = 60'000;  ///< of text in one answer: under 20,000 tokens
  std::size_t max_media_bytes = std::size_t{4} << 20U;    ///< before Base64
  std::size_t max_entries = 1'000;                        ///< of a listing, tree or search
  std::size_t max_depth = 64;                             ///< of a tree, search or copy
  std::size_t max_edited_bytes = std::size_t{16} << 20U;  ///< of a file that is edited
  std::size_t max_copied_entries = 100'000;
  std::chrono::milliseconds timeout{30'000};
};

/// Ends a call that is cancelled or takes too long, and tells how far it is. Ask it in every loop.
class Watch {
 public:
  /// `tell` gets the number of entries that were seen so far, now and then.
  Watch(std::stop_token stop, std::chrono::milliseconds timeout,
        std::function<void(std::uint64_t)> tell = {})
      : stop_(std::move(stop)),
        deadline_(std::chrono::steady_clock::now() + timeout),
        tell_(std::move(tell)) {}
  /// One more entry was seen. Throws as `check` does.
  void step() const {
    check();
    if (++steps_ % steps_between == 0 && tell_) tell_(steps_);
  }
  /// Throws Failure when the call was cancelled.
  void check() const {
    if (stop_.stop_requested()) throw Failure("The call was cancelled.");
  }
  const std::stop_token& stop_token() const { return stop_; }
  bool out_of_time() const { return std::chrono::steady_clock::now() >= deadline_; }

 private:
  static constexpr std::uint64_t steps_between = 2'000;

  std::stop_token stop_;
  std::chrono::steady_clock::time_point deadline_;
  std::function<void(std::uint64_t)> tell_;
  mutable std::uint64_t steps_ = 0;  // one thread walks
};

/// An answer as text. When it was cut, `note` says how for the model, and `cursor` goes on.
struct TextAnswer {
  std::string text;
  bool truncated = false;
  std::string cursor = {};
  std::string note = {};
};

}  // namespace fairlead::filesystem
