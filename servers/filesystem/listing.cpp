#include "servers/filesystem/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

#include <mcp/base/utf8.h>

#include "servers/filesystem/glob.h"

namespace fairlead::filesystem {
namespace {

Kind kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return Kind::directory;
  if (S_ISLNK(mode)) return Kind::link;
  return S_ISREG(mode) ? Kind::file : Kind::other;
}

Kind kind_of(const dirent& entry, int directory) {
  switch (entry.d_type) {
    case DT_DIR:
      return Kind::directory;
    case DT_REG:
      return Kind::file;
    case DT_LNK:
      return Kind::link;
    case DT_UNKNOWN:
      break;  // some file systems do not tell
    default:
      return Kind::other;
  }
  struct stat status {};
  if (::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return Kind::other;
  return kind_of(status.st_mode);
}

const char* label(Kind kind) {
  return kind == Kind::directory ? "[DIR]" : "[FILE]";
}

constexpr std::size_t max_held_entries = 100'000;

void note_more(TextAnswer& answer, std::size_t shown) {
  answer.truncated = true;
  answer.note = "Truncated after " + std::to_string(shown) + " entries.";
}

/// Lines of an answer, as many as fit.
class Lines {
 public:
  Lines(TextAnswer& answer, const Limits& limits) : answer_(answer), limits_(limits) {}
  /// False when the line does not fit any more. One line always does.
  bool add(const std::string& line) {
    if (count_ > 0 && (count_ >= limits_.max_entries ||
                       answer_.text.size() + line.size() + 1 > limits_.max_read_bytes)) {
      return false;
    }
    if (count_++ > 0) answer_.text += "\n";
    answer_.text += line;
    return true;
  }
  std::size_t count() const { return count_; }

 private:
  TextAnswer& answer_;
  const Limits& limits_;
  std::size_t count_ = 0;
};

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::size_t length = mcp::code_point_count(text);
  if (length >= width) return text;
  const std::string blanks(width - length, ' ');
  return left ? text + blanks : blanks + text;
}

/// Where a character stands in the order that people expect of names: punctuation, digits,
/// letters without regard to their case.
int rank(unsigned char c) {
  static constexpr std::string_view order =
      "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";
  const auto lower = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  const std::size_t at = order.find(lower);
  return at == std::string_view::npos ? (c < 0x80 ? 0 : 128 + c) : static_cast<int>(at) + 1;
}

bool before_by_name(const std::string& a, const std::string& b) {
  const auto less = [](char x, char y) {
    return rank(static_cast<unsigned char>(x)) < rank(static_cast<unsigned char>(y));
  };
  if (std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), less)) return true;
  if (std::lexicographical_compare(b.begin(), b.end(), a.begin(), a.end(), less)) return false;
  return a > b;  // small letters first
}

std::vector<Glob> globs_of(const std::vector<std::string>& patterns) {
  constexpr std::size_t max_patterns = 100;
  if (patterns.size() > max_patterns) {
    throw Failure("More than " + std::to_string(max_patterns) + " patterns.");
  }
  return {patterns.begin(), patterns.end()};
}

std::string quoted(const std::string& name) {
  std::string result = "\"";
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
  return result + "\"";
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
    text_ += "\"name\": " + quoted(name) + ",";
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

/// As programs in JavaScript write a point in time.
std::string time_text(std::int64_t seconds) {
  const auto when = static_cast<time_t>(seconds);
  struct tm local {};
  ::localtime_r(&when, &local);
  std::array<char, 80> text{};
  std::size_t length = ::strftime(text.data(), text.size(), "%a %b %d %Y %H:%M:%S GMT%z", &local);
  std::string result(text.data(), length);
  const std::string zone = local.tm_zone == nullptr ? "" : local.tm_zone;
  return result + " (" +
         (zone == "UTC" || zone == "GMT" ? std::string("Coordinated Universal Time") : zone) + ")";
}

}  // namespace

