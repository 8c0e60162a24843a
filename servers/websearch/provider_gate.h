#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>

namespace fairlead::websearch {

/// Decides when one service may be called: so many calls a second (more of them wait in a queue),
/// so many a day, not before the time that it named itself, and not while it fails. Five failures
/// in a row close it for 30 s; then three calls may try, and only when all of them succeed it is
/// open again. Any thread; the time is given.
class ProviderGate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Limits {
    double calls_per_second = 5;
    std::size_t calls_per_day = 0;  ///< 0: any number
    int failures = 5;
    std::chrono::milliseconds closed{30'000};
    int probes = 3;
  };
  struct Admission {
    bool admitted = false;
    std::chrono::milliseconds wait{0};  ///< until the call's turn, also when it was not admitted
    bool queued = false;                ///< not admitted, but would be with more patience
    bool probe = false;                 ///< one of the three that try
    std::string reason = {};            ///< why it is not admitted
  };

  /// Takes one of the calls of today, false when there is none. Throws Failure.
  using TakeOfToday = std::function<bool()>;

  /// `take_of_today`: asked for each call when their number a day is limited.
  explicit ProviderGate(Limits limits, TakeOfToday take_of_today = {})
      : limits_(limits), take_of_today_(std::move(take_of_today)) {}

  /// Takes a turn, unless it would be later than `patience`. What is admitted must end with one of
  /// the functions below. Throws Failure when today's calls can't be counted.
  Admission admit(Time now, std::chrono::milliseconds patience);
  void succeeded(const Admission& call);
  void failed(const Admission& call, Time now);
  /// It answered with 429: not a failure, but nothing before `after`.
  void told_to_wait(const Admission& call, Time now, std::chrono::milliseconds after);
  /// The call was cancelled: it says nothing of the service.
  void abandoned(const Admission& call);

 private:
  enum class State { open, closed, probing };
  void close(Time now);

  const Limits limits_;
  const TakeOfToday take_of_today_;
  std::mutex mutex_;
  State state_ = State::open;
  int failures_ = 0;
  int probes_given_ = 0;
  int probes_succeeded_ = 0;
  Time closed_until_{};
  Time not_before_{};
  Time next_turn_{};
};

}  // namespace fairlead::websearch
