#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include <mcp/base/digest.h>
#include <mcp/base/uri.h>

#include "servers/filesystem/answer_lines.h"
#include "servers/filesystem/directory_entries.h"
#include "servers/filesystem/failure.h"
#include "servers/filesystem/hidden_name.h"
#include "servers/filesystem/trash.h"
#include "servers/filesystem/writing.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t max_info_bytes = 16 << 10;
constexpr std::size_t max_name_bytes = 200;  // leaves room for what makes it unique
constexpr std::string_view info_ending = ".trashinfo";

std::string local_time() {
  const time_t now = ::time(nullptr);
  struct tm local {};
  ::localtime_r(&now, &local);
  std::array<char, 32> text{};
  const std::size_t length = ::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &local);
  return {text.data(), length};
}

std::string unique_name(const std::string& name) {
  std::array<std::uint8_t, 6> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    throw_system_error(errno, "getrandom");
  }
  return name.substr(0, max_name_bytes) + "." + mcp::hex_encode(random);
}

Descriptor open_below(const Descriptor& directory, const std::string& name, bool make) {
  if (make && ::mkdirat(directory.get(), name.c_str(), 0700) != 0 && errno != EEXIST) {
    throw_system_error(errno, "mkdir", name);
  }
  Descriptor below(
      ::openat(directory.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!below && (make || (errno != ENOENT && errno != ENOTDIR && errno != ELOOP))) {
    throw_system_error(errno, "open", name);
  }
  return below;
}

bool is_below(const std::string& path, const std::string& directory) {
  return directory == "/" || path == directory || path.rfind(directory + "/", 0) == 0;
}

[[noreturn]] void refuse_unknown(const std::string& id) {
  throw Failure("There is nothing in the trash with the id \"" + one_line(id) +
                "\"; list_deleted_files tells the ids.");
}

}  // namespace

