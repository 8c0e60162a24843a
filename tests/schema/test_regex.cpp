// `pattern` is ECMA-262's regular expression, although RE2 runs it.

#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include <mcp/schema/ascii_matcher.h>
#include <mcp/schema/schema.h>

using mcp::Json;
using namespace mcp::schema;

namespace {

bool matches(const char* pattern, const std::string& text) {
  return Schema::compile({{"pattern", pattern}}).valid(text);
}

std::string refusal(const std::string& pattern) {
  try {
    Schema::compile({{"pattern", pattern}});
  } catch (const SchemaError& error) {
    const std::string text = error.what();
    return text.substr(text.find("at character "));
  }
  return "compiled";
}

}  // namespace

TEST_CASE("a pattern is not anchored, and $ is the very end") {
  CHECK(matches("b", "abc"));
  CHECK(matches("^abc$", "abc"));
  CHECK_FALSE(matches("^abc$", "abc\n"));
  CHECK_FALSE(matches("^b$", "a\nb"));
}

TEST_CASE("digits and word characters are ASCII; white space is Unicode's") {
  CHECK_FALSE(matches("^\\d$", "߀"));
  CHECK(matches("^\\D$", "߀"));
  CHECK_FALSE(matches("^\\w$", "é"));
  CHECK(matches("^\\W$", "é"));
  for (const char* space : {" ", "\t", "\v", "\u00a0", "\u2003", "\u2028", "\u3000", "\ufeff"}) {
    CHECK(matches("^\\s$", space));
    CHECK_FALSE(matches("^\\S$", space));
    CHECK(matches("^[\\s]$", space));
    CHECK_FALSE(matches("^[\\S]$", space));
    CHECK(matches("^[^\\S]$", space));
  }
  CHECK_FALSE(matches("^\\s$", "\u200b"));
  CHECK(matches("^[\\S]$", "\u200b"));
  CHECK(matches("^[\\S]$", "x"));
}

TEST_CASE("the dot stops at every line terminator") {
  CHECK(matches("^.$", "é"));
  CHECK(matches("^.$", "💩"));
  for (const char* end : {"\n", "\r", "\u2028", "\u2029"}) CHECK_FALSE(matches("^.$", end));
}

TEST_CASE("escapes of ECMA-262") {
  CHECK(matches("^\\cC\\cc$", "\x03\x03"));
  CHECK(matches("^\\u0041\\x42\\u{43}$", "ABC"));
  CHECK(matches("^\\uD83D\\uDCA9$", "💩"));
  CHECK(matches("^[\\uD83D\\uDCA9-\\uD83D\\uDCAB]$", "💪"));
  CHECK(matches("^\\t\\n\\v\\f\\r\\0$", std::string("\t\n\v\f\r\0", 6)));
  CHECK(matches("^a\\/b\\-c$", "a/b-c"));
  CHECK(matches("^[\\b]$", "\b"));
  CHECK(matches("\\bword\\b", "a word."));
  CHECK(matches("^[a-]$", "-"));
  CHECK(matches("^[\\d-x]+$", "1-x"));
  CHECK(matches("^[[:alpha:]]$", ":]"));
  CHECK(matches("^(?<year>\\d{4})$", "2025"));
  CHECK(matches("^[^]$", "\n"));
  CHECK_FALSE(matches("[]", "a"));
  CHECK(matches("^a{,2}$", "a{,2}"));
  CHECK(matches("^(a|)b*?$", "bb"));
}

TEST_CASE("Unicode properties by their long and short names") {
  CHECK(matches("^\\p{Letter}cole$", "École"));
  CHECK(matches("^\\p{L}+$", "слово"));
  CHECK(matches("^\\p{Script=Cyrillic}+$", "слово"));
  CHECK(matches("^\\p{sc=Grek}$", "λ"));
  CHECK(matches("^[\\p{Lu}\\p{digit}]+$", "Ä߀"));
  CHECK(matches("^\\P{Uppercase_Letter}$", "ä"));
  CHECK(matches("^\\p{General_Category=Decimal_Number}$", "٣"));
  CHECK(matches("^[\\p{sc=Ethi}\\p{Script=Old_Persian}\\p{sc=Zyyy}]+$", "ሀ𐎠1"));
  CHECK(matches("^\\p{ASCII}$", "a"));
  CHECK_FALSE(matches("^[\\P{ASCII}]$", "a"));
  CHECK(matches("^\\p{Any}\\p{Assigned}$", "\u0378a"));
  CHECK_FALSE(matches("\\P{Any}", "a"));
}

