// What is not an ordinary file, or does not stay one: each has its answer.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <iterator>
#include <set>
#include <sstream>

#include "servers/filesystem/directory_tree.h"
#include "servers/filesystem/file_info.h"
#include "servers/filesystem/finding.h"
#include "servers/filesystem/glob_search.h"
#include "servers/filesystem/line_reading.h"
#include "servers/filesystem/listing.h"
#include "servers/filesystem/reading.h"
#include "servers/filesystem/writing.h"
#include "tests/filesystem/client.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Runs `work` in another process, with its own mounts and limits; false when it returned false.
bool apart(const std::function<bool()>& work) {
  const pid_t other = ::fork();
  REQUIRE(other >= 0);
  if (other == 0) ::_exit(work() ? 0 : 1);
  int status = 0;
  REQUIRE(::waitpid(other, &status, 0) == other);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

template <class Use>
bool fails_with(const std::string& beginning, const Use& use) {
  try {
    use();
  } catch (const Failure& failure) {
    return std::string(failure.what()).rfind(beginning, 0) == 0;
  }
  return false;
}

}  // namespace

TEST_CASE("a sparse terabyte: every tool answers, and none reads all of it") {
  const Folder folder;
  folder.write("huge", "first line\n");
  REQUIRE(::truncate(folder.inside("huge").c_str(), off_t{1} << 40) == 0);
  Client client(folder);
  const auto text = [&](const char* tool, Json arguments) {
    arguments["path"] = "huge";
    return client.text(tool, arguments);
  };
  CHECK(text("read_text_file", {{"head", 1}}) == "first line");
  CHECK(text("read_text_file", Json::object()).find("Not a text file") == 0);
  CHECK(text("read_media_file", Json::object()).find("File too large") == 0);
  CHECK(text("read_file_lines", {{"lineCount", 1}}).find("Not a text file") == 0);
  CHECK(text("edit_file", {{"edits", Json::array({{{"oldText", "a"}, {"newText", "b"}}})}})
            .find("File too large") == 0);
  CHECK(text("get_file_info", Json::object()).find("size: 1099511627776\n") == 0);
  const Json searched = client.call("search_content", {{"path", "."}, {"pattern", "first"}});
  CHECK(searched["structuredContent"]["truncated"] == true);
  CHECK(searched["content"][1]["text"] ==
        "Truncated: 1 files with more than 16777216 bytes were not searched.");
}

TEST_CASE("a directory with very many entries comes in parts, each entry once") {
  const Folder folder;
  constexpr int many = 12'345;
  for (int i = 0; i < many; ++i) folder.write("d/" + std::to_string(i), "");
  Options options;
  options.limits.max_read_bytes = 2'000'000;
  options.limits.max_entries = 5'000;
  Client client(folder, options);
  for (const char* tool : {"list_directory", "find_files"}) {
    INFO(tool);
    std::set<std::string> seen;
    std::size_t lines = 0;
    Json arguments = {{"path", "d"}};
    int parts = 0;
    for (;; ++parts) {
      const Json result = client.call(tool, arguments);
      std::istringstream text(result["content"][0]["text"].get<std::string>());
      for (std::string line; std::getline(text, line); ++lines) seen.insert(line);
      if (!result["structuredContent"].contains("cursor")) break;
      arguments["cursor"] = result["structuredContent"]["cursor"];
    }
    CHECK(parts == 2);
    CHECK(lines == many);
    CHECK(seen.size() == many);
  }
}

TEST_CASE("another name of a file keeps the old content, and is told apart from a copy") {
  const Folder folder;
  folder.write("a", "old");
  REQUIRE(::link(folder.inside("a").c_str(), folder.inside("b").c_str()) == 0);
  Client client(folder);
  CHECK(client.text("write_file", {{"path", "a"}, {"content", "new"}}) ==
        "Successfully wrote to a");
  CHECK(content_of(folder.inside("a")) == "new");
  CHECK(content_of(folder.inside("b")) == "old");
}

