#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace mcp {

/// Finds the lines in a stream of bytes. Memory is bounded by the longest line allowed: a longer
/// one is reported once and skipped up to its newline. A carriage return before the newline is not
/// part of a line; blank lines are ignored.
///
///   read into space(); filled(n); while (auto line = next()) …; again. At the end: last().
class LineFramer {
 public:
  struct Line {
    /// Valid until `space` is called.
    std::string_view text;
    bool oversized = false;
  };

  explicit LineFramer(std::size_t max_line_bytes);

  /// Where the next bytes go; never empty.
  std::span<char> space();
  /// So many bytes were put there.
  void filled(std::size_t bytes) { end_ += bytes; }
  /// The next line that is complete.
  std::optional<Line> next();
  /// What came after the last newline.
  std::optional<Line> last();
  /// Bytes of memory held.
  std::size_t capacity() const { return capacity_; }

 private:
  void resize(std::size_t capacity);

  std::size_t max_line_bytes_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;    // of the line that is not complete yet
  std::size_t scanned_ = 0;  // no newline before
  std::size_t end_ = 0;
  bool skipping_ = false;
};

}  // namespace mcp
