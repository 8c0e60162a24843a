#include "servers/filesystem/finding.h"

#include "servers/filesystem/line_reading.h"
#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

/// Searches from the allowed directory on; its path is left out of the answer.
std::string searched(const Folder& folder, const ContentQuery& query,
                     const Selection& selection = {}, const std::string& below = ".") {
  const Sandbox sandbox = folder.sandbox();
  std::string text =
      search_content(sandbox, sandbox.find(below), query, selection, "", {}, no_hurry()).text;
  const std::string prefix = folder.inside() + "/";
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
    text.erase(at, prefix.size());
  }
  return text;
}

std::string found(const Folder& folder, const Selection& selection, Wanted wanted = Wanted::any,
                  const std::string& below = ".") {
  const Sandbox sandbox = folder.sandbox();
  std::string text =
      find_files(sandbox, sandbox.find(below), selection, wanted, "", {}, no_hurry()).text;
  const std::string prefix = folder.inside() + "/";
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
    text.erase(at, prefix.size());
  }
  return text;
}

NumberedLines lines(const Folder& folder, std::uint64_t first, std::uint64_t count,
                    const Limits& limits = {}) {
  return read_lines(folder.sandbox().find("f"), first, count, limits, no_hurry());
}

}  // namespace

TEST_CASE("lines that match come with their path and number") {
  const Folder folder;
  folder.write("a.txt", "one\ntwo\nthree\n");
  folder.write("b/c.txt", "two two\r\nTWO");
  CHECK(searched(folder, {"two"}) == "a.txt:2:two\nb/c.txt:1:two two");
  CHECK(searched(folder, {.pattern = "two", .ignore_case = true}) ==
        "a.txt:2:two\nb/c.txt:1:two two\nb/c.txt:2:TWO");
  CHECK(searched(folder, {"^t\\w+$"}) == "a.txt:2:two\na.txt:3:three");
  CHECK(searched(folder, {"t.o"}, {.include = {"*.txt"}, .exclude = {"b"}}) == "a.txt:2:two");
  CHECK(searched(folder, {.pattern = "t.o", .literal = true}) == "No matches found");
  CHECK(searched(folder, {"e$"}, {}, "a.txt") == "a.txt:1:one\na.txt:3:three");
  CHECK(searched(folder, {"one\\ntwo"}) == "No matches found");
}

TEST_CASE("lines around a match are shown once") {
  const Folder folder;
  folder.write("a", "1\n2\nx\n4\nx\n6\n7\n8\n9\nx\n");
  CHECK(searched(folder, {.pattern = "x", .context_lines = 1}) ==
        "a-2-2\na:3:x\na-4-4\na:5:x\na-6-6\n--\na-9-9\na:10:x");
  folder.write("b", "x\n");
  CHECK(searched(folder, {.pattern = "x", .context_lines = 1}, {.include = {"b"}}) == "b:1:x");
}

TEST_CASE("a search that was cut goes on behind the last line that was shown") {
  const Folder folder;
  for (const char* name : {"a", "b", "c"}) folder.write(name, "x1\ny\nx2\n");
  const Sandbox sandbox = folder.sandbox();
  Limits limits;
  limits.max_entries = 1;
  std::string all;
  std::string cursor;
  int answers = 0;
  do {
    const auto answer =
        search_content(sandbox, sandbox.find("."), {"x"}, {}, cursor, limits, no_hurry());
    all += answer.text.substr(folder.inside().size() + 1) + ";";
    cursor = answer.cursor;
    CHECK(answer.truncated == !cursor.empty());
  } while (!cursor.empty() && ++answers < 10);
  CHECK(all == "a:1:x1;a:3:x2;b:1:x1;b:3:x2;c:1:x1;c:3:x2;");
}

TEST_CASE("what is no text is not searched, and long lines are cut") {
  const Folder folder;
  folder.write("binary", std::string("x\0x", 3));
  folder.write("latin", "x\xe4\n");
  folder.write("long", std::string(1'000, 'x') + "\n");
  folder.link("link", folder.outside("secret.txt"));
  CHECK(searched(folder, {"x"}) == "long:1:" + std::string(400, 'x') + " [...]");
  CHECK(searched(folder, {"secret"}) == "No matches found");
}

TEST_CASE("a wrong pattern is explained") {
  const Folder folder;
  CHECK(failure_of([&] {
          searched(folder, {"("});
        }).rfind("The pattern is no regular expression in RE2's notation: missing )", 0) == 0);
}

TEST_CASE("what .gitignore files leave out is left out") {
  const Folder folder;
  folder.write(".gitignore", "*.o\n/build/\n!keep.o\nlogs/*.log\n# c\n\n{x}\n");
  folder.write("sub/.gitignore", "*.txt\n!*.o\n");
  for (const char* name : {"a.o", "keep.o", "build/x", "sub/build/y", "sub/a.txt", "sub/b.o",
                           "logs/a.log", "logs/b/a.log", ".git/config", "x", "{x}", "a.txt"}) {
    folder.write(name, "");
  }
  const std::string files =
      ".gitignore\na.txt\nkeep.o\nlogs/b/a.log\nsub/.gitignore\nsub/b.o\nsub/build/y\nx";
  CHECK(found(folder, {}, Wanted::files) == files);
  CHECK(found(folder, {}, Wanted::files, "sub") == "sub/.gitignore\nsub/b.o\nsub/build/y");
  CHECK(found(folder, {}, Wanted::directories) == "logs\nlogs/b\nsub\nsub/build");
  CHECK(found(folder, {.include = {"*.o"}, .honour_gitignore = false}) == "a.o\nkeep.o\nsub/b.o");
  CHECK(found(folder, {.include = {"sub/**"}, .exclude = {"build"}}, Wanted::files) ==
        "sub/.gitignore\nsub/b.o");
}

TEST_CASE("a range of lines comes with numbers and the total") {
  const Folder folder;
  folder.write("f", "one\r\ntwo\nthree\n");
  const auto two = lines(folder, 2, 5);
  CHECK(two.answer.text == "     2\ttwo\n     3\tthree");
  CHECK(two.total == 3);
  CHECK(two.shown == 2);
  CHECK(lines(folder, 1, 1).answer.text == "     1\tone");
  CHECK(lines(folder, 4, 1).shown == 0);
  folder.write("f", "one\ntwo");
  CHECK(lines(folder, 1, 9).total == 2);
  folder.write("f", "");
  CHECK(lines(folder, 1, 9).total == 0);
}

TEST_CASE("a range of lines that is too long is cut between lines") {
  const Folder folder;
  folder.write("f", std::string(50, 'a') + "\n" + std::string(60, 'b') + "\nc\n");
  Limits limits;
  limits.max_read_bytes = 100;
  const auto first = lines(folder, 1, 3, limits);
  CHECK(first.shown == 1);
  CHECK(first.answer.cursor == "2");
  CHECK(first.total == 3);
  CHECK(lines(folder, 2, 2, limits).shown == 2);
  folder.write("f", std::string(500, 'a'));
  CHECK(lines(folder, 1, 1, limits).answer.text == "     1\t" + std::string(100, 'a'));
  folder.write("f", std::string("a\0b", 3));
  CHECK(failure_of([&] { lines(folder, 1, 1); }).rfind("Not a text file", 0) == 0);
}
