#include <mcp/schema/verdict.h>

#include <algorithm>

namespace mcp::schema {
namespace {

const Json::object_t& members_of(const Json& object) {
  return *object.get_ptr<const Json::object_t*>();
}

const Json::array_t& items_of(const Json& array) {
  return *array.get_ptr<const Json::array_t*>();
}

// The first member that does not sort before `name`; nullptr when one before it is required.
const Member* skip_missing(const Member* member, const Member* end, const std::string& name) {
  for (const TextView text(name); member != end && member->name.sorts_before(text); ++member)
    if (member->required) return nullptr;
  return member;
}

}  // namespace

// A single call, at the end: most values need none, and no registers are saved for them.
bool Verdict::check_scalar(const Node& node, const Json& value, std::uint8_t bits) {
  Glance glance = Glance::fits;
  if (bits == type_bit::string) {
    if (node.string) glance = glance_at(*node.string, *value.get_ptr<const std::string*>());
  } else if (node.number && (bits & (type_bit::number | type_bit::binary)) != 0) {
    glance = glance_at(*node.number, value);
  }
  if (glance == Glance::fails) return false;
  if (glance == Glance::undecided) return fits_scalar_rules(run_, node, value);
  return node.choices.empty() || are_chosen(run_, node.choices, value);
}

bool Verdict::check_nested(const Node& node, const Json& value, std::uint8_t bits,
                           Evaluated* seen) {
  if ((node.unusual & bits) != 0) return check_unusual(node, value, bits, seen);
  const Level level(run_);
  return level.entered() && check_keywords(node, value, bits, seen);
}

bool Verdict::check_unusual(const Node& node, const Json& value, std::uint8_t bits,
                            Evaluated* seen) {
  if (node.stands_for != nullptr) return check(*node.stands_for, value, seen);
  const Level level(run_);
  if (!level.entered()) return false;
  const Scoped scoped(run_, node);
  const bool unevaluated = (value.is_object() && node.object && node.object->unevaluated) ||
                           (value.is_array() && node.array && node.array->unevaluated);
  return unevaluated ? check_with_unevaluated(node, value, bits, seen)
                     : check_keywords(node, value, bits, seen);
}

[[gnu::always_inline]] inline bool Verdict::check_keywords(const Node& node, const Json& value,
                                                           std::uint8_t bits, Evaluated* seen) {
  if (bits == type_bit::object) {
    if (node.object && !check_object(*node.object, value, seen)) return false;
  } else if (bits == type_bit::array) {
    if (node.array && !check_array(*node.array, items_of(value), seen)) return false;
  }
  return !node.logic || check_logic(*node.logic, value, seen);
}

bool Verdict::check_with_unevaluated(const Node& node, const Json& value, std::uint8_t bits,
                                     Evaluated* seen) {
  if (!run_.spend(value.size() / 16)) return false;
  Evaluated own(value.size());
  if (!check_keywords(node, value, bits, &own)) return false;
  if (seen != nullptr) seen->set_all();
  std::size_t index = 0;
  if (value.is_array()) {
    for (const Json& item : items_of(value))
      if (!own.test(index++) && !check(*node.array->unevaluated, item)) return false;
  } else {
    for (const auto& [name, child] : members_of(value))
      if (!own.test(index++) && !check(*node.object->unevaluated, child)) return false;
  }
  return true;
}

bool Verdict::check_array(const ArrayRules& rules, const Json::array_t& items, Evaluated* seen) {
  const std::size_t size = items.size();
  if (size < rules.min_items || size > rules.max_items || !run_.spend(size + 1)) return false;
  const std::size_t in_prefix = std::min(size, rules.prefix.size());
  for (std::size_t i = 0; i < in_prefix; ++i)
    if (!check(*rules.prefix[i], items[i])) return false;
  if (rules.rest != nullptr)
    for (std::size_t i = in_prefix; i < size; ++i)
      if (!check(*rules.rest, items[i])) return false;
  if (seen != nullptr)
    for (std::size_t i = 0; i < (rules.rest != nullptr ? size : in_prefix); ++i) seen->set(i);
  if (rules.contains != nullptr) {
    const std::size_t found = count_matching(rules, items, seen);
    if (found < rules.min_contains || found > rules.max_contains) return false;
  }
  return !rules.unique || run_.compare([&](CompareBudget& budget) {
    const auto [first, second] = find_duplicate(items, budget);
    return first == second;
  });
}

std::size_t Verdict::count_matching(const ArrayRules& rules, const Json::array_t& items,
                                    Evaluated* seen) {
  Evaluated* const marks = rules.contains_evaluates ? seen : nullptr;
  const bool to_the_end = marks != nullptr || rules.max_contains != unbounded;
  std::size_t found = 0;
  for (std::size_t i = 0; i < items.size() && (to_the_end || found < rules.min_contains); ++i) {
    if (!check(*rules.contains, items[i])) continue;
    ++found;
    if (marks != nullptr) marks->set(i);
  }
  return found;
}

[[gnu::always_inline]] inline bool Verdict::check_object(const ObjectRules& rules,
                                                         const Json& value, Evaluated* seen) {
  const Json::object_t& object = members_of(value);
  const std::size_t size = object.size();
  if (size < rules.min_properties || size > rules.max_properties ||
      !run_.spend(size + 1 + rules.skip_cost))
    return false;
  if (rules.tag != nullptr) {
    // What tells alternatives apart, before anything below the others.
    const auto found = object.find(rules.tag->name.text);
    if (found == object.end() ? rules.tag->required : !check(*rules.tag->node, found->second))
      return false;
  }
  return check_members(rules, object, seen) &&
         (rules.dependencies.empty() || check_dependencies(rules, value, seen));
}

bool Verdict::check_members(const ObjectRules& rules, const Json::object_t& object,
                            Evaluated* seen) {
  return seen == nullptr && rules.patterns.empty() && rules.names == nullptr
             ? check_members_of<MemberRules::plain>(rules, object, seen)
             : check_members_of<MemberRules::any>(rules, object, seen);
}

// The members of the schema and those of the instance are both sorted: one pass over both.
template <Verdict::MemberRules kind>
bool Verdict::check_members_of(const ObjectRules& rules, const Json::object_t& object,
                               Evaluated* seen) {
  constexpr bool by_name = kind == MemberRules::any;
  const bool look_at_all = by_name || rules.additional != nullptr;
  const Member* member = rules.members.data();
  const Member* const end = member + rules.members.size();
  std::size_t index = 0;
  for (const auto& [name, child] : object) {
    const Member* own = nullptr;
    if (member != end) {
      bool same = member->name == name;
      if (!same) {
        member = skip_missing(member, end, name);
        if (member == nullptr) return false;
        same = member != end && member->name == name;
      }
      if (same) own = member++;
    }
    bool evaluated = own != nullptr && own->node != nullptr;
    if (evaluated) {
      if (!check(*own->node, child)) return false;
      if (!by_name) continue;
    } else if (own == nullptr && !look_at_all && member == end) {
      return true;
    }
    if (by_name || look_at_all) {
      bool looked_at = evaluated;
      if (!check_other_member(rules, name, child, looked_at)) return false;
      evaluated = looked_at;
    }
    if (by_name && seen != nullptr && evaluated) seen->set(index);
    ++index;
  }
  for (; member != end; ++member)
    if (member->required) return false;
  return true;
}

// patternProperties, additionalProperties, propertyNames.
bool Verdict::check_other_member(const ObjectRules& rules, const std::string& name,
                                 const Json& child, bool& evaluated) {
  for (const auto& [pattern, target] : rules.patterns) {
    if (!matches(run_, pattern, name)) continue;
    evaluated = true;
    if (!check(*target, child)) return false;
  }
  if (rules.additional != nullptr && !evaluated) {
    evaluated = true;
    if (!check(*rules.additional, child)) return false;
  }
  return rules.names == nullptr ||
         (run_.spend(8 + name.size() / 64) && check(*rules.names, Json(name)));
}

bool Verdict::check_dependencies(const ObjectRules& rules, const Json& value, Evaluated* seen) {
  if (!run_.spend(rules.dependencies.size())) return false;
  const Json::object_t& object = members_of(value);
  return std::all_of(
      rules.dependencies.begin(), rules.dependencies.end(), [&](const Dependency& dependency) {
        if (!object.contains(dependency.name)) return true;
        return run_.spend(dependency.required.size()) &&
               std::all_of(dependency.required.begin(), dependency.required.end(),
                           [&](const std::string& name) { return object.contains(name); }) &&
               (dependency.node == nullptr || check(*dependency.node, value, seen));
      });
}

bool Verdict::check_logic(const LogicRules& rules, const Json& value, Evaluated* seen) {
  // An alternative may be no more than a glance at a text, which counts nothing itself.
  if (!run_.spend(
          1 + 4 * (rules.all_of.size() + rules.any_of.nodes.size() + rules.one_of.nodes.size())))
    return false;
  if (rules.reference != nullptr && !check(*rules.reference, value, seen)) return false;
  if (rules.dynamic_reference && !check(run_.target_of(*rules.dynamic_reference), value, seen))
    return false;
  for (const Node* node : rules.all_of)
    if (!check(*node, value, seen)) return false;
  if (!rules.any_of.nodes.empty() && !fits_any(rules.any_of, value, seen)) return false;
  std::size_t fitting[2] = {};
  if (!rules.one_of.nodes.empty() && count_fitting(rules.one_of, value, seen, 2, fitting) != 1)
    return false;
  if (rules.negated != nullptr && check(*rules.negated, value)) return false;
  if (rules.condition == nullptr) return true;
  const Node* const branch =
      check_apart(*rules.condition, value, seen) ? rules.consequence : rules.alternative;
  return branch == nullptr || check(*branch, value, seen);
}

bool Verdict::fits_any(const Alternatives& alternatives, const Json& value, Evaluated* seen) {
  std::size_t fitting[2] = {};
  // Every alternative that fits may mark something, so with marks none is left out.
  const std::size_t enough = seen == nullptr ? 1 : alternatives.nodes.size();
  return count_fitting(alternatives, value, seen, enough, fitting) != 0;
}

std::size_t Verdict::count_fitting(const Alternatives& alternatives, const Json& value,
                                   Evaluated* seen, std::size_t enough, std::size_t (&fitting)[2]) {
  if (alternatives.discriminator && value.is_object()) {
    const std::size_t* const only = discriminated(*alternatives.discriminator, value);
    if (only == nullptr || !check_apart(*alternatives.nodes[*only], value, seen)) return 0;
    fitting[0] = *only;
    return 1;
  }
  std::size_t found = 0;
  for (std::size_t i = 0; i < alternatives.nodes.size() && found < enough; ++i) {
    if (!check_apart(*alternatives.nodes[i], value, seen)) continue;
    if (found < 2) fitting[found] = i;
    ++found;
  }
  return found;
}

bool Verdict::check_apart(const Node& node, const Json& value, Evaluated* seen) {
  if (seen == nullptr) return check(node, value);
  if (!run_.spend(seen->count() / 256)) return false;
  Evaluated own(seen->count());
  if (!check(node, value, &own)) return false;
  seen->merge(own);
  return true;
}

Decision decide(const Program& program, const Json& instance) {
  Run run(program);
  const bool fits = Verdict(run).check(*program.root, instance);
  return {fits && run.exhausted == nullptr, run.exhausted};
}

}  // namespace mcp::schema
