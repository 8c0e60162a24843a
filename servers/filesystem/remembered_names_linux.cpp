#include "servers/filesystem/remembered_names.h"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "servers/filesystem/failure.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t max_runs = 4;
constexpr std::size_t max_run_bytes = std::size_t{2} << 20U;
// A second change within one tick of the clock leaves the same time. Ticks are milliseconds, but
// some file systems store whole seconds.
constexpr std::int64_t settled_seconds = 3;

std::int64_t seconds_now() {
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec;
}

struct stat status_of(const Descriptor& directory) {
  struct stat status {};
  if (::fstat(directory.get(), &status) != 0) throw_system_error(errno, "scandir");
  return status;
}

bool same_time(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool same_directory(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool unchanged(const struct stat& a, const struct stat& b) {
  return same_directory(a, b) && same_time(a.st_mtim, b.st_mtim) && same_time(a.st_ctim, b.st_ctim);
}

/// Elsewhere others may change a directory without this machine's knowledge.
bool tells_changes(const Descriptor& directory) {
  constexpr long xfs = 0x58465342;
  struct statfs system {};
  if (::fstatfs(directory.get(), &system) != 0) return false;
  const auto type = static_cast<long>(system.f_type);
  return type == EXT4_SUPER_MAGIC || type == xfs || type == BTRFS_SUPER_MAGIC ||
         type == TMPFS_MAGIC || type == F2FS_SUPER_MAGIC || type == OVERLAYFS_SUPER_MAGIC;
}

}  // namespace

RememberedNames::RememberedNames(std::size_t run, std::function<std::int64_t()> now)
    : run_(run), now_(now ? std::move(now) : &seconds_now) {}

RememberedNames::Page RememberedNames::page(const Descriptor& directory, const std::string& after,
                                            std::size_t count, const Watch& watch) {
  const struct stat before = status_of(directory);
  Page page{};
  if (find(before, after, count, page)) return page;
  const bool settled =
      std::max(before.st_mtim.tv_sec, before.st_ctim.tv_sec) + settled_seconds <= now_();
  const bool memorable = settled && tells_changes(directory);
  const std::size_t wanted = memorable ? std::max(count, run_) : count;
  DirectoryNames names = first_entries(directory, after, false, wanted, watch);
  const bool to_the_end = names.size() < wanted;
  names.shrink();
  page = {std::make_shared<const DirectoryNames>(std::move(names)), 0};
  if (memorable && page.names->bytes() <= max_run_bytes &&
      unchanged(before, status_of(directory))) {
    remember({before, after, to_the_end, page.names});
  }
  return page;
}

bool RememberedNames::find(const struct stat& directory, const std::string& after,
                           std::size_t count, Page& page) {
  const std::lock_guard lock(mutex_);
  for (auto run = runs_.begin(); run != runs_.end(); ++run) {
    if (!unchanged(run->directory, directory) || after < run->after) continue;
    const std::size_t first = run->names->after(after, false);
    if (!run->to_the_end && run->names->size() - first < count) continue;
    page = {run->names, first};
    std::rotate(run, run + 1, runs_.end());
    return true;
  }
  return false;
}

void RememberedNames::remember(Run run) {
  const std::lock_guard lock(mutex_);
  std::erase_if(runs_,
                [&run](const Run& old) { return same_directory(old.directory, run.directory); });
  if (runs_.size() == max_runs) runs_.erase(runs_.begin());
  runs_.push_back(std::move(run));
}

}  // namespace fairlead::filesystem
