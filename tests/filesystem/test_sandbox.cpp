#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <thread>

#include "servers/filesystem/reading.h"
#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

constexpr Following both_ways[] = {Following::kernel, Following::step_by_step};

std::string content(const Sandbox& sandbox, const std::string& path) {
  return read_text(sandbox.find(path), 0, Limits{}, no_hurry()).text;
}

}  // namespace

TEST_CASE("files are found by absolute and relative paths and through links that stay inside") {
  const Folder folder;
  folder.write("a/b/c.txt", "content");
  folder.link("relative", "a/b");
  folder.link("absolute", folder.inside("a/b/c.txt"));
  folder.link("a/up", "../a/./b/../b/c.txt");
  for (const Following following : both_ways) {
    const Sandbox sandbox = folder.sandbox(following);
    for (const std::string path :
         {"a/b/c.txt", "./a//b/./c.txt", "a/x/../b/c.txt", "relative/c.txt", "absolute", "a/up"}) {
      INFO(path);
      CHECK(content(sandbox, path) == "content");
      CHECK(content(sandbox, folder.inside(path)) == "content");
      CHECK(sandbox.find(path).real_path == folder.inside("a/b/c.txt"));
    }
    CHECK(sandbox.find(folder.inside()).is_allowed_directory());
    CHECK(sandbox.find_link("absolute").real_path == folder.inside("absolute"));
  }
}

TEST_CASE("a link may lead from one allowed directory into another") {
  const Folder folder;
  folder.link("other", "../outside/secret.txt");
  for (const Following following : both_ways) {
    std::vector<AllowedDirectory> directories;
    directories.push_back(open_allowed_directory(folder.inside()));
    directories.push_back(open_allowed_directory(folder.outside()));
    const Sandbox sandbox(std::move(directories), following);
    CHECK(content(sandbox, "other") == "secret");
    CHECK(sandbox.find("other").real_path == folder.outside("secret.txt"));
  }
}

TEST_CASE("no path leads outside, and no refusal tells what is there") {
  const Folder folder;
  folder.write("a/b.txt", "b");
  folder.link("folder", "../outside");
  folder.link("absolute", folder.outside("secret.txt"));
  folder.link("root", "/");
  folder.link("chain", "folder");
  folder.link("a/up", "../..");
  folder.link("magic", "/proc/self/root");
  folder.link("missing", folder.outside("nothing"));
  std::filesystem::create_directories(folder.inside() + "-evil");
  std::ofstream(folder.inside() + "-evil/secret.txt") << "secret";

  std::vector<std::string> paths = {
      "folder/secret.txt",  "absolute",  "chain/secret.txt", "a/up/outside/secret.txt",
      "root/etc/hostname",  "root",      "folder",           "missing",
      "magic/etc/hostname", "C:\\a.txt", "c:/a.txt",         "Z:"};
  std::string up;
  for (int i = 0; i < 48; ++i) {
    up += "../";
    for (const std::string& end :
         {std::string("outside/secret.txt"), std::string("etc/hostname")}) {
      paths.push_back(up + end);
      paths.push_back("a/../" + up + end);
      paths.push_back(folder.inside(up + end));
      paths.push_back("./a//.//../" + up + "./" + end);
    }
  }
  paths.push_back(folder.inside() + "-evil/secret.txt");
  paths.push_back(folder.outside());
  paths.push_back(folder.outside("secret.txt"));
  paths.push_back("/");
  paths.push_back("/proc/self/root" + folder.outside("secret.txt"));
  paths.push_back(std::string("a/b.txt\0/../../outside/secret.txt", 33));
  paths.push_back("~/secret.txt");
  CHECK(paths.size() >= 200);

  for (const Following following : both_ways) {
    const Sandbox sandbox = folder.sandbox(following);
    for (const auto& path : paths) {
      INFO(path);
      const std::string text = failure_of([&] { content(sandbox, path); });
      CHECK(text.rfind("Access denied - ", 0) == 0);
      // Only what the caller said itself.
      std::string rest = text;
      if (const auto at = rest.find(path); at != std::string::npos) rest.erase(at, path.size());
      CHECK(rest.find("outside/") == std::string::npos);
      CHECK(rest.find(folder.inside()) == std::string::npos);
    }
  }
}

