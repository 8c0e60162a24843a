#pragma once

#include <optional>
#include <string>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

// Whoever reads a file, and a crash or a full disk at any time, meets its old content or the new:
// it is written aside, brought to the disk and then takes the name. Mode, owner and extended
// attributes of an old file are kept; other names of it (hard links) keep the old content.

/// Makes the file or replaces all it holds. With `expected` only when the file is still the one
/// that was read: same file, size and time; throws Failure when it changed since.
void write_file(const Place& place, const std::string& content,
                const std::optional<struct stat>& expected = {});

/// Makes the file or adds to its end.
void append_file(const Place& place, const std::string& content, const Watch& watch);

/// Makes the directory and those above it that are missing; one that exists is fine.
void create_directory(const Place& place);

/// Renames, never over something that exists.
void move(const Place& source, const Place& destination);

/// Copies a file, link or directory with all below it, at most `limits.max_copied_entries`. The
/// copy takes its name when it is complete, never over something that exists.
void copy(const Place& source, const Place& destination, const Limits& limits, const Watch& watch);

/// Brings a directory's names to the disk.
void sync_directory(const Descriptor& directory);

/// As renameat2 with RENAME_NOREPLACE, also where the file system has none: 0 or an error number.
int rename_without_replacing(const Descriptor& from, const std::string& old_name,
                             const Descriptor& to, const std::string& new_name);

}  // namespace fairlead::filesystem
