#include <mcp/base/front_matter.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mcp/base/utf8.h>

namespace mcp {
namespace {

constexpr std::size_t max_bytes = std::size_t{64} << 10U;
constexpr std::size_t max_depth = 32;

[[noreturn]] void fail(std::size_t line, const std::string& what) {
  throw FrontMatterError("line " + std::to_string(line) + ": " + what);
}

struct Line {
  std::size_t number;
  std::size_t indent;     ///< leading spaces
  std::string_view text;  ///< after them, without what is white at the end
  std::string_view raw;
};

bool is_white(char c) {
  return c == ' ' || c == '\t';
}
std::string_view trim_front(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}
std::string_view trim_back(std::string_view text) {
  while (!text.empty() && is_white(text.back())) text.remove_suffix(1);
  return text;
}
bool is_item(std::string_view text) {
  return text.starts_with('-') && (text.size() == 1 || is_white(text[1]));
}
bool is_comment_or_nothing(std::string_view text) {
  return text.empty() || text.front() == '#';
}

/// Lines of the block, and nothing that an editor would not show as one.
std::vector<Line> lines_of(std::string_view markdown) {
  if (markdown.starts_with("\xEF\xBB\xBF")) markdown.remove_prefix(3);
  std::vector<Line> lines;
  std::size_t number = 0;
  std::size_t bytes = 0;
  while (!markdown.empty()) {
    const std::size_t end = std::min(markdown.find('\n'), markdown.size());
    std::string_view raw = markdown.substr(0, end);
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
    ++number;
    bytes += raw.size() + 1;
    if (raw.ends_with('\r')) raw.remove_suffix(1);
    const bool fence = raw.starts_with("---") && trim_back(raw.substr(3)).empty();
    if (number == 1) {
      if (!fence) fail(1, "the file must begin with a line '---'");
      continue;
    }
    if (fence) return lines;
    if (bytes > max_bytes)
      fail(number, "the front matter has more than " + std::to_string(max_bytes) + " bytes");
    if (!is_valid_utf8(raw)) fail(number, "not UTF-8");
    for (const char c : raw) {
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
        fail(number, "a control character");
    }
    const std::size_t indent = std::min(raw.find_first_not_of(' '), raw.size());
    lines.push_back({number, indent, trim_back(raw.substr(indent)), raw});
  }
  if (number == 0) fail(1, "the file must begin with a line '---'");
  fail(number, "the front matter does not end: a line '---' is missing");
}

bool all_digits(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

Json integer(std::string_view digits, int base, bool negative, std::size_t line) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  constexpr std::uint64_t lowest = std::uint64_t{1} << 63U;
  if (read.ec != std::errc() || (negative && value > lowest))
    fail(line, "a number of more than 64 bits: quote it if it is a text");
  if (!negative) return value;
  return value == lowest ? Json(INT64_MIN) : Json(-static_cast<std::int64_t>(value));
}

/// Digits, a point or an exponent among them.
bool is_float(std::string_view text) {
  const std::size_t exponent = std::min(text.find_first_of("eE"), text.size());
  std::string_view power = text.substr(exponent);
  if (!power.empty()) {
    power.remove_prefix(1);
    if (!power.empty() && (power.front() == '+' || power.front() == '-')) power.remove_prefix(1);
    if (!all_digits(power, "0123456789")) return false;
  }
  const std::string_view number = text.substr(0, exponent);
  const std::size_t point = number.find('.');
  if (point == std::string_view::npos) return all_digits(number, "0123456789");
  const std::string_view before = number.substr(0, point);
  const std::string_view after = number.substr(point + 1);
  return (!before.empty() || !after.empty()) &&
         (before.empty() || all_digits(before, "0123456789")) &&
         (after.empty() || all_digits(after, "0123456789"));
}

/// YAML 1.2, section 10.3.2.
Json resolve(std::string_view text, std::size_t line) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  std::string_view number = text;
  const bool negative = number.front() == '-';
  if (negative || number.front() == '+') number.remove_prefix(1);
  if (all_digits(number, "0123456789")) return integer(number, 10, negative, line);
  if (text.starts_with("0x") && all_digits(text.substr(2), "0123456789abcdefABCDEF"))
    return integer(text.substr(2), 16, false, line);
  if (text.starts_with("0o") && all_digits(text.substr(2), "01234567"))
    return integer(text.substr(2), 8, false, line);
  if (number == ".inf" || number == ".Inf" || number == ".INF" || text == ".nan" ||
      text == ".NaN" || text == ".NAN")
    fail(line, "a number that JSON can not hold: quote it if it is a text");
  if (!is_float(number)) return std::string(text);
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  if (read.ec != std::errc() || !std::isfinite(value))
    fail(line, "a number that JSON can not hold: quote it if it is a text");
  return negative ? -value : value;
}

/// Where a comment begins in a plain text, or its end.
std::size_t comment_at(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '#' && is_white(text[i - 1])) return i;
  }
  return text.size();
}

