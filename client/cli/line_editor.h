#pragma once

#include <memory>
#include <optional>
#include <string>

namespace fairlead::agent {

/// Reads what a person types, with editing and history where the terminal and the build allow it.
class LineEditor {
 public:
  struct Line {
    std::string text;
    bool interrupted = false;  ///< Ctrl-C: the line is given up
  };

  virtual ~LineEditor() = default;
  /// Empty at the end of the input.
  virtual std::optional<Line> read(const std::string& prompt) = 0;
};

/// `history_file` may be empty. Not a terminal: plain lines, and no prompt.
std::unique_ptr<LineEditor> make_line_editor(const std::string& history_file);

}  // namespace fairlead::agent
