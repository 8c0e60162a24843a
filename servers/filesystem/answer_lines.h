#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "servers/filesystem/limits.h"

namespace fairlead::filesystem {

/// A name on one line: line breaks and other control characters are escaped, so that no name can
/// pretend to be two.
std::string one_line(std::string_view name);
void append_one_line(std::string& text, std::string_view name);

/// Lines of an answer, as many as fit.
class Lines {
 public:
  Lines(TextAnswer& answer, const Limits& limits) : answer_(answer), limits_(limits) {}
  /// False when the line does not fit any more. One line always does.
  bool add(std::string_view line);
  std::size_t count() const { return count_; }
  /// Tells that there are more.
  void note_more();

 private:
  TextAnswer& answer_;
  const Limits& limits_;
  std::size_t count_ = 0;
};

}  // namespace fairlead::filesystem
