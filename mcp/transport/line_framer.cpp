#include <mcp/transport/line_framer.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace mcp {
namespace {

constexpr std::size_t chunk = std::size_t{64} << 10U;
/// What one large message has grown is kept for the next, up to here.
constexpr std::size_t kept_when_idle = std::size_t{1} << 20U;

}  // namespace

LineFramer::LineFramer(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

std::span<char> LineFramer::space() {
  const std::size_t held = end_ - begin_;
  if (held == 0 && capacity_ > kept_when_idle) {
    begin_ = scanned_ = end_ = 0;
    resize(chunk);
  }
  if (capacity_ - end_ < chunk / 2) {
    if (begin_ > 0) {
      std::memmove(data_.get(), data_.get() + begin_, held);
      scanned_ -= begin_;
      begin_ = 0;
      end_ = held;
    }
    // A line that is held is at most one byte over the limit, so this ends.
    if (capacity_ - end_ < chunk / 2) {
      resize(std::max(held + chunk, std::min(2 * capacity_, max_line_bytes_ + chunk)));
    }
  }
  return {data_.get() + end_, capacity_ - end_};
}

std::optional<LineFramer::Line> LineFramer::next() {
  for (;;) {
    const char* const newline = static_cast<const char*>(
        end_ > scanned_ ? std::memchr(data_.get() + scanned_, '\n', end_ - scanned_) : nullptr);
    if (newline == nullptr) {
      scanned_ = end_;
      // One more than the limit may be a carriage return.
      if (!skipping_ && end_ - begin_ <= max_line_bytes_ + 1) return std::nullopt;
      begin_ = end_;
      if (std::exchange(skipping_, true)) return std::nullopt;
      return Line{.text = {}, .oversized = true};
    }
    const auto stop = static_cast<std::size_t>(newline - data_.get());
    std::string_view text(data_.get() + begin_, stop - begin_);
    begin_ = scanned_ = stop + 1;
    if (std::exchange(skipping_, false)) continue;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.size() > max_line_bytes_) return Line{.text = {}, .oversized = true};
    if (text.find_first_not_of(" \t\r") != std::string_view::npos) return Line{.text = text};
  }
}

std::optional<LineFramer::Line> LineFramer::last() {
  const std::string_view text(data_.get() + begin_, end_ - begin_);
  begin_ = scanned_ = end_;
  if (std::exchange(skipping_, false)) return std::nullopt;
  if (text.find_first_not_of(" \t\r") == std::string_view::npos) return std::nullopt;
  if (text.size() > max_line_bytes_) return Line{.text = {}, .oversized = true};
  return Line{.text = text};
}

void LineFramer::resize(std::size_t capacity) {
  auto data = std::make_unique_for_overwrite<char[]>(capacity);
  if (end_ > 0) std::memcpy(data.get(), data_.get(), end_);
  data_ = std::move(data);
  capacity_ = capacity;
}

}  // namespace mcp
