#pragma once

#include <mcp/schema/evaluated.h>
#include <mcp/schema/run.h>
#include <mcp/schema/scalar_rules.h>

namespace mcp::schema {

/// Whether values are valid: no paths, no messages, and the first failure ends it. Every caller
/// whose instance is right pays for this alone.
class Verdict {
 public:
  explicit Verdict(Run& run) : run_(run) {}

  /// `seen`, if wanted, is told which members (or items) of `value` were looked at.
  bool check(const Node& node, const Json& value, Evaluated* seen = nullptr) {
    const std::uint8_t bits = bits_of(value);
    return ((node.types & bits) != 0 || fits_unusual_type(run_, node.types, value)) &&
           ((node.scalar & bits) == 0 || check_scalar(node, value, bits)) &&
           ((node.nested & bits) == 0 || check_nested(node, value, bits, seen));
  }

  /// How many items match `contains`; counted to the end only if `maxContains` or `seen` ask for
  /// it.
  std::size_t count_matching(const ArrayRules& rules, const Json::array_t& items, Evaluated* seen);
  bool fits_any(const Alternatives& alternatives, const Json& value, Evaluated* seen);
  /// How many alternatives fit, at most `enough`, and the first two of them.
  std::size_t count_fitting(const Alternatives& alternatives, const Json& value, Evaluated* seen,
                            std::size_t enough, std::size_t (&fitting)[2]);
  /// Leaves no marks in `seen` unless the value is valid.
  bool check_apart(const Node& node, const Json& value, Evaluated* seen);

 private:
  bool check_scalar(const Node& node, const Json& value, std::uint8_t bits);
  bool check_nested(const Node& node, const Json& value, std::uint8_t bits, Evaluated* seen);
  bool check_unusual(const Node& node, const Json& value, std::uint8_t bits, Evaluated* seen);
  bool check_keywords(const Node& node, const Json& value, std::uint8_t bits, Evaluated* seen);
  bool check_with_unevaluated(const Node& node, const Json& value, std::uint8_t bits,
                              Evaluated* seen);
  bool check_object(const ObjectRules& rules, const Json& value, Evaluated* seen);
  bool check_members(const ObjectRules& rules, const Json::object_t& object, Evaluated* seen);
  /// Plain: members by name and additionalProperties at most, and nobody wants to know which.
  enum class MemberRules { plain, any };
  template <MemberRules kind>
  bool check_members_of(const ObjectRules& rules, const Json::object_t& object, Evaluated* seen);
  bool check_other_member(const ObjectRules& rules, const std::string& name, const Json& child,
                          bool& evaluated);
  bool check_dependencies(const ObjectRules& rules, const Json& value, Evaluated* seen);
  bool check_array(const ArrayRules& rules, const Json::array_t& items, Evaluated* seen);
  bool check_logic(const LogicRules& rules, const Json& value, Evaluated* seen);

  Run& run_;
};

struct Decision {
  bool valid;
  const char* exhausted;  ///< the limit at which it was given up, which is not valid
};
Decision decide(const Program& program, const Json& instance);

}  // namespace mcp::schema
