// The front matter of Markdown files: what people write is read as every YAML reader reads it, and
// what readers differ about is refused.

#include <doctest/doctest.h>

#include <string>

#include <mcp/base/front_matter.h>

namespace {

std::string read(const std::string& yaml) {
  try {
    return mcp::parse_front_matter("---\n" + yaml + "---\nThe text.\n").dump();
  } catch (const mcp::FrontMatterError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("names and values, typed as YAML 1.2 does") {
  CHECK(read("name: pdf\ndescription: Reads PDFs # a comment\n") ==
        R"({"description":"Reads PDFs","name":"pdf"})");
  CHECK(read("a: 1\nb: -2\nc: 1.50\nd: true\ne: ~\nf:\ng: 0x1F\nh: 0o17\ni: +3\nj: 1e3\n") ==
        R"({"a":1,"b":-2,"c":1.5,"d":true,"e":null,"f":null,"g":31,"h":15,"i":3,"j":1000.0})");
  CHECK(
      read("a: yes\nb: No\nc: 1.2.3\nd: 2026-01-02\ne: 1_000\nf: 0b1\ng: e5\nh: .\n") ==
      R"({"a":"yes","b":"No","c":"1.2.3","d":"2026-01-02","e":"1_000","f":"0b1","g":"e5","h":"."})");
  CHECK(read("a: 18446744073709551615\nb: -9223372036854775808\n") ==
        R"({"a":18446744073709551615,"b":-9223372036854775808})");
  CHECK(read("url: http://example.com/a#b\ntime: 12:30\n") ==
        R"({"time":"12:30","url":"http://example.com/a#b"})");
  CHECK(read("") == "{}");
  CHECK(read("# nothing\n\n") == "{}");
}

TEST_CASE("texts in quotes") {
  CHECK(read("a: \"x: y # z\"\nb: 'it''s'\nc: \"\\u00e9\\t\\\"\\\\\"\nd: ''\n") ==
        "{\"a\":\"x: y # z\",\"b\":\"it's\",\"c\":\"é\\t\\\"\\\\\",\"d\":\"\"}");
  CHECK(read("a: \"one\n  two\n\n  three\\\n  four\"\n") == R"({"a":"one two\nthreefour"})");
  CHECK(read("a: \"ends in \\\\\"\nb: \"\\\\\n  on\"\n") == R"({"a":"ends in \\","b":"\\ on"})");
  CHECK(read("\"a b\": 1\n'c': 2\n") == R"({"a b":1,"c":2})");
}

TEST_CASE("texts of several lines") {
  CHECK(read("a: one\n  two\n\n  three\nb: 1\n") == R"({"a":"one two\nthree","b":1})");
  CHECK(read("a:\n  one\n  two\n") == R"({"a":"one two"})");
  CHECK(read("a: >\n  one\n  two\n\n  three\n    more\n  end\n\nb: 1\n") ==
        R"({"a":"one two\nthree\n  more\nend\n","b":1})");
  CHECK(read("a: |\n  one\n   two\n\n  # three\n") == R"({"a":"one\n two\n\n# three\n"})");
  CHECK(read("a: |-\n  one\n\nb: |+\n  two\n\nc: >-\n  x\n  y\n") ==
        R"({"a":"one","b":"two\n\n","c":"x y"})");
  CHECK(read("a: |2\n   one\n  two\n") == R"({"a":" one\ntwo\n"})");
  CHECK(read("a: |\nb: 1\n") == R"({"a":"","b":1})");
}

TEST_CASE("lists and names within names") {
  CHECK(read("a:\n  b: 1\n  c:\n    - x\n    - y\nd:\n- 1\n- e: 2\n  f: 3\n- - g\n  - h\n-\n") ==
        R"({"a":{"b":1,"c":["x","y"]},"d":[1,{"e":2,"f":3},["g","h"],null]})");
  CHECK(read("a: [1, two, \"three\", [4], {b: c}, ]\nd: {e: 1, 'f': [], g: {}}\n") ==
        R"({"a":[1,"two","three",[4],{"b":"c"}],"d":{"e":1,"f":[],"g":{}}})");
  CHECK(read("allowed-tools: Read, Grep(x*)\nmetadata:\n  version: \"1.0\"\n") ==
        R"_({"allowed-tools":"Read, Grep(x*)","metadata":{"version":"1.0"}})_");
}

TEST_CASE("what two readers could take differently is refused, and the line is named") {
  CHECK(read("a: 1\na: 2\n") == "line 3: 'a' comes twice");
  CHECK(read("a: b: c\n") == "line 2: a text with ': ' in it must be quoted");
  CHECK(read("a: one\n  two: three\n") == "line 3: a text with ': ' in it must be quoted");
  CHECK(read("a: &x 1\n") ==
        "line 2: anchors, aliases and tags are not read: quote it if it is a text");
  CHECK(read("a: *x\n") ==
        "line 2: anchors, aliases and tags are not read: quote it if it is a text");
  CHECK(read("a: !!str 1\n") ==
        "line 2: anchors, aliases and tags are not read: quote it if it is a text");
  CHECK(read("a: @x\n") == "line 2: a text that begins with '@' must be quoted");
  CHECK(read("a: - b\n") == "line 2: a text that begins with '-' must be quoted");
  CHECK(read("? a\n: b\n") == "line 2: expected 'name: value'");
  CHECK(read("<<: x\n") == "line 2: merge keys are not read");
  CHECK(read("1: x\n") == "line 2: a name that is no text must be quoted");
  CHECK(read("a: 18446744073709551616\n") ==
        "line 2: a number of more than 64 bits: quote it if it is a text");
  CHECK(read("a: .inf\n") == "line 2: a number that JSON can not hold: quote it if it is a text");
  CHECK(read("a: 1e999\n") == "line 2: a number that JSON can not hold: quote it if it is a text");
  CHECK(read("- a\n") == "line 2: expected 'name: value'");
  CHECK(read("only a text\n") == "line 2: expected 'name: value'");
  CHECK(read("a:\n\tb: 1\n") == "line 3: indented with a tab");
  CHECK(read("a: 1\n  b: 2\n") == "line 3: a text with ': ' in it must be quoted");
  CHECK(read("a:\n  b: 1\n c: 2\n") == "line 4: unexpected indentation");
  CHECK(read("a: \"x\n") == "line 2: a quote is not closed");
  CHECK(read("a: \"x\" y\n") == "line 2: unexpected text behind the value");
  CHECK(read("a: \"\\q\"\n") == "line 2: an unknown escape");
  CHECK(read("a: \"\\ud800\"\n") == "line 2: an escape that is no character");
  CHECK(read("a: [1,\n  2]\n") == "line 2: a collection in brackets must end on its line");
  CHECK(read("a: [1 2\n") == "line 2: a collection in brackets must end on its line");
  CHECK(read("a: {b}\n") == "line 2: expected ':' after 'b'");
  CHECK(read("a: |x\n  y\n") == "line 2: expected nothing, '-', '+' or a digit behind '|' or '>'");
  CHECK(read("a: x\ry\n") == "line 2: a control character");
  CHECK(read(std::string("a: x\0y\n", 7)) == "line 2: a control character");
  CHECK(read("a: \xff\n") == "line 2: not UTF-8");
}

TEST_CASE("the block is bounded, and must be there") {
  const auto whole = [](const std::string& text) {
    try {
      return mcp::parse_front_matter(text).dump();
    } catch (const mcp::FrontMatterError& error) {
      return std::string(error.what());
    }
  };
  CHECK(whole("") == "line 1: the file must begin with a line '---'");
  CHECK(whole("# Title\n") == "line 1: the file must begin with a line '---'");
  CHECK(whole("---\na: 1\n") == "line 2: the front matter does not end: a line '---' is missing");
  CHECK(whole("\xEF\xBB\xBF---\r\na: 1\r\n--- \r\nb") == R"({"a":1})");
  CHECK(whole("---\na: " + std::string(70'000, 'x') + "\n---\n") ==
        "line 2: the front matter has more than 65536 bytes");
  CHECK(read("a: " + std::string(40, '[') + "\n") == "line 2: nested too deeply");
  std::string deep = "a:\n";
  for (std::size_t i = 1; i < 40; ++i) deep += std::string(i, ' ') + "a:\n";
  CHECK(read(deep) == "line 35: nested too deeply");
  std::string items = "a:\n  ";
  for (int i = 0; i < 20'000; ++i) items += "- ";
  CHECK(read(items + "x\n") == "line 3: nested too deeply");
}