TEST_CASE("what is no property, and one that RE2 has no table of") {
  CompileOptions options;
  options.assert_format = true;
  const Schema regex = Schema::compile({{"format", "regex"}}, options);
  for (const char* text :
       {"\\p{Foo}", "\\p{Script=Foo}", "\\p{scx=Foo}", "\\p{gc=Greek}", "\\p{}"}) {
    CAPTURE(text);
    CHECK_FALSE(regex.valid(text));
  }
  for (const char* text : {"\\p{Emoji}", "\\p{ID_Start}", "\\p{scx=Greek}", "\\P{Alpha}"}) {
    CAPTURE(text);
    CHECK(regex.valid(text));
  }
}

TEST_CASE("categories of what is not assigned, and cased letters") {
  for (const char* text : {"\u0378", "\u0001", "\u200b", "\ue000"}) {
    CAPTURE(text);
    CHECK(matches("^\\p{C}$", text));
    CHECK(matches("^[\\p{Other}]$", text));
    CHECK_FALSE(matches("^[^\\p{C}]$", text));
    CHECK_FALSE(matches("^\\P{C}$", text));
  }
  CHECK(matches("^[^\\p{C}]$", "a"));
  CHECK(matches("^[\\p{C}a]{2}$", "a\u0378"));
  CHECK(matches("^\\p{Cn}$", "\u0378"));
  CHECK_FALSE(matches("^\\p{Unassigned}$", "\u0001"));
  CHECK(matches("^\\P{Cn}$", "\u0001"));
  CHECK(matches("^\\p{LC}\\P{LC}[\\P{LC}ä]$", "aªä"));
  CHECK_FALSE(matches("^\\P{LC}$", "ǅ"));
}

TEST_CASE("binary properties, by both names") {
  CHECK(matches("^\\p{White_Space}\\p{space}$", "\u0085\u3000"));
  CHECK_FALSE(matches("\\p{White_Space}", "\ufeff"));
  CHECK(matches("^\\p{Uppercase}\\p{Upper}$", "ÄⅫ"));
  CHECK(matches("^\\p{Lowercase}\\p{Lower}$", "äⅻ"));
  CHECK(matches("^[\\P{Lowercase}]$", "Ä"));
  CHECK_FALSE(matches("^[^\\P{Lower}]$", "Ä"));
  CHECK(matches("^\\p{ASCII_Hex_Digit}\\p{AHex}\\p{Hex_Digit}$", "aF９"));
  CHECK_FALSE(matches("\\p{AHex}", "９g"));
  CHECK(matches("^\\p{Regional_Indicator}{2}$", "🇫🇷"));
  CHECK(matches("^☺\\p{VS}$", "☺\ufe0f"));
  CHECK(matches("^\\p{Emoji_Modifier}$", "🏽"));
  CHECK(matches("^\\p{Noncharacter_Code_Point}\\p{Join_Control}$", "\ufffe\u200d"));
}

TEST_CASE("what a class may hold") {
  CHECK(matches("^[\\-\\]\\\\^]+$", "-]\\^"));
  CHECK(matches("^[^^]$", "a"));
  CHECK_FALSE(matches("^[^^]$", "^"));
  CHECK(matches("^[--0]$", "."));
  CHECK(matches("^[\\w-]$", "-"));
  CHECK(matches("^[a-\\d]{3}$", "a-5"));
  CHECK_FALSE(matches("[\\D]", "5"));
  CHECK(matches("^[\\S\\s]$", "\n"));
  CHECK_FALSE(matches("[^\\S\\s]", "a \n"));
  CHECK(matches("^[\\cA\\x02\\u0003\\u{4}]{4}$", "\x01\x02\x03\x04"));
  CHECK(refusal("[\\1]") == "at character 2, \\1 is no escape of ECMA-262");
  CHECK(refusal("[\\B]") == "at character 2, \\B is no escape of ECMA-262");
}

