#include "servers/filesystem/unified_diff.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fairlead::filesystem {
namespace {

using Lines = std::vector<std::string_view>;  // each with its line break

constexpr int max_changes = 1'500;  // the search takes time and memory by its square
constexpr std::size_t context_lines = 4;

enum class Change { none, remove, add };

/// Lines that follow each other and have the same fate.
struct Run {
  Change change;
  std::size_t count;
};

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

void extend(std::vector<Run>& runs, Change change, std::size_t count) {
  if (count == 0) return;
  if (!runs.empty() && runs.back().change == change) {
    runs.back().count += count;
  } else {
    runs.push_back({change, count});
  }
}

/// Myers' greedy search for a shortest difference: after n changes, how far each diagonal gets.
/// A diagonal is the number of lines removed less that of lines added. Of two ways that get equally
/// far the one that removes is taken.
class Search {
 public:
  Search(const Lines& before, const Lines& after) : before_(before), after_(after) {}

  /// False when it takes too many changes.
  bool run() {
    const int before = static_cast<int>(before_.size());
    const int after = static_cast<int>(after_.size());
    rounds_.push_back({0, {follow(0, 0)}, {}});
    if (rounds_[0].reached[0] == before && before == after) return true;
    int lowest = -max_changes;
    int highest = max_changes;
    for (int changes = 1; changes <= std::min(max_changes, before + after); ++changes) {
      Round round;
      round.first = std::max(lowest, -changes);
      for (int diagonal = round.first; diagonal <= std::min(highest, changes); diagonal += 2) {
        const int removing = reached(changes - 1, diagonal - 1);  // from here, one more removed
        const int adding = reached(changes - 1, diagonal + 1);
        const bool can_remove = removing != nowhere && removing < before;
        const bool can_add = adding != nowhere && adding - diagonal - 1 < after;
        if (!can_remove && !can_add) {
          round.reached.push_back(nowhere);
          round.removed.push_back(false);
          continue;
        }
        const bool remove = can_remove && !(can_add && removing < adding);
        const int at = follow(remove ? removing + 1 : adding, diagonal);
        round.reached.push_back(at);
        round.removed.push_back(remove);
        if (at == before && at - diagonal == after) {
          rounds_.push_back(std::move(round));
          last_diagonal_ = diagonal;
          return true;
        }
        // Beyond an edge there is nothing to find.
        if (at == before) highest = std::min(highest, diagonal - 1);
        if (at - diagonal == after) lowest = std::max(lowest, diagonal + 1);
      }
      rounds_.push_back(std::move(round));
    }
    return false;
  }

  std::vector<Run> runs() const {
    std::vector<Run> backwards;
    int diagonal = last_diagonal_;
    for (auto changes = static_cast<int>(rounds_.size()) - 1; changes > 0; --changes) {
      const Round& round = rounds_[static_cast<std::size_t>(changes)];
      const auto index = static_cast<std::size_t>((diagonal - round.first) / 2);
      const bool removed = round.removed[index];
      const int end = round.reached[index];
      diagonal += removed ? -1 : 1;
      const int from = reached(changes - 1, diagonal) + (removed ? 1 : 0);
      extend(backwards, Change::none, static_cast<std::size_t>(end - from));
      extend(backwards, removed ? Change::remove : Change::add, 1);
    }
    extend(backwards, Change::none, static_cast<std::size_t>(rounds_[0].reached[0]));
    return {backwards.rbegin(), backwards.rend()};
  }

 private:
  static constexpr int nowhere = -1;
  struct Round {
    int first = 0;                   // diagonal of the first item; each next one is two further
    std::vector<int> reached = {};   // how many lines of the old text are behind
    std::vector<bool> removed = {};  // the last change was a removal
  };

  int reached(int changes, int diagonal) const {
    const Round& round = rounds_[static_cast<std::size_t>(changes)];
    const int index = (diagonal - round.first) / 2;
    const bool inside = diagonal >= round.first && (diagonal - round.first) % 2 == 0 &&
                        index < static_cast<int>(round.reached.size());
    return inside ? round.reached[static_cast<std::size_t>(index)] : nowhere;
  }