Trash::Trash(std::shared_ptr<const Sandbox> sandbox, const std::optional<std::string>& directory)
    : sandbox_(std::move(sandbox)), folder_name_(".Trash-" + std::to_string(::getuid())) {
  if (!directory) return;
  std::error_code error;
  std::filesystem::create_directories(*directory, error);
  own_ = Descriptor(::open(directory->c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own_) throw_system_error(errno, "open", *directory);
  open_room(own_, true);
}

Trash::Room Trash::open_room(const Descriptor& trash, bool make) const {
  Room room;
  room.files = open_below(trash, "files", make);
  room.info = open_below(trash, "info", make);
  return room;
}

Trash::Room Trash::room_for(const std::string& real_path) const {
  if (own_) return open_room(own_, true);
  const Place root = sandbox_->root_of(real_path);
  if (is_below(real_path, root.real_path + "/" + folder_name_)) {
    throw Failure("This is in the trash already: " + real_path);
  }
  return open_room(open_below(root.directory, folder_name_, true), true);
}

std::vector<Trash::Room> Trash::all_rooms() const {
  std::vector<Room> rooms;
  const auto add = [&](const Descriptor& trash) {
    if (!trash) return;
    Room room = open_room(trash, false);
    if (room.files && room.info) rooms.push_back(std::move(room));
  };
  if (own_) {
    add(own_);
    return rooms;
  }
  for (const auto& directory : sandbox_->directories()) {
    const Place root = sandbox_->find(directory);
    if (root.is_allowed_directory()) add(open_below(root.directory, folder_name_, false));
  }
  return rooms;
}

Deleted Trash::remove(const Place& place) const {
  if (!place.exists) throw_system_error(ENOENT, "rename", place.real_path);
  if (place.is_allowed_directory()) {
    throw Failure("An allowed directory itself can't be deleted: " + place.real_path);
  }
  const Room room = room_for(place.real_path);
  Deleted deleted{unique_name(place.name), place.real_path, local_time()};
  const std::string info_name = deleted.id + std::string(info_ending);
  const std::string info = "[Trash Info]\nPath=" + mcp::percent_encode(place.real_path, "/") +
                           "\nDeletionDate=" + deleted.time + "\n";
  Place target;
  target.directory = Descriptor(::fcntl(room.info.get(), F_DUPFD_CLOEXEC, 0));
  target.name = info_name;
  target.real_path = info_name;
  write_file(target, info);
  const int error = rename_without_replacing(place.directory, place.name, room.files, deleted.id);
  if (error != 0) {
    ::unlinkat(room.info.get(), info_name.c_str(), 0);
    if (error == EXDEV) {
      throw Failure("The trash lies on another file system than " + place.real_path +
                    "; the server can be started with --trash and a directory on that one.");
    }
    if (error == EINVAL) throw Failure("This holds the trash itself: " + place.real_path);
    throw_system_error(error, "rename", place.real_path);
  }
  sync_directory(room.files);
  sync_directory(place.directory);
  return deleted;
}

std::optional<Deleted> Trash::read_info(const Sandbox& allowed, const Room& room,
                                        const std::string& id) {
  const std::string name = id + std::string(info_ending);
  const Descriptor file(
      ::openat(room.info.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string text(max_info_bytes, '\0');
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
  if (got <= 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(got));
  Deleted deleted{id, {}, {}};
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t to = std::min(text.find('\n', from), text.size());
    const std::string line = text.substr(from, to - from);
    if (line.rfind("Path=", 0) == 0) {
      deleted.path = mcp::percent_decode(line.substr(5)).value_or("");
    }
    if (line.rfind("DeletionDate=", 0) == 0) deleted.time = line.substr(13, 19);
    from = to + 1;
  }
  // In a trash that others use too: what lies outside is not for this server's clients.
  try {
    if (deleted.path.empty() || deleted.path.front() != '/') return std::nullopt;
    allowed.root_of(deleted.path);
  } catch (const Failure&) {
    return std::nullopt;
  }
  return deleted;
}

std::vector<Deleted> Trash::list(const Sandbox& allowed, const Watch& watch) const {
  std::vector<Deleted> all;
  for (const auto& room : all_rooms()) {
    const DirectoryNames names = entries_of(room.files, watch);
    for (std::size_t at = 0; at < names.size(); ++at) {
      const std::string id(names[at].text);
      if (auto deleted = read_info(allowed, room, id)) all.push_back(std::move(*deleted));
      watch.check();
    }
  }
  std::sort(all.begin(), all.end(), [](const Deleted& a, const Deleted& b) {
    return a.time != b.time ? a.time > b.time : a.id < b.id;
  });
  return all;
}

std::string Trash::restore(const Sandbox& allowed, const std::string& id,
                           const std::optional<std::string>& destination) const {
  constexpr std::string_view not_in_names("/\0", 2);
  if (id.empty() || id == "." || id == ".." || id.find_first_of(not_in_names) != id.npos) {
    refuse_unknown(id);
  }
  for (const auto& room : all_rooms()) {
    const auto deleted = read_info(allowed, room, id);
    if (!deleted) continue;
    const Place place = allowed.find(destination.value_or(deleted->path));
    if (place.exists) throw Failure("Destination already exists: " + place.real_path);
    if (!place.missing_below.empty()) {
      throw Failure("Parent directory does not exist: " + place.real_path);
    }
    refuse_hidden_name(place);
    const int error = rename_without_replacing(room.files, id, place.directory, place.name);
    if (error == EEXIST) throw Failure("Destination already exists: " + place.real_path);
    if (error == ENOENT) refuse_unknown(id);
    if (error != 0) throw_system_error(error, "rename", place.real_path);
    ::unlinkat(room.info.get(), (id + std::string(info_ending)).c_str(), 0);
    sync_directory(place.directory);
    sync_directory(room.files);
    return place.real_path;
  }
  refuse_unknown(id);
}

}  // namespace fairlead::filesystem