TEST_CASE("ends of the text, not of its lines") {
  for (const char* end : {"\n", "\r", "\u2028"}) {
    CHECK_FALSE(matches("a$", std::string("a") + end));
    CHECK_FALSE(matches("^b", std::string("a") + end + "b"));
  }
  CHECK(refusal("^*") == "at character 2, nothing to repeat");
  CHECK(refusal("$+") == "at character 2, nothing to repeat");
  CHECK(refusal("\\b?") == "at character 3, nothing to repeat");
  CHECK(refusal("\\A") == "at character 1, \\A is no escape of ECMA-262");
  CHECK(refusal("(?m^a)") == "at character 2, unknown kind of group");
}

TEST_CASE("what is no regular expression is refused with its position") {
  CHECK(refusal("a(b") == "at character 4, missing ')'");
  CHECK(refusal("ab)") == "at character 3, unmatched ')'");
  CHECK(refusal("a**") == "at character 3, nothing to repeat");
  CHECK(refusal("[z-a]") == "at character 2, the range is out of order");
  CHECK(refusal("a{3,2}") == "at character 2, the repeat counts are out of order");
  CHECK(refusal("a\\Z") == "at character 2, \\Z is no escape of ECMA-262");
  CHECK(refusal("\\a") == "at character 1, \\a is no escape of ECMA-262");
  CHECK(refusal("[a") == "at character 1, missing ']'");
  CHECK(refusal("a\\") == "at character 3, nothing follows the last backslash");
  CHECK(refusal("(?<=a)b").starts_with("at character 1, a lookbehind"));
  CHECK(refusal("a{1,2000}") == "at character 2, repeat counts above 1000 are not supported");
  CHECK(refusal("a(b{20}c){60}") == "at character 10, repeat counts above 1000 are not supported");
  CHECK(refusal("a\\p{Emoji}") ==
        "at character 2, the property Emoji is not supported (general categories, scripts and some "
        "others are)");
  for (const char* name : {"Script=Latin=", "sc=Foo", "Latin", "l", "^L", "gc=ASCII", "Ll=a", "=L",
                           "Lowercase_letter"}) {
    CAPTURE(name);
    CHECK(refusal("\\p{" + std::string(name) + "}")
              .starts_with("at character 1, there is no property "));
  }
  CHECK(refusal("a(?!b)").starts_with("at character 2, a lookahead"));
  CHECK(refusal("(a)\\1").starts_with("at character 4, a back-reference"));
  CHECK(refusal("(?<n>a)\\k<n>").starts_with("at character 8, a back-reference"));
  CHECK(refusal("(?<n>a)(?<n>b)") == "at character 11, a group of that name was there before");
  CHECK(refusal("[^\\P{LC}a]").starts_with("at character 1, this mixture of sets"));
}

TEST_CASE("simple patterns, which a table decides, mean the same as those that RE2 runs") {
  using mcp::schema::AsciiMatcher;
  const char* const patterns[] = {"^[a-z]{2}(-[A-Z]{2})?$",
                                  "",
                                  "^$",
                                  "a",
                                  "ab|ba",
                                  "^a|b$",
                                  "^(?:a|ab)(?:c|bcd)$",
                                  "(a|b)*abb",
                                  "^[^ab]+$",
                                  "^.$",
                                  "\\d{2,}",
                                  "^\\w+-?\\s*$",
                                  "^\\S*[\\-.]",
                                  "a{0,3}b{2}$",
                                  "^(a?){3}$",
                                  "^(()|a)+b",
                                  "$^",
                                  "a$|^b",
                                  "^[a-b\\d]+?$",
                                  "[]",
                                  "^(a|[^]b)$",
                                  "(^a)+b",
                                  "x*"};
  const char alphabet[] = "aabbcdAB-1 9.\n";
  std::uint32_t random = 12345;
  const auto next = [&random](std::uint32_t bound) {
    random = random * 1664525 + 1013904223;
    return (random >> 16) % bound;
  };
  for (const char* pattern : patterns) {
    CAPTURE(pattern);
    const auto simple = AsciiMatcher::make(pattern);
    REQUIRE(simple.has_value());
    // A named group is nothing for the table.
    const std::string grouped = "(?<all>" + std::string(pattern) + ")";
    REQUIRE_FALSE(AsciiMatcher::make(grouped).has_value());
    const Schema by_re2 = Schema::compile({{"pattern", grouped}});
    for (int i = 0; i < 400; ++i) {
      std::string text;
      for (std::uint32_t length = next(9); length > 0; --length)
        text += alphabet[next(sizeof alphabet - 1)];
      CAPTURE(text);
      REQUIRE(simple->matches(text) == (by_re2.valid(text) ? Glance::fits : Glance::fails));
    }
  }
}