TEST_CASE("names that differ in case or in how their letters are composed are different names") {
  const Folder folder;
  const std::string composed = "\u00e9";     // é
  const std::string decomposed = "e\u0301";  // e and its accent
  folder.write("a", "small");
  folder.write("A", "capital");
  folder.write(composed, "one");
  folder.write(decomposed, "two");
  Client client(folder);
  for (const auto& [name, content] : std::vector<std::pair<std::string, std::string>>{
           {"a", "small"}, {"A", "capital"}, {composed, "one"}, {decomposed, "two"}}) {
    CHECK(client.text("read_text_file", {{"path", name}}) == content);
  }
  CHECK(client.text("write_file", {{"path", "A"}, {"content", "changed"}}) ==
        "Successfully wrote to A");
  CHECK(content_of(folder.inside("a")) == "small");
}

TEST_CASE("names with line breaks, blanks or bytes that are no text") {
  const Folder folder;
  folder.write("two\nlines", "x");
  folder.write(" blanks ", "y");
  folder.write("bytes\xff", "z");
  Client client(folder);
  CHECK(client.text("read_text_file", {{"path", "two\nlines"}}) == "x");
  CHECK(client.text("read_text_file", {{"path", folder.inside("two\nlines")}}) == "x");
  CHECK(client.text("list_directory", {{"path", "."}}) ==
        "[FILE]  blanks \n[FILE] bytes\ufffd\n[FILE] two\\nlines");
  CHECK(client.text("search_content", {{"path", "."}, {"pattern", "x"}}) ==
        folder.inside("two\\nlines") + ":1:x");
}

