#pragma once

#include <string>
#include <vector>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// The tree as JSON text, as deep and as long as the limits allow.
TextAnswer tree(const Sandbox& sandbox, const Place& place, const std::vector<std::string>& exclude,
                const std::string& cursor, const Limits& limits, const Watch& watch);

}  // namespace fairlead::filesystem
