#pragma once

#include <string>
#include <vector>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// Full paths that match the pattern, one a line, or "No matches found".
TextAnswer search(const Sandbox& sandbox, const Place& place, const std::string& pattern,
                  const std::vector<std::string>& exclude, const std::string& cursor,
                  const Limits& limits, const Watch& watch);

}  // namespace fairlead::filesystem