/// Where the `:` of a key stands in a plain text, or npos.
std::size_t colon_at(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':' && (i + 1 == text.size() || is_white(text[i + 1]))) return i;
  }
  return std::string_view::npos;
}

void require_plain(std::string_view text, std::size_t line) {
  const char first = text.front();
  if (first == '&' || first == '*' || first == '!')
    fail(line, "anchors, aliases and tags are not read: quote it if it is a text");
  const bool indicator = std::string_view(",[]{}#|>'\"%@`").find(first) != std::string_view::npos;
  const bool followed = text.size() == 1 || is_white(text[1]);
  if (indicator || ((first == '-' || first == '?' || first == ':') && followed))
    fail(line, "a text that begins with '" + std::string(1, first) + "' must be quoted");
}

void append_code_point(std::string_view hex, std::size_t line, std::string& out) {
  std::uint32_t code = 0;
  const auto read = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
  if (read.ec != std::errc() || read.ptr != hex.data() + hex.size() || code > 0x10FFFF ||
      (code >= 0xD800 && code <= 0xDFFF))
    fail(line, "an escape that is no character");
  append_utf8(code, out);
}

/// Reads the escape whose `\` stands before `at`; gives the place after it.
std::size_t read_escape(std::string_view text, std::size_t at, std::size_t line, std::string& out) {
  static constexpr std::pair<char, std::string_view> simple[] = {{'0', std::string_view("\0", 1)},
                                                                 {'a', "\a"},
                                                                 {'b', "\b"},
                                                                 {'t', "\t"},
                                                                 {'\t', "\t"},
                                                                 {'n', "\n"},
                                                                 {'v', "\v"},
                                                                 {'f', "\f"},
                                                                 {'r', "\r"},
                                                                 {'e', "\x1b"},
                                                                 {' ', " "},
                                                                 {'"', "\""},
                                                                 {'/', "/"},
                                                                 {'\\', "\\"},
                                                                 {'N', "\xC2\x85"},
                                                                 {'_', "\xC2\xA0"},
                                                                 {'L', "\xE2\x80\xA8"},
                                                                 {'P', "\xE2\x80\xA9"}};
  const char escape = text[at];
  for (const auto& [name, meaning] : simple) {
    if (name != escape) continue;
    out += meaning;
    return at + 1;
  }
  const std::size_t digits = escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
  if (digits == 0 || at + 1 + digits > text.size()) fail(line, "an unknown escape");
  append_code_point(text.substr(at + 1, digits), line, out);
  return at + 1 + digits;
}

class Parser {
 public:
  explicit Parser(std::vector<Line> lines) : lines_(std::move(lines)) {}

  Json document() {
    const Line* first = peek();
    if (first == nullptr) return Json::object();
    if (is_item(first->text) || !is_key(first->text)) fail(first->number, "expected 'name: value'");
    Json object = mapping(first->indent, 0);
    if (const Line* more = peek()) fail(more->number, "unexpected indentation");
    return object;
  }

 private:
  // --- Lines ---

  /// The next line that says something; null at the end.
  const Line* peek() {
    while (at_ < lines_.size() && is_comment_or_nothing(lines_[at_].text)) ++at_;
    if (at_ == lines_.size()) return nullptr;
    if (is_white(lines_[at_].text.front())) fail(lines_[at_].number, "indented with a tab");
    return &lines_[at_];
  }

  // --- Blocks ---

  Json mapping(std::size_t indent, std::size_t depth) {
    Json object = Json::object();
    while (const Line* next = peek()) {
      const Line line = *next;
      if (line.indent < indent || (line.indent == indent && is_item(line.text))) break;
      if (line.indent > indent) fail(line.number, "unexpected indentation");
      auto [key, rest] = read_key(line.text, line.number);
      if (object.contains(key)) fail(line.number, "'" + key + "' comes twice");
      ++at_;
      object[std::move(key)] = value(rest, line, depth + 1, true);
    }
    return object;
  }

