#pragma once

#include <string>

namespace fairlead::websearch {

/// Makes the file unless it exists, readable and writable by its owner only; its folders, too.
/// False when that can't be done.
bool make_owner_file(const std::string& path);
/// A new folder for its owner only, in the system's place for such; empty: there is no room.
std::string make_temporary_folder();

}  // namespace fairlead::websearch
