#include "servers/filesystem/ignore.h"

#include <algorithm>

#include "servers/filesystem/entry.h"
#include "servers/filesystem/failure.h"
#include "servers/filesystem/reading.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t max_file_bytes = 256 << 10;
constexpr std::size_t max_rules = 2'000;  // of one file

/// A pattern of such a file in our own notation; braces mean nothing there.
std::string as_glob(const std::string& pattern, bool anchored) {
  std::string result = anchored ? "" : "**/";
  for (const char c : pattern) {
    if (c == '{' || c == '}') {
      result.append("[").append(1, c).append("]");
    } else {
      result += c;
    }
  }
  return result;
}

std::string without_blanks_at_end(std::string line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) {
    if (line.size() > 1 && line[line.size() - 2] == '\\') break;
    line.pop_back();
  }
  return line;
}

}  // namespace

void Ignore::enter(const Descriptor& directory, const std::string& path, const Watch& watch) {
  const Place place = entry_of(directory, ".gitignore", path + "/.gitignore");
  if (!place.exists || !S_ISREG(place.status.st_mode)) return;
  std::string text;
  try {
    text = read_bytes(place, max_file_bytes, watch);
  } catch (const Failure&) {
    return;  // too large, or not ours to read: as if it were not there
  }
  Rules rules{path == "/" ? path : path + "/", {}};
  std::size_t from = 0;
  while (from < text.size() && rules.rules.size() < max_rules) {
    const std::size_t to = std::min(text.find('\n', from), text.size());
    add_line(without_blanks_at_end(text.substr(from, to - from)), rules);
    from = to + 1;
  }
  all_.push_back(std::move(rules));
}

void Ignore::add_line(std::string line, Rules& rules) {
  if (line.empty() || line[0] == '#') return;
  const bool takes_back = line[0] == '!';
  if (takes_back) line.erase(0, 1);
  const bool directories_only = !line.empty() && line.back() == '/';
  if (directories_only) line.pop_back();
  const bool anchored = line.find('/') != std::string::npos;
  if (!line.empty() && line[0] == '/') line.erase(0, 1);
  if (line.empty()) return;
  try {
    rules.rules.push_back({Glob(as_glob(line, anchored)), takes_back, directories_only});
  } catch (const Failure&) {  // too long to be meant
  }
}

void Ignore::leave(const std::string& path) {
  const std::string directory = path + "/";
  while (!all_.empty() && all_.back().directory.rfind(directory, 0) == 0) all_.pop_back();
}

bool Ignore::ignores(const std::string& path, bool is_directory) const {
  if (is_directory && path.size() >= 5 && path.compare(path.size() - 5, 5, "/.git") == 0) {
    return true;
  }
  for (auto rules = all_.rbegin(); rules != all_.rend(); ++rules) {
    const std::string& directory = rules->directory;
    if (path.rfind(directory, 0) != 0) continue;
    const std::string_view rest = std::string_view(path).substr(directory.size());
    const auto decides =
        std::find_if(rules->rules.rbegin(), rules->rules.rend(), [&](const Rule& rule) {
          return (is_directory || !rule.directories_only) && rule.glob.matches(rest);
        });
    if (decides != rules->rules.rend()) return !decides->takes_back;
  }
  return false;
}

}  // namespace fairlead::filesystem
