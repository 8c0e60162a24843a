#include "servers/filesystem/line_reading.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

#include <mcp/base/utf8.h>

#include "servers/filesystem/failure.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t chunk_bytes = 256 << 10;
constexpr std::uint64_t max_counted_bytes = std::uint64_t{1} << 30U;

/// Keeps the lines that are wanted while all are counted.
class Collector {
 public:
  Collector(std::uint64_t first, std::uint64_t count, std::size_t max_bytes)
      : first_(first), count_(count), max_bytes_(max_bytes) {}

  void take(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::size_t length = end == std::string_view::npos ? bytes.size() : end;
      if (wanted()) keep(bytes.substr(0, length));
      in_line_ = end == std::string_view::npos;
      if (in_line_) return;
      end_line();
      bytes.remove_prefix(length + 1);
    }
  }
  void finish() {
    if (in_line_) end_line();
  }

  std::uint64_t lines() const { return number_ - 1; }
  std::uint64_t shown() const { return shown_; }
  bool full() const { return full_; }
  std::string text() && { return std::move(text_); }

 private:
  bool wanted() const { return !full_ && number_ >= first_ && number_ - first_ < count_; }
  void keep(std::string_view bytes) {
    // One line always comes, cut if it must be.
    if (text_.size() + line_.size() + bytes.size() > max_bytes_) {
      if (shown_ > 0) {
        full_ = true;
        return;
      }
      bytes = bytes.substr(0, max_bytes_ - std::min(max_bytes_, line_.size()));
    }
    line_ += bytes;
  }
  void end_line() {
    if (wanted()) {
      if (!line_.empty() && line_.back() == '\r') line_.pop_back();
      line_.resize(cut_point());
      const std::string number = std::to_string(number_);
      if (shown_++ > 0) text_ += '\n';
      text_.append(number.size() < 6 ? 6 - number.size() : 0, ' ').append(number);
      text_.append("\t").append(line_);
    }
    line_.clear();
    ++number_;
  }
  /// Not within a code point where a long line was cut.
  std::size_t cut_point() const {
    const std::size_t valid = mcp::valid_utf8_prefix(line_);
    return line_.size() >= max_bytes_ && line_.size() - valid <= 3 ? valid : line_.size();
  }

  std::uint64_t first_;
  std::uint64_t count_;
  std::size_t max_bytes_;
  std::uint64_t number_ = 1;
  std::uint64_t shown_ = 0;
  std::string text_;
  std::string line_;
  bool in_line_ = false;
  bool full_ = false;
};

}  // namespace

NumberedLines read_lines(const Place& place, std::uint64_t first, std::uint64_t count,
                         const Limits& limits, const Watch& watch) {
  const Descriptor file = open_regular_file(place);
  Collector collector(first, count, limits.max_read_bytes);
  std::vector<char> chunk(chunk_bytes);
  std::uint64_t offset = 0;
  bool whole = false;
  while (offset < max_counted_bytes && !watch.out_of_time()) {
    watch.check();
    const ssize_t got = ::pread(file.get(), chunk.data(), chunk.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_system_error(errno, "read", place.real_path);
    whole = got == 0;
    if (whole) break;
    const std::string_view bytes(chunk.data(), static_cast<std::size_t>(got));
    if (bytes.find('\0') != std::string_view::npos) {
      throw Failure("Not a text file: " + place.real_path + " holds bytes that are no UTF-8 text.");
    }
    collector.take(bytes);
    offset += static_cast<std::uint64_t>(got);
  }
  if (whole) collector.finish();
  NumberedLines result;
  result.shown = collector.shown();
  if (whole) result.total = collector.lines();
  const bool cut = collector.full() || (!whole && result.shown < count);
  result.answer.text = std::move(collector).text();
  if (!mcp::is_valid_utf8(result.answer.text)) {
    throw Failure("Not a text file: " + place.real_path + " holds bytes that are no UTF-8 text.");
  }
  if (cut) {
    result.answer.truncated = true;
    result.answer.note = "Truncated after line " + std::to_string(first + result.shown - 1) + ".";
    if (collector.full()) result.answer.cursor = std::to_string(first + result.shown);
  }
  return result;
}

}  // namespace fairlead::filesystem
