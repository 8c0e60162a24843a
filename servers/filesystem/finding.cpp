#include "servers/filesystem/finding.h"

#include <re2/re2.h>

#include <algorithm>
#include <functional>
#include <memory>

#include <mcp/base/utf8.h>

#include "servers/filesystem/answer_lines.h"
#include "servers/filesystem/failure.h"
#include "servers/filesystem/glob.h"
#include "servers/filesystem/ignore.h"
#include "servers/filesystem/reading.h"
#include "servers/filesystem/tree_walk.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t max_pattern_bytes = 4'096;
constexpr std::size_t max_searched_bytes = std::size_t{16} << 20U;  // of one file
constexpr std::size_t max_line_bytes = 400;                         // of one line in an answer

std::string joined(const std::string& directory, const std::string& path) {
  return (directory == "/" ? "" : directory) + "/" + path;
}

/// A name matches wherever it is; a pattern with a slash begins where the walk begins.
std::vector<Glob> globs_of(const std::vector<std::string>& patterns) {
  refuse_many_patterns(patterns);
  std::vector<Glob> globs;
  for (const auto& pattern : patterns) {
    globs.emplace_back(pattern.find('/') == std::string::npos ? "**/" + pattern : pattern);
  }
  return globs;
}

/// Walks through what is selected.
class SelectedWalk {
 public:
  /// Gets the full path; false stops.
  using See = std::function<bool(const std::string& path, const Entry& entry, bool seen_before)>;

  SelectedWalk(const Sandbox& sandbox, const Place& place, const Selection& selection,
               const Limits& limits, const Watch& watch)
      : place_(place),
        include_(globs_of(selection.include)),
        exclude_(globs_of(selection.exclude)),
        honours_gitignore_(selection.honour_gitignore),
        watch_(watch),
        walk_(sandbox, limits, watch) {
    if (honours_gitignore_) enter_ancestors(sandbox);
  }

  /// False when it was stopped.
  bool run(const std::string& after, const See& see) {
    const auto see_entry = [&](const std::string& path, const Entry& entry, bool seen) {
      const std::string full = joined(place_.real_path, path);
      if (any_matches(exclude_, path)) return Next::skip;
      if (honours_gitignore_ && ignore_.ignores(full, entry.kind == Kind::directory)) {
        return Next::skip;
      }
      const bool wanted = include_.empty() || any_matches(include_, path);
      if (wanted && !see(full, entry, seen)) return Next::stop;
      return Next::descend;
    };
    const auto enter = [&](const std::string& path, const Descriptor& directory) {
      if (!honours_gitignore_) return;
      ignore_.enter(directory, path.empty() ? place_.real_path : joined(place_.real_path, path),
                    watch_);
    };
    const auto leave = [&](const std::string& path) {
      if (honours_gitignore_) ignore_.leave(joined(place_.real_path, path));
    };
    return walk_.run(place_, after, see_entry, leave, enter);
  }

  /// Of the entry that is seen.
  const Descriptor& directory() const { return walk_.directory(); }
  bool was_too_deep() const { return walk_.was_too_deep(); }

 private:
  void enter_ancestors(const Sandbox& sandbox) {
    const std::string root = sandbox.root_of(place_.real_path).real_path;
    for (std::size_t end = root.size(); end < place_.real_path.size();) {
      const std::string above = end == 0 ? "/" : place_.real_path.substr(0, end);
      ignore_.enter(open_directory(sandbox.find(above)), above, watch_);
      end = std::min(place_.real_path.find('/', end + 1), place_.real_path.size());
    }
  }

  const Place& place_;
  std::vector<Glob> include_;
  std::vector<Glob> exclude_;
  bool honours_gitignore_;
  const Watch& watch_;
  Ignore ignore_;
  TreeWalk walk_;
};

void note_depth(TextAnswer& answer, const Limits& limits) {
  answer.truncated = true;
  answer.note = "Truncated: what lies deeper than " + std::to_string(limits.max_depth) +
                " levels is not searched. Search a directory further down.";
}

/// Where a search of contents goes on: behind a line of a file.
struct Position {
  std::uint64_t line = 0;
  std::string path;  // relative to the beginning

  std::string text() const { return std::to_string(line) + ":" + path; }
  static Position of(const std::string& cursor) {
    const std::size_t colon = cursor.find(':');
    const std::string line = cursor.substr(0, colon);
    if (colon == std::string::npos || line.empty() || line.size() > 15 ||
        line.find_first_not_of("0123456789") != std::string::npos) {
      throw Failure(
          "The cursor is none of this server's; take it from the last answer, unchanged.");
    }
    return {std::stoull(line), cursor.substr(colon + 1)};
  }
};