TEST_CASE("a table leaves what goes beyond ASCII, or would be large, to RE2") {
  using mcp::schema::AsciiMatcher;
  for (const char* pattern :
       {"(\\", "\\bword", "é", "\\p{L}", "(?=a)b", "\\u0041", "(a|b)*a(a|b){12}", "[a-z]{500}",
        "((((a{9}){9}){9}){9}){9}", "((){300}){300}"})
    CHECK_FALSE(AsciiMatcher::make(pattern).has_value());
  const auto any = AsciiMatcher::make("^a.c$");
  REQUIRE(any.has_value());
  CHECK(any->matches("abc") == Glance::fits);
  CHECK(any->matches("aéc") == Glance::undecided);
  CHECK(any->matches("xé") == Glance::fails);  // decided before
  CHECK(matches("^a.c$", "aéc"));
}

TEST_CASE("pattern properties use the same expressions") {
  const Schema schema =
      Schema::compile(Json::parse(R"({"patternProperties": {"^\\p{Lu}": {"type": "integer"}},
                      "additionalProperties": false})"));
  CHECK(schema.valid({{"Éa", 1}}));
  CHECK_FALSE(schema.valid({{"Éa", "1"}}));
  CHECK_FALSE(schema.valid({{"éa", 1}}));
}

TEST_CASE("escapes mean the same to the table and to RE2") {
  const Schema nul = Schema::compile({{"pattern", "^\\u{0}$"}});
  CHECK(nul.valid(std::string(1, '\0')));
  CHECK_FALSE(nul.valid(""));
  CHECK_FALSE(Schema::compile({{"pattern", "\\u{00}"}}).valid("u"));
  CHECK(Schema::compile({{"pattern", "^\\x41{2}$"}}).valid("AA"));
}

TEST_CASE("no boundary is found inside a character") {
  const Schema schema = Schema::compile({{"pattern", "a\\Bb|\\B\\u{e9}"}});
  CHECK(schema.valid("ab"));
  CHECK_FALSE(schema.valid("a b"));
  CHECK_FALSE(schema.valid("1\u00e91"));
  CHECK(
      refusal("\\B") ==
      "at character 1, \\B with no character beside it can't be matched in linear time and is not "
      "supported");
  CHECK(refusal("x*\\B") != "");
}

TEST_CASE("a group may change what case and the dot mean") {
  CHECK(Schema::compile({{"pattern", "^(?i:a(?-i:b))c$"}}).valid("Abc"));
  CHECK_FALSE(Schema::compile({{"pattern", "^(?i:a(?-i:b))c$"}}).valid("ABc"));
  CHECK_FALSE(Schema::compile({{"pattern", "^(?i:a)c$"}}).valid("aC"));
  CHECK(Schema::compile({{"pattern", "^(?s:.)$"}}).valid("\n"));
  CHECK_FALSE(Schema::compile({{"pattern", "^(?s:.(?-s:.))$"}}).valid("\n\n"));
  CHECK(Schema::compile({{"pattern", "^(?s:(?i:a.)).$"}}).valid("A\nb"));
  CHECK(refusal("(?m:^a)") ==
        "at character 2, the modifier m can't be matched in linear time and is not supported");
}

TEST_CASE("what case means for a property is not guessed") {
  CHECK(
      refusal("(?i:\\P{Lu})") ==
      "at character 5, a property where case is ignored can't be matched in linear time and is not "
      "supported");
  CHECK(Schema::compile({{"pattern", "^(?i:k)\\p{Lu}$"}}).valid("KK"));
}
