#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "servers/filesystem/failure.h"
#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem::testing {

/// A folder of its own, gone at the end: "inside" is allowed, "outside" holds a secret.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "fairlead-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = std::filesystem::canonical(name);
    std::filesystem::create_directories(path_ / "inside");
    std::filesystem::create_directories(path_ / "outside");
    std::ofstream(path_ / "outside" / "secret.txt") << "secret";
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string inside(const std::string& name = {}) const { return under("inside", name); }
  std::string outside(const std::string& name = {}) const { return under("outside", name); }
  void write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path file = inside(name);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
  }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_symlink(target, inside(name));
  }
  Sandbox sandbox(Following following = Following::kernel, Links links = Links::named) const {
    std::vector<AllowedDirectory> directories;
    directories.push_back(open_allowed_directory(inside()));
    return Sandbox(std::move(directories), following, links);
  }

 private:
  std::string under(const char* folder, const std::string& name) const {
    return (path_ / folder).string() + (name.empty() ? "" : "/" + name);
  }
  std::filesystem::path path_;
};

inline Watch no_hurry() {
  return Watch({}, std::chrono::minutes(5));
}

/// The text of the failure; fails the test when there is none.
template <typename Call>
std::string failure_of(const Call& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return failure.what();
  }
  FAIL_CHECK("nothing was refused");
  return {};
}

}  // namespace fairlead::filesystem::testing