std::string one_line(const std::string& name) {
  std::string result;
  for (const char c : mcp::replace_invalid_utf8(name)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\x%02x", static_cast<unsigned>(byte));
      result += code.data();
    }
  }
  return result;
}

namespace {

/// Every entry of an open directory, in no order.
template <class See>
void read_entries(const Descriptor& directory, const Watch& watch, const See& see) {
  // A stream of its own: it takes the descriptor, and begins at the beginning.
  Descriptor own(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own) throw_system_error(errno, "scandir");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own.get()), ::closedir);
  if (stream == nullptr) throw_system_error(errno, "scandir");
  const int number = own.release();
  for (std::size_t count = 1;; ++count) {
    errno = 0;
    const dirent* next = ::readdir(stream.get());
    if (next == nullptr) break;
    const std::string_view name = next->d_name;
    if (name == "." || name == "..") continue;
    see(name, *next, number);
    if (count % 256 == 0) watch.check();
  }
  if (errno != 0) throw_system_error(errno, "scandir");
}

bool before(const Entry& a, const Entry& b) {
  return a.name < b.name;
}

}  // namespace

std::vector<Entry> first_entries(const Descriptor& directory, const std::string& after,
                                 bool with_it, std::size_t count, const Watch& watch) {
  FirstOf<Entry, decltype(&before)> first(count, &before);
  read_entries(directory, watch, [&](std::string_view name, const dirent& entry, int number) {
    if (name > after || (with_it && name == after)) {
      first.add({std::string(name), kind_of(entry, number)});
    }
  });
  return first.take(watch);
}

std::vector<Entry> entries_of(const Descriptor& directory, const Watch& watch) {
  std::vector<Entry> entries;
  read_entries(directory, watch, [&](std::string_view name, const dirent& entry, int number) {
    entries.push_back({std::string(name), kind_of(entry, number)});
  });
  sort_watched(entries, watch, &before);
  return entries;
}

