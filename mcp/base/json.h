#pragma once

#include <nlohmann/json.hpp>

namespace mcp {

/// The JSON value of the public API. Numbers that fit neither 64 bits nor double are kept as their
/// text: see <mcp/base/number_text.h>.
using Json = nlohmann::json;

}  // namespace mcp