/// Where the next line with a match has it. Searched piece by piece, so that a call that is
/// cancelled ends soon also in a large file with a slow pattern; a match never spans lines.
std::optional<std::size_t> next_match(const RE2& pattern, std::string_view text, std::size_t from,
                                      const Watch& watch) {
  constexpr std::size_t piece_bytes = std::size_t{1} << 20U;
  const re2::StringPiece all(text.data(), text.size());
  while (from < text.size()) {
    watch.check();
    std::size_t end = text.size();
    if (end - from > piece_bytes) end = std::min(text.find('\n', from + piece_bytes), end);
    re2::StringPiece found;
    if (pattern.Match(all, from, end, RE2::UNANCHORED, &found, 1)) {
      const auto at = static_cast<std::size_t>(found.data() - text.data());
      if (at < text.size()) return at;
      return std::nullopt;  // behind the last line break there is no line
    }
    from = end + 1;
  }
  return std::nullopt;
}

/// Writes the lines of one file that match, with those around them.
class MatchingLines {
 public:
  MatchingLines(const RE2& pattern, std::size_t context, const Limits& limits, const Watch& watch,
                TextAnswer& answer, std::size_t& shown)
      : pattern_(pattern),
        context_(context),
        limits_(limits),
        watch_(watch),
        answer_(answer),
        shown_(shown) {}

  /// Lines up to `after_line` were shown before. False when there is no room for more; `last_line`
  /// is the last one that was shown then.
  bool run(const std::string& path, std::string_view text, std::uint64_t after_line,
           std::uint64_t& last_line) {
    path_ = one_line(path);
    text_ = text;
    last_line = after_line;
    std::size_t from = 0;
    std::size_t counted = 0;
    std::uint64_t number = 1;
    while (const auto match_at = next_match(pattern_, text, from, watch_)) {
      const std::size_t at = *match_at;
      const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
      const std::size_t end = std::min(text.find('\n', at), text.size());
      number += static_cast<std::uint64_t>(
          std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                     text.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
      counted = begin;
      from = end + 1;
      if (number <= after_line) continue;
      if (shown_ > 0 && (shown_ >= limits_.max_entries ||
                         answer_.text.size() >= limits_.max_read_bytes - max_line_bytes)) {
        return false;
      }
      match(begin, end, number);
      last_line = number;
    }
    lines_after(text.size());
    return true;
  }

 private:
  void match(std::size_t begin, std::size_t end, std::uint64_t number) {
    lines_after(begin);
    std::size_t first = begin;
    std::uint64_t first_number = number;
    for (std::size_t i = 0; i < context_ && first > shown_to_; ++i) {
      first = first < 2 ? 0 : text_.rfind('\n', first - 2) + 1;
      --first_number;
    }
    if (context_ > 0 && !answer_.text.empty() && (first > shown_to_ || !any_)) line("--");
    for (; first_number < number; ++first_number) {
      const std::size_t next = text_.find('\n', first) + 1;
      numbered(first_number, '-', text_.substr(first, next - 1 - first));
      first = next;
    }
    numbered(number, ':', text_.substr(begin, end - begin));
    shown_to_ = std::min(end + 1, text_.size());
    next_number_ = number + 1;
    any_ = true;
    ++shown_;
  }

  /// The lines after the last match, up to `end`.
  void lines_after(std::size_t end) {
    for (std::size_t i = 0; any_ && i < context_ && shown_to_ < end; ++i) {
      const std::size_t to = std::min(text_.find('\n', shown_to_), text_.size());
      numbered(next_number_++, '-', text_.substr(shown_to_, to - shown_to_));
      shown_to_ = std::min(to + 1, text_.size());
    }
  }

  void numbered(std::uint64_t number, char mark, std::string_view content) {
    if (!content.empty() && content.back() == '\r') content.remove_suffix(1);
    const bool cut = content.size() > max_line_bytes;
    if (cut) {
      content = content.substr(0, max_line_bytes);
      content = content.substr(0, mcp::valid_utf8_prefix(content));
    }
    line(path_ + mark + std::to_string(number) + mark + std::string(content) +
         (cut ? " [...]" : ""));
  }
  void line(const std::string& text) {
    if (!answer_.text.empty()) answer_.text += "\n";
    answer_.text += text;
  }

  const RE2& pattern_;
  std::size_t context_;
  const Limits& limits_;
  const Watch& watch_;
  TextAnswer& answer_;
  std::size_t& shown_;
  std::string path_;
  std::string_view text_;
  bool any_ = false;
  std::size_t shown_to_ = 0;
  std::uint64_t next_number_ = 1;
};

std::unique_ptr<RE2> compile(const ContentQuery& query) {
  if (query.pattern.size() > max_pattern_bytes) {
    throw Failure("The pattern is longer than " + std::to_string(max_pattern_bytes) + " bytes.");
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_nl(true);
  options.set_case_sensitive(!query.ignore_case);
  const std::string pattern = query.literal ? RE2::QuoteMeta(query.pattern) : query.pattern;
  auto compiled = std::make_unique<RE2>("(?m)(?:" + pattern + ")", options);
  if (!compiled->ok()) {
    throw Failure("The pattern is no regular expression in RE2's notation: " + compiled->error() +
                  ". Set literal to search for it as it is.");
  }
  return compiled;
}

/// The file's text; nothing when it is no text, too large, or can't be read.
std::optional<std::string> searchable_text(const Descriptor& directory, const std::string& name,
                                           std::size_t& too_large, const Watch& watch) {
  try {
    struct stat status {};
    const Descriptor file = open_regular_file(directory, name, name, status);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > max_searched_bytes) {
      ++too_large;
      return std::nullopt;
    }
    std::string text = read_bytes(file, size, name, max_searched_bytes, watch);
    if (text.find('\0') != std::string::npos) return std::nullopt;
    return text;
  } catch (const Failure&) {
    watch.check();
    return std::nullopt;
  }
}

}  // namespace

