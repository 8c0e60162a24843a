#include <mcp/transport/last_lines.h>

#include <utility>

namespace mcp {
namespace {

constexpr std::size_t max_lines = 50;
constexpr std::size_t max_bytes = 8192;
constexpr std::size_t max_line_bytes = 4096;

}  // namespace

LastLines::LastLines(std::function<void(std::string_view)> on_line)
    : on_line_(std::move(on_line)) {}

void LastLines::add(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\n') {
      complete();
    } else {
      if (line_.size() == max_line_bytes) complete();
      line_ += c;
    }
  }
}

void LastLines::finish() {
  if (!line_.empty()) complete();
}

std::string LastLines::text() const {
  std::string text;
  for (const std::string& line : lines_) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

void LastLines::complete() {
  if (line_.ends_with('\r')) line_.pop_back();
  if (on_line_) on_line_(line_);
  bytes_ += line_.size() + 1;
  lines_.push_back(std::exchange(line_, {}));
  while (lines_.size() > max_lines || bytes_ > max_bytes) {
    bytes_ -= lines_.front().size() + 1;
    lines_.pop_front();
  }
}

}  // namespace mcp