TEST_CASE("files that change or vanish between being found and being read") {
  const Folder folder;
  const Sandbox sandbox = folder.sandbox();
  const auto found = [&](const std::string& content) {
    folder.write("a", content);
    return sandbox.find("a");
  };
  SUBCASE("vanished") {
    const Place place = found("x");
    REQUIRE(::unlink(folder.inside("a").c_str()) == 0);
    CHECK(failure_of([&] { read_text(place, 0, {}, no_hurry()); }) ==
          "ENOENT: no such file or directory, open '" + folder.inside("a") + "'");
  }
  SUBCASE("shorter by now") {
    const Place place = found(std::string(10'000, 'x'));
    folder.write("a", "short");
    CHECK(read_text(place, 0, {}, no_hurry()).text == "short");
  }
  SUBCASE("another file by now") {
    const Place place = found("x");
    folder.write("b", "another");
    REQUIRE(::rename(folder.inside("b").c_str(), folder.inside("a").c_str()) == 0);
    CHECK(read_text(place, 0, {}, no_hurry()).text == "another");
  }
  SUBCASE("a link, a pipe or a directory by now") {
    const Place place = found("x");
    REQUIRE(::unlink(folder.inside("a").c_str()) == 0);
    folder.link("a", folder.outside("secret.txt"));
    CHECK(failure_of([&] { read_text(place, 0, {}, no_hurry()); }).rfind("ELOOP", 0) == 0);
    REQUIRE(::unlink(folder.inside("a").c_str()) == 0);
    REQUIRE(::mkfifo(folder.inside("a").c_str(), 0600) == 0);
    CHECK(failure_of([&] { read_text(place, 0, {}, no_hurry()); }).rfind("Not a regular", 0) == 0);
    REQUIRE(::unlink(folder.inside("a").c_str()) == 0);
    REQUIRE(::mkdir(folder.inside("a").c_str(), 0700) == 0);
    CHECK(failure_of([&] { read_text(place, 0, {}, no_hurry()); }).rfind("EISDIR", 0) == 0);
  }
}

TEST_CASE("what may not be read or written is told, and left out of walks") {
  const Folder folder;
  folder.write("closed/x.txt", "needle");
  folder.write("open/x.txt", "needle");
  folder.write("mine.txt", "needle");
  const auto close = [&](const std::string& name, mode_t mode) {
    REQUIRE(::chmod(folder.inside(name).c_str(), mode) == 0);
  };
  close("closed", 0);
  close("mine.txt", 0);
  const bool told = apart([&] {
    if (::getuid() == 0) {  // who may do everything tries as somebody else
      if (::chown(folder.inside().c_str(), 65534, 65534) != 0) return false;
      std::filesystem::permissions(std::filesystem::path(folder.inside()).parent_path(),
                                   std::filesystem::perms::all);
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) return false;
    }
    const Sandbox sandbox = folder.sandbox();
    const Watch watch = no_hurry();
    RememberedNames remembered;
    return fails_with("EACCES: permission denied, open",
                      [&] { read_text(sandbox.find("mine.txt"), 0, {}, watch); }) &&
           fails_with("EACCES: permission denied, scandir",
                      [&] { list(sandbox.find("closed"), "", {}, watch, remembered); }) &&
           fails_with("EACCES: permission denied, realpath",
                      [&] { sandbox.find("closed/x.txt"); }) &&
           search_content(sandbox, sandbox.find("."), {.pattern = "needle"}, {}, "", {}, watch)
                   .text == folder.inside("open/x.txt") + ":1:needle" &&
           search(sandbox, sandbox.find("."), "closed/*", {}, "", {}, watch).text ==
               "No matches found";
  });
  CHECK(told);
  close("closed", 0700);
}

TEST_CASE("without a descriptor left, calls fail and the next ones work") {
  const Folder folder;
  folder.write("a/b.txt", "x");
  const Sandbox sandbox = folder.sandbox();
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int free = ::dup(STDERR_FILENO);
  REQUIRE(free >= 0);
  ::close(free);
  const rlimit none{static_cast<rlim_t>(free), before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const std::string read =
      failure_of([&] { read_text(sandbox.find("a/b.txt"), 0, {}, no_hurry()); });
  RememberedNames remembered;
  const std::string listed =
      failure_of([&] { list(sandbox.find("."), "", {}, no_hurry(), remembered); });
  const std::string written = failure_of([&] { write_file(sandbox.find("c"), "x"); });
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(read.rfind("EMFILE: too many open files", 0) == 0);
  CHECK(listed.rfind("EMFILE: too many open files", 0) == 0);
  CHECK(written.rfind("EMFILE: too many open files", 0) == 0);
  CHECK(read_text(sandbox.find("a/b.txt"), 0, {}, no_hurry()).text == "x");
}

TEST_CASE("files of the kernel, which have content but no size") {
  std::vector<AllowedDirectory> directories;
  directories.push_back(open_allowed_directory("/proc/sys/kernel"));
  const Sandbox sandbox(std::move(directories));
  CHECK(read_text(sandbox.find("ostype"), 0, {}, no_hurry()).text == "Linux\n");
  CHECK(read_lines(sandbox.find("ostype"), 1, 10, {}, no_hurry()).total == 1);
  // A process's own links lead anywhere; they are never followed.
  std::vector<AllowedDirectory> own;
  own.push_back(open_allowed_directory("/proc/self"));
  const Sandbox process(std::move(own));
  CHECK(failure_of([&] { process.find("root/etc/passwd"); }).rfind("Access denied", 0) == 0);
  CHECK(failure_of([&] { process.find("cwd"); }).rfind("Access denied", 0) == 0);
}

TEST_CASE("what is mounted inside is inside") {
  const Folder folder;
  folder.write("mount/below", "");
  const bool read = apart([&] {
    // Who may not mount can't be asked.
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(folder.outside().c_str(), folder.inside("mount").c_str(), nullptr, MS_BIND,
                nullptr) != 0) {
      return true;
    }
    const Sandbox sandbox = folder.sandbox();
    write_file(sandbox.find("mount/new.txt"), "written");
    return read_text(sandbox.find("mount/secret.txt"), 0, {}, no_hurry()).text == "secret" &&
           failure_of([&] {
             move(sandbox.find_link("mount/new.txt"), sandbox.find("new.txt"));
           }).rfind("EXDEV", 0) == 0;
  });
  CHECK(read);
}
