#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <client/config/text_file.h>

namespace fairlead::agent {
namespace {

constexpr std::size_t max_file_bytes = 16 * 1024 * 1024;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::runtime_error(what + " " + path + ": " + std::strerror(errno));
}

class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0)
      : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("can't write", path_);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor_) != 0) fail("can't write", path_);
  }

 private:
  std::string path_;
  int descriptor_;
};

/// Writes beside `path` and moves the result there.
void write_atomically(const std::string& path, const std::string& text, mode_t mode) {
  const std::string beside = path + ".new." + std::to_string(::getpid());
  try {
    ::unlink(beside.c_str());
    const File file(beside, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!file.is_open()) fail("can't write", beside);
    if (::fchmod(file.descriptor(), mode) != 0) fail("can't set the mode of", beside);
    file.write(text);
    if (::rename(beside.c_str(), path.c_str()) != 0) fail("can't replace", path);
  } catch (const std::runtime_error&) {
    ::unlink(beside.c_str());
    throw;
  }
  const File folder(std::filesystem::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
  if (folder.is_open()) ::fsync(folder.descriptor());
}

}  // namespace

std::optional<std::string> read_text_file(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    fail("can't read", path);
  }
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(file.descriptor(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("can't read", path);
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > max_file_bytes) throw std::runtime_error(path + " is larger than 16 MiB");
  }
}

void require_replaceable(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISREG(status.st_mode)) return;
    throw std::runtime_error(path + " is not a regular file; only such a one is replaced");
  }
  if (errno != ENOENT) fail("can't look at", path);
  if (::lstat(path.c_str(), &status) == 0) {
    throw std::runtime_error(path + " is a symbolic link to a file that does not exist");
  }
}

void replace_text_file(const std::string& path, const std::string& text) {
  require_replaceable(path);
  std::error_code error;
  std::string target = std::filesystem::absolute(path).string();
  if (std::filesystem::is_symlink(target, error)) {
    target = std::filesystem::weakly_canonical(target).string();
  }
  std::filesystem::create_directories(std::filesystem::path(target).parent_path(), error);
  if (error) {
    throw std::runtime_error("can't make the folder of " + target + ": " + error.message());
  }
  mode_t mode = 0600;
  struct stat status {};
  if (::stat(target.c_str(), &status) == 0) mode = status.st_mode & 07777;
  write_atomically(target, text, mode);
}

}  // namespace fairlead::agent