  Json sequence(std::size_t indent, std::size_t depth) {
    Json array = Json::array();
    while (const Line* next = peek()) {
      Line line = *next;
      if (line.indent < indent) break;
      if (line.indent > indent) fail(line.number, "unexpected indentation");
      if (!is_item(line.text)) break;
      const std::string_view rest = trim_front(line.text.substr(1));
      if (!is_comment_or_nothing(rest) && (is_item(rest) || is_key(rest))) {
        // "- name: value": the item is a block that begins in the middle of its line.
        if (line.text.substr(1, line.text.size() - 1 - rest.size()).find('\t') !=
            std::string_view::npos)
          fail(line.number, "indented with a tab");
        lines_[at_].indent = indent + line.text.size() - rest.size();
        lines_[at_].text = rest;
        array.push_back(block(depth + 1));
        continue;
      }
      ++at_;
      array.push_back(value(rest, line, depth + 1, false));
    }
    return array;
  }

  /// The mapping or sequence that begins with the next line.
  Json block(std::size_t depth) {
    const Line& line = *peek();
    if (depth > max_depth) fail(line.number, "nested too deeply");
    return is_item(line.text) ? sequence(line.indent, depth) : mapping(line.indent, depth);
  }

  /// What stands behind a `name:` or a `-`, of a line that is taken already.
  Json value(std::string_view rest, const Line& line, std::size_t depth, bool of_mapping) {
    if (is_comment_or_nothing(rest)) {
      const Line* next = peek();
      if (next == nullptr || next->indent < line.indent) return nullptr;
      if (next->indent == line.indent)
        return of_mapping && is_item(next->text) ? sequence(line.indent, depth) : Json();
      if (is_item(next->text) || is_key(next->text)) return block(depth);
      const std::string_view text = next->text;  // a text that begins on a line of its own
      ++at_;
      return scalar(text, lines_[at_ - 1], line.indent, depth);
    }
    return scalar(rest, line, line.indent, depth);
  }

  // --- Keys ---

  static bool is_key(std::string_view text) {
    const char first = text.front();
    if (first == '[' || first == '{') return false;
    if (first != '"' && first != '\'')
      return colon_at(text.substr(0, comment_at(text))) != std::string_view::npos;
    for (std::size_t at = 1; at < text.size(); ++at) {
      if (first == '"' && text[at] == '\\') {
        ++at;
      } else if (text[at] == first) {
        return trim_front(text.substr(at + 1)).starts_with(':');
      }
    }
    return false;
  }

  /// The name that `text` begins with, and what follows its colon.
  std::pair<std::string, std::string_view> read_key(std::string_view text, std::size_t line) {
    if (text.front() == '"' || text.front() == '\'') {
      std::string key;
      std::size_t end = 0;
      if (quoted_part(text, 1, text.front(), line, key, end) != Quote::closed)
        fail(line, "a quote is not closed");
      const std::string_view rest = trim_front(text.substr(end));
      if (!rest.starts_with(':') || (rest.size() > 1 && !is_white(rest[1])))
        fail(line, "expected ':' after the name");
      return {std::move(key), trim_front(rest.substr(1))};
    }
    require_plain(text, line);
    const std::size_t colon = colon_at(text.substr(0, comment_at(text)));
    if (colon == std::string_view::npos) fail(line, "expected 'name: value'");
    return {plain_key(trim_back(text.substr(0, colon)), line), trim_front(text.substr(colon + 1))};
  }

  static std::string plain_key(std::string_view key, std::size_t line) {
    if (key == "<<") fail(line, "merge keys are not read");
    if (!resolve(key, line).is_string()) fail(line, "a name that is no text must be quoted");
    return std::string(key);
  }

  // --- Scalars and flow collections ---

  Json scalar(std::string_view text, const Line& line, std::size_t indent, std::size_t depth) {
    const char first = text.front();
    if (first == '|' || first == '>') return block_text(text, line, indent);
    if (first == '"' || first == '\'') return quoted(text, line, indent);
    if (first == '[' || first == '{') {
      std::size_t at = 0;
      Json value = flow(text, at, line.number, depth);
      require_end(text.substr(at), line.number);
      return value;
    }
    return plain(text, line, indent);
  }

  static void require_end(std::string_view rest, std::size_t line) {
    const std::string_view after = trim_front(rest);
    if (!is_comment_or_nothing(after) || (!after.empty() && after.size() == rest.size()))
      fail(line, "unexpected text behind the value");
  }

