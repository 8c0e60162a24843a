#pragma once

#include <string>

#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// Size, times, kind and permissions as lines.
std::string info(const Place& place);

}  // namespace fairlead::filesystem
