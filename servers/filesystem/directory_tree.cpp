#include "servers/filesystem/directory_tree.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <mcp/base/utf8.h>

#include "servers/filesystem/glob.h"
#include "servers/filesystem/tree_walk.h"

namespace fairlead::filesystem {
namespace {

void append_quoted(std::string& result, const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(),
                                 [](char c) { return c >= 0x20 && c != '"' && c != '\\'; });
  result += '"';
  if (plain) {  // as nearly all are
    result += name;
    result += '"';
    return;
  }
  for (const char c : mcp::replace_invalid_utf8(name)) {
    std::array<char, 8> code{};
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c == '\t') {
      result += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
      result += code.data();
    } else {
      result += c;
    }
  }
  result += '"';
}

/// Writes the tree while it is walked; always well-formed.
class TreeText {
 public:
  std::size_t size() const { return text_.size() + 8 * levels_.size() * levels_.size(); }
  void begin() {
    text_ += "[";
    levels_.push_back(0);
  }
  void entry(const std::string& name, bool directory) {
    if (levels_.back()++ > 0) text_ += ",";
    line(levels_.size() * 2 - 1);
    text_ += "{";
    line(levels_.size() * 2);
    text_ += "\"name\": ";
    append_quoted(text_, name);
    text_ += ',';
    line(levels_.size() * 2);
    text_ += directory ? "\"type\": \"directory\"" : "\"type\": \"file\"";
    if (!directory) {
      line(levels_.size() * 2 - 1);
      text_ += "}";
      return;
    }
    text_ += ",";
    line(levels_.size() * 2);
    text_ += "\"children\": ";
    begin();
  }
  void end() {
    const bool empty = levels_.back() == 0;
    levels_.pop_back();
    if (!empty) line(levels_.size() * 2);
    text_ += "]";
    if (levels_.empty()) return;
    line(levels_.size() * 2 - 1);
    text_ += "}";
  }
  std::string finish() {
    while (!levels_.empty()) end();
    return std::move(text_);
  }

 private:
  void line(std::size_t level) {
    text_ += "\n";
    text_.append(level * 2, ' ');
  }
  std::string text_;
  std::vector<std::size_t> levels_;
};

}  // namespace

TextAnswer tree(const Sandbox& sandbox, const Place& place, const std::vector<std::string>& exclude,
                const std::string& cursor, const Limits& limits, const Watch& watch) {
  refuse_many_patterns(exclude);
  std::vector<std::string> patterns;
  for (const auto& pattern : exclude) {
    patterns.push_back(pattern);
    if (pattern.find('*') != std::string::npos) continue;
    patterns.push_back("**/" + pattern);
    patterns.push_back("**/" + pattern + "/**");
  }
  const std::vector<Glob> excluded(patterns.begin(), patterns.end());
  TextAnswer answer;
  TreeText text;
  text.begin();
  std::size_t shown = 0;
  TreeWalk walk(sandbox, limits, watch);
  const auto see = [&](const std::string& path, const Entry& entry, bool seen) {
    if (any_matches(excluded, path)) return Next::skip;
    const bool directory = entry.kind == Kind::directory;
    if (seen && !directory) return Next::skip;
    if (!seen) {
      if (shown > 0 && (shown >= limits.max_entries || text.size() >= limits.max_read_bytes ||
                        watch.out_of_time())) {
        answer.truncated = true;
        answer.note = "Truncated after " + std::to_string(shown) + " entries.";
        return Next::stop;
      }
      ++shown;
      answer.cursor = path;
    }
    text.entry(entry.name, directory);
    return Next::descend;
  };
  const bool finished = walk.run(place, cursor, see, [&text](const std::string&) { text.end(); });
  answer.text = text.finish();
  if (finished) answer.cursor.clear();
  if (finished && walk.was_too_deep()) {
    answer.truncated = true;
    answer.note = "Truncated: what lies deeper than " + std::to_string(limits.max_depth) +
                  " levels is left out. Ask for a directory further down.";
  }
  return answer;
}

}  // namespace fairlead::filesystem
