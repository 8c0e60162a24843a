#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// What was deleted, and can come back.
struct Deleted {
  std::string id;    ///< its name in the trash
  std::string path;  ///< where it was
  std::string time;  ///< of its deletion, local time
};

/// Where deleted files go: directories as desktops have them (freedesktop.org, Trash specification
/// 1.0), so that people find there what a model has deleted. Deleting and restoring rename; nothing
/// is ever removed from the disk. Thread-safe.
class Trash {
 public:
  /// Into this directory, made when it is missing; without one, into `.Trash-<user id>` in the
  /// allowed directory that holds what is deleted. Throws Failure when it can't be made or opened.
  Trash(std::shared_ptr<const Sandbox> sandbox, const std::optional<std::string>& directory);

  Deleted remove(const Place& place) const;
  /// What was in the directories of `allowed`, the latest first.
  std::vector<Deleted> list(const Sandbox& allowed, const Watch& watch) const;
  /// Puts it back to where it was, or to `destination`, both in `allowed`. Gives the path. Never
  /// over something that exists.
  std::string restore(const Sandbox& allowed, const std::string& id,
                      const std::optional<std::string>& destination) const;

 private:
  struct Room {
    Descriptor files;  // what was deleted
    Descriptor info;   // a small text for each
  };

  Room open_room(const Descriptor& trash, bool make) const;
  /// The one for what lies at `real_path`.
  Room room_for(const std::string& real_path) const;
  std::vector<Room> all_rooms() const;
  static std::optional<Deleted> read_info(const Sandbox& allowed, const Room& room,
                                          const std::string& id);

  std::shared_ptr<const Sandbox> sandbox_;
  std::string folder_name_;
  Descriptor own_;
};

}  // namespace fairlead::filesystem
