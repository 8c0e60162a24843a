#include <doctest/doctest.h>

#include "servers/websearch/charset.h"

using fairlead::websearch::decode_text;

TEST_CASE("a page's encoding is what it is declared to be") {
  CHECK(decode_text("caf\xE9", "iso-8859-1").text == "café");
  CHECK(decode_text("\x93quoted\x94", "ISO-8859-1").text == "“quoted”");  // as browsers read it
  CHECK(decode_text("\x82\xB1\x82\xF1", "Shift_JIS").text == "こん");
  CHECK(decode_text("\xB0\xA1", "euc-kr").text == "가");
  CHECK(decode_text("\xC4\xE3\xBA\xC3", "gb2312").text == "你好");
  CHECK(decode_text("\xA7\x41\xA6\x6E", "big5").text == "你好");
  CHECK(decode_text("\xCF\xF0\xE8\xE2\xE5\xF2", "windows-1251").text == "Привет");
  CHECK(decode_text("\x1B$B$3$s\x1B(B", "iso-2022-jp").text == "こん");
}

TEST_CASE("without a declaration the page's own decides") {
  CHECK(decode_text("<html><meta charset=windows-1251><p>\xCF\xF0").text ==
        "<html><meta charset=windows-1251><p>Пр");
  CHECK(decode_text("<meta http-equiv='Content-Type' content='text/html; charset=gbk'>\xC4\xE3")
            .text.ends_with("你"));
  CHECK(decode_text("<?xml version='1.0' encoding='koi8-r'?>\xF0").text.ends_with("П"));
}

TEST_CASE("a byte order mark goes before everything, and is no text") {
  CHECK(decode_text("\xEF\xBB\xBFhé", "iso-8859-1").text == "hé");
  CHECK(decode_text(std::string_view("\xFF\xFEh\0i\0", 6)).text == "hi");
  CHECK(decode_text(std::string_view("\xFE\xFF\0h\0i", 6)).text == "hi");
}

TEST_CASE("a wrong declaration is not believed") {
  CHECK(decode_text("café", "iso-8859-1").text == "café");               // it is UTF-8
  CHECK(decode_text("na\xEFve caf\xE9", "utf-8").text == "naïve café");  // it is not
  CHECK(decode_text("<meta charset=utf-16>plain").text == "<meta charset=utf-16>plain");
  CHECK(decode_text("caf\xE9", "no-such-charset").text == "café");
}

TEST_CASE("undeclared text is guessed from its letters") {
  CHECK(decode_text("\xCF\xF0\xE8\xE2\xE5\xF2, \xEC\xE8\xF0").text == "Привет, мир");
  CHECK(decode_text("\xA4\xB3\xA4\xEC\xA4\xCF\xA5\xDA\xA1\xBC\xA5\xB8\xA4\xC7\xA4\xB9").text ==
        "これはページです");
  CHECK(decode_text("\x82\xB1\x82\xEA\x82\xCD\x83\x79\x81\x5B\x83\x57\x82\xC5\x82\xB7").text ==
        "これはページです");
}

TEST_CASE("bytes that encode nothing become the replacement character") {
  CHECK(decode_text("ab\xC0z w\xC3\xB6rld, and much more \xC3\xB6 text after it", "utf-8")
            .text.size() > 10);
  CHECK(decode_text("\x82\xB1\x82", "shift_jis").text == "こ\uFFFD");
  CHECK(decode_text("").text.empty());
}