TextAnswer list(const Place& place, const std::string& cursor, const Limits& limits,
                const Watch& watch) {
  TextAnswer answer;
  Lines lines(answer, limits);
  std::string last;
  // One more than fits tells that there are more.
  for (const auto& entry :
       first_entries(open_directory(place), cursor, false, limits.max_entries + 1, watch)) {
    if (!lines.add(std::string(label(entry.kind)) + " " + one_line(entry.name))) {
      answer.cursor = last;
      note_more(answer, lines.count());
      break;
    }
    last = entry.name;
  }
  return answer;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array units{"B", "KB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  auto value = static_cast<double>(bytes);
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return std::to_string(bytes) + " B";
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.2f %s", value, units[unit]);
  return text.data();
}

TextAnswer list_with_sizes(const Place& place, SortBy sort_by, const std::string& cursor,
                           const Limits& limits, const Watch& watch) {
  struct Sized {
    std::string name;
    Kind kind;
    std::uint64_t size;
  };
  const Descriptor directory = open_directory(place);
  const auto less = [sort_by](const Sized& a, const Sized& b) {
    if (sort_by == SortBy::size && a.size != b.size) return a.size > b.size;
    if (sort_by == SortBy::name && before_by_name(a.name, b.name)) return true;
    if (sort_by == SortBy::name && before_by_name(b.name, a.name)) return false;
    return a.name < b.name;
  };
  std::size_t at = cursor.empty() ? 0 : std::stoul(cursor);
  FirstOf<Sized, decltype(less)> first(at + limits.max_entries + 1, less);
  std::uint64_t total = 0;
  std::size_t files = 0;
  std::size_t directories = 0;
  read_entries(directory, watch, [&](std::string_view name, const dirent& entry, int number) {
    watch.step();
    const std::string own(name);
    const Kind kind = kind_of(entry, number);
    struct stat status {};
    const bool known = ::fstatat(directory.get(), own.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    const auto size = known ? static_cast<std::uint64_t>(status.st_size) : 0;
    if (kind == Kind::directory) {
      ++directories;
    } else {
      ++files;
      total += size;
    }
    first.add({own, kind, size});
  });
  const std::vector<Sized> all = first.take(watch);
  TextAnswer answer;
  Lines lines(answer, limits);
  for (; at < all.size(); ++at) {
    const Sized& each = all[at];
    const bool is_directory = each.kind == Kind::directory;
    if (!lines.add(std::string(label(each.kind)) + " " + padded(one_line(each.name), 30, true) +
                   " " + (is_directory ? "" : padded(size_text(each.size), 10, false)))) {
      answer.cursor = std::to_string(at);
      note_more(answer, lines.count());
      break;
    }
  }
  if (lines.count() > 0) answer.text += "\n";
  answer.text += "\nTotal: " + std::to_string(files) + " files, " + std::to_string(directories) +
                 " directories\nCombined size: " + size_text(total);
  return answer;
}

bool TreeWalk::run(const Place& place, const std::string& after, const See& see, const Leave& leave,
                   const Enter& enter) {
  see_ = &see;
  leave_ = &leave;
  enter_ = &enter;
  top_ = place.real_path == "/" ? "" : place.real_path;
  return walk(open_directory(place), "", after, 1);
}

bool TreeWalk::walk(const Descriptor& directory, const std::string& path, const std::string& after,
                    std::size_t depth) {
  if (*enter_) (*enter_)(path, directory);
  if (sandbox_.walks_links()) inside_.push_back(identity(directory));
  // In parts, so that no directory is too large to be held in memory.
  const std::string first = after.substr(0, after.find('/'));
  std::vector<Entry> part = first_entries(directory, first, true, max_held_entries, watch_);
  while (!part.empty()) {
    for (const Entry& entry : part) {
      watch_.step();
      const bool seen = !after.empty() && entry.name == first;
      const std::string rest =
          seen && after.size() > first.size() ? after.substr(first.size() + 1) : "";
      const std::string here = path.empty() ? entry.name : path + "/" + entry.name;
      if (!visit(directory, entry, here, seen, rest, depth)) return false;
    }
    if (part.size() < max_held_entries) break;
    part = first_entries(directory, part.back().name, false, max_held_entries, watch_);
  }
  if (sandbox_.walks_links()) inside_.pop_back();
  return true;
}

bool TreeWalk::visit(const Descriptor& directory, Entry entry, const std::string& path, bool seen,
                     const std::string& after, std::size_t depth) {
  Descriptor below;
  if (entry.kind == Kind::link && sandbox_.walks_links()) {
    below = through_link(path);
    if (below) entry.kind = Kind::directory;
  }
  directory_ = &directory;
  const Next next = (*see_)(path, entry, seen);
  if (next == Next::stop) return false;
  if (next == Next::skip || entry.kind != Kind::directory) return true;
  if (depth >= limits_.max_depth) {
    too_deep_ = true;
  } else {
    if (!below) below = open_below(directory, entry);
    if (below && !walk(below, path, after, depth + 1)) return false;
  }
  if (*leave_) (*leave_)(path);
  return true;
}

Descriptor TreeWalk::open_below(const Descriptor& directory, const Entry& entry) const {
  Descriptor below(::openat(directory.get(), entry.name.c_str(),
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!below && (errno == EMFILE || errno == ENFILE)) throw_system_error(errno, "scandir");
  return below;
}

Descriptor TreeWalk::through_link(const std::string& path) const {
  try {
    const Place place = sandbox_.find(top_ + "/" + path);
    if (!place.exists || !S_ISDIR(place.status.st_mode)) return {};
    Descriptor directory = open_directory(place);
    const bool is_loop =
        std::find(inside_.begin(), inside_.end(), identity(directory)) != inside_.end();
    return is_loop ? Descriptor() : std::move(directory);
  } catch (const Failure&) {
    return {};  // outside, or nowhere
  }
}

std::pair<dev_t, ino_t> TreeWalk::identity(const Descriptor& directory) {
  struct stat status {};
  if (::fstat(directory.get(), &status) != 0) throw_system_error(errno, "stat");
  return {status.st_dev, status.st_ino};
}

TextAnswer tree(const Sandbox& sandbox, const Place& place, const std::vector<std::string>& exclude,
                const std::string& cursor, const Limits& limits, const Watch& watch) {
  std::vector<std::string> patterns;
  for (const auto& pattern : exclude) {
    patterns.push_back(pattern);
    if (pattern.find('*') != std::string::npos) continue;
    patterns.push_back("**/" + pattern);
    patterns.push_back("**/" + pattern + "/**");
  }
  const auto excluded = globs_of(patterns);
  TextAnswer answer;
  TreeText text;
  text.begin();
  std::size_t shown = 0;
  TreeWalk walk(sandbox, limits, watch);
  const auto see = [&](const std::string& path, const Entry& entry, bool seen) {
    for (const auto& glob : excluded) {
      if (glob.matches(path)) return Next::skip;
    }
    const bool directory = entry.kind == Kind::directory;
    if (seen && !directory) return Next::skip;
    if (!seen) {
      if (shown > 0 && (shown >= limits.max_entries || text.size() >= limits.max_read_bytes ||
                        watch.out_of_time())) {
        note_more(answer, shown);
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

TextAnswer search(const Sandbox& sandbox, const Place& place, const std::string& pattern,
                  const std::vector<std::string>& exclude, const std::string& cursor,
                  const Limits& limits, const Watch& watch) {
  const Glob wanted(pattern);
  const auto excluded = globs_of(exclude);
  TextAnswer answer;
  Lines lines(answer, limits);
  std::string last = cursor;
  TreeWalk walk(sandbox, limits, watch);
  const auto see = [&](const std::string& path, const Entry& entry, bool seen) {
    if (watch.out_of_time()) {
      answer.truncated = true;
      answer.note = "Truncated: the search took too long.";
      return Next::stop;
    }
    for (const auto& glob : excluded) {
      if (glob.matches(path)) return Next::skip;
    }
    if (!seen && wanted.matches(path)) {
      const std::string full = place.real_path + (place.real_path == "/" ? "" : "/") + path;
      if (entry.kind == Kind::link) {  // what leads outside is not shown
        try {
          sandbox.find(full);
        } catch (const Failure&) {
          return Next::skip;
        }
      }
      if (!lines.add(one_line(full))) {
        note_more(answer, lines.count());
        return Next::stop;
      }
    }
    last = path;
    return Next::descend;
  };
  const bool finished = walk.run(place, cursor, see);
  if (!finished) {
    answer.cursor = last;
  } else if (walk.was_too_deep()) {
    answer.truncated = true;
    answer.note = "Truncated: what lies deeper than " + std::to_string(limits.max_depth) +
                  " levels is not searched. Search a directory further down.";
  }
  if (lines.count() == 0) answer.text = "No matches found";
  return answer;
}

std::string info(const Place& place) {
  if (!place.exists) throw_system_error(ENOENT, "stat", place.real_path);
  struct statx more {};
  const bool born = ::statx(place.directory.get(), place.name.c_str(), AT_SYMLINK_NOFOLLOW,
                            STATX_BTIME, &more) == 0 &&
                    (more.stx_mask & STATX_BTIME) != 0;
  const auto& status = place.status;
  std::array<char, 8> permissions{};
  std::snprintf(permissions.data(), permissions.size(), "%03o",
                static_cast<unsigned>(status.st_mode & 0777U));
  return "size: " + std::to_string(status.st_size) +
         "\ncreated: " + time_text(born ? more.stx_btime.tv_sec : status.st_ctim.tv_sec) +
         "\nmodified: " + time_text(status.st_mtim.tv_sec) +
         "\naccessed: " + time_text(status.st_atim.tv_sec) +
         "\nisDirectory: " + (S_ISDIR(status.st_mode) ? "true" : "false") +
         "\nisFile: " + (S_ISREG(status.st_mode) ? "true" : "false") +
         "\npermissions: " + permissions.data();
}

}  // namespace fairlead::filesystem