TextAnswer find_files(const Sandbox& sandbox, const Place& place, const Selection& selection,
                      Wanted wanted, const std::string& cursor, const Limits& limits,
                      const Watch& watch) {
  TextAnswer answer;
  SelectedWalk walk(sandbox, place, selection, limits, watch);
  std::size_t shown = 0;
  std::string last = cursor;
  const bool finished =
      walk.run(cursor, [&](const std::string& path, const Entry& entry, bool seen) {
        const bool is_directory = entry.kind == Kind::directory;
        const bool fits = wanted == Wanted::any || is_directory == (wanted == Wanted::directories);
        const std::string line = one_line(path);
        const bool full = shown >= limits.max_entries ||
                          answer.text.size() + line.size() >= limits.max_read_bytes;
        if (!seen && ((fits && shown > 0 && full) || watch.out_of_time())) return false;
        if (!seen && fits) {
          if (shown++ > 0) answer.text += "\n";
          answer.text += line;
        }
        last = path.substr(place.real_path == "/" ? 1 : place.real_path.size() + 1);
        return true;
      });
  if (!finished) {
    answer.truncated = true;
    answer.cursor = last;
    answer.note = "Truncated after " + std::to_string(shown) + " matches.";
  } else if (walk.was_too_deep()) {
    note_depth(answer, limits);
  }
  if (shown == 0) answer.text = "No matches found";
  return answer;
}

TextAnswer search_content(const Sandbox& sandbox, const Place& place, const ContentQuery& query,
                          const Selection& selection, const std::string& cursor,
                          const Limits& limits, const Watch& watch) {
  const auto pattern = compile(query);
  TextAnswer answer;
  std::size_t shown = 0;
  std::size_t too_large = 0;
  const Position from = cursor.empty() ? Position{} : Position::of(cursor);
  Position last = from;
  const auto search_file = [&](const Descriptor& directory, const std::string& name,
                               const std::string& path, const std::string& relative) {
    last = {relative == from.path ? from.line : 0, relative};
    const auto text = searchable_text(directory, name, too_large, watch);
    if (!text || !next_match(*pattern, *text, 0, watch) || !mcp::is_valid_utf8(*text)) return true;
    MatchingLines lines(*pattern, query.context_lines, limits, watch, answer, shown);
    const std::uint64_t after = last.line;
    return lines.run(path, *text, after, last.line);
  };
  bool finished = true;
  bool too_deep = false;
  if (place.exists && S_ISREG(place.status.st_mode)) {
    finished = search_file(place.directory, place.name, place.real_path, "");
  } else {
    SelectedWalk walk(sandbox, place, selection, limits, watch);
    finished = walk.run(from.path, [&](const std::string& path, const Entry& entry, bool seen) {
      const std::string relative =
          path.substr(place.real_path == "/" ? 1 : place.real_path.size() + 1);
      if (entry.kind != Kind::file || (seen && relative != from.path)) return true;
      if (watch.out_of_time()) return false;
      return search_file(walk.directory(), entry.name, path, relative);
    });
    too_deep = walk.was_too_deep();
  }
  if (!finished) {
    answer.truncated = true;
    answer.cursor = last.text();
    answer.note = "Truncated after " + std::to_string(shown) + " matches.";
  } else if (too_deep) {
    note_depth(answer, limits);
  }
  if (too_large > 0) {
    answer.truncated = true;
    answer.note += (answer.note.empty() ? "Truncated: " : " ") + std::to_string(too_large) +
                   " files with more than " + std::to_string(max_searched_bytes) +
                   " bytes were not searched.";
  }
  if (shown == 0) answer.text = "No matches found";
  return answer;
}

}  // namespace fairlead::filesystem
