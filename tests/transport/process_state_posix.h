#pragma once

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <iterator>

#include <sys/types.h>
#include <sys/wait.h>

/// What this process holds; for tests that nothing is left over.
struct ProcessState {
  std::ptrdiff_t descriptors = entries("/proc/self/fd");
  std::ptrdiff_t threads = entries("/proc/self/task");
  bool has_children = children();

  bool operator==(const ProcessState&) const = default;

 private:
  static std::ptrdiff_t entries(const char* folder) {
    return std::distance(std::filesystem::directory_iterator(folder), {});
  }
  /// Zombies too; none of them is reaped by asking.
  static bool children() {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
  }
};