TEST_CASE("words are not decoded: such names are only files that do not exist") {
  const Folder folder;
  const Sandbox sandbox = folder.sandbox();
  for (const std::string path : {"..%2foutside%2fsecret.txt", "..\\outside\\secret.txt", "%2e%2e",
                                 "....//secret", "\xff\xfe",
                                 "..\xc0\xaf"
                                 "outside",
                                 "a\nb", "'inside'", " ", "$HOME", "~root"}) {
    INFO(path);
    CHECK_FALSE(sandbox.find(path).exists);
    CHECK(failure_of([&] { content(sandbox, path); }).rfind("ENOENT", 0) == 0);
  }
  CHECK(failure_of([&] { content(sandbox, std::string(300, 'n')); }).rfind("ENAMETOOLONG", 0) == 0);
  CHECK(failure_of([&] { content(sandbox, std::string(100'000, 'n')); }).rfind("ENAMETOOLONG", 0) ==
        0);
}

TEST_CASE("what is missing or in the way is told") {
  const Folder folder;
  folder.write("file", "x");
  folder.link("circle", "circle");
  folder.link("nowhere", "nothing");
  for (const Following following : both_ways) {
    const Sandbox sandbox = folder.sandbox(following);
    CHECK(failure_of([&] { content(sandbox, "no/such"); }) ==
          "ENOENT: no such file or directory, open '" + folder.inside("no/such") + "'");
    CHECK(failure_of([&] { content(sandbox, "file/below"); }) ==
          "ENOTDIR: not a directory, realpath '" + folder.inside("file/below") + "'");
    CHECK(failure_of([&] { content(sandbox, "circle"); }).rfind("ELOOP", 0) == 0);
    CHECK(failure_of([&] { content(sandbox, "nowhere"); }) ==
          "Parent directory does not exist: " + folder.inside());
    CHECK(failure_of([&] { content(sandbox, "."); }) ==
          "EISDIR: illegal operation on a directory, read");
    CHECK(sandbox.find("no/such").missing_below == std::vector<std::string>{"such"});
  }
}

TEST_CASE("pipes, sockets and devices are refused at once") {
  const Folder folder;
  REQUIRE(::mkfifo(folder.inside("pipe").c_str(), 0600) == 0);
  const Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  folder.inside("s").copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
          0);
  const Sandbox sandbox = folder.sandbox();
  for (const std::string name : {"pipe", "s"}) {
    CHECK(failure_of([&] {
            content(sandbox, name);
          }).rfind("Not a regular file (a pipe, socket, device or link): ", 0) == 0);
  }
  std::vector<AllowedDirectory> devices;
  devices.push_back(open_allowed_directory("/dev"));
  CHECK(failure_of([&] {
          content(Sandbox(std::move(devices)), "/dev/zero");
        }).rfind("Not a regular file", 0) == 0);
}

TEST_CASE("a directory that is exchanged for a link all the time is never followed outside") {
  const Folder folder;
  folder.write("real/secret.txt", "inside");
  std::filesystem::create_directory_symlink("../outside", folder.inside("link"));
  for (const Following following : both_ways) {
    const Sandbox sandbox = folder.sandbox(following);
    std::atomic<bool> stop = false;
    std::thread exchange([&] {
      const std::string here = folder.inside("here");
      while (!stop) {
        ::rename(folder.inside("real").c_str(), here.c_str());
        ::rename(here.c_str(), folder.inside("real").c_str());
        ::rename(folder.inside("link").c_str(), here.c_str());
        ::rename(here.c_str(), folder.inside("link").c_str());
      }
    });
    int inside = 0;
    int refused = 0;
    for (int i = 0; i < 20'000; ++i) {
      try {
        const std::string read = content(sandbox, "here/secret.txt");
        if (read != "inside") FAIL_CHECK("read from outside: " << read);
        ++inside;
      } catch (const Failure&) {
        ++refused;
      }
    }
    stop = true;
    exchange.join();
    CHECK(inside + refused == 20'000);
    CHECK(refused > 0);
  }
}
