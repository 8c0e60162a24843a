#pragma once

#include <optional>
#include <string>

namespace fairlead::agent {

/// The file's text; nothing when there is no such file.
/// Throws std::runtime_error when it can't be read or is larger than 16 MiB.
std::optional<std::string> read_text_file(const std::string& path);

/// Refuses what can't be replaced: a device, pipe, socket or folder, and a symbolic link to
/// nothing. Opens nothing. A path where nothing stands is accepted.
/// Throws std::runtime_error with the path and what stands there.
void require_replaceable(const std::string& path);

/// Replaces the file in one step, so that a reader sees the old text or the new one, also after a
/// crash. Its mode is kept, a symbolic link stays one; missing folders are made; a new file is
/// readable by its owner only. What `require_replaceable` refuses stays untouched.
/// Throws std::runtime_error with the path and the reason; the old file is then still there.
void replace_text_file(const std::string& path, const std::string& text);

}  // namespace fairlead::agent