  Json plain(std::string_view text, const Line& line, std::size_t indent) {
    require_plain(text, line.number);
    const std::size_t comment = comment_at(text);
    std::string folded = plain_line(text, line.number);
    if (comment < text.size()) return resolve(folded, line.number);
    bool continued = false;
    for (std::size_t empty = 0; at_ < lines_.size(); ++at_) {
      const Line& next = lines_[at_];
      if (next.text.empty()) {
        ++empty;
        continue;
      }
      if (next.indent <= indent || next.text.front() == '#') break;
      folded += empty == 0 ? std::string(" ") : std::string(empty, '\n');
      folded += plain_line(trim_front(next.text), next.number);
      continued = true;
      empty = 0;
      if (comment_at(next.text) < next.text.size()) {
        ++at_;
        break;
      }
    }
    return continued ? Json(std::move(folded)) : resolve(folded, line.number);
  }

  static std::string plain_line(std::string_view text, std::size_t line) {
    text = trim_back(text.substr(0, comment_at(text)));
    if (colon_at(text) != std::string_view::npos)
      fail(line, "a text with ': ' in it must be quoted");
    return std::string(text);
  }

  /// How a line leaves a quoted text.
  enum class Quote { closed, open, joined };

  /// Appends what is quoted from `at` on; `end` is the place behind the closing quote.
  static Quote quoted_part(std::string_view text, std::size_t at, char quote, std::size_t line,
                           std::string& out, std::size_t& end) {
    while (at < text.size()) {
      const char c = text[at];
      if (c == quote) {
        if (quote == '"' || at + 1 == text.size() || text[at + 1] != '\'') {
          end = at + 1;
          return Quote::closed;
        }
        out += '\'';
        at += 2;
      } else if (c == '\\' && quote == '"') {
        if (at + 1 == text.size()) return Quote::joined;
        at = read_escape(text, at + 1, line, out);
      } else {
        out += c;
        ++at;
      }
    }
    return Quote::open;
  }

  Json quoted(std::string_view text, const Line& line, std::size_t indent) {
    const char quote = text.front();
    std::string folded;
    std::size_t end = 0;
    Quote state = quoted_part(text, 1, quote, line.number, folded, end);
    if (state == Quote::closed) {
      require_end(text.substr(end), line.number);
      return folded;
    }
    for (std::size_t empty = 0; at_ < lines_.size(); ++at_) {
      const Line& next = lines_[at_];
      const std::string_view part = trim_front(next.text);
      if (part.empty()) {
        ++empty;
        continue;
      }
      if (next.indent <= indent) fail(next.number, "a quoted text goes on without indentation");
      if (empty == 0 && state == Quote::open) folded += ' ';
      folded.append(empty, '\n');
      empty = 0;
      state = quoted_part(part, 0, quote, next.number, folded, end);
      if (state != Quote::closed) continue;
      ++at_;
      require_end(part.substr(end), next.number);
      return folded;
    }
    fail(line.number, "a quote is not closed");
  }

  Json block_text(std::string_view header, const Line& line, std::size_t indent) {
    const bool folds = header.front() == '>';
    char chomping = 0;
    std::size_t width = 0;
    std::size_t at = 1;
    for (; at < header.size() && !is_white(header[at]); ++at) {
      const char c = header[at];
      if ((c == '-' || c == '+') && chomping == 0) {
        chomping = c;
      } else if (c >= '1' && c <= '9' && width == 0) {
        width = indent + static_cast<std::size_t>(c - '0');
      } else {
        fail(line.number, "expected nothing, '-', '+' or a digit behind '|' or '>'");
      }
    }
    require_end(header.substr(at), line.number);
    std::vector<std::string_view> content;
    for (; at_ < lines_.size(); ++at_) {
      const Line& next = lines_[at_];
      const bool says_something = next.indent < next.raw.size();
      if (says_something) {
        if (width == 0 && next.indent > indent) width = next.indent;
        if (width == 0 || next.indent < width) {
          if (next.indent > indent) fail(next.number, "less indented than the text's first line");
          break;
        }
      }
      content.push_back(width != 0 && next.raw.size() > width ? next.raw.substr(width)
                                                              : std::string_view());
    }
    std::size_t last = content.size();
    while (last > 0 && content[last - 1].empty()) --last;
    std::string text = joined({content.begin(), content.begin() + static_cast<long>(last)}, folds);
    if (chomping == '+') {
      text.append(content.size() - last + (last > 0 ? 1 : 0), '\n');
    } else if (chomping == 0 && last > 0) {
      text += '\n';
    }
    return text;
  }

