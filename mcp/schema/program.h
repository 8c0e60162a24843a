#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include <mcp/base/json.h>
#include <mcp/schema/ascii_matcher.h>
#include <mcp/schema/content.h>
#include <mcp/schema/format.h>
#include <mcp/schema/known_text.h>
#include <mcp/schema/number.h>

// What a schema compiles to. Keywords are grouped by the type of instance they look at, so that
// applying a subschema touches only what can matter; a group without keywords is absent.

namespace mcp::schema {

struct Node;

/// The types of a value, as bits: an integer has both number bits.
namespace type_bit {
inline constexpr std::uint8_t null = 1, boolean = 2, integer = 4, number = 8, string = 16,
                              array = 32, object = 64, binary = 128, any = 0xFF;
}

/// The bits of a value; a number that is kept as its text is `binary`.
inline std::uint8_t bits_of(const Json& value) noexcept {
  using namespace type_bit;
  // In the order of Json::value_t.
  static constexpr std::uint8_t bits[] = {
      null, object, array, string, boolean, integer | number, integer | number, number, binary, 0};
  return bits[static_cast<std::size_t>(value.type())];
}

struct Pattern {
  std::string source;  ///< as the schema spells it
  std::shared_ptr<const re2::RE2> expression;
  std::shared_ptr<const AsciiMatcher> simple;  ///< decides most texts of most patterns
  std::size_t program_size = 0;                ///< of the expression: what a byte may cost
};

struct NumberRules {
  std::optional<Json> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
  std::size_t divisor_digits = 0;  ///< of multiple_of, when it is a number text
  std::uint64_t limits_cost = 0;   ///< of reading the texts of the limits
  /// Whether all that matters of a signed integer is that it lies between these two.
  bool is_plain = false;
  std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  std::int64_t highest = std::numeric_limits<std::int64_t>::max();
};

struct StringRules {
  std::size_t min_length = 0, max_length = unbounded;
  std::optional<Pattern> pattern;
  const Format* format = nullptr;    ///< only when it decides
  const Content* content = nullptr;  ///< only when it decides
  /// Between so many bytes a text is neither too short nor too long, nor worth counting as work,
  /// and its pattern's table decides the rest. No number of bytes when there is more to decide.
  std::size_t enough_bytes = 1, few_bytes = 0;
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
  KnownText name;
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
  std::uint64_t skip_cost = 0;  ///< of stepping over those that an instance leaves out
  /// A member with a constant or a choice of texts beside members that hold subschemas: it decides
  /// cheaply, and keeps nested alternatives from being tried one inside the other.
  const Member* tag = nullptr;
  std::vector<std::pair<Pattern, const Node*>> patterns;
  const Node* additional = nullptr;
  const Node* names = nullptr;
  std::vector<Dependency> dependencies;
  const Node* unevaluated = nullptr;
};

/// `const` or `enum`.
struct Choices {
  const char* keyword;
  std::vector<Json> values;      ///< in the schema's order
  std::vector<KnownText> texts;  ///< those that are texts, sorted
  bool only_texts = false;
};

/// A property that every alternative for objects requires, each with texts of its own: it leaves at
/// most one alternative that an object can match.
struct Discriminator {
  std::string name;
  std::vector<std::pair<KnownText, std::size_t>> alternatives;  ///< sorted by text
};

/// `anyOf` or `oneOf`.
struct Alternatives {
  std::vector<const Node*> nodes;
  std::unique_ptr<Discriminator> discriminator;
};

struct DynamicReference {
  const Node* fallback = nullptr;  ///< what it means when nothing in scope redefines the anchor
  std::uint32_t anchor = 0;        ///< index of the name
};

/// Keywords that apply to every type.
struct LogicRules {
  const Node* reference = nullptr;
  std::optional<DynamicReference> dynamic_reference;
  std::vector<const Node*> all_of;
  Alternatives any_of, one_of;
  const Node* negated = nullptr;
  const Node* condition = nullptr;
  const Node* consequence = nullptr;
  const Node* alternative = nullptr;
};

/// One compiled subschema.
struct Node {
  std::uint8_t types = type_bit::any;
  std::uint8_t scalar = 0;  ///< the types that a rule for numbers or texts, or a choice looks at
  std::uint8_t nested = 0;  ///< … that keywords with subschemas, or for members and items, look at
  std::uint8_t unusual = 0;          ///< … of which there is more to know: see check_unusual
  bool never = false;                ///< the schema `false`
  const Node* stands_for = nullptr;  ///< where nothing but references lead
  std::uint32_t resource = 0;
  std::unique_ptr<NumberRules> number;
  std::unique_ptr<StringRules> string;
  std::unique_ptr<ArrayRules> array;
  std::unique_ptr<ObjectRules> object;
  std::unique_ptr<LogicRules> logic;
  std::vector<Choices> choices;
  std::string pointer;  ///< from the root of its resource
};

/// A schema resource: what an `$id` starts.
struct ProgramResource {
  std::string uri;
  std::vector<std::pair<std::uint32_t, const Node*>> dynamic_anchors;  ///< sorted by number
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
