#include <doctest/doctest.h>

#include <string>

#include <mcp/base/utf8.h>

using namespace mcp;

TEST_CASE("valid UTF-8") {
  for (const char* text :
       {"", "plain ASCII, long enough for words", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
        "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(text);
    CHECK(is_valid_utf8(text));
    CHECK(replace_invalid_utf8(text) == text);
  }
  CHECK(is_valid_utf8(std::string("a\0b", 3)));
}

TEST_CASE("overlong forms, surrogates and what is past U+10FFFF are invalid") {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                           "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
                           "\xC3", "\xE2\x82", "\xF0\x9F\x98", "12345678\xFF"}) {
    CAPTURE(text);
    CHECK_FALSE(is_valid_utf8(text));
  }
  CHECK(valid_utf8_prefix("1234567\xC3\xA4"
                          "9\xFF"
                          "x") == 10);
}

TEST_CASE("one replacement a maximal subpart, as in Unicode's table 3-8") {
  CHECK(replace_invalid_utf8("a\xF1\x80\x80\xE1\x80\xC2"
                             "b\x80"
                             "c\x80\xBF"
                             "d") ==
        "a\uFFFD\uFFFD\uFFFD"
        "b\uFFFD"
        "c\uFFFD\uFFFD"
        "d");
  CHECK(replace_invalid_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("code points are counted and never cut") {
  const std::string text = "a\u00E4\u20AC\U0001F600";
  CHECK(code_point_count(text) == 4);
  CHECK(truncate_utf8(text, 100) == text);
  CHECK(truncate_utf8(text, 10) == text);
  CHECK(truncate_utf8(text, 9) == "a\u00E4\u20AC");
  CHECK(truncate_utf8(text, 5) == "a\u00E4");
  CHECK(truncate_utf8(text, 2) == "a");
  CHECK(truncate_utf8(text, 0) == "");
}

TEST_CASE("code points become UTF-8") {
  std::string out;
  for (const char32_t c : {U'a', U'\u00E4', U'\u20AC', U'\U0001F600'}) append_utf8(c, out);
  CHECK(out == "a\u00E4\u20AC\U0001F600");
  std::string replaced;
  append_utf8(0xD800, replaced);
  append_utf8(0x110000, replaced);
  CHECK(replaced == "\uFFFD\uFFFD");
}
