#include "servers/filesystem/writing.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "servers/filesystem/directory_tree.h"
#include "servers/filesystem/file_info.h"
#include "servers/filesystem/glob_search.h"
#include "servers/filesystem/listing.h"
#include "servers/filesystem/trash.h"
#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& each : std::filesystem::directory_iterator(directory)) {
    names.push_back(each.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a file is made, and replaced as a whole") {
  const Folder folder;
  const Sandbox sandbox = folder.sandbox();
  write_file(sandbox.find("a.txt"), "one");
  CHECK(content_of(folder.inside("a.txt")) == "one");
  write_file(sandbox.find("a.txt"), "two");
  CHECK(content_of(folder.inside("a.txt")) == "two");
  CHECK(names_in(folder.inside()) == Names{"a.txt"});
}

TEST_CASE(
    "a file that is replaced keeps its mode and attributes, and its other names keep the old") {
  const Folder folder;
  folder.write("a.txt", "one");
  REQUIRE(::chmod(folder.inside("a.txt").c_str(), 0751) == 0);
  const bool attributes =
      ::setxattr(folder.inside("a.txt").c_str(), "user.note", "kept", 4, 0) == 0;
  std::filesystem::create_hard_link(folder.inside("a.txt"), folder.outside("b.txt"));
  const Sandbox sandbox = folder.sandbox();
  write_file(sandbox.find("a.txt"), "two");
  append_file(sandbox.find("a.txt"), "+three", no_hurry());
  CHECK(content_of(folder.inside("a.txt")) == "two+three");
  CHECK(mode_of(folder.inside("a.txt")) == 0751);
  CHECK(content_of(folder.outside("b.txt")) == "one");
  if (attributes) {
    char value[8] = {};
    CHECK(::getxattr(folder.inside("a.txt").c_str(), "user.note", value, sizeof(value)) == 4);
    CHECK(std::string(value) == "kept");
  }
}

TEST_CASE("what a crash has left is gone with the next write into the directory") {
  const Folder folder;
  folder.write("a.txt", "one");
  folder.write(".fairlead-1.tmp", "half");
  folder.write(".fairlead-3.tmp/d/e.txt", "half a copy");
  const Sandbox sandbox = folder.sandbox();
  SUBCASE("of a file that is there") {
    write_file(sandbox.find("a.txt"), "two");
  }
  SUBCASE("of another one") {
    write_file(sandbox.find("b.txt"), "two");
  }
  SUBCASE("by adding") {
    append_file(sandbox.find("a.txt"), "two", no_hurry());
  }
  SUBCASE("by a copy") {
    std::filesystem::create_directory(folder.inside("from"));
    copy(sandbox.find("from"), sandbox.find("b"), {}, no_hurry());
  }
  for (const auto& name : names_in(folder.inside())) CHECK(name.front() != '.');
}

TEST_CASE("what another server is writing is left alone, and nobody waits for it") {
  const Folder folder;
  folder.write("a.txt", "one");
  for (const char* number : {"1", "2", "3", "4"}) {
    folder.write(std::string(".fairlead-") + number + ".tmp", "half");
  }
  std::filesystem::remove(folder.inside(".fairlead-2.tmp"));
  std::filesystem::create_directory(folder.inside(".fairlead-2.tmp"));
  std::vector<Descriptor> others;
  for (const char* number : {"1", "2", "3", "4"}) {
    const std::string path = folder.inside(std::string(".fairlead-") + number + ".tmp");
    others.emplace_back(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::flock(others.back().get(), LOCK_EX | LOCK_NB) == 0);
  }
  const Sandbox sandbox = folder.sandbox();
  write_file(sandbox.find("a.txt"), "two");
  CHECK(content_of(folder.inside("a.txt")) == "two");
  CHECK(names_in(folder.inside()) ==
        Names{".fairlead-1.tmp", ".fairlead-2.tmp", ".fairlead-3.tmp", ".fairlead-4.tmp", "a.txt"});
  others.clear();
  write_file(sandbox.find("a.txt"), "three");
  CHECK(names_in(folder.inside()) == Names{"a.txt"});
}

TEST_CASE("nobody can put a thing where it would be swept away") {
  const Folder folder;
  folder.write("a.txt", "one");
  std::filesystem::create_directory(folder.inside("d"));
  const Sandbox sandbox = folder.sandbox();
  const Place kept = sandbox.find(".fairlead-1.tmp");
  const std::string why =
      "Names like .fairlead-1.tmp are kept for what is being written: " + kept.real_path;
  CHECK(failure_of([&] { write_file(kept, "x"); }) == why);
  CHECK(failure_of([&] { append_file(kept, "x", no_hurry()); }) == why);
  CHECK(failure_of([&] { create_directory(kept); }) == why);
  CHECK(failure_of([&] { create_directory(sandbox.find(".fairlead-1.tmp/below")); }) ==
        why + "/below");
  CHECK(failure_of([&] { copy(sandbox.find("d"), kept, {}, no_hurry()); }) == why);
  for (const char* source : {"a.txt", "d"}) {
    CHECK(failure_of([&] { move(sandbox.find(source), kept); }) == why);
  }
  CHECK(names_in(folder.inside()) == Names{"a.txt", "d"});
}

