#include "servers/websearch/robots.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "servers/websearch/character.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_bytes = 500 * 1024;
constexpr std::size_t max_rules = 5'000;
constexpr std::size_t max_pattern = 1'000;
constexpr std::size_t max_sitemaps = 100;

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  c = to_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// One way to write each byte, so that `/a%7Eb` and `/a~b` compare equal.
std::string normalized(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  const auto add = [&out, digits](unsigned char byte, bool was_encoded) {
    const char c = static_cast<char>(byte);
    const bool reserved =
        was_encoded && std::string_view("/?#[]@!$&'()*+,;=:%").find(c) != std::string_view::npos;
    if (byte <= 0x20 || byte >= 0x7F || reserved) {
      out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    } else {
      out += c;
    }
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      add(static_cast<unsigned char>(high * 16 + low), true);
      i += 2;
    } else {
      add(static_cast<unsigned char>(text[i]), false);
    }
  }
  return out;
}

// `*` stands for anything, `$` at the end for the end. Each part between stars is looked for once.
bool matches(std::string_view pattern, std::string_view target) {
  const bool anchored = pattern.ends_with('$');
  if (anchored) pattern.remove_suffix(1);
  std::size_t at = 0;
  bool first = true;
  for (;;) {
    const std::size_t star = pattern.find('*');
    const std::string_view part = pattern.substr(0, star);
    const bool last = star == std::string_view::npos;
    if (first) {
      if (!target.starts_with(part)) return false;
      at = part.size();
    } else if (last && anchored) {
      return target.size() >= at + part.size() && target.ends_with(part);
    } else {
      const std::size_t found = target.find(part, at);
      if (found == std::string_view::npos) return false;
      at = found + part.size();
    }
    if (last) return !anchored || at == target.size();
    first = false;
    pattern.remove_prefix(star + 1);
  }
}

}  // namespace

RobotsRules RobotsRules::all(bool allowed) {
  RobotsRules rules;
  if (!allowed) rules.rules_.push_back({"/", false});
  return rules;
}

RobotsRules RobotsRules::parse(std::string_view text, std::string_view product) {
  RobotsRules ours;
  RobotsRules everybody;
  bool named_us = false;
  bool for_us = false;
  bool for_all = false;
  bool in_agents = false;
  text = text.substr(0, max_bytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string key = to_lower(trimmed(line.substr(0, colon)));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (key == "user-agent") {
      if (!in_agents) for_us = for_all = false;
      in_agents = true;
      // "Name/1.0" names Name.
      const bool us = equals_ignoring_case(value.substr(0, value.find('/')), product);
      for_us = for_us || us;
      named_us = named_us || us;
      for_all = for_all || value == "*";
      continue;
    }
    if (key == "sitemap") {
      if (ours.sitemaps_.size() < max_sitemaps) ours.sitemaps_.emplace_back(value);
      continue;
    }
    in_agents = false;
    const auto add = [&](RobotsRules& rules) {
      if (key == "crawl-delay") {
        const double seconds = std::atof(std::string(value.substr(0, 20)).c_str());
        rules.delay_ =
            std::chrono::milliseconds(static_cast<long>(std::clamp(seconds, 0.0, 30.0) * 1000));
      } else if ((key == "allow" || key == "disallow") && !value.empty() &&
                 value.size() <= max_pattern && rules.rules_.size() < max_rules) {
        rules.rules_.push_back({normalized(value), key == "allow"});
      }
    };
    if (for_us) add(ours);
    if (for_all) add(everybody);
  }
  if (!named_us) {
    everybody.sitemaps_ = std::move(ours.sitemaps_);
    return everybody;
  }
  return ours;
}

bool RobotsRules::allows(std::string_view target) const {
  const std::string path = normalized(target);
  if (path == "/robots.txt") return true;
  const Rule* best = nullptr;
  for (const Rule& rule : rules_) {
    if (best != nullptr && (rule.pattern.size() < best->pattern.size() ||
                            (rule.pattern.size() == best->pattern.size() && best->allow))) {
      continue;
    }
    if (matches(rule.pattern, path)) best = &rule;
  }
  return best == nullptr || best->allow;
}

std::optional<RobotsRules> RobotsCache::find(const std::string& origin,
                                             Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(origin);
  if (found == kept_.end() || found->second.until <= now) return std::nullopt;
  return found->second.rules;
}

void RobotsCache::keep(const std::string& origin, RobotsRules rules, bool failed,
                       Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= max_origins) {
    std::erase_if(kept_, [now](const auto& each) { return each.second.until <= now; });
    if (kept_.size() >= max_origins) kept_.erase(kept_.begin());
  }
  const auto time = failed ? Clock::duration(std::chrono::minutes(5)) : std::chrono::hours(24);
  kept_.insert_or_assign(origin, Kept{std::move(rules), now + time});
}

}  // namespace fairlead::websearch
