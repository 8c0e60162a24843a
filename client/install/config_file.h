#pragma once

#include <optional>
#include <string>

namespace fairlead::agent {

/// The file's text; nothing when there is no such file.
/// Throws std::runtime_error when it can't be read or is larger than 16 MiB.
std::optional<std::string> read_config_file(const std::string& path);

/// Refuses what can't be a configuration file to replace: a device, pipe, socket or folder, and a
/// symbolic link to nothing. Opens nothing. A path where nothing stands is accepted.
/// Throws std::runtime_error with the path and what stands there.
void require_replaceable(const std::string& path);

/// Replaces the file in one step, so that a reader sees the old text or the new one, also after a
/// crash. Its mode is kept, a symbolic link stays one; missing folders are made; a new file is
/// readable by its owner only. The old text goes to `backup_path(path)` first. What
/// `require_replaceable` refuses stays untouched.
/// Throws std::runtime_error with the path and the reason; the old file is then still there.
void replace_config_file(const std::string& path, const std::string& text);

/// Where the text before the last change is kept.
std::string backup_path(const std::string& path);

/// Whether this process may run the file.
bool is_executable(const std::string& path);

/// The running program's own file.
std::string executable_path();

}  // namespace fairlead::agent