TEST_CASE("nothing else with a name like that stops a write, or is followed") {
  const Folder folder;
  folder.write("a.txt", "one");
  REQUIRE(::mkfifo(folder.inside(".fairlead-1.tmp").c_str(), 0600) == 0);
  folder.link(".fairlead-2.tmp", folder.outside("secret.txt"));
  folder.link(".fairlead-3.tmp", folder.outside());
  folder.link(".fairlead-4.tmp", "nowhere");
  const Sandbox sandbox = folder.sandbox();
  write_file(sandbox.find("a.txt"), "two");
  CHECK(content_of(folder.inside("a.txt")) == "two");
  CHECK(names_in(folder.inside()).size() == 5);
  CHECK(content_of(folder.outside("secret.txt")) == "secret");
}

TEST_CASE("a file is not written where none can be") {
  const Folder folder;
  std::filesystem::create_directory(folder.inside("d"));
  const Sandbox sandbox = folder.sandbox();
  CHECK(failure_of([&] { write_file(sandbox.find("d"), "x"); }) ==
        "EISDIR: illegal operation on a directory, open '" + folder.inside("d") + "'");
  CHECK(failure_of([&] { write_file(sandbox.find("none/a"), "x"); }) ==
        "ENOENT: no such file or directory, open '" + folder.inside("none/a") + "'");
  REQUIRE(::mkfifo(folder.inside("pipe").c_str(), 0600) == 0);
  CHECK(failure_of([&] { write_file(sandbox.find("pipe"), "x"); }).rfind("Not a regular", 0) == 0);
}

TEST_CASE("a link is written through as long as it stays inside") {
  const Folder folder;
  folder.write("a.txt", "one");
  folder.link("inner", "a.txt");
  folder.link("outer", folder.outside("secret.txt"));
  const Sandbox sandbox = folder.sandbox();
  write_file(sandbox.find("inner"), "two");
  CHECK(content_of(folder.inside("a.txt")) == "two");
  CHECK(std::filesystem::is_symlink(folder.inside("inner")));
  CHECK(failure_of([&] {
          write_file(sandbox.find("outer"), "x");
        }).rfind("Access denied - symlink target outside", 0) == 0);
  CHECK(content_of(folder.outside("secret.txt")) == "secret");
}

TEST_CASE("a file that changed since it was read is not overwritten") {
  const Folder folder;
  folder.write("a.txt", "one");
  const Sandbox sandbox = folder.sandbox();
  const Place place = sandbox.find("a.txt");
  folder.write("a.txt", "other");
  CHECK(failure_of([&] {
          write_file(place, "two", place.status);
        }).rfind("The file was changed by another program meanwhile", 0) == 0);
  CHECK(content_of(folder.inside("a.txt")) == "other");
  CHECK(names_in(folder.inside()) == Names{"a.txt"});
}

TEST_CASE("a directory is made with those above it") {
  const Folder folder;
  const Sandbox sandbox = folder.sandbox();
  create_directory(sandbox.find("a/b/c"));
  create_directory(sandbox.find("a/b/c"));
  CHECK(std::filesystem::is_directory(folder.inside("a/b/c")));
  folder.write("f", "");
  CHECK(failure_of([&] { create_directory(sandbox.find("f")); }) ==
        "EEXIST: file already exists, mkdir '" + folder.inside("f") + "'");
}

TEST_CASE("moving never replaces, and moves a link itself") {
  const Folder folder;
  folder.write("a", "A");
  folder.write("b", "B");
  folder.link("link", "a");
  const Sandbox sandbox = folder.sandbox();
  CHECK(failure_of([&] { move(sandbox.find_link("a"), sandbox.find("b")); }) ==
        "Destination already exists: " + folder.inside("b"));
  move(sandbox.find_link("link"), sandbox.find("moved"));
  CHECK(std::filesystem::is_symlink(folder.inside("moved")));
  move(sandbox.find_link("a"), sandbox.find("c"));
  CHECK(content_of(folder.inside("c")) == "A");
  CHECK(failure_of([&] { move(sandbox.find_link("none"), sandbox.find("x")); }) ==
        "ENOENT: no such file or directory, rename '" + folder.inside("none") + "' -> '" +
            folder.inside("x") + "'");
  CHECK(failure_of([&] { move(sandbox.find_link("."), sandbox.find("x")); }) ==
        "An allowed directory itself can't be moved: " + folder.inside());
}

