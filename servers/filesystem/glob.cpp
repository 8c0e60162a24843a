#include "servers/filesystem/glob.h"

#include <algorithm>

#include "servers/filesystem/failure.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t max_pattern_bytes = 1'024;
constexpr std::size_t max_alternatives = 256;
constexpr std::size_t max_patterns = 100;

[[noreturn]] void refuse_alternatives() {
  throw Failure("The pattern has more than " + std::to_string(max_alternatives) +
                " alternatives in braces.");
}

/// The first group of braces that has a comma, replaced by each of its parts in turn.
void expand_braces(const std::string& pattern, std::size_t from, std::vector<std::string>& out) {
  for (std::size_t open = pattern.find('{', from); open != std::string::npos;
       open = pattern.find('{', open + 1)) {
    std::vector<std::size_t> cuts{open};
    int depth = 0;
    std::size_t close = std::string::npos;
    for (std::size_t i = open; i < pattern.size(); ++i) {
      if (pattern[i] == '\\') {
        ++i;
      } else if (pattern[i] == '{') {
        ++depth;
      } else if (pattern[i] == ',' && depth == 1) {
        cuts.push_back(i);
      } else if (pattern[i] == '}' && --depth == 0) {
        close = i;
        break;
      }
    }
    if (close == std::string::npos || cuts.size() == 1) continue;
    cuts.push_back(close);
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
      if (out.size() >= max_alternatives) refuse_alternatives();
      expand_braces(pattern.substr(0, open) +
                        pattern.substr(cuts[i] + 1, cuts[i + 1] - cuts[i] - 1) +
                        pattern.substr(close + 1),
                    open, out);
    }
    return;
  }
  if (out.size() >= max_alternatives) refuse_alternatives();
  out.push_back(pattern);
}

std::vector<std::string> components_of(std::string_view path) {
  std::vector<std::string> result;
  std::size_t from = 0;
  while (from <= path.size()) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    result.emplace_back(path.substr(from, to - from));
    from = to + 1;
  }
  return result;
}

/// The end of the class that begins at `pattern[at]`, 0 when it has none.
std::size_t class_end(std::string_view pattern, std::size_t at) {
  std::size_t i = at + 1;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;
  while (i < pattern.size() && pattern[i] != ']') ++i;
  return i < pattern.size() ? i : 0;
}

bool in_class(std::string_view inside, char c) {
  const bool negated = !inside.empty() && (inside[0] == '!' || inside[0] == '^');
  if (negated) inside.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (i + 2 < inside.size() && inside[i + 1] == '-') {
      found = found || (inside[i] <= c && c <= inside[i + 2]);
      i += 2;
    } else {
      found = found || inside[i] == c;
    }
  }
  return found != negated;
}

std::size_t code_point_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && length < 4 && (text[length] & '\xC0') == '\x80') ++length;
  return length;
}

/// One component: going back to the last star is enough, as in every matcher of this kind.
bool matches_component(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_name = 0;
  while (n < name.size()) {
    bool matched = false;
    std::size_t next_p = p + 1;
    std::size_t next_n = n + 1;
    if (p < pattern.size()) {
      const char c = pattern[p];
      if (c == '*') {
        star = p++;
        star_name = n;
        continue;
      }
      const std::size_t end = c == '[' ? class_end(pattern, p) : 0;
      if (c == '?') {
        matched = true;
        next_n = n + code_point_length(name.substr(n));
      } else if (end != 0) {
        matched = in_class(pattern.substr(p + 1, end - p - 1), name[n]);
        next_p = end + 1;
      } else if (c == '\\' && p + 1 < pattern.size()) {
        matched = pattern[p + 1] == name[n];
        next_p = p + 2;
      } else {
        matched = c == name[n];
      }
    }
    if (matched) {
      p = next_p;
      n = next_n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// Whether the components fit, by a table of what fits so far: no pattern makes it slow.
bool matches_path(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  std::vector<char> fits(path.size() + 1, 0);
  fits[0] = 1;
  for (std::size_t p = 0; p < pattern.size(); ++p) {
    std::vector<char> next(path.size() + 1, 0);
    if (pattern[p] == "**") {
      char any = 0;
      for (std::size_t i = 0; i <= path.size(); ++i)
        next[i] = any = static_cast<char>(any | fits[i]);
      // "a/**" is what is below a, not a itself.
      if (p + 1 == pattern.size() && p > 0) {
        for (std::size_t i = path.size(); i > 0; --i) next[i] = next[i - 1];
        next[0] = 0;
      }
    } else {
      for (std::size_t i = 0; i < path.size(); ++i) {
        next[i + 1] = static_cast<char>(fits[i] != 0 && matches_component(pattern[p], path[i]));
      }
    }
    fits = std::move(next);
  }
  return fits[path.size()] != 0;
}

}  // namespace

Glob::Glob(const std::string& pattern) {
  if (pattern.size() > max_pattern_bytes) {
    throw Failure("The pattern is longer than " + std::to_string(max_pattern_bytes) + " bytes.");
  }
  if (!pattern.empty() && pattern[0] == '#') return;  // a comment matches nothing
  std::size_t begin = 0;
  while (begin < pattern.size() && pattern[begin] == '!') ++begin;
  negated_ = begin % 2 == 1;
  std::vector<std::string> expanded;
  expand_braces(pattern.substr(begin), 0, expanded);
  for (const auto& each : expanded) alternatives_.push_back(components_of(each));
}

bool Glob::matches(std::string_view path) const {
  const auto components = components_of(path);
  const bool any = std::any_of(
      alternatives_.begin(), alternatives_.end(),
      [&components](const Components& pattern) { return matches_path(pattern, components); });
  return any != negated_;
}

void refuse_many_patterns(const std::vector<std::string>& patterns) {
  if (patterns.size() <= max_patterns) return;
  throw Failure("More than " + std::to_string(max_patterns) + " patterns.");
}

bool any_matches(const std::vector<Glob>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(),
                     [path](const Glob& glob) { return glob.matches(path); });
}

}  // namespace fairlead::filesystem
