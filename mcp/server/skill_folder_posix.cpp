#include <mcp/server/skill.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <mcp/base/utf8.h>

// Every step goes by descriptor and never through a symbolic link: whoever may write in the folder
// while it is read can not lead the server out of it.

namespace mcp {
namespace {

constexpr std::string_view entry_name = "SKILL.md";

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// What stops the whole of a skill.
struct Unservable {
  SkillProblem problem;
};

enum class Kind { file, directory, other };

struct Found {
  std::string name;
  Kind kind;
};

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

bool is_sound(std::string_view name) {
  return is_valid_utf8(name) && std::none_of(name.begin(), name.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

class Reader {
 public:
  explicit Reader(const SkillFolderLimits& limits) : limits_(limits) {}

  SkillFolder read(const std::filesystem::path& folder) {
    Descriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (root.get() < 0)
      throw std::system_error(errno, std::generic_category(),
                              "the folder of skills '" + folder.string() + "' can't be opened");
    // A folder that is a skill itself is called what it is called wherever it lies.
    const std::string own_name = std::filesystem::weakly_canonical(folder).filename().string();
    visit(root, {}, own_name, 0);
    return std::move(result_);
  }

 private:
  /// Looks for skills at `path` and below.
  void visit(const Descriptor& directory, const std::string& path, const std::string& name,
             std::size_t depth) {
    const std::vector<Found> all = list(directory, path);
    const bool is_skill = std::any_of(all.begin(), all.end(),
                                      [](const Found& one) { return one.name == entry_name; });
    if (is_skill) return take_skill(directory, all, path, name, depth);
    for (const Found& one : all) {
      const std::string below = joined(path, one.name);
      if (one.kind == Kind::other) {
        problem(below, "neither a file nor a directory (links are not followed)");
      } else if (one.kind == Kind::directory && depth >= limits_.depth) {
        problem(below, "nested too deeply");
      } else if (one.kind == Kind::directory && !is_sound(one.name)) {
        problem(below, "its name is not UTF-8, or has control characters");
      } else if (one.kind == Kind::directory) {
        const Descriptor child = open_directory(directory, one.name);
        if (child.get() < 0) {
          problem(below, "can't be opened");
        } else {
          visit(child, below, one.name, depth + 1);
        }
      }
    }
  }

  void take_skill(const Descriptor& directory, const std::vector<Found>& all,
                  const std::string& path, const std::string& name, std::size_t depth) {
    std::vector<SkillFile> files;
    try {
      collect(directory, all, path, {}, depth, files);
    } catch (const Unservable& why) {
      problem(why.problem.path, why.problem.message);
      return;
    }
    const std::size_t slash = path.rfind('/');
    const std::string prefix = slash == std::string::npos ? std::string() : path.substr(0, slash);
    std::vector<SkillDirectory> nested;
    for (const SkillFile& file : files) {
      const std::string ending = "/" + std::string(entry_name);
      if (!file.path.ends_with(ending)) continue;
      const std::string root = file.path.substr(0, file.path.size() - ending.size());
      std::vector<SkillFile> inner;
      for (const SkillFile& other : files) {
        if (!other.path.starts_with(root + "/")) continue;
        inner.push_back({other.path.substr(root.size() + 1), other.contents});
        count_bytes(other.contents.size());
      }
      const std::size_t last = root.rfind('/');
      const std::string above = joined(prefix, name);
      add(joined(path, root), root.substr(last == std::string::npos ? 0 : last + 1),
          {std::move(inner),
           last == std::string::npos ? above : above + "/" + root.substr(0, last)},
          nested);
    }
    add(path, name, {std::move(files), prefix}, result_.skills);
    std::move(nested.begin(), nested.end(), std::back_inserter(result_.skills));
  }

  void add(const std::string& path, const std::string& name, SkillDirectory skill,
           std::vector<SkillDirectory>& skills) {
    try {
      const server::SkillEntry entry = server::make_skill(skill);
      if (entry.skill.name() != name)
        throw std::invalid_argument("its directory is called '" + name +
                                    "', but its front matter says '" + entry.skill.name() + "'");
      skills.push_back(std::move(skill));
    } catch (const std::invalid_argument& error) {
      problem(path, error.what());
    }
  }

  void collect(const Descriptor& directory, const std::vector<Found>& all, const std::string& skill,
               const std::string& path, std::size_t depth, std::vector<SkillFile>& files) {
    for (const Found& one : all) {
      const std::string below = joined(path, one.name);
      const auto refuse = [&](std::string why) {
        throw Unservable{{joined(skill, below), std::move(why)}};
      };
      if (!is_sound(one.name)) refuse("its name is not UTF-8, or has control characters");
      if (one.kind == Kind::other)
        refuse("neither a file nor a directory (links are not followed)");
      if (one.kind == Kind::file) {
        if (files.size() == max_skill_files)
          refuse("a skill may have " + std::to_string(max_skill_files) + " files");
        files.push_back({below, read_file(directory, one.name, joined(skill, below))});
        continue;
      }
      if (depth >= limits_.depth) refuse("nested too deeply");
      const Descriptor child = open_directory(directory, one.name);
      if (child.get() < 0) refuse("can't be opened");
      collect(child, list(child, joined(skill, below)), skill, below, depth + 1, files);
    }
  }

  static Descriptor open_directory(const Descriptor& directory, const std::string& name) {
    return Descriptor(
        ::openat(directory.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }

  std::string read_file(const Descriptor& directory, const std::string& name,
                        const std::string& path) {
    // Without waiting: it may have become a pipe by now.
    const Descriptor file(
        ::openat(directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status = {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
      throw Unservable{{path, "can't be opened"}};
    if (!S_ISREG(status.st_mode)) throw Unservable{{path, "no regular file"}};
    const auto too_large = [&] {
      throw Unservable{{path, "has more than " + std::to_string(limits_.file_bytes) + " bytes"}};
    };
    if (static_cast<std::uint64_t>(status.st_size) > limits_.file_bytes) too_large();
    std::string bytes;
    bytes.resize(static_cast<std::size_t>(status.st_size) + 1);
    std::size_t read = 0;
    for (;;) {
      const ssize_t got = ::read(file.get(), bytes.data() + read, bytes.size() - read);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw Unservable{{path, "can't be read"}};
      if (got == 0) break;
      read += static_cast<std::size_t>(got);
      if (read > limits_.file_bytes) too_large();
      if (read == bytes.size()) bytes.resize(std::min(2 * read, limits_.file_bytes + 1));
    }
    bytes.resize(read);
    bytes.shrink_to_fit();
    count_bytes(read);
    return bytes;
  }

  /// In the order of their names, so that lists are the same everywhere.
  std::vector<Found> list(const Descriptor& directory, const std::string& path) {
    Descriptor copy(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(
        copy.get() < 0 ? nullptr : ::fdopendir(copy.get()), &::closedir);
    if (!stream) {
      problem(path, "can't be read");
      return {};
    }
    copy.release();
    std::vector<Found> all;
    while (const dirent* entry = ::readdir(stream.get())) {
      const std::string name = entry->d_name;
      if (name.starts_with('.')) continue;
      if (++entries_ > limits_.entries)
        throw std::length_error("the folder of skills has more than " +
                                std::to_string(limits_.entries) + " files and directories");
      struct stat status = {};
      if (::fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
      all.push_back({name, S_ISREG(status.st_mode)   ? Kind::file
                           : S_ISDIR(status.st_mode) ? Kind::directory
                                                     : Kind::other});
    }
    std::sort(all.begin(), all.end(),
              [](const Found& a, const Found& b) { return a.name < b.name; });
    return all;
  }

  void count_bytes(std::size_t bytes) {
    if (bytes > limits_.bytes - bytes_)
      throw std::length_error("the skills of the folder have more than " +
                              std::to_string(limits_.bytes) + " bytes in all");
    bytes_ += bytes;
  }

  void problem(const std::string& path, std::string message) {
    result_.problems.push_back({replace_invalid_utf8(path), std::move(message)});
  }

  const SkillFolderLimits& limits_;
  SkillFolder result_;
  std::size_t entries_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

SkillFolder read_skill_folder(const std::filesystem::path& folder,
                              const SkillFolderLimits& limits) {
  return Reader(limits).read(folder);
}

}  // namespace mcp
