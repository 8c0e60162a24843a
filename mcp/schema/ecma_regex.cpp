#include <mcp/schema/ecma_regex.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include <mcp/base/ascii.h>
#include <mcp/schema/code_points.h>
#include <mcp/schema/unicode_property.h>

namespace mcp::schema {
namespace {

constexpr std::size_t max_group_depth = 100;
constexpr std::uint32_t max_repeat = 1000;  // RE2's own bound

// ECMA-262 WhiteSpace and LineTerminator as class ranges, and everything else.
constexpr std::string_view space_ranges =
    R"(\t-\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF})";
constexpr std::string_view other_ranges =
    R"(\x{0}-\x{8}\x{E}-\x{1F}!-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027})"
    R"(\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF})";

std::string hex(char32_t code) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  do out.insert(out.begin(), digits[code & 15]);
  while ((code >>= 4) != 0);
  return "\\x{" + out + "}";
}

std::string literal(char32_t code) {
  if (is_ascii_alphanumeric(code) || code == ' ' || code == '_')
    return std::string(1, static_cast<char>(code));
  return hex(code);
}

bool is_group_name(const std::u32string& name) {
  static const re2::RE2 identifier(
      R"([\p{L}\p{Nl}$_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}$\x{200C}\x{200D}]*)");
  return re2::RE2::FullMatch(to_utf8(name), identifier);
}

class Translator {
 public:
  // With `only_syntax`, what RE2 can't express passes.
  Translator(std::u32string text, bool only_syntax)
      : text_(std::move(text)), only_syntax_(only_syntax) {}

  std::string run() {
    std::string out = disjunction();
    if (!at_end()) fail("unmatched ')'");
    if (highest_reference_ > groups_) fail("there is no group of that number");
    for (const std::u32string& name : referred_)
      if (!names_.contains(name)) fail("there is no group of that name");
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw PatternError(message, at_); }
  void unsupported(const std::string& what, std::size_t position) const {
    if (!only_syntax_)
      throw PatternError(what + " can't be matched in linear time and is not supported", position);
  }

