#include "servers/filesystem/editing.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <mcp/base/utf8.h>

#include "servers/filesystem/failure.h"

namespace fairlead::filesystem {
namespace {

// Stands for "\r\n" in a text whose other line breaks are "\n": a byte that no UTF-8 text has.
constexpr char crlf = '\xff';

constexpr std::size_t max_matches = 100'000;
constexpr std::size_t max_result_bytes = std::size_t{64} << 20U;

struct Replacement {
  std::size_t begin;
  std::size_t end;
  std::string by;
};

[[noreturn]] void refuse_growth() {
  throw Failure("The edited text would have more than " + std::to_string(max_result_bytes) +
                " bytes.");
}

std::string with_line_feeds(const std::string& text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    result += text[i];
  }
  return result;
}

/// The text twice, byte for byte alike except for the line breaks.
class Text {
 public:
  explicit Text(const std::string& bytes) : plain_(with_line_feeds(bytes)), marked_(plain_) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') {
        marked_[at++] = crlf;
        ++crlf_count_;
        ++i;
      } else {
        if (bytes[i] == '\n') ++lf_count_;
        ++at;
      }
    }
  }

  const std::string& plain() const { return plain_; }

  /// `replacements` in the order of their ranges, which do not overlap.
  void replace(const std::vector<Replacement>& replacements) {
    std::size_t size = plain_.size();
    for (const auto& each : replacements) {
      size += each.by.size();
      if (size > max_result_bytes) refuse_growth();
    }
    std::string plain;
    std::string marked;
    std::size_t from = 0;
    for (const auto& each : replacements) {
      plain.append(plain_, from, each.begin - from).append(each.by);
      marked.append(marked_, from, each.begin - from).append(with_breaks_of(each));
      from = each.end;
    }
    plain_ = plain.append(plain_, from);
    marked_ = marked.append(marked_, from);
  }

  std::string bytes() const {
    std::string result;
    result.reserve(marked_.size());
    for (const char c : marked_) {
      if (c == crlf) {
        result += "\r\n";
      } else {
        result += c;
      }
    }
    return result;
  }

 private:
  std::string with_breaks_of(const Replacement& replacement) const {
    const std::string_view old =
        std::string_view(marked_).substr(replacement.begin, replacement.end - replacement.begin);
    const std::size_t old_break = old.find_first_of("\n\xff");
    const bool to_crlf =
        old_break == std::string_view::npos ? crlf_count_ > lf_count_ : old[old_break] == crlf;
    std::string result = replacement.by;
    if (to_crlf) std::replace(result.begin(), result.end(), '\n', crlf);
    return result;
  }

  std::string plain_;
  std::string marked_;
  std::size_t crlf_count_ = 0;
  std::size_t lf_count_ = 0;
};

/// How many bytes of white space `text` begins with, as ECMAScript knows it.
std::size_t blank_prefix(std::string_view text) {
  using namespace std::string_view_literals;
  constexpr std::array others{
      "\xc2\xa0"sv,     "\xe1\x9a\x80"sv, "\xe2\x80\x80"sv, "\xe2\x80\x81"sv, "\xe2\x80\x82"sv,
      "\xe2\x80\x83"sv, "\xe2\x80\x84"sv, "\xe2\x80\x85"sv, "\xe2\x80\x86"sv, "\xe2\x80\x87"sv,
      "\xe2\x80\x88"sv, "\xe2\x80\x89"sv, "\xe2\x80\x8a"sv, "\xe2\x80\xa8"sv, "\xe2\x80\xa9"sv,
      "\xe2\x80\xaf"sv, "\xe2\x81\x9f"sv, "\xe3\x80\x80"sv, "\xef\xbb\xbf"sv};
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r')) {
      ++at;
      continue;
    }
    const std::string_view rest = text.substr(at);
    const auto found = std::find_if(others.begin(), others.end(), [rest](std::string_view each) {
      return rest.substr(0, each.size()) == each;
    });
    if (found == others.end()) break;
    at += found->size();
  }
  return at;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(blank_prefix(text));
  // The white space at the end is what begins somewhere and goes on to the end.
  std::size_t end = text.size();
  for (std::size_t back = 1; back <= 3 && back <= end;) {
    const std::string_view tail = text.substr(end - back, back);
    if (blank_prefix(tail) == back) {
      end -= back;
      back = 1;
    } else {
      ++back;
    }
  }
  return text.substr(0, end);
}

std::string_view indentation(std::string_view line) {
  return line.substr(0, blank_prefix(line));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t from = 0;
  for (;;) {
    const std::size_t to = text.find('\n', from);
    lines.push_back(text.substr(from, to == std::string_view::npos ? to : to - from));
    if (to == std::string_view::npos) return lines;
    from = to + 1;
  }
}

