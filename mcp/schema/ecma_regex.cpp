#include <mcp/schema/ecma_regex.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include <mcp/schema/code_points.h>

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

// ECMA's long names (and the aliases that Unicode gives) for what RE2 knows by two letters.
constexpr std::array<std::pair<std::u32string_view, std::string_view>, 42> categories = {{
    {U"Letter", "L"},
    {U"Cased_Letter", "LC"},
    {U"Uppercase_Letter", "Lu"},
    {U"Lowercase_Letter", "Ll"},
    {U"Titlecase_Letter", "Lt"},
    {U"Modifier_Letter", "Lm"},
    {U"Other_Letter", "Lo"},
    {U"Mark", "M"},
    {U"Combining_Mark", "M"},
    {U"Nonspacing_Mark", "Mn"},
    {U"Spacing_Mark", "Mc"},
    {U"Enclosing_Mark", "Me"},
    {U"Number", "N"},
    {U"Decimal_Number", "Nd"},
    {U"digit", "Nd"},
    {U"Letter_Number", "Nl"},
    {U"Other_Number", "No"},
    {U"Punctuation", "P"},
    {U"punct", "P"},
    {U"Connector_Punctuation", "Pc"},
    {U"Dash_Punctuation", "Pd"},
    {U"Open_Punctuation", "Ps"},
    {U"Close_Punctuation", "Pe"},
    {U"Initial_Punctuation", "Pi"},
    {U"Final_Punctuation", "Pf"},
    {U"Other_Punctuation", "Po"},
    {U"Symbol", "S"},
    {U"Math_Symbol", "Sm"},
    {U"Currency_Symbol", "Sc"},
    {U"Modifier_Symbol", "Sk"},
    {U"Other_Symbol", "So"},
    {U"Separator", "Z"},
    {U"Space_Separator", "Zs"},
    {U"Line_Separator", "Zl"},
    {U"Paragraph_Separator", "Zp"},
    {U"Other", "C"},
    {U"Control", "Cc"},
    {U"cntrl", "Cc"},
    {U"Format", "Cf"},
    {U"Surrogate", "Cs"},
    {U"Private_Use", "Co"},
    {U"Unassigned", "Cn"},
}};

constexpr std::array<std::pair<std::u32string_view, std::string_view>, 14> scripts = {{
    {U"Latn", "Latin"},
    {U"Grek", "Greek"},
    {U"Cyrl", "Cyrillic"},
    {U"Hani", "Han"},
    {U"Hira", "Hiragana"},
    {U"Kana", "Katakana"},
    {U"Hang", "Hangul"},
    {U"Arab", "Arabic"},
    {U"Hebr", "Hebrew"},
    {U"Thaa", "Thaana"},
    {U"Deva", "Devanagari"},
    {U"Beng", "Bengali"},
    {U"Armn", "Armenian"},
    {U"Geor", "Georgian"},
}};

std::string hex(char32_t code) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  do out.insert(out.begin(), digits[code & 15]);
  while ((code >>= 4) != 0);
  return "\\x{" + out + "}";
}

std::string literal(char32_t code) {
  if (is_ascii_letter(code) || is_ascii_digit(code) || code == ' ' || code == '_')
    return std::string(1, static_cast<char>(code));
  return hex(code);
}

bool is_name_character(char32_t c) {
  return is_ascii_letter(c) || is_ascii_digit(c) || c == '_' || c == '$' || c >= 0x80;
}

class Translator {
 public:
  // With `only_syntax`, what RE2 can't express passes.
  Translator(std::u32string text, bool only_syntax)
      : text_(std::move(text)), only_syntax_(only_syntax) {}

  std::string run() {
    std::string out = disjunction();
    if (!at_end()) fail("unmatched ')'");
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
    std::string out = alternative();
    while (take(U"|")) out += "|" + alternative();
    --depth_;
    return out;
  }

  std::string alternative() {
    std::string out;
    while (!at_end() && peek() != '|' && peek() != ')') out += term();
    return out;
  }

