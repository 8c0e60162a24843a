#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <mcp/base/json.h>
#include <mcp/schema/members.h>
#include <mcp/schema/schema.h>

// C++ types that describe themselves: a plain struct gives its JSON Schema, is read out of JSON
// with every mistake reported by its path, and is written as JSON. No macro, no registration.
//
//     struct Forecast {
//       std::string city;
//       int days = 3;                        // not required: its default is not 0
//       std::optional<std::string> units;    // not required
//       static constexpr mcp::About about[] = {
//           {"city", "City name"}, {"days", "How far ahead", {.minimum = 1, .maximum = 14}}};
//     };
//
// A member is required unless it is `std::optional`, its initial value differs from its type's
// empty value, or its row says `.optional`.
//
// | C++                                     | JSON                                            |
// |-----------------------------------------|-------------------------------------------------|
// | struct                                  | object                                          |
// | bool, integers, float, double           | boolean, integer, number                        |
// | std::string                             | string                                          |
// | enum (values 0 to 63: see EnumRange)    | string: the value's name                        |
// | std::optional                           | absent or null                                  |
// | std::vector, std::array                 | array                                           |
// | std::tuple, std::pair                   | array of fixed length                           |
// | std::map, std::unordered_map (of text)  | object                                          |
// | std::variant                            | whatever alternative fits first: see Tag        |
// | std::monostate                          | null                                            |
// | std::chrono::duration                   | number, in the duration's own unit              |
// | system_clock::time_point                | string, `date-time` in UTC                      |
// | std::vector<std::byte>                  | string, Base64                                  |
// | mcp::Json                               | anything                                        |
//
// Base classes, C arrays, references and bit-fields do not compile: use a member, `std::array`, a
// value, a whole integer. For other types see Described. A type may hold vectors (or maps) of
// itself.

namespace mcp {

/// Limits and hints of one member; they go into the schema as the keywords of the same name. One
/// that does not fit the member's type does not compile.
struct Limits {
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::optional<std::size_t> min_length = {};  ///< of texts: characters; of lists: items
  std::optional<std::size_t> max_length = {};
  std::string_view pattern = {};  ///< a regular expression, found anywhere in the text
  std::string_view format = {};   ///< such as "email", "uri", "date"; is checked
  std::string_view example = {};  ///< JSON text, or plain text for a text member
  bool optional = false;          ///< may be left out although it has no default
};

/// A row of a type's `about` table: what a reader (a person, a model) should know of a member.
struct About {
  std::string_view name;  ///< the member's name; a name that is no member does not compile
  std::string_view description = {};
  Limits limits = {};
  /// Of a text, an enum, a boolean or an integer: the value also travels in the HTTP header
  /// `Mcp-Param-<header>`, for whoever routes calls (2026-07-28, `x-mcp-header`).
  std::string_view header = {};
};

/// Tells the structs of a variant apart: a constant member on the wire. When each alternative has
/// one, of the same name, the variant is read by it, and mistakes are told for the right one.
///
///     struct Circle { double radius; static constexpr mcp::Tag tag = {"kind", "circle"}; };
struct Tag {
  std::string_view name;
  std::string_view value;
};

/// Which values of an enum are looked at for names; specialise it for an enum with others.
template <class E>
struct EnumRange {
  static constexpr int first = 0;
  static constexpr int last = 63;
};

/// Specialise it for a type that is no plain struct:
///
///     template <> struct mcp::Described<Money> {
///       static mcp::Json schema() { return {{"type", "string"}}; }
///       static Money decode(const mcp::Json& value);  // fits the schema already; throw
///                                                     // std::invalid_argument("what is right")
///       static mcp::Json encode(const Money& value);
///     };
template <class T>
struct Described;

/// The JSON Schema (2020-12) of T. Throws schema::SchemaError when a row's pattern can't be
/// compiled, so that it shows where T is registered.
template <class T>
Json describe();

/// Reads a T, or tells every mistake in one pass, with its path. (What only reading finds, a time
/// that T's type can't hold and what a Described<T>::decode refuses, is told once the rest is
/// right.) Integers are checked against their C++ type. Members that T lacks are ignored. T is made
/// by `T{}` first. Throws nothing for any value, except std::bad_alloc; schema::SchemaError, as
/// `describe` does, when T's own schema is wrong.
template <class T>
std::variant<T, std::vector<schema::ValidationError>> decode(const Json& value);

/// Writes a T: what `describe<T>()` describes. A NaN or an infinity stays one, which JSON
/// can't hold: a tool that returns it fails with its path. Throws
/// std::invalid_argument for an enum value without a name or a time outside of the years 0 to 9999.
template <class T>
Json encode(const T& value);

}  // namespace mcp

#include <mcp/schema/describe_types.h>
