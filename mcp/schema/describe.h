#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include <mcp/base/json.h>
#include <mcp/schema/schema.h>

// C++ types that describe themselves: a plain struct gives its JSON Schema, is read out of JSON
// with every mistake reported by its path, and is written as JSON. No macro, no registration.

namespace mcp {

/// Limits and hints of one member; they go into the schema as the keywords of the same name.
struct Limits {
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::optional<std::size_t> min_length = {};  ///< of texts: characters; of lists: `minItems`
  std::optional<std::size_t> max_length = {};
  std::string_view pattern = {};  ///< a regular expression (RE2's syntax)
  std::string_view format = {};   ///< such as "email", "uri", "date"
  std::string_view example = {};  ///< JSON text, or plain text for a text member
  bool optional = false;          ///< may be left out although it has no default
};

/// A row of a type's `about` table: what a reader (a person, a model) should know of a member.
///
///     static constexpr mcp::About about[] = {{"days", "How far ahead", {.minimum = 1}}};
struct About {
  std::string_view name;  ///< the member's name; a name that is no member does not compile
  std::string_view description = {};
  Limits limits = {};
};

/// The JSON Schema (2020-12) of T. Throws nothing but std::bad_alloc.
template <class T>
Json describe();

/// Reads a T, or tells every mistake in one pass; `instance_path`, `keyword` and `message` of each
/// are set. Never throws on any input, except std::bad_alloc.
template <class T>
std::variant<T, std::vector<schema::ValidationError>> decode(const Json& value);

/// Writes a T: what `describe<T>()` describes. A text that is not UTF-8 is not looked at.
template <class T>
Json encode(const T& value);

/// Why T can't be asked for by a form (elicitation: an object of texts, numbers, booleans and
/// enums, or lists of enums); empty when it can.
template <class T>
std::string_view form_problem();

}  // namespace mcp
