#include <mcp/schema/verdict.h>

#include <algorithm>

#include <mcp/schema/scalar_rules.h>

namespace mcp::schema {
namespace {

const Json::object_t& members_of(const Json& object) {
  return *object.get_ptr<const Json::object_t*>();
}

const Json::array_t& items_of(const Json& array) {
  return *array.get_ptr<const Json::array_t*>();
}

}  // namespace

bool Verdict::fits_other_type(const Node& node, const Json& value) {
  return fits_unusual_type(node.types, value);
}

bool Verdict::check_rules(const Node& node, const Json& value, std::uint8_t bits, Evaluated* seen) {
  using namespace type_bit;
  if (bits == string) {
    if (node.string && !fits_string(run_, *node.string, *value.get_ptr<const std::string*>()))
      return false;
  } else if ((bits & (number | binary)) != 0) {
    if (node.number && (bits != binary || is_number(value)) &&
        !fits_number(run_, *node.number, value))
      return false;
  }
  for (const Choices& choices : node.choices)
    if (!is_chosen(run_, choices, value)) return false;
  if ((node.nested & bits) != 0) return check_nested(node, value, seen);
  return run_.exhausted == nullptr;
}

bool Verdict::check_nested(const Node& node, const Json& value, Evaluated* seen) {
  if (node.stands_for != nullptr) return check(*node.stands_for, value, seen);
  const Level level(run_, node);
  if (!level.entered() || !run_.spend(1)) return false;
  const bool unevaluated = (value.is_object() && node.object && node.object->unevaluated) ||
                           (value.is_array() && node.array && node.array->unevaluated);
  const bool ok =
      unevaluated ? check_with_unevaluated(node, value, seen) : check_keywords(node, value, seen);
  // A limit that was reached inside a `not` must not look like success.
  return ok && run_.exhausted == nullptr;
}

bool Verdict::check_keywords(const Node& node, const Json& value, Evaluated* seen) {
  if (value.is_object()) {
    if (node.object && !check_object(*node.object, value, seen)) return false;
  } else if (value.is_array()) {
    if (node.array && !check_array(*node.array, items_of(value), seen)) return false;
  }
  return !node.logic || check_logic(*node.logic, value, seen);
}

bool Verdict::check_with_unevaluated(const Node& node, const Json& value, Evaluated* seen) {
  Evaluated own(value.size());
  if (!check_keywords(node, value, &own)) return false;
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
  if (size < rules.min_items || size > rules.max_items || !run_.spend(size)) return false;
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

bool Verdict::check_object(const ObjectRules& rules, const Json& value, Evaluated* seen) {
  const Json::object_t& object = members_of(value);
  const std::size_t size = object.size();
  if (size < rules.min_properties || size > rules.max_properties || !run_.spend(size)) return false;
  if (rules.tag != nullptr) {
    // What tells alternatives apart, before anything below the others.
    const auto found = object.find(rules.tag->name.text);
    if (found == object.end() ? rules.tag->required : !check(*rules.tag->node, found->second))
      return false;
  }
  return check_members(rules, object, seen) &&
         (rules.dependencies.empty() || check_dependencies(rules, value, seen));
}

// The members of the schema and those of the instance are both sorted: one pass over both.
bool Verdict::check_members(const ObjectRules& rules, const Json::object_t& object,
                            Evaluated* seen) {
  const bool by_name = !rules.patterns.empty() || rules.names != nullptr;
  const bool look_at_all = by_name || rules.additional != nullptr;
  const Member* member = rules.members.data();
  const Member* const end = member + rules.members.size();
  std::size_t index = 0;
  for (const auto& [name, child] : object) {
    const TextView text(name);
    int order = 1;
    for (; member != end; ++member) {
      order = member->name.compare(text);
      if (order >= 0) break;
      if (member->required) return false;
    }
    bool evaluated = false;
    if (order == 0) {
      if (member->node != nullptr) {
        if (!check(*member->node, child)) return false;
        evaluated = true;
      }
      ++member;
    } else if (!look_at_all && member == end) {
      return true;
    }
    if ((by_name || (look_at_all && !evaluated)) &&
        !check_other_member(rules, name, child, evaluated))
      return false;
    if (seen != nullptr && evaluated) seen->set(index);
    ++index;
  }
  return std::none_of(member, end, [](const Member& missing) { return missing.required; });
}

// patternProperties, additionalProperties, propertyNames.
bool Verdict::check_other_member(const ObjectRules& rules, const std::string& name,
                                 const Json& child, bool& evaluated) {
  for (const auto& [pattern, target] : rules.patterns) {
    if (!run_.spend(1 + name.size() / 64)) return false;
    if (!matches(pattern, name)) continue;
    evaluated = true;
    if (!check(*target, child)) return false;
  }
  if (rules.additional != nullptr && !evaluated) {
    evaluated = true;
    if (!check(*rules.additional, child)) return false;
  }
  return rules.names == nullptr || check(*rules.names, Json(name));
}

bool Verdict::check_dependencies(const ObjectRules& rules, const Json& value, Evaluated* seen) {
  const Json::object_t& object = members_of(value);
  return std::all_of(
      rules.dependencies.begin(), rules.dependencies.end(), [&](const Dependency& dependency) {
        if (!object.contains(dependency.name)) return true;
        return std::all_of(dependency.required.begin(), dependency.required.end(),
                           [&](const std::string& name) { return object.contains(name); }) &&
               (dependency.node == nullptr || check(*dependency.node, value, seen));
      });
}

bool Verdict::check_logic(const LogicRules& rules, const Json& value, Evaluated* seen) {
  if (rules.reference != nullptr && !check(*rules.reference, value, seen)) return false;
  if (rules.dynamic_reference && !check(run_.target_of(*rules.dynamic_reference), value, seen))
    return false;
  for (const Node* node : rules.all_of)
    if (!check(*node, value, seen)) return false;
  std::size_t fitting[2] = {};
  if (!rules.any_of.nodes.empty()) {
    // Every alternative that fits may mark something, so with marks none is left out.
    const std::size_t enough = seen == nullptr ? 1 : rules.any_of.nodes.size();
    if (count_fitting(rules.any_of, value, seen, enough, fitting) == 0) return false;
  }
  if (!rules.one_of.nodes.empty() && count_fitting(rules.one_of, value, seen, 2, fitting) != 1)
    return false;
  if (rules.negated != nullptr && check(*rules.negated, value)) return false;
  if (rules.condition == nullptr) return true;
  const Node* const branch =
      check_apart(*rules.condition, value, seen) ? rules.consequence : rules.alternative;
  return branch == nullptr || check(*branch, value, seen);
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
  Evaluated own(seen->count());
  if (!check(node, value, &own)) return false;
  seen->merge(own);
  return true;
}

bool is_valid(const Program& program, const Json& instance) {
  Run run(program);
  return Verdict(run).check(*program.root, instance) && run.exhausted == nullptr;
}

}  // namespace mcp::schema