TEST_CASE("a copy has all that is below, and links stay links") {
  const Folder folder;
  folder.write("d/a", "A");
  folder.write("d/e/b", "B");
  folder.link("d/link", folder.outside("secret.txt"));
  REQUIRE(::chmod(folder.inside("d/a").c_str(), 0640) == 0);
  const Sandbox sandbox = folder.sandbox();
  copy(sandbox.find("d"), sandbox.find("copy"), {}, no_hurry());
  CHECK(content_of(folder.inside("copy/a")) == "A");
  CHECK(content_of(folder.inside("copy/e/b")) == "B");
  CHECK(mode_of(folder.inside("copy/a")) == 0640);
  CHECK(std::filesystem::is_symlink(folder.inside("copy/link")));
  CHECK(names_in(folder.inside()) == Names{"copy", "d"});
  CHECK(failure_of([&] { copy(sandbox.find("d"), sandbox.find("d/x"), {}, no_hurry()); }) ==
        "A directory can't be copied into itself: " + folder.inside("d/x"));
  Limits few;
  few.max_copied_entries = 2;
  CHECK(failure_of([&] { copy(sandbox.find("d"), sandbox.find("more"), few, no_hurry()); }) ==
        "Too much to copy: more than 2 entries.");
  CHECK(names_in(folder.inside()) == Names{"copy", "d"});
}

TEST_CASE("what is deleted is listed, and comes back") {
  const Folder folder;
  folder.write("d/a 1", "A");
  const auto sandbox = std::make_shared<const Sandbox>(folder.sandbox());
  const Trash trash(sandbox, std::nullopt);
  const Deleted deleted = trash.remove(sandbox->find_link("d"));
  CHECK_FALSE(std::filesystem::exists(folder.inside("d")));
  const auto all = trash.list(*sandbox, no_hurry());
  REQUIRE(all.size() == 1);
  CHECK(all[0].id == deleted.id);
  CHECK(all[0].path == folder.inside("d"));
  folder.write("d", "in the way");
  CHECK(failure_of([&] { trash.restore(*sandbox, deleted.id, std::nullopt); }) ==
        "Destination already exists: " + folder.inside("d"));
  CHECK(trash.restore(*sandbox, deleted.id, "e") == folder.inside("e"));
  CHECK(content_of(folder.inside("e/a 1")) == "A");
  CHECK(trash.list(*sandbox, no_hurry()).empty());
  for (const char* wrong : {"", ".", "..", "../files/x", "none"}) {
    CHECK(failure_of([&] {
            trash.restore(*sandbox, wrong, std::nullopt);
          }).rfind("There is nothing in the trash with the id", 0) == 0);
  }
}

TEST_CASE("a trash of one's own tells only of what was inside") {
  const Folder folder;
  folder.write("a", "A");
  const auto sandbox = std::make_shared<const Sandbox>(folder.sandbox());
  const Trash trash(sandbox, folder.outside("trash"));
  trash.remove(sandbox->find_link("a"));
  std::ofstream(folder.outside("trash/files/x")) << "X";
  std::ofstream(folder.outside("trash/info/x.trashinfo"))
      << "[Trash Info]\nPath=/somewhere/else\nDeletionDate=2026-01-01T00:00:00\n";
  const auto all = trash.list(*sandbox, no_hurry());
  REQUIRE(all.size() == 1);
  CHECK(all[0].path == folder.inside("a"));
  CHECK(failure_of([&] { trash.restore(*sandbox, "x", "b"); }).rfind("There is nothing", 0) == 0);
  // Neither does a link lead out of it.
  std::ofstream(folder.outside("trash/info/y.trashinfo"))
      << "[Trash Info]\nPath=" << folder.inside("../outside/y") << "\n";
  CHECK(trash.list(*sandbox, no_hurry()).size() == 1);
}

TEST_CASE("an allowed directory and the trash are not deleted") {
  const Folder folder;
  folder.write("a", "A");
  const auto sandbox = std::make_shared<const Sandbox>(folder.sandbox());
  const Trash trash(sandbox, std::nullopt);
  trash.remove(sandbox->find_link("a"));
  CHECK(failure_of([&] { trash.remove(sandbox->find_link(".")); }) ==
        "An allowed directory itself can't be deleted: " + folder.inside());
  const std::string name = ".Trash-" + std::to_string(::getuid());
  CHECK(failure_of([&] {
          trash.remove(sandbox->find_link(name));
        }).rfind("This is in the trash already", 0) == 0);
}
