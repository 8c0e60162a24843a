#pragma once

#include <string>
#include <string_view>

struct sqlite3;

namespace fairlead::websearch {

/// Text as the index keeps it: deflated, where that makes it shorter.
std::string packed(std::string_view text);
/// Empty for what packed() did not make.
std::string unpacked(std::string_view bytes);

/// Makes `unpacked(bytes)` known to a connection's SQL. Throws Failure.
void register_unpacked(sqlite3* database);

}  // namespace fairlead::websearch
