#include <mcp/server/call_rate.h>

#include <algorithm>

namespace mcp::server {
namespace {

constexpr Duration minute = std::chrono::minutes(1);
constexpr std::size_t few_callers = 1024;

}  // namespace

CallRate::CallRate(std::size_t per_minute)
    : per_minute_(per_minute),
      interval_(std::max(minute / static_cast<Duration::rep>(per_minute), Duration(1))) {}

Duration CallRate::take(const std::string& caller, TimePoint now) {
  if (whole_at_.size() > 2 * swept_ + few_callers) forget_idle(now);
  TimePoint& whole_at = whole_at_.try_emplace(caller, now).first->second;
  const TimePoint after = std::max(whole_at, now) + interval_;
  // What is still missing then, beyond a minute's share.
  const Duration too_early = (after - now) - static_cast<Duration::rep>(per_minute_) * interval_;
  if (too_early > Duration::zero()) return too_early;
  whole_at = after;
  return Duration::zero();
}

void CallRate::forget_idle(TimePoint now) {
  std::erase_if(whole_at_, [now](const auto& one) { return one.second <= now; });
  swept_ = whole_at_.size();
}

}  // namespace mcp::server
