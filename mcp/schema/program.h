#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include <mcp/base/json.h>
#include <mcp/schema/format.h>
#include <mcp/schema/number.h>

// What a schema compiles to. Keywords are grouped by the type of instance they look at, so that
// applying a subschema touches only what can matter; a group without keywords is absent.

namespace mcp::schema {

struct Node;

/// The types of a value, as bits: an integer has both number bits.
namespace type_bit {
inline constexpr std::uint8_t null = 1, boolean = 2, integer = 4, number = 8, string = 16,
                              array = 32, object = 64, any = 0xFF;
}

struct Pattern {
  std::string source;  ///< as the schema spells it
  std::shared_ptr<const re2::RE2> expression;
};

struct NumberRules {
  std::optional<Json> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
  std::size_t divisor_digits = 0;  ///< of multiple_of, when it is a number text
};

struct StringRules {
  std::size_t min_length = 0, max_length = unbounded;
  std::optional<Pattern> pattern;
  const Format* format = nullptr;  ///< only when it decides
};

struct ArrayRules {
  std::size_t min_items = 0, max_items = unbounded;
  bool unique = false;
  std::vector<const Node*> prefix;
  const Node* rest = nullptr;
  const char* prefix_keyword = "prefixItems";  ///< draft-07 calls both otherwise
  const char* rest_keyword = "items";
  const Node* contains = nullptr;
  std::size_t min_contains = 1, max_contains = unbounded;
  bool contains_evaluates = true;  ///< not in draft-07
  const Node* unevaluated = nullptr;
};

struct Member {
  std::string name;
  const Node* node = nullptr;  ///< absent when the name is only required
  bool required = false;
};

struct Dependency {
  std::string name;
  std::vector<std::string> required;
  const Node* node = nullptr;
  const char* keyword;
};

struct ObjectRules {
  std::size_t min_properties = 0, max_properties = unbounded;
  std::vector<Member> members;  ///< sorted by name, as the instance's are
  /// A member with a constant or a choice of texts beside members that hold subschemas: it decides
  /// cheaply, and keeps nested alternatives from being tried one inside the other.
  const Member* tag = nullptr;
  std::vector<std::pair<Pattern, const Node*>> patterns;
  const Node* additional = nullptr;
  const Node* names = nullptr;
  std::vector<Dependency> dependencies;
  const Node* unevaluated = nullptr;
};

struct DynamicReference {
  const Node* fallback = nullptr;  ///< what it means when nothing in scope redefines the anchor
  std::uint32_t anchor = 0;        ///< index of the name
};

/// Keywords that apply to every type.
struct LogicRules {
  std::optional<Json> constant;
  std::vector<Json> enumeration;
  bool has_enumeration = false;
  bool all_strings = false;  ///< the enumeration is nothing but strings, sorted
  const Node* reference = nullptr;
  std::optional<DynamicReference> dynamic_reference;
  std::vector<const Node*> all_of, any_of, one_of;
  const Node* negated = nullptr;
  const Node* condition = nullptr;
  const Node* consequence = nullptr;
  const Node* alternative = nullptr;
};

/// One compiled subschema.
struct Node {
  std::uint8_t types = type_bit::any;
  bool never = false;   ///< the schema `false`
  bool simple = false;  ///< nothing but `types`
  bool leaf = false;    ///< nothing but `types`, number and string rules
  std::uint32_t resource = 0;
  std::unique_ptr<NumberRules> number;
  std::unique_ptr<StringRules> string;
  std::unique_ptr<ArrayRules> array;
  std::unique_ptr<ObjectRules> object;
  std::unique_ptr<LogicRules> logic;
  std::string pointer;  ///< from the root of its resource
};

/// A schema resource: what an `$id` starts.
struct ProgramResource {
  std::string uri;
  std::vector<std::pair<std::uint32_t, const Node*>> dynamic_anchors;
};

struct Program {
  const Node* root = nullptr;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<ProgramResource> resources;
  bool dynamic = false;  ///< whether any reference depends on the dynamic scope
  std::size_t max_depth = 0;
  std::uint64_t max_work = 0;
};

}  // namespace mcp::schema