  std::string term() {
    if (take(U"^")) return "\\A";
    if (take(U"$")) return "\\z";
    if (take(U"\\b")) return "\\b";
    if (take(U"\\B")) return "\\B";
    const std::size_t start = at_;
    for (std::u32string_view look : {U"(?=", U"(?!", U"(?<=", U"(?<!"}) {
      if (!take(look)) continue;
      unsupported(look.size() == 3 ? "a lookahead" : "a lookbehind", start);
      disjunction();
      if (!take(U")")) fail("missing ')'");
      if (look.size() == 3) quantifier();  // Annex B lets a lookahead repeat
      return "";
    }
    std::string out = atom();
    return out + quantifier();
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
      if (escape.code) return literal(*escape.code);
      return escape.outside;
    }
    ++at_;
    if (c == '.') return R"([^\n\r\x{2028}\x{2029}])";
    return literal(c);
  }

  std::string group() {
    ++at_;
    std::string open = "(?:";
    if (take(U"?i:")) {
      open = "(?i:";
    } else if (take(U"?<")) {
      if (!is_name_character(peek()) || is_ascii_digit(peek())) fail("a group name is missing");
      while (!at_end() && is_name_character(peek())) ++at_;
      if (!take(U">")) fail("a group name must end with '>'");
    } else if (peek() == '?' && !take(U"?:")) {
      fail("unknown kind of group");
    }
    std::string out = open + disjunction() + ")";
    if (!take(U")")) fail("missing ')'");
    return out;
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
    } else if (take(U"+")) {
      out = "+";
    } else if (take(U"?")) {
      out = "?";
    } else if (peek() == '{' && is_quantifier()) {
      ++at_;
      const std::uint32_t least = count();
      std::uint32_t most = least;
      const bool comma = take(U",");
      const bool open = comma && peek() == '}';
      if (comma && !open) most = count();
      ++at_;
      if (most < least) throw PatternError("the repeat counts are out of order", start);
      if (most > max_repeat && !only_syntax_)
        throw PatternError("repeat counts above 1000 are not supported", start);
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
    std::string outside, inside;  ///< a set's spelling outside and inside of a class
  };

  static Escape set(std::string text) { return {std::nullopt, text, text}; }

  Escape read_escape(bool in_class) {
    if (at_end()) fail("nothing follows the last backslash");
    const std::size_t start = at_ - 1;
    const char32_t c = text_[at_++];
    switch (c) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
        return set(std::string("\\") + static_cast<char>(c));
      case 's':
        return ranges(space_ranges, space_ranges, false);
      case 'S':
        return ranges(space_ranges, other_ranges, true);
      case 'p':
      case 'P':
        return property(c == 'P');
      case 't':
        return {U'\t', {}, {}};
      case 'n':
        return {U'\n', {}, {}};
      case 'v':
        return {U'\v', {}, {}};
      case 'f':
        return {U'\f', {}, {}};
      case 'r':
        return {U'\r', {}, {}};
      case 'c':
        if (!is_ascii_letter(peek())) fail("\\c must be followed by a letter");
        return {text_[at_++] % 32, {}, {}};
      case 'x':
        return {hex_digits(2), {}, {}};
      case 'u':
        return {unicode_escape(), {}, {}};
      case '0':
        if (is_ascii_digit(peek())) fail("octal escapes are not supported");
        return {U'\0', {}, {}};
      case 'b':
        if (in_class) return {U'\b', {}, {}};
        break;
      case 'k':
        if (!in_class && take(U"<")) {
          unsupported("a back-reference", start);
          while (!at_end() && is_name_character(peek())) ++at_;
          if (!take(U">")) fail("a group name must end with '>'");
          return set("");
        }
        break;
      default:
        if (is_ascii_digit(c) && !in_class) {
          unsupported("a back-reference", start);
          while (is_ascii_digit(peek())) ++at_;
          return set("");
        }
        if (!is_ascii_letter(c) && !is_ascii_digit(c)) return {c, {}, {}};
    }
    std::string name = to_utf8(std::u32string(1, c));
    throw PatternError("\\" + name + " is no escape of ECMA-262", start);
  }

  static Escape ranges(std::string_view positive, std::string_view inside, bool negated) {
    return {std::nullopt, (negated ? "[^" : "[") + std::string(positive) + "]",
            std::string(inside)};
  }

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
    if (code < 0xD800 || code > 0xDBFF || !take(U"\\u")) return code;
    const char32_t low = hex_digits(4);
    if (low < 0xDC00 || low > 0xDFFF) fail("half of a surrogate pair is missing");
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }

  Escape property(bool negated) {
    const std::size_t start = at_ - 2;
    if (!take(U"{")) fail("\\p must be followed by {a property}");
    const std::size_t begin = at_;
    while (!at_end() && peek() != '}') ++at_;
    std::u32string_view name = std::u32string_view(text_).substr(begin, at_ - begin);
    if (!take(U"}") || name.empty()) fail("a property must be named and end with '}'");
    const std::size_t equals = name.find('=');
    const std::u32string_view kind =
        equals == name.npos ? std::u32string_view() : name.substr(0, equals);
    if (equals != name.npos) name.remove_prefix(equals + 1);

    std::string re2_name;
    if (kind.empty() || kind == U"General_Category" || kind == U"gc") {
      if (kind.empty() && (name == U"Any" || name == U"ASCII")) {
        const std::string all = name == U"Any" ? "\\x{0}-\\x{10FFFF}" : "\\x{0}-\\x{7F}";
        const std::string rest = name == U"Any" ? "" : "\\x{80}-\\x{10FFFF}";
        return {std::nullopt, (negated ? "[^" : "[") + all + "]", negated ? rest : all};
      }
      if (name.size() <= 2) re2_name = to_utf8(name);
      for (const auto& [long_name, short_name] : categories)
        if (long_name == name) re2_name = short_name;
    } else if (kind == U"Script" || kind == U"sc") {
      re2_name = to_utf8(name);
      for (const auto& [short_name, long_name] : scripts)
        if (short_name == name) re2_name = long_name;
    }
    if (re2_name.empty() && !only_syntax_)
      throw PatternError("the property " + to_utf8(name) +
                             " is not supported (general categories and scripts are)",
                         start);
    if (re2_name == "LC") {
      constexpr std::string_view cased = "\\p{Lu}\\p{Ll}\\p{Lt}";
      if (!negated) return ranges(cased, cased, false);
      throw PatternError("\\P{LC} is not supported", start);
    }
    return set((negated ? "\\P{" : "\\p{") + re2_name + "}");
  }

  // One member of a class: a code point, or a set in `out`.
  std::optional<char32_t> class_atom(std::string& out) {
    if (!take(U"\\")) return text_[at_++];
    if (take(U"-")) return U'-';
    Escape escape = read_escape(true);
    if (!escape.code) out += escape.inside;
    return escape.code;
  }

  std::string character_class() {
    const std::size_t start = at_++;
    const bool negated = take(U"^");
    std::string members;
    bool any = false;
    while (!at_end() && peek() != ']') {
      any = true;
      const std::size_t first_at = at_;
      const auto first = class_atom(members);
      if (peek() != '-' || peek(1) == ']' || at_ + 1 >= text_.size()) {
        if (first) members += literal(*first);
        continue;
      }
      ++at_;
      std::string set_after;
      const auto last = class_atom(set_after);
      if (first && last) {
        if (*last < *first) throw PatternError("the range is out of order", first_at);
        members += literal(*first) + "-" + literal(*last);
        continue;
      }
      // A set is no end of a range: the hyphen stands for itself.
      if (first) members += literal(*first);
      members += literal('-') + set_after;
      if (last) members += literal(*last);
    }
    if (!take(U"]")) throw PatternError("missing ']'", start);
    if (!any || members.empty()) return negated ? "(?s:.)" : R"([^\x{0}-\x{10FFFF}])";
    return (negated ? "[^" : "[") + members + "]";
  }

  std::u32string text_;
  bool only_syntax_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
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