  static std::string joined(const std::vector<std::string_view>& lines, bool folds) {
    std::string text;
    std::size_t empty = 0;
    bool was_indented = false;
    bool first = true;
    for (const std::string_view line : lines) {
      if (line.empty()) {
        ++empty;
        continue;
      }
      const bool indented = is_white(line.front());
      if (first) {
        text.append(empty, '\n');
      } else if (!folds || indented || was_indented) {
        text.append(empty + 1, '\n');
      } else {
        text.append(empty == 0 ? 1 : empty, empty == 0 ? ' ' : '\n');
      }
      text += line;
      was_indented = indented;
      first = false;
      empty = 0;
    }
    return text;
  }

  static void skip_white(std::string_view text, std::size_t& at) {
    while (at < text.size() && is_white(text[at])) ++at;
  }

  Json flow(std::string_view text, std::size_t& at, std::size_t line, std::size_t depth) {
    if (depth > max_depth) fail(line, "nested too deeply");
    skip_white(text, at);
    if (at == text.size()) fail(line, "a collection in brackets must end on its line");
    const char first = text[at];
    if (first == '"' || first == '\'') {
      std::string quoted_text;
      std::size_t end = 0;
      if (quoted_part(text, at + 1, first, line, quoted_text, end) != Quote::closed)
        fail(line, "a quote is not closed");
      at = end;
      return quoted_text;
    }
    if (first == '[') return flow_sequence(text, at, line, depth);
    if (first == '{') return flow_mapping(text, at, line, depth);
    return resolve(flow_plain(text, at, line), line);
  }

  static std::string_view flow_plain(std::string_view text, std::size_t& at, std::size_t line) {
    const std::size_t begin = at;
    while (at < text.size() && std::string_view(",[]{}").find(text[at]) == std::string_view::npos) {
      const bool followed = at + 1 == text.size() || is_white(text[at + 1]) ||
                            std::string_view(",[]{}").find(text[at + 1]) != std::string_view::npos;
      if (text[at] == ':' && followed) break;
      if (text[at] == '#' && at > begin && is_white(text[at - 1]))
        fail(line, "a collection in brackets must end on its line");
      ++at;
    }
    const std::string_view plain_text = trim_back(text.substr(begin, at - begin));
    if (plain_text.empty()) fail(line, "a value is missing in a collection in brackets");
    require_plain(plain_text, line);
    return plain_text;
  }

  /// Takes a comma or the closing bracket; true for the bracket.
  static bool flow_ends(std::string_view text, std::size_t& at, char bracket, std::size_t line) {
    skip_white(text, at);
    if (at == text.size()) fail(line, "a collection in brackets must end on its line");
    const char found = text[at++];
    if (found != ',' && found != bracket)
      fail(line, std::string("expected ',' or '") + bracket + "'");
    if (found == ',') {
      skip_white(text, at);
      if (at == text.size() || text[at] != bracket) return false;
      ++at;  // a comma may stand before the bracket
    }
    return true;
  }

  Json flow_sequence(std::string_view text, std::size_t& at, std::size_t line, std::size_t depth) {
    Json array = Json::array();
    ++at;
    skip_white(text, at);
    if (at < text.size() && text[at] == ']') {
      ++at;
      return array;
    }
    do {
      array.push_back(flow(text, at, line, depth + 1));
    } while (!flow_ends(text, at, ']', line));
    return array;
  }

  Json flow_mapping(std::string_view text, std::size_t& at, std::size_t line, std::size_t depth) {
    Json object = Json::object();
    ++at;
    skip_white(text, at);
    if (at < text.size() && text[at] == '}') {
      ++at;
      return object;
    }
    do {
      skip_white(text, at);
      if (at == text.size()) fail(line, "a collection in brackets must end on its line");
      const bool is_quoted = text[at] == '"' || text[at] == '\'';
      std::string key = is_quoted ? flow(text, at, line, depth + 1).get<std::string>()
                                  : plain_key(flow_plain(text, at, line), line);
      skip_white(text, at);
      if (at == text.size() || text[at] != ':') fail(line, "expected ':' after '" + key + "'");
      ++at;
      if (object.contains(key)) fail(line, "'" + key + "' comes twice");
      object[std::move(key)] = flow(text, at, line, depth + 1);
    } while (!flow_ends(text, at, '}', line));
    return object;
  }

  std::vector<Line> lines_;
  std::size_t at_ = 0;
};

}  // namespace

Json parse_front_matter(std::string_view markdown) {
  return Parser(lines_of(markdown)).document();
}

}  // namespace mcp
