// Writes and edits that are killed at random points, or meet a full disk: a file holds its old
// content or the new one, never a part, and nothing is left lying around.
//
//     filesystem_crash [WRITES]      for each of the three; 1,000 by default, 10,000 by hand

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "servers/filesystem/editing.h"
#include "servers/filesystem/failure.h"
#include "servers/filesystem/reading.h"
#include "servers/filesystem/sandbox.h"
#include "servers/filesystem/writing.h"

namespace {

namespace fs = std::filesystem;
using namespace fairlead::filesystem;

constexpr int files = 4;
constexpr std::size_t least_bytes = 20'000;
constexpr std::size_t most_bytes = 200'000;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "filesystem_crash: %s\n", why.c_str());
  std::exit(1);
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "fairlead-crash-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail("no folder can be made");
    path_ = fs::canonical(name);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Sandbox sandbox_of(const std::string& path) {
  std::vector<AllowedDirectory> directories;
  directories.push_back(open_allowed_directory(path));
  return Sandbox(std::move(directories));
}

std::string name_of(int file) {
  return "file-" + std::to_string(file) + ".txt";
}

/// One letter, framed and with its length: half of it is recognised.
std::string version(char letter, std::size_t size) {
  const std::string length = std::to_string(size);
  return "<" + length + ":" + std::string(size, letter) + ":" + length + ">\n";
}

bool is_whole(const std::string& content) {
  const auto colon = content.find(':');
  if (content.empty() || content[0] != '<' || colon == std::string::npos) return false;
  const std::size_t size = std::stoul(content.substr(1, colon - 1));
  return colon + 1 < content.size() && content == version(content[colon + 1], size);
}

/// Writes, edits and appends nothing else than whole versions.
void one_write(const Sandbox& sandbox, std::mt19937& random) {
  const Place place = sandbox.find(name_of(static_cast<int>(random() % files)));
  const std::size_t size = least_bytes + random() % (most_bytes - least_bytes);
  const std::string content = version(static_cast<char>('A' + random() % 26), size);
  if (!place.exists || random() % 2 == 0) {
    write_file(place, content);
    return;
  }
  const Watch watch({}, std::chrono::minutes(5));
  const std::string old = read_bytes(place, 2 * most_bytes, watch);
  const Edited edited = apply_edits(old, {{old, content}});
  write_file(place, edited.bytes, place.status);
}

/// Every file that is there is whole; the names of the others.
std::vector<std::string> check(const std::string& folder, const char* when) {
  std::vector<std::string> strays;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.rfind("file-", 0) != 0) {
      strays.push_back(name);
      continue;
    }
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string content(std::istreambuf_iterator<char>(in), {});
    if (!is_whole(content))
      fail(std::string(when) + ": " + name +
           " is no whole version: " + std::to_string(content.size()) + " bytes");
  }
  return strays;
}

/// From now on this process finds no nameless files, as on a file system that has none: what it
/// writes has a hidden name all the time.
void refuse_nameless_files() {
  constexpr unsigned flag = O_TMPFILE & ~O_DIRECTORY;
  std::array<sock_filter, 6> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    fail("no filter of system calls");
  }
}

enum class Writing { nameless, hidden };

/// Kills a process that writes, again and again, until it has written so often.
void kill_nine(long writes, Writing way) {
  const Folder folder;
  auto* shared = static_cast<std::atomic<long>*>(::mmap(nullptr, sizeof(std::atomic<long>),
                                                        PROT_READ | PROT_WRITE,
                                                        MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  if (shared == MAP_FAILED) fail("no shared memory");
  auto& written = *new (shared) std::atomic<long>(0);
  std::mt19937 random(2);  // NOLINT
  const Sandbox sandbox = sandbox_of(folder.path());
  long kills = 0;
  std::size_t left_between = 0;
  // Hidden files must be left now and then, or nothing is shown.
  while (written < writes || (way == Writing::hidden && left_between == 0)) {
    const long target = written + static_cast<long>(random() % 30);
    const auto seed = static_cast<unsigned>(random());
    const pid_t writer = ::fork();
    if (writer < 0) fail("no second process");
    if (writer == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (way == Writing::hidden) refuse_nameless_files();
      std::mt19937 own(seed);
      for (;;) {
        one_write(sandbox, own);
        ++written;
      }
    }
    // Somewhere within a write: so many have ended, and it goes on for a little.
    while (written < target) ::sched_yield();
    for (auto spin = random() % 20'000; spin > 0; --spin) static_cast<void>(written.load());
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    ++kills;
    left_between += check(folder.path(), "after kill -9").size();
    // What a kill between two system calls has left goes with the next write there, of any file.
    write_file(sandbox.find("file-next"), version('Z', 1));
    for (const auto& stray : check(folder.path(), "afterwards")) fail("left behind: " + stray);
  }
  std::printf(
      "%ld writes%s, killed %ld times: every file whole; %zu times a hidden file was left "
      "until the next write\n",
      written.load(), way == Writing::hidden ? " without nameless files" : "", kills, left_between);
}

/// In a namespace of its own: a file system of 640 KB, most of the time too small for one more.
void full_disk(long writes) {
  const Folder folder;
  const std::string what = [&folder]() -> std::string {
    if (::unshare(CLONE_NEWNS) == 0 &&
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        ::mount("none", folder.path().c_str(), "tmpfs", 0, "size=640k") == 0)
      return "a tmpfs of 640 KB";
    // Nobody may mount here: no file may grow past a bound, which write tells like a full disk.
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit most{most_bytes / 2, most_bytes / 2};
    if (::setrlimit(RLIMIT_FSIZE, &most) != 0) fail("no disk can be made full");
    return "files of at most 100 KB (RLIMIT_FSIZE): this user may mount nothing";
  }();
  const Sandbox sandbox = sandbox_of(folder.path());
  std::mt19937 random(3);  // NOLINT
  long refused = 0;
  for (long i = 0; i < writes; ++i) {
    try {
      one_write(sandbox, random);
    } catch (const Failure& failure) {
      const std::string why = failure.what();
      if (why.rfind("ENOSPC", 0) != 0 && why.rfind("error 27", 0) != 0)
        fail("not a full disk: " + why);
      ++refused;
    }
    if (!check(folder.path(), "on a full disk").empty()) fail("something was left behind");
  }
  if (refused == 0 || refused == writes) fail("the disk was never full, or always");
  std::printf("%ld writes on %s: %ld refused, every file whole, nothing left behind\n", writes,
              what.c_str(), refused);
}

}  // namespace

int main(int argc, char** argv) {
  const long writes = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1'000;
  kill_nine(writes, Writing::nameless);
  kill_nine(writes, Writing::hidden);
  std::fflush(nullptr);          // or both processes print it
  const pid_t other = ::fork();  // its own mounts and limits
  if (other == 0) {
    full_disk(writes);
    std::fflush(nullptr);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(other, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}
