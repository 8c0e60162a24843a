#include "servers/filesystem/editing.h"

#include "servers/filesystem/unified_diff.h"
#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

std::string edited(const std::string& content, const std::vector<Edit>& edits) {
  return apply_edits(content, edits).bytes;
}

std::string hunks(const std::string& before, const std::string& after) {
  const std::string diff = unified_diff(before, after, "/f");
  const std::string header =
      "Index: /f\n===================================================================\n"
      "--- /f\toriginal\n+++ /f\tmodified\n";
  REQUIRE(diff.substr(0, header.size()) == header);
  return diff.substr(header.size());
}

}  // namespace

TEST_CASE("an edit replaces what is found as it is, one after the other") {
  CHECK(edited("one two", {{"two", "2"}}) == "one 2");
  CHECK(edited("a b c", {{"a", "b"}, {"b b", "x"}}) == "x c");
  CHECK(edited("k=$&", {{"$&", "$$"}}) == "k=$$");
}

TEST_CASE("an edit that is not found is refused") {
  CHECK(failure_of([] {
          edited("one", {{"two", "2"}});
        }) == "Could not find exact match for edit:\ntwo");
  CHECK(failure_of([] {
          edited("one", {{"", "2"}});
        }) == "oldText is empty. Give the text to replace; write_file writes a whole file.");
}

TEST_CASE("an edit that is found more than once is refused unless it says so") {
  CHECK(failure_of([] { edited("a a a", {{"a", "b"}}); }).rfind("Found 3 matches, which", 0) == 0);
  CHECK(failure_of([] { edited("aaa", {{"aa", "b"}}); }).rfind("Found 2 matches, which", 0) == 0);
  CHECK(edited("a a a", {{"a", "bb", true}}) == "bb bb bb");
  CHECK(edited("a a a", {{"a", "b", false, 3}}) == "b b b");
  CHECK(failure_of([] {
          edited("a a a", {{"a", "b", false, 2}});
        }) == "Found 3 matches, not the expected 2, for edit:\na");
  CHECK(failure_of([] { edited(" x\nx \n", {{"x\t", "y"}}); }).rfind("Found 2", 0) == 0);
}

TEST_CASE("lines that differ in their white space match, and keep their indentation") {
  CHECK(edited("if (a) {\n    b();\n    c();\n}\n", {{"  b();\n  c();", "  b();\n    d();"}}) ==
        "if (a) {\n    b();\n      d();\n}\n");
  CHECK(edited("\tone\n\ttwo\n", {{"one \ntwo ", "1\n2"}}) == "\t1\n2\n");
  CHECK(edited("\xc2\xa0x\xc2\xa0\n", {{"x ", "y"}}) == "\xc2\xa0y\n");
}

TEST_CASE("line breaks stay as they are, new ones are as those that they replace") {
  CHECK(edited("a\r\nb\r\n", {{"a\nb", "c\nd\ne"}}) == "c\r\nd\r\ne\r\n");
  CHECK(edited("a\r\nb\r\n", {{"a\r\nb", "c\r\nd"}}) == "c\r\nd\r\n");
  CHECK(edited("a\nb\r\nc\n", {{"c", "d"}}) == "a\nb\r\nd\n");
  CHECK(edited("a\r\nb\r\nc", {{"c", "c\nd"}}) == "a\r\nb\r\nc\r\nd");
  CHECK(edited("a\r\nb\nc\n", {{"b\nc", "x\ny"}}) == "a\r\nx\ny\n");
  CHECK(edited("\xef\xbb\xbf"
               "a\r\n",
               {{"a", "b"}}) ==
        "\xef\xbb\xbf"
        "b\r\n");
  CHECK(edited("a\rb", {{"b", "c"}}) == "a\rc");
  CHECK(apply_edits("a\r\n", {{"a", "b"}}).after == "b\n");
}

TEST_CASE("an edit can't make a file grow without bound, and takes time by its length only") {
  const std::string many(1 << 20, 'a');
  CHECK(failure_of([&] {
          edited(many, {{"a", "bb", true}});
        }) == "More than 100000 matches for one edit.");
  const std::string some(50'000, 'a');
  CHECK(failure_of([&] {
          edited(some, {{"a", std::string(10'000, 'b'), true}});
        }) == "The edited text would have more than 67108864 bytes.");
  CHECK(edited(some, {{"a", "bb", true}}) == std::string(100'000, 'b'));
}

TEST_CASE("a diff shows changes with four lines around them") {
  CHECK(hunks("a\n", "b\n") == "@@ -1,1 +1,1 @@\n-a\n+b\n");
  CHECK(hunks("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\nx\n7\n8\n9\n") ==
        "@@ -2,8 +2,8 @@\n 2\n 3\n 4\n 5\n-6\n+x\n 7\n 8\n 9\n");
  CHECK(hunks("", "a\n") == "@@ -0,0 +1,1 @@\n+a\n");
  CHECK(hunks("a\n", "") == "@@ -1,1 +0,0 @@\n-a\n");
  CHECK(hunks("a\nb", "a\nc") ==
        "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
        "\\ No newline at end of file\n");
  CHECK(hunks("a\n", "a\n").empty());
}

TEST_CASE("changes that lie far from each other have hunks of their own") {
  std::string before;
  for (int i = 1; i <= 30; ++i) before += std::to_string(i) + "\n";
  std::string after = before;
  after.replace(after.find("3\n"), 1, "x");
  after.replace(after.find("25\n"), 2, "y");
  CHECK(hunks(before, after) ==
        "@@ -1,7 +1,7 @@\n 1\n 2\n-3\n+x\n 4\n 5\n 6\n 7\n"
        "@@ -21,9 +21,9 @@\n 21\n 22\n 23\n 24\n-25\n+y\n 26\n 27\n 28\n 29\n");
  std::string near = before;
  near.replace(near.find("3\n"), 1, "x");
  near.replace(near.find("12\n"), 2, "y");
  CHECK(hunks(before, near).find("@@ -1,16 +1,16 @@\n") == 0);
}

TEST_CASE("texts that have little in common are shown as one block") {
  std::string before;
  std::string after;
  for (int i = 0; i < 5'000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  CHECK(hunks("x\n" + before, "x\n" + after).rfind("@@ -1,5001 +1,5001 @@\n x\n-a0\n-a1\n", 0) ==
        0);
}
