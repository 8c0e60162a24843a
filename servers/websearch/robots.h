#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::websearch {

/// A robots.txt (RFC 9309), read for one robot.
class RobotsRules {
 public:
  /// Rules for the robot `product`: of the groups that name it, or else of those for `*`. What lies
  /// past 500 KiB is not read.
  static RobotsRules parse(std::string_view text, std::string_view product);
  static RobotsRules all(bool allowed);

  /// `target`: path and query of the URL. The longest rule that matches decides.
  bool allows(std::string_view target) const;
  /// What the site asks for between two calls, at most 30 s.
  std::chrono::milliseconds delay() const { return delay_; }
  const std::vector<std::string>& sitemaps() const { return sitemaps_; }

 private:
  struct Rule {
    std::string pattern;
    bool allow;
  };
  std::vector<Rule> rules_;
  std::chrono::milliseconds delay_{0};
  std::vector<std::string> sitemaps_;
};

/// The rules of sites, kept for a day each (failures for five minutes). Any thread.
class RobotsCache {
 public:
  using Clock = std::chrono::steady_clock;

  std::optional<RobotsRules> find(const std::string& origin, Clock::time_point now) const;
  void keep(const std::string& origin, RobotsRules rules, bool failed, Clock::time_point now);

 private:
  struct Kept {
    RobotsRules rules;
    Clock::time_point until;
  };
  static constexpr std::size_t max_origins = 2'000;
  mutable std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

}  // namespace fairlead::websearch
