#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace mcp {

/// Keeps the end of a text that comes in pieces: 50 lines or 8 KiB, whichever is less.
class LastLines {
 public:
  /// `on_line` may be empty; it gets each line as it is complete, long ones in pieces of 4 KiB.
  explicit LastLines(std::function<void(std::string_view)> on_line);

  void add(std::string_view bytes);
  /// The text ends here, with or without a newline.
  void finish();
  /// The lines kept, joined by newlines.
  std::string text() const;

 private:
  void complete();

  std::function<void(std::string_view)> on_line_;
  std::string line_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;
};

}  // namespace mcp
