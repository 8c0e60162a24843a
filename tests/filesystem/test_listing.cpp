#include "servers/filesystem/listing.h"

#include <fcntl.h>

#include "servers/filesystem/directory_tree.h"
#include "servers/filesystem/file_info.h"
#include "servers/filesystem/glob_search.h"
#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

struct Lister {
  Folder folder;
  Sandbox sandbox = folder.sandbox();
  Limits limits;
  Watch watch = no_hurry();
  RememberedNames remembered;
  Place top() const { return sandbox.find("."); }
};

}  // namespace

TEST_CASE("a listing is sorted and marks directories") {
  Lister lister;
  lister.folder.write("b/x", "");
  lister.folder.write("a.txt", "");
  lister.folder.write("B", "");
  lister.folder.link("l", "b");
  const TextAnswer answer = list(lister.top(), "", lister.limits, lister.watch, lister.remembered);
  CHECK(answer.text == "[FILE] B\n[FILE] a.txt\n[DIR] b\n[FILE] l");
  CHECK_FALSE(answer.truncated);
}

TEST_CASE("no name can look like two, and names that are no text are listed") {
  Lister lister;
  lister.folder.write("a\n[DIR] b", "");
  lister.folder.write("\xff", "");
  CHECK(list(lister.top(), "", lister.limits, lister.watch, lister.remembered).text ==
        "[FILE] a\\n[DIR] b\n[FILE] \ufffd");
}

TEST_CASE("a long listing goes on from its cursor, each entry once") {
  Lister lister;
  for (int i = 0; i < 25; ++i) lister.folder.write("f" + std::to_string(100 + i), "");
  lister.limits.max_entries = 10;
  const Place top = lister.top();
  const TextAnswer first = list(top, "", lister.limits, lister.watch, lister.remembered);
  CHECK(first.truncated);
  CHECK(first.note == "Truncated after 10 entries.");
  const TextAnswer second = list(top, first.cursor, lister.limits, lister.watch, lister.remembered);
  CHECK(second.text.rfind("[FILE] f110\n", 0) == 0);
  const TextAnswer third = list(top, second.cursor, lister.limits, lister.watch, lister.remembered);
  CHECK(third.text == "[FILE] f120\n[FILE] f121\n[FILE] f122\n[FILE] f123\n[FILE] f124");
  CHECK_FALSE(third.truncated);
}

TEST_CASE("sizes are in columns with totals, and a link tells nothing of its target") {
  Lister lister;
  lister.folder.write("big.bin", std::string(1'536, 'x'));
  lister.folder.write("d/x", "");
  lister.folder.write("small", "abc");
  std::filesystem::create_symlink("../outside/secret.txt", lister.folder.inside("zlink"));
  CHECK(list_with_sizes(lister.top(), SortBy::name, "", lister.limits, lister.watch).text ==
        "[FILE] big.bin                           1.50 KB\n"
        "[DIR] d                              \n"
        "[FILE] small                                 3 B\n"
        "[FILE] zlink                                21 B\n"
        "\nTotal: 3 files, 1 directories\nCombined size: 1.52 KB");
  CHECK(size_text(0) == "0 B");
  CHECK(size_text(1'048'576) == "1.00 MB");
}

TEST_CASE("a tree is JSON, whole or cut") {
  Lister lister;
  lister.folder.write("d/e/f.txt", "");
  lister.folder.write("d/\"q\"", "");
  std::filesystem::create_directory(lister.folder.inside("empty"));
  CHECK(tree(lister.sandbox, lister.top(), {"f.txt"}, "", lister.limits, lister.watch).text ==
        R"([
  {
    "name": "d",
    "type": "directory",
    "children": [
      {
        "name": "\"q\"",
        "type": "file"
      },
      {
        "name": "e",
        "type": "directory",
        "children": []
      }
    ]
  },
  {
    "name": "empty",
    "type": "directory",
    "children": []
  }
])");
  lister.limits.max_entries = 3;
  const TextAnswer first = tree(lister.sandbox, lister.top(), {}, "", lister.limits, lister.watch);
  CHECK(first.truncated);
  CHECK(first.cursor == "d/e");
  const TextAnswer rest =
      tree(lister.sandbox, lister.top(), {}, first.cursor, lister.limits, lister.watch);
  CHECK_FALSE(rest.truncated);
  CHECK(rest.text.find("f.txt") != std::string::npos);
  CHECK(rest.text.find("empty") != std::string::npos);
  CHECK(rest.text.find("\\\"q\\\"") == std::string::npos);
}

TEST_CASE("a search gives full paths and leaves out links that lead outside") {
  Lister lister;
  lister.folder.write("a.txt", "");
  lister.folder.write("d/b.txt", "");
  lister.folder.write("node_modules/c.txt", "");
  lister.folder.link("in.txt", "a.txt");
  lister.folder.link("out.txt", "../outside/secret.txt");
  const auto found = [&](const char* pattern, const std::string& cursor = {}) {
    return search(lister.sandbox, lister.top(), pattern, {"node_modules"}, cursor, lister.limits,
                  lister.watch);
  };
  const std::string inside = lister.folder.inside() + "/";
  CHECK(found("**/*.txt").text == inside + "a.txt\n" + inside + "d/b.txt\n" + inside + "in.txt");
  CHECK(found("nothing").text == "No matches found");
  lister.limits.max_entries = 2;
  const TextAnswer first = found("**/*.txt");
  CHECK(first.truncated);
  CHECK(found("**/*.txt", first.cursor).text == inside + "in.txt");
}

TEST_CASE("a tree deeper than the limit is cut there and says so") {
  Lister lister;
  lister.limits.max_read_bytes = 1'000'000;
  Descriptor at(::open(lister.folder.inside().c_str(), O_RDONLY | O_DIRECTORY));
  for (int i = 0; i < 500; ++i) {
    REQUIRE(::mkdirat(at.get(), "d", 0700) == 0);
    at = Descriptor(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY));
  }
  const TextAnswer answer = tree(lister.sandbox, lister.top(), {}, "", lister.limits, lister.watch);
  CHECK(answer.truncated);
  CHECK(
      answer.note ==
      "Truncated: what lies deeper than 64 levels is left out. Ask for a directory further down.");
  CHECK(
      search(lister.sandbox, lister.top(), "**/x", {}, "", lister.limits, lister.watch).truncated);
}

TEST_CASE("what is known of a file is told in lines") {
  Lister lister;
  lister.folder.write("f", "12345");
  REQUIRE(::chmod(lister.folder.inside("f").c_str(), 0640) == 0);
  const std::string text = info(lister.sandbox.find("f"));
  CHECK(text.rfind("size: 5\ncreated: ", 0) == 0);
  CHECK(text.find("\nisDirectory: false\nisFile: true\npermissions: 640") != std::string::npos);
  CHECK(failure_of([&] { info(lister.sandbox.find("none")); }) ==
        "ENOENT: no such file or directory, stat '" + lister.folder.inside("none") + "'");
}
