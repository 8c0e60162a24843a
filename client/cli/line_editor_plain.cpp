#include <cstdio>

#include <client/cli/line_editor_plain.h>
#include <client/cli/standard_streams.h>

namespace fairlead::agent {
namespace {

class PlainEditor : public LineEditor {
 public:
  std::optional<Line> read(const std::string& prompt) override {
    if (stdin_is_terminal()) {
      std::fputs(prompt.c_str(), stdout);
      std::fflush(stdout);
    }
    for (;;) {
      if (const std::size_t end = pending_.find('\n'); end != std::string::npos) {
        Line line{pending_.substr(0, end), false};
        pending_.erase(0, end + 1);
        return line;
      }
      const StdinRead got = read_stdin(4096);
      if (got.interrupted) return Line{"", true};
      if (got.bytes.empty()) {
        if (pending_.empty()) return std::nullopt;
        Line line{std::move(pending_), false};
        pending_.clear();
        return line;
      }
      if (pending_.size() < max_line) pending_ += got.bytes;
    }
  }

 private:
  static constexpr std::size_t max_line = 1024 * 1024;
  std::string pending_;
};

}  // namespace

std::unique_ptr<LineEditor> make_plain_line_editor() {
  return std::make_unique<PlainEditor>();
}

#ifndef FAIRLEAD_WITH_LIBEDIT
std::unique_ptr<LineEditor> make_line_editor(const std::string&) {
  return make_plain_line_editor();
}
#endif

}  // namespace fairlead::agent
