#pragma once

namespace mcp {

/// The version of this library and its programs, "major.minor.patch".
const char* version() noexcept;

}  // namespace mcp
