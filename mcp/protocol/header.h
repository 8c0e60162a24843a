#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <mcp/base/json.h>

// The rules of `x-mcp-header` and of the values of `Mcp-Name` and `Mcp-Param-*` (2026-07-28,
// basic/transports/streamable-http, "Custom Headers from Tool Parameters"). The linter, the server
// and the client all call these.

namespace mcp {

/// A tool's parameter that is mirrored into a header.
struct HeaderParameter {
  std::vector<std::string> path;  ///< the property's names, from the root of the arguments
  std::string name;               ///< without the prefix `Mcp-Param-`
};

/// A place in a schema that breaks the rules, and how.
struct HeaderProblem {
  std::string schema_path;  ///< JSON pointer to the annotation
  std::string message;
};

/// The annotated parameters of a tool's input schema, or why the tool is invalid.
std::variant<std::vector<HeaderParameter>, HeaderProblem> header_parameters(
    const Json& input_schema);

/// What the header of `parameter` carries for these arguments, encoded; nothing when the argument
/// is absent, null or no string, boolean or integer. An empty text is a header with empty value.
std::optional<std::string> header_value(const HeaderParameter& parameter, const Json& arguments);

/// Text as a header's value: as it is when it is printable ASCII without blanks at its ends and
/// does not look encoded, else `=?base64?...?=`.
std::string encode_header_value(std::string_view text);
/// The text of a header's value. Nothing when it is encoded wrongly, holds a character that no
/// header may hold, or is not UTF-8 once decoded. Blanks at the ends are not part of a value.
std::optional<std::string> decode_header_value(std::string_view value);

/// Why a header does not match the call's arguments; empty when it does. `value` is the header as
/// it came, or nothing when it is absent. Integers are compared as numbers.
std::string header_mismatch(const HeaderParameter& parameter, const Json& arguments,
                            std::optional<std::string_view> value);

}  // namespace mcp