/// The new lines with the indentation of the lines that they replace.
std::string indented(const std::vector<std::string_view>& old_lines, std::string_view new_text,
                     std::string_view first_indentation) {
  std::string result;
  std::size_t index = 0;
  for (const std::string_view line : lines_of(new_text)) {
    const std::string_view own = indentation(line);
    const std::string_view old =
        index < old_lines.size() ? indentation(old_lines[index]) : std::string_view();
    if (index > 0) result += '\n';
    if (index == 0) {
      result.append(first_indentation).append(line.substr(own.size()));
    } else if (!old.empty() && !own.empty()) {
      const std::size_t wanted = mcp::code_point_count(own);
      const std::size_t had = mcp::code_point_count(old);
      result.append(first_indentation);
      result.append(wanted > had ? wanted - had : 0, ' ');
      result.append(line.substr(own.size()));
    } else {
      result.append(line);
    }
    ++index;
  }
  return result;
}

/// Places that an edit changes, as many as one edit may have.
class Matches {
 public:
  void add(Replacement replacement) {
    if (found_.size() >= max_matches) {
      throw Failure("More than " + std::to_string(max_matches) + " matches for one edit.");
    }
    new_bytes_ += replacement.by.size();
    if (new_bytes_ > max_result_bytes) refuse_growth();
    found_.push_back(std::move(replacement));
  }
  const std::vector<Replacement>& all() const { return found_; }

 private:
  std::vector<Replacement> found_;
  std::size_t new_bytes_ = 0;
};

Matches exact_matches(const std::string& text, const std::string& wanted, const std::string& by,
                      bool overlapping) {
  Matches found;
  std::size_t at = text.find(wanted);
  while (at != std::string::npos) {
    found.add({at, at + wanted.size(), by});
    at = text.find(wanted, at + (overlapping ? 1 : wanted.size()));
  }
  return found;
}

Matches line_matches(const std::string& text, const std::string& wanted, const std::string& by) {
  const auto old_lines = lines_of(wanted);
  std::vector<std::string_view> old_trimmed;
  for (const auto line : old_lines) old_trimmed.push_back(trimmed(line));
  const auto lines = lines_of(text);
  std::vector<std::string_view> text_trimmed;
  text_trimmed.reserve(lines.size());
  for (const auto line : lines) text_trimmed.push_back(trimmed(line));
  Matches found;
  for (std::size_t i = 0; i + old_lines.size() <= lines.size(); ++i) {
    if (!std::equal(old_trimmed.begin(), old_trimmed.end(),
                    text_trimmed.begin() + static_cast<std::ptrdiff_t>(i))) {
      continue;
    }
    const auto& last = lines[i + old_lines.size() - 1];
    const auto begin = static_cast<std::size_t>(lines[i].data() - text.data());
    const auto end = static_cast<std::size_t>(last.data() - text.data()) + last.size();
    found.add({begin, end, indented(old_lines, by, indentation(lines[i]))});
    i += old_lines.size() - 1;
  }
  return found;
}

void apply(Text& text, const Edit& edit) {
  if (edit.old_text.empty()) {
    throw Failure("oldText is empty. Give the text to replace; write_file writes a whole file.");
  }
  const std::string wanted = with_line_feeds(edit.old_text);
  const std::string by = with_line_feeds(edit.new_text);
  const bool several = edit.replace_all || edit.expected_count.has_value();
  auto found = exact_matches(text.plain(), wanted, by, !several);
  if (found.all().empty()) found = line_matches(text.plain(), wanted, by);
  const std::size_t count = found.all().size();
  if (count == 0) throw Failure("Could not find exact match for edit:\n" + edit.old_text);
  if (edit.expected_count && count != *edit.expected_count) {
    throw Failure("Found " + std::to_string(count) + " matches, not the expected " +
                  std::to_string(*edit.expected_count) + ", for edit:\n" + edit.old_text);
  }
  if (!several && count > 1) {
    throw Failure("Found " + std::to_string(count) +
                  " matches, which of them is not clear (add lines around it, or set replaceAll or "
                  "expectedCount), for edit:\n" +
                  edit.old_text);
  }
  text.replace(found.all());
}

}  // namespace

Edited apply_edits(const std::string& content, const std::vector<Edit>& edits) {
  Text text(content);
  Edited result;
  result.before = text.plain();
  for (const auto& edit : edits) apply(text, edit);
  result.after = text.plain();
  result.bytes = text.bytes();
  return result;
}

}  // namespace fairlead::filesystem
