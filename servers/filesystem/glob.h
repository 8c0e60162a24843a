#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::filesystem {

/// A pattern for relative paths: `*`, `?` and `[a-z]` within a component (dot files too), `**` for
/// any number of components, `{a,b}` for alternatives, `!` at the beginning for "not". Time grows
/// with the product of the lengths, never worse. Immutable.
class Glob {
 public:
  /// Throws Failure for a pattern that is too long or has too many alternatives.
  explicit Glob(const std::string& pattern);
  bool matches(std::string_view path) const;

 private:
  using Components = std::vector<std::string>;
  std::vector<Components> alternatives_;
  bool negated_ = false;
};

/// Throws Failure when a caller gives more than 100 of them.
void refuse_many_patterns(const std::vector<std::string>& patterns);

bool any_matches(const std::vector<Glob>& globs, std::string_view path);

}  // namespace fairlead::filesystem
