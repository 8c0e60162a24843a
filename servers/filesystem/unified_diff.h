#pragma once

#include <string>

namespace fairlead::filesystem {

/// What turns `before` into `after`, in the unified format with four lines of context and the
/// header that programs know of the reference server. Texts that differ in more than some thousand
/// lines are shown as one block that is replaced: a shortest difference would take too long.
std::string unified_diff(const std::string& before, const std::string& after,
                         const std::string& path);

}  // namespace fairlead::filesystem
