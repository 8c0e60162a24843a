#pragma once

#include <cstdint>
#include <string>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/remembered_names.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// `[DIR] name` and `[FILE] name`, one a line. `cursor` is of an earlier answer, or empty.
TextAnswer list(const Place& place, const std::string& cursor, const Limits& limits,
                const Watch& watch, RememberedNames& remembered);

enum class SortBy { name, size };

/// With sizes in columns and totals. A link's own size is shown, never that of what it leads to.
TextAnswer list_with_sizes(const Place& place, SortBy sort_by, const std::string& cursor,
                           const Limits& limits, const Watch& watch);

/// "1.50 KB"
std::string size_text(std::uint64_t bytes);

}  // namespace fairlead::filesystem
