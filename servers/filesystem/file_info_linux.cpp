#include "servers/filesystem/file_info.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "servers/filesystem/failure.h"

namespace fairlead::filesystem {
namespace {

/// As programs in JavaScript write a point in time.
std::string time_text(std::int64_t seconds) {
  const auto when = static_cast<time_t>(seconds);
  struct tm local {};
  ::localtime_r(&when, &local);
  std::array<char, 80> text{};
  std::size_t length = ::strftime(text.data(), text.size(), "%a %b %d %Y %H:%M:%S GMT%z", &local);
  std::string result(text.data(), length);
  const std::string zone = local.tm_zone == nullptr ? "" : local.tm_zone;
  return result + " (" +
         (zone == "UTC" || zone == "GMT" ? std::string("Coordinated Universal Time") : zone) + ")";
}

}  // namespace

std::string info(const Place& place) {
  if (!place.exists) throw_system_error(ENOENT, "stat", place.real_path);
  struct statx more {};
  const bool born = ::statx(place.directory.get(), place.name.c_str(), AT_SYMLINK_NOFOLLOW,
                            STATX_BTIME, &more) == 0 &&
                    (more.stx_mask & STATX_BTIME) != 0;
  const auto& status = place.status;
  std::array<char, 8> permissions{};
  std::snprintf(permissions.data(), permissions.size(), "%03o",
                static_cast<unsigned>(status.st_mode & 0777U));
  return "size: " + std::to_string(status.st_size) +
         "\ncreated: " + time_text(born ? more.stx_btime.tv_sec : status.st_ctim.tv_sec) +
         "\nmodified: " + time_text(status.st_mtim.tv_sec) +
         "\naccessed: " + time_text(status.st_atim.tv_sec) +
         "\nisDirectory: " + (S_ISDIR(status.st_mode) ? "true" : "false") +
         "\nisFile: " + (S_ISREG(status.st_mode) ? "true" : "false") +
         "\npermissions: " + permissions.data();
}

}  // namespace fairlead::filesystem
