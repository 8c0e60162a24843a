#pragma once

#include <string>

#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// A name in an open directory, as `Sandbox::find` would give it; a link is not followed. `path` is
/// the whole path, for messages.
Place entry_of(const Descriptor& directory, const std::string& name, const std::string& path);

Descriptor duplicate(const Descriptor& descriptor);

}  // namespace fairlead::filesystem