  int follow(int at, int diagonal) const {
    auto old_line = static_cast<std::size_t>(at);
    auto new_line = static_cast<std::size_t>(at - diagonal);
    while (old_line < before_.size() && new_line < after_.size() &&
           before_[old_line] == after_[new_line]) {
      ++old_line;
      ++new_line;
    }
    return static_cast<int>(old_line);
  }

  const Lines& before_;
  const Lines& after_;
  std::vector<Round> rounds_;
  int last_diagonal_ = 0;
};

std::vector<Run> as_one_block(const Lines& before, const Lines& after) {
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t head = 0;
  while (head < shorter && before[head] == after[head]) ++head;
  std::size_t tail = 0;
  while (tail < shorter - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
    ++tail;
  }
  std::vector<Run> runs;
  extend(runs, Change::none, head);
  extend(runs, Change::remove, before.size() - head - tail);
  extend(runs, Change::add, after.size() - head - tail);
  extend(runs, Change::none, tail);
  return runs;
}

/// Writes runs as hunks.
class Hunks {
 public:
  Hunks(const Lines& before, const Lines& after, std::string& text)
      : before_(before), after_(after), text_(text) {}

  void write(const std::vector<Run>& runs) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (runs[i].change == Change::none) {
        unchanged(runs[i].count, i + 1 == runs.size());
      } else {
        changed(runs[i]);
      }
    }
    if (open_) close();
  }

 private:
  void unchanged(std::size_t count, bool last) {
    if (open_ && count <= context_lines * 2 && !last) {
      show(count);
    } else if (open_) {
      const std::size_t shown = std::min(count, context_lines);
      show(shown);
      close();
      skip(count - shown);
    } else {
      skip(count);
    }
    gap_ = count;
  }

  void changed(const Run& run) {
    if (!open_) {
      open_ = true;
      const std::size_t before = std::min(gap_, context_lines);
      old_line_ -= before;
      new_line_ -= before;
      old_start_ = old_line_;
      new_start_ = new_line_;
      show(before);
    }
    for (std::size_t i = 0; i < run.count; ++i) {
      if (run.change == Change::remove) {
        line('-', before_[old_line_++]);
      } else {
        line('+', after_[new_line_++]);
      }
    }
  }

  void show(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) line(' ', before_[old_line_ + i]);
    skip(count);
  }
  void skip(std::size_t count) {
    old_line_ += count;
    new_line_ += count;
  }
  void line(char mark, std::string_view content) {
    body_ += mark;
    body_ += content;
    if (content.back() != '\n') body_ += "\n\\ No newline at end of file\n";
  }
  static std::string range(std::size_t start, std::size_t end) {
    // Lines count from 1; a range of none names the line before it.
    const std::size_t first = start + (end > start ? 1 : 0);
    return std::to_string(first) + "," + std::to_string(end - start);
  }
  void close() {
    text_ += "@@ -" + range(old_start_, old_line_) + " +" + range(new_start_, new_line_) + " @@\n";
    text_ += body_;
    body_.clear();
    open_ = false;
  }

  const Lines& before_;
  const Lines& after_;
  std::string& text_;
  std::string body_;
  bool open_ = false;
  std::size_t gap_ = 0;  // unchanged lines just before
  std::size_t old_line_ = 0;
  std::size_t new_line_ = 0;
  std::size_t old_start_ = 0;
  std::size_t new_start_ = 0;
};

}  // namespace

std::string unified_diff(const std::string& before, const std::string& after,
                         const std::string& path) {
  const Lines old_lines = split(before);
  const Lines new_lines = split(after);
  std::string text = "Index: " + path + "\n" + std::string(67, '=') + "\n--- " + path +
                     "\toriginal\n+++ " + path + "\tmodified\n";
  Search search(old_lines, new_lines);
  const bool found = search.run();
  Hunks(old_lines, new_lines, text)
      .write(found ? search.runs() : as_one_block(old_lines, new_lines));
  return text;
}

}  // namespace fairlead::filesystem