  bool at_end() const { return at_ == text_.size(); }
  char32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : U'\0';
  }
  bool take(std::u32string_view expected) {
    if (std::u32string_view(text_).substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  std::string disjunction() {
    if (++depth_ > max_group_depth) fail("groups nest too deeply");
    // Only alternatives may name groups alike: each forgets what those before it named.
    std::vector<std::u32string> outside = std::exchange(named_here_, {});
    std::vector<std::u32string> forgotten;
    std::string out = alternative();
    while (take(U"|")) {
      for (std::u32string& name : named_here_) {
        names_.erase(name);
        forgotten.push_back(std::move(name));
      }
      named_here_.clear();
      out += "|" + alternative();
    }
    for (std::u32string& name : forgotten)
      if (names_.insert(name).second) named_here_.push_back(std::move(name));
    std::move(named_here_.begin(), named_here_.end(), std::back_inserter(outside));
    named_here_ = std::move(outside);
    --depth_;
    return out;
  }

  std::string alternative() {
    std::string out;
    bool consumes = false;  // whether some term takes at least one character
    std::optional<std::size_t> inside;
    while (!at_end() && peek() != '|' && peek() != ')') {
      const std::size_t start = at_;
      out += term();
      consumes = consumes || term_ == Term::consumes;
      if (term_ == Term::no_boundary && !inside) inside = start;
    }
    // RE2 looks at bytes: between those of one character its \B holds, where nothing else can
    // match.
    if (inside && !consumes) unsupported("\\B with no character beside it", *inside);
    return out;
  }

  std::string term() {
    term_ = Term::other;
    if (take(U"^")) return "\\A";
    if (take(U"$")) return "\\z";
    if (take(U"\\b")) return "\\b";
    if (take(U"\\B")) {
      term_ = Term::no_boundary;
      return "\\B";
    }
    const std::size_t start = at_;
    for (std::u32string_view look : {U"(?=", U"(?!", U"(?<=", U"(?<!"}) {
      if (!take(look)) continue;
      unsupported(look.size() == 3 ? "a lookahead" : "a lookbehind", start);
      disjunction();
      if (!take(U")")) fail("missing ')'");
      if (look.size() == 3) quantifier();  // Annex B lets a lookahead repeat
      term_ = Term::other;
      return "";
    }
    const std::uint32_t beside = std::exchange(repeats_, 1);
    const bool is_group = peek() == '(';
    std::string out = atom();
    least_ = 1;
    out += quantifier();
    term_ = !is_group && least_ > 0 ? Term::consumes : Term::other;
    repeats_ = std::max(repeats_, beside);
    return out;
  }

  std::string atom() {
    const char32_t c = peek();
    if (c == '*' || c == '+' || c == '?') fail("nothing to repeat");
    if (c == '{' && is_quantifier()) fail("nothing to repeat");
    if (c == '(') return group();
    if (c == '[') return character_class();
    if (c == '\\') {
      ++at_;
      Escape escape = read_escape(false);
      return escape.code ? literal(*escape.code) : bracket(escape.set);
    }
    ++at_;
    if (c == '.') return dot_all_ ? "(?s:.)" : R"([^\n\r\x{2028}\x{2029}])";
    return literal(c);
  }

  std::string group() {
    ++at_;
    std::string open = "(?:";
    const bool outside_ignores_case = ignores_case_;
    const bool outside_dot_all = dot_all_;
    if (take(U"?<")) {
      const std::size_t start = at_;
      std::u32string name = group_name();
      if (!names_.insert(name).second)
        throw PatternError("a group of that name was there before", start);
      named_here_.push_back(std::move(name));
      ++groups_;
    } else if (peek() != '?') {
      ++groups_;
    } else if (!take(U"?:")) {
      open = modifiers();
    }
    std::string out = open + disjunction() + ")";
    if (!take(U")")) fail("missing ')'");
    ignores_case_ = outside_ignores_case;
    dot_all_ = outside_dot_all;
    return out;
  }

  // `?i-s:` and its kind: what holds inside the group, and what no longer does.
  std::string modifiers() {
    const std::size_t start = at_++;
    std::u32string seen;
    bool adds = true;
    bool adds_lines = false;
    for (; peek() != ':'; ++at_) {
      const char32_t c = peek();
      if (c == '-' && adds) {
        adds = false;
        continue;
      }
      if ((c != 'i' && c != 'm' && c != 's') || seen.find(c) != seen.npos)
        throw PatternError("unknown kind of group", start);
      seen += c;
      if (c == 'i') ignores_case_ = adds;
      if (c == 's') dot_all_ = adds;
      if (c == 'm') adds_lines = adds;
    }
    if (seen.empty()) throw PatternError("unknown kind of group", start);
    if (adds_lines) unsupported("the modifier m", start);
    ++at_;
    return ignores_case_ ? "(?i:" : "(?-i:";
  }

  // A name, and the `>` after it.
  std::u32string group_name() {
    const std::size_t start = at_;
    std::u32string name;
    while (!at_end() && peek() != '>') {
      const char32_t c = text_[at_++];
      if (c == '\\' && !take(U"u")) throw PatternError("a group name is missing", start);
      name += c == '\\' ? unicode_escape() : c;
    }
    if (!is_group_name(name)) throw PatternError("a group name is missing", start);
    if (!take(U">")) fail("a group name must end with '>'");
    return name;
  }

  // Looks, without moving, whether `{` starts a quantifier; else it is a literal.
  bool is_quantifier() const {
    std::size_t ahead = 1;
    while (is_ascii_digit(peek(ahead))) ++ahead;
    if (ahead == 1) return false;
    if (peek(ahead) == ',') ++ahead;
    while (is_ascii_digit(peek(ahead))) ++ahead;
    return peek(ahead) == '}';
  }

  std::uint32_t count() {
    std::uint32_t value = 0;
    for (; is_ascii_digit(peek()); ++at_)
      value =
          std::min<std::uint32_t>(value * 10 + static_cast<std::uint32_t>(peek() - '0'), 1'000'000);
    return value;
  }

  std::string quantifier() {
    const std::size_t start = at_;
    std::string out;
    if (take(U"*")) {
      out = "*";
      least_ = 0;
    } else if (take(U"+")) {
      out = "+";
    } else if (take(U"?")) {
      out = "?";
      least_ = 0;
    } else if (peek() == '{' && is_quantifier()) {
      ++at_;
      const std::uint32_t least = count();
      least_ = least;
      std::uint32_t most = least;
      const bool comma = take(U",");
      const bool open = comma && peek() == '}';
      if (comma && !open) most = count();
      ++at_;
      if (most < least) throw PatternError("the repeat counts are out of order", start);
      // RE2 copies what is repeated; each repetition inside another multiplies the copies.
      repeats_ *= std::max<std::uint32_t>(most, 1);
      if (std::max(most, repeats_) > max_repeat) {
        if (!only_syntax_) throw PatternError("repeat counts above 1000 are not supported", start);
        repeats_ = 1;
      }
      out = "{" + std::to_string(least) + (comma ? "," : "") +
            (comma && !open ? std::to_string(most) : "") + "}";
    } else {
      return "";
    }
    if (take(U"?")) out += "?";
    return out;
  }

  // What follows a backslash: one code point, or a set.
  struct Escape {
    std::optional<char32_t> code;
    CharacterSet set = {};
  };

  static std::string bracket(const CharacterSet& set) {
    return (set.complement ? "[^" : "[") + set.members + "]";
  }

  Escape read_escape(bool in_class) {
    if (at_end()) fail("nothing follows the last backslash");
    const std::size_t start = at_ - 1;
    const char32_t c = text_[at_++];
    switch (c) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
        return {std::nullopt, {std::string("\\") + static_cast<char>(c)}};
      case 's':
        return {std::nullopt, {std::string(space_ranges)}};
      case 'S':
        return {std::nullopt, {std::string(other_ranges)}};
      case 'p':
      case 'P':
        return property(c == 'P');
      case 't':
        return {U'\t'};
      case 'n':
        return {U'\n'};
      case 'v':
        return {U'\v'};
      case 'f':
        return {U'\f'};
      case 'r':
        return {U'\r'};
      case 'c':
        if (!is_ascii_letter(peek())) fail("\\c must be followed by a letter");
        return {text_[at_++] % 32};
      case 'x':
        return {hex_digits(2)};
      case 'u':
        return {unicode_escape()};
      case '0':
        if (is_ascii_digit(peek())) fail("octal escapes are not supported");
        return {U'\0'};
      case 'b':
        if (in_class) return {U'\b'};
        break;
      case 'k':
        if (!in_class && take(U"<")) {
          unsupported("a back-reference", start);
          referred_.insert(group_name());
          return anything();
        }
        break;
      default:
        if (is_ascii_digit(c) && !in_class) {
          unsupported("a back-reference", start);
          --at_;
          highest_reference_ = std::max<std::size_t>(highest_reference_, count());
          return anything();
        }
        if (!is_ascii_alphanumeric(c)) return {c};
    }
    std::string name = to_utf8(std::u32string(1, c));
    throw PatternError("\\" + name + " is no escape of ECMA-262", start);
  }

  // For what only the syntax is asked of.
  static Escape anything() { return {std::nullopt, {"\\x{0}-\\x{10FFFF}"}}; }

  char32_t hex_digits(std::size_t length) {
    char32_t code = 0;
    for (; length > 0; --length) {
      const char32_t c = peek();
      if (!is_hex_digit(c)) fail("a hexadecimal digit is missing");
      code = code * 16 + (is_ascii_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
      ++at_;
    }
    return code;
  }

  char32_t unicode_escape() {
    if (take(U"{")) {
      char32_t code = 0;
      do code = std::min<char32_t>(code * 16 + hex_digits(1), 0x110000);
      while (peek() != '}');
      ++at_;
      if (code > 0x10FFFF) fail("there is no such code point");
      return code;
    }
    const char32_t code = hex_digits(4);
    // Half of a pair alone is a code point, which no UTF-8 text holds.
    const std::size_t after = at_;
    if (code < 0xD800 || code > 0xDBFF || !take(U"\\u") || peek() == '{') {
      at_ = after;
      return code;
    }
    const char32_t low = hex_digits(4);
    if (low < 0xDC00 || low > 0xDFFF) {
      at_ = after;
      return code;
    }
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }

  Escape property(bool negated) {
    const std::size_t start = at_ - 2;
    if (ignores_case_) unsupported("a property where case is ignored", start);
    if (!take(U"{")) fail("\\p must be followed by {a property}");
    const std::size_t begin = at_;
    while (!at_end() && peek() != '}') ++at_;
    const std::string name = to_utf8(std::u32string_view(text_).substr(begin, at_ - begin));
    if (!take(U"}") || name.empty()) fail("a property must be named and end with '}'");
    auto set = unicode_property(name);
    if (!set) {
      if (!is_unicode_property(name)) throw PatternError("there is no property " + name, start);
      if (only_syntax_) return anything();
      throw PatternError("the property " + name +
                             " is not supported (general categories, scripts and some others are)",
                         start);
    }
    set->complement = set->complement != negated;
    return {std::nullopt, std::move(*set)};
  }

  // A class while it is read.
  struct Members {
    std::string text;                      // what RE2 takes as it is
    std::vector<std::string> complements;  // of these

    void add(char32_t code) { text += literal(code); }
    void add(const CharacterSet& set) {
      // RE2 has complements of its own for single properties.
      if (!set.complement)
        text += set.members;
      else if (set.members.starts_with("\\p{") && set.members.ends_with("}") &&
               set.members.find('}') == set.members.size() - 1)
        text += "\\P" + set.members.substr(2);
      else
        complements.push_back(set.members);
    }
  };

  Escape class_atom() {
    if (!take(U"\\")) return {text_[at_++]};
    if (take(U"-")) return {U'-'};
    return read_escape(true);
  }

  void add(Members& members, const Escape& escape) {
    escape.code ? members.add(*escape.code) : members.add(escape.set);
  }

  std::string character_class() {
    const std::size_t start = at_++;
    const bool negated = take(U"^");
    Members members;
    while (!at_end() && peek() != ']') {
      const std::size_t first_at = at_;
      const Escape first = class_atom();
      if (peek() != '-' || peek(1) == ']' || at_ + 1 >= text_.size()) {
        add(members, first);
        continue;
      }
      ++at_;
      const Escape last = class_atom();
      if (first.code && last.code) {
        if (*last.code < *first.code) throw PatternError("the range is out of order", first_at);
        members.text += literal(*first.code) + "-" + literal(*last.code);
        continue;
      }
      // A set is no end of a range: with the flag u it is refused, without the hyphen stands for
      // itself; many patterns are written so.
      add(members, first);
      members.add(U'-');
      add(members, last);
    }
    if (!take(U"]")) throw PatternError("missing ']'", start);
    return spell(members, negated, start);
  }

  std::string spell(const Members& members, bool negated, std::size_t start) const {
    const auto& [text, complements] = members;
    if (complements.empty()) {
      if (text.empty()) return negated ? "(?s:.)" : R"([^\x{0}-\x{10FFFF}])";
      return (negated ? "[^" : "[") + text + "]";
    }
    if (negated) {
      if (text.empty() && complements.size() == 1) return "[" + complements.front() + "]";
      unsupported("this mixture of sets", start);
    }
    std::string out = "(?:";
    for (const std::string& complement : complements) out += "[^" + complement + "]|";
    return out + (text.empty() ? "[^\\x{0}-\\x{10FFFF}]" : "[" + text + "]") + ")";
  }

  std::u32string text_;
  bool only_syntax_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  enum class Term { consumes, no_boundary, other };
  Term term_ = Term::other;    // what was read last; a group may match nothing
  std::uint32_t least_ = 1;    // how often at least, by the quantifier that was read last
  bool ignores_case_ = false;  // inside (?i:
  bool dot_all_ = false;       // inside (?s:
  std::uint32_t repeats_ = 1;  // how often the atom that was read last repeats a part of itself
  std::size_t groups_ = 0;
  std::size_t highest_reference_ = 0;
  std::set<std::u32string> names_, referred_;
  std::vector<std::u32string> named_here_;  // in the alternative that is being read
};

}  // namespace

std::string to_re2_syntax(std::string_view pattern) {
  auto text = to_code_points(pattern);
  if (!text) throw PatternError("the pattern is not UTF-8", 0);
  return Translator(std::move(*text), false).run();
}

bool is_ecma_regex(std::string_view text) {
  auto code_points = to_code_points(text);
  if (!code_points) return false;
  try {
    Translator(std::move(*code_points), true).run();
    return true;
  } catch (const PatternError&) {
    return false;
  }
}

}  // namespace mcp::schema
