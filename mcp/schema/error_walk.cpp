#include <mcp/schema/error_walk.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <mcp/base/json_pointer.h>
#include <mcp/base/number_text.h>
#include <mcp/base/utf8.h>
#include <mcp/schema/error_messages.h>
#include <mcp/schema/evaluated.h>
#include <mcp/schema/run.h>
#include <mcp/schema/scalar_rules.h>
#include <mcp/schema/verdict.h>
#include <mcp/schema/walk_path.h>

namespace mcp::schema {
namespace {

/// Where the errors go.
struct Sink {
  std::vector<ValidationError>* errors;
  std::size_t max_errors;
  Branches branches;
  std::size_t path_bytes = 0;  ///< of all errors so far

  // A long name would stand in the path of every error below it.
  static constexpr std::size_t max_path_bytes = 1 << 20;
  bool full() const { return errors->size() >= max_errors || path_bytes >= max_path_bytes; }
};

constexpr std::size_t longest_hinted = 64;  // as closest_match has it
constexpr std::size_t most_hinted = 1000;

/// Finds every failure of a value that is known to be wrong. Questions of yes and no (`if`, `not`,
/// which alternative fits) are the verdict's.
class ErrorWalk {
 public:
  ErrorWalk(Run& run, Sink& sink) : run_(run), verdict_(run), sink_(sink) {}

  bool check(const Node& node, const Json& value, Evaluated* seen, Here at) {
    if (!fits_type(run_, node.types, value)) return wrong_type(node, value, at);
    const std::uint8_t bits = bits_of(value);
    if (!run_.spend(1)) return false;
    if ((node.nested & bits) != 0) return check_nested(node, value, seen, at);
    return (node.scalar & bits) == 0 || check_scalar(node, value, at);
  }

 private:
  // What it costs to look for the name that was meant among so many: every letter of the one beside
  // every letter of the other.
  static std::uint64_t hint_cost(std::string_view wrong, std::size_t candidates) {
    if (wrong.size() > longest_hinted) return candidates / 16;
    return std::min(candidates, most_hinted) * (1 + wrong.size() * wrong.size() / 8) +
           candidates / 16;
  }
  static std::uint64_t hint_cost_of(const Json& wrong, std::size_t candidates) {
    const auto* const text = wrong.get_ptr<const std::string*>();
    return text == nullptr ? candidates / 16 : hint_cost(*text, candidates);
  }

  // Whether to go on after a failure.
  bool go_on() const { return !sink_.full() && run_.exhausted == nullptr; }

  void report(const Node& node, Here at, std::string_view keyword, std::string message) {
    if (sink_.full()) return;
    const std::string& uri = run_.program.resources[node.resource].uri;
    const std::size_t bytes =
        length(at.instance) + length(at.schema) + uri.size() + node.pointer.size();
    sink_.path_bytes += bytes;
    if (!run_.spend(bytes / 16)) return;
    ValidationError& error = sink_.errors->emplace_back();
    error.instance_path = to_pointer(at.instance);
    error.schema_path = to_pointer(at.schema);
    error.schema_location = uri + "#" + node.pointer;
    error.keyword = keyword;
    if (!keyword.empty()) {
      append_json_pointer(error.schema_path, keyword);
      append_json_pointer(error.schema_location, keyword);
    }
    error.message = std::move(message);
  }

  bool wrong_type(const Node& node, const Json& value, Here at) {
    if (node.never) return fail(node, at, "", [] { return "no value is allowed here"; });
    return fail(node, at, "type", [&] { return messages::wrong_type(value, node.types); });
  }

  bool check_nested(const Node& node, const Json& value, Evaluated* seen, Here at) {
    const Level level(run_);
    if (!level.entered()) return false;
    const Scoped scoped(run_, node);
    const bool members = value.is_object() && node.object && node.object->unevaluated != nullptr;
    const bool items = value.is_array() && node.array && node.array->unevaluated != nullptr;
    const bool ok = members || items ? check_with_unevaluated(node, value, seen, at)
                                     : check_keywords(node, value, seen, at);
    return ok && run_.exhausted == nullptr;
  }

  // Reports one failed keyword; the message is only made when it is wanted.
  template <typename Message>
  bool fail(const Node& node, Here at, std::string_view keyword, Message message) {
    if (!sink_.full()) report(node, at, keyword, message());
    return false;
  }

  bool check_with_unevaluated(const Node& node, const Json& value, Evaluated* seen, Here at) {
    if (!run_.spend(value.size() / 16)) return false;
    Evaluated own(value.size());
    // What fails here leaves its marks out: to complain about those too would mislead.
    if (!check_keywords(node, value, &own, at)) return false;
    if (seen != nullptr) seen->set_all();
    return value.is_object() ? check_unevaluated_members(node, value, own, at)
                             : check_unevaluated_items(node, value, own, at);
  }

  bool check_keywords(const Node& node, const Json& value, Evaluated* seen, Here at) {
    bool ok = true;
    if (value.is_object() && node.object)
      ok = check_object(node, *node.object, value, seen, at);
    else if (value.is_array() && node.array)
      ok = check_array(node, *node.array, value, seen, at);
    if ((ok || go_on()) && !check_scalar(node, value, at)) ok = false;
    if (node.logic && (ok || go_on()) && !check_logic(node, *node.logic, value, seen, at))
      ok = false;
    return ok;
  }

  bool check_scalar(const Node& node, const Json& value, Here at) {
    bool ok = true;
    if (const auto* text = value.get_ptr<const std::string*>()) {
      ok = !node.string || check_string(node, *node.string, *text, at);
    } else if (node.number && is_number(value)) {
      ok = check_number(node, *node.number, value, at);
    }
    for (const Choices& choices : node.choices)
      if ((ok || go_on()) && !is_chosen(run_, choices, value))
        ok = run_.spend(hint_cost_of(value, choices.values.size())) &&
             fail(node, at, choices.keyword, [&] { return messages::not_chosen(value, choices); });
    return ok;
  }

  bool check_number(const Node& node, const NumberRules& rules, const Json& value, Here at) {
    if (!run_.spend(limits_cost(rules, value))) return false;
    bool ok = true;
    const auto limit = [&](const std::optional<Json>& bound, std::string_view keyword,
                           std::string_view words, auto fits) {
      if (!bound || !(ok || go_on()) || fits(compare_numbers(value, *bound))) return;
      ok = fail(node, at, keyword, [&] { return show(value) + std::string(words) + show(*bound); });
    };
    limit(rules.minimum, "minimum", " is less than the minimum ", [](auto o) { return o >= 0; });
    limit(rules.maximum, "maximum", " is more than the maximum ", [](auto o) { return o <= 0; });
    limit(rules.exclusive_minimum, "exclusiveMinimum", " is not more than ",
          [](auto o) { return o > 0; });
    limit(rules.exclusive_maximum, "exclusiveMaximum", " is not less than ",
          [](auto o) { return o < 0; });
    if (!rules.multiple_of || !(ok || go_on()) || is_multiple(run_, rules, value)) return ok;
    return fail(node, at, "multipleOf",
                [&] { return show(value) + " is not a multiple of " + show(*rules.multiple_of); });
  }

  bool check_string(const Node& node, const StringRules& rules, const std::string& text, Here at) {
    if (!run_.spend(text.size() / 64)) return false;
    bool ok = true;
    if (!fits_length(text, rules.min_length, rules.max_length)) {
      const std::size_t length = code_point_count(text);
      if (length < rules.min_length)
        ok = fail(node, at, "minLength", [&] {
          return messages::too_few(quote(text), length, "character", rules.min_length);
        });
      if (length > rules.max_length && (ok || go_on()))
        ok = fail(node, at, "maxLength", [&] {
          return messages::too_many(quote(text), length, "character", rules.max_length);
        });
    }
    if (rules.pattern && (ok || go_on()) && !matches(run_, *rules.pattern, text)) {
      if (run_.exhausted != nullptr) return false;
      ok = fail(node, at, "pattern", [&] {
        return quote(text) + " does not match the pattern " + rules.pattern->source;
      });
    }
    if (rules.format != nullptr && (ok || go_on()) && run_.spend(64 + text.size()) &&
        !rules.format->check(text))
      ok = fail(node, at, "format", [&] {
        return quote(text) + " is not a valid " + std::string(rules.format->name) + " (such as " +
               std::string(rules.format->example) + ")";
      });
    if (rules.content != nullptr && (ok || go_on()) && run_.spend(64 + text.size()) &&
        !rules.content->check(text))
      ok = fail(node, at, rules.content->keyword,
                [&] { return quote(text) + " is not " + std::string(rules.content->name); });
    return ok;
  }

  bool check_array(const Node& node, const ArrayRules& rules, const Json& value, Evaluated* seen,
                   Here at) {
    const auto& items = *value.get_ptr<const Json::array_t*>();
    bool ok = true;
    if (items.size() < rules.min_items)
      ok = fail(node, at, "minItems", [&] {
        return messages::too_few("the array", items.size(), "item", rules.min_items);
      });
    if (items.size() > rules.max_items && (ok || go_on()))
      ok = fail(node, at, "maxItems", [&] {
        return messages::too_many("the array", items.size(), "item", rules.max_items);
      });
    for (std::size_t i = 0; i < items.size() && (ok || go_on()); ++i) {
      const bool in_prefix = i < rules.prefix.size();
      const Node* const child = in_prefix ? rules.prefix[i] : rules.rest;
      if (child == nullptr) break;
      if (seen != nullptr) seen->set(i);
      if (!(in_prefix
                ? check(*child, items[i], nullptr, Further(at, rules.prefix_keyword, i, i).here())
                : check_rest(node, rules, items, i, at)))
        ok = false;
    }
    if (rules.contains != nullptr && (ok || go_on()) &&
        !check_contains(node, rules, items, seen, at))
      ok = false;
    if (rules.unique && (ok || go_on()) && !check_unique(node, items, at)) ok = false;
    return ok;
  }

  bool check_rest(const Node& node, const ArrayRules& rules, const Json::array_t& items,
                  std::size_t i, Here at) {
    if (!rules.rest->never)
      return check(*rules.rest, items[i], nullptr,
                   Further(at, rules.rest_keyword, nullptr, i).here());
    // `items: false`: one complaint is enough.
    if (i != rules.prefix.size()) return false;
    return fail(node, at, rules.rest_keyword, [&] {
      return messages::too_many("the array", items.size(), "item", rules.prefix.size());
    });
  }

  bool check_contains(const Node& node, const ArrayRules& rules, const Json::array_t& items,
                      Evaluated* seen, Here at) {
    const std::size_t found = verdict_.count_matching(rules, items, seen);
    if (found < rules.min_contains)
      return fail(node, at, rules.min_contains == 1 ? "contains" : "minContains", [&] {
        return messages::too_few("the array", found, "matching item", rules.min_contains);
      });
    if (found > rules.max_contains)
      return fail(node, at, "maxContains", [&] {
        return messages::too_many("the array", found, "matching item", rules.max_contains);
      });
    return true;
  }

  bool check_unique(const Node& node, const Json::array_t& items, Here at) {
    const auto [first, second] =
        run_.compare([&](CompareBudget& budget) { return find_duplicate(items, budget); });
    if (first == second) return true;
    return fail(node, at, "uniqueItems", [&, a = first, b = second] {
      return "items " + std::to_string(a) + " and " + std::to_string(b) +
             " are equal; all must differ";
    });
  }

  bool check_object(const Node& node, const ObjectRules& rules, const Json& value, Evaluated* seen,
                    Here at) {
    const auto& object = *value.get_ptr<const Json::object_t*>();
    if (!run_.spend(object.size() + rules.skip_cost + rules.dependencies.size())) return false;
    bool ok = true;
    if (object.size() < rules.min_properties)
      ok = fail(node, at, "minProperties", [&] {
        return messages::too_few("the object", object.size(), "property", rules.min_properties);
      });
    if (object.size() > rules.max_properties && (ok || go_on()))
      ok = fail(node, at, "maxProperties", [&] {
        return messages::too_many("the object", object.size(), "property", rules.max_properties);
      });
    if (ok || go_on()) ok = check_members(node, rules, object, seen, at) && ok;
    for (const Dependency& dependency : rules.dependencies)
      if ((ok || go_on()) && !check_dependency(node, dependency, value, object, seen, at))
        ok = false;
    return ok;
  }

  // The members of the schema and those of the instance are both sorted: one pass over both.
  bool check_members(const Node& node, const ObjectRules& rules, const Json::object_t& object,
                     Evaluated* seen, Here at) {
    const bool look_at_all =
        rules.additional != nullptr || !rules.patterns.empty() || rules.names != nullptr;
    bool ok = true;
    auto member = rules.members.begin();
    const auto missing = [&] {
      if (!member->required || !(ok || go_on())) return;
      ok = run_.spend(hint_cost(member->name.text, std::min<std::size_t>(object.size(), 100))) &&
           fail(node, at, "required",
                [&] { return messages::missing_property(member->name.text, rules, object); });
    };
    std::size_t index = 0;
    for (const auto& [name, child] : object) {
      for (; member != rules.members.end() && member->name.text < name; ++member) missing();
      if (!ok && !go_on()) return false;
      const Node* own = nullptr;
      if (member != rules.members.end() && member->name == name) {
        own = member->node;
        ++member;
      } else if (!look_at_all && member == rules.members.end()) {
        break;
      }
      if (own != nullptr &&
          !check(*own, child, nullptr, Further(at, "properties", name, name).here()))
        ok = false;
      const bool evaluated =
          look_at_all ? check_other_rules(node, rules, name, child, own != nullptr, ok, at)
                      : own != nullptr;
      if (evaluated && seen != nullptr) seen->set(index);
      if (!ok && !go_on()) return false;
      ++index;
    }
    for (; member != rules.members.end(); ++member) missing();
    return ok;
  }

  // patternProperties, additionalProperties, propertyNames. True when the member was looked at.
  bool check_other_rules(const Node& node, const ObjectRules& rules, const std::string& name,
                         const Json& child, bool evaluated, bool& ok, Here at) {
    for (const auto& [pattern, target] : rules.patterns) {
      if (!(ok || go_on())) return evaluated;
      if (!matches(run_, pattern, name)) continue;
      evaluated = true;
      if (!check(*target, child, nullptr,
                 Further(at, "patternProperties", std::string_view(pattern.source), name).here()))
        ok = false;
    }
    if (rules.additional != nullptr && !evaluated && (ok || go_on())) {
      evaluated = true;
      if (!check_additional(node, *rules.additional, "additionalProperties", rules, name, child,
                            at))
        ok = false;
    }
    if (rules.names != nullptr && (ok || go_on()) && !check_name(node, *rules.names, name, at))
      ok = false;
    return evaluated;
  }

  bool check_additional(const Node& node, const Node& target, std::string_view keyword,
                        const ObjectRules& rules, const std::string& name, const Json& child,
                        Here at) {
    if (target.never)
      return run_.spend(hint_cost(name, rules.members.size())) &&
             fail(node, at, keyword, [&] { return messages::unknown_property(name, rules); });
    return check(target, child, nullptr, Further(at, keyword, nullptr, name).here());
  }

  bool check_name(const Node& node, const Node& target, const std::string& name, Here at) {
    if (!run_.spend(8 + name.size() / 64)) return false;
    const Json text(name);
    if (verdict_.check(target, text)) return true;
    return fail(node, at, "propertyNames", [&] {
      std::string message = "the property name " + quote(name) + " is not allowed";
      std::size_t path_bytes = 0;
      const auto reasons = collect_errors(target, text, {}, 1, path_bytes);
      return reasons.empty() ? message : message + ": " + reasons.front().message;
    });
  }

  bool check_dependency(const Node& node, const Dependency& dependency, const Json& value,
                        const Json::object_t& object, Evaluated* seen, Here at) {
    if (!object.contains(dependency.name)) return true;
    if (!run_.spend(dependency.required.size())) return false;
    bool ok = true;
    for (const std::string& name : dependency.required)
      if ((ok || go_on()) && !object.contains(name))
        ok = fail(node, at, dependency.keyword, [&] {
          return "the property " + quote(dependency.name) + " needs " + quote(name) +
                 " beside it, which is missing";
        });
    if (dependency.node == nullptr || !(ok || go_on())) return ok;
    return check(*dependency.node, value, seen,
                 Further(at, dependency.keyword, std::string_view(dependency.name)).here()) &&
           ok;
  }

  bool check_unevaluated_members(const Node& node, const Json& value, const Evaluated& seen,
                                 Here at) {
    bool ok = true;
    std::size_t index = 0;
    for (const auto& [name, child] : *value.get_ptr<const Json::object_t*>()) {
      if (seen.test(index++)) continue;
      if (!check_additional(node, *node.object->unevaluated, "unevaluatedProperties", *node.object,
                            name, child, at))
        ok = false;
      if (!ok && !go_on()) return false;
    }
    return ok;
  }

  bool check_unevaluated_items(const Node& node, const Json& value, const Evaluated& seen,
                               Here at) {
    bool ok = true;
    const Node& target = *node.array->unevaluated;
    const auto& items = *value.get_ptr<const Json::array_t*>();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (seen.test(i)) continue;
      if (target.never)
        ok = fail(node, at, "unevaluatedItems",
                  [&] { return "item " + std::to_string(i) + " is one too many"; });
      else if (!check(target, items[i], nullptr,
                      Further(at, "unevaluatedItems", nullptr, i).here()))
        ok = false;
      if (!ok && !go_on()) return false;
    }
    return ok;
  }

  bool check_logic(const Node& node, const LogicRules& rules, const Json& value, Evaluated* seen,
                   Here at) {
    bool ok = true;
    const auto apply = [&](bool result) {
      ok = ok && result;
      return ok || go_on();
    };
    if (rules.reference != nullptr &&
        !apply(check(*rules.reference, value, seen, Further(at, "$ref").here())))
      return false;
    if (rules.dynamic_reference && !apply(check(run_.target_of(*rules.dynamic_reference), value,
                                                seen, Further(at, "$dynamicRef").here())))
      return false;
    for (std::size_t i = 0; i < rules.all_of.size(); ++i)
      if (!apply(check(*rules.all_of[i], value, seen, Further(at, "allOf", i).here())))
        return false;
    if (!rules.any_of.nodes.empty() && !apply(check_any_of(node, rules.any_of, value, seen, at)))
      return false;
    if (!rules.one_of.nodes.empty() && !apply(check_one_of(node, rules.one_of, value, seen, at)))
      return false;
    if (rules.negated != nullptr && verdict_.check(*rules.negated, value) &&
        !apply(fail(node, at, "not",
                    [&] { return show(value) + " matches a schema that it must not match"; })))
      return false;
    return (rules.condition == nullptr || check_condition(rules, value, seen, at)) && ok;
  }

  bool check_any_of(const Node& node, const Alternatives& alternatives, const Json& value,
                    Evaluated* seen, Here at) {
    if (verdict_.fits_any(alternatives, value, seen)) return true;
    return explain_alternatives(node, "anyOf", alternatives, value, at);
  }

  bool check_one_of(const Node& node, const Alternatives& alternatives, const Json& value,
                    Evaluated* seen, Here at) {
    std::size_t fitting[2] = {};
    const std::size_t found = verdict_.count_fitting(alternatives, value, seen, 2, fitting);
    if (found == 1) return true;
    if (found == 0) return explain_alternatives(node, "oneOf", alternatives, value, at);
    return fail(node, at, "oneOf", [&] {
      return show(value) + " matches both alternative " + std::to_string(fitting[0]) + " and " +
             std::to_string(fitting[1]) + "; it must match exactly one";
    });
  }

  bool check_condition(const LogicRules& rules, const Json& value, Evaluated* seen, Here at) {
    const bool holds = verdict_.check_apart(*rules.condition, value, seen);
    const Node* const branch = holds ? rules.consequence : rules.alternative;
    return branch == nullptr ||
           check(*branch, value, seen, Further(at, holds ? "then" : "else").here());
  }

  bool explain_alternatives(const Node& node, std::string_view keyword,
                            const Alternatives& alternatives, const Json& value, Here at) {
    std::uint8_t types = 0;
    std::vector<const Json*> constants;
    bool all_types = true;
    bool all_constants = true;
    for (const Node* alternative : alternatives.nodes) {
      types = static_cast<std::uint8_t>(types | alternative->types);
      all_types = all_types && !alternative->never && !fits_type(run_, alternative->types, value);
      // One for each, though an alternative may say it twice: as `const` and as `enum`.
      const auto constant =
          std::find_if(alternative->choices.begin(), alternative->choices.end(),
                       [](const Choices& choices) { return choices.values.size() == 1; });
      all_constants = all_constants && constant != alternative->choices.end();
      if (all_constants) constants.push_back(&constant->values.front());
    }
    const bool every_branch = sink_.branches == Branches::all;
    if (!every_branch && alternatives.discriminator && value.is_object() &&
        discriminated(*alternatives.discriminator, value) == nullptr)
      return explain_discriminator(node, keyword, *alternatives.discriminator, value, at);
    report(node, at, keyword,
           all_constants ? messages::not_one_of(value, constants)
           : all_types   ? messages::wrong_type(value, types)
                         : messages::no_alternative(value, alternatives.nodes.size()));
    if (!every_branch && (all_constants || all_types)) return false;

    const std::size_t* const meant = alternatives.discriminator && value.is_object()
                                         ? discriminated(*alternatives.discriminator, value)
                                         : nullptr;
    std::vector<ValidationError> closest;
    std::size_t closest_distance = unbounded;
    std::size_t closest_bytes = 0;
    for (std::size_t i = 0; i < alternatives.nodes.size() && go_on(); ++i) {
      if (meant != nullptr && i != *meant && !every_branch) continue;
      const std::size_t room = sink_.max_errors - sink_.errors->size();
      Further next(at, keyword, i);
      std::size_t path_bytes = 0;
      auto errors = collect_errors(*alternatives.nodes[i], value, next.here(), room, path_bytes);
      if (every_branch) {
        sink_.path_bytes += path_bytes;
        std::move(errors.begin(), errors.end(), std::back_inserter(*sink_.errors));
        continue;
      }
      const std::size_t distance = messages::distance(errors, to_pointer(at.instance));
      if (distance >= closest_distance) continue;
      closest_distance = distance;
      closest = std::move(errors);
      closest_bytes = path_bytes;
    }
    sink_.path_bytes += closest_bytes;
    std::move(closest.begin(), closest.end(), std::back_inserter(*sink_.errors));
    return false;
  }

  // No alternative is nearer than another: which one is meant is what is wrong.
  bool explain_discriminator(const Node& node, std::string_view keyword,
                             const Discriminator& discriminator, const Json& object, Here at) {
    const auto found = object.find(discriminator.name);
    if (found == object.end())
      return fail(node, at, keyword,
                  [&] { return messages::missing_discriminator(discriminator); });
    const Step member{at.instance, discriminator.name, 0, false};
    return run_.spend(hint_cost_of(*found, discriminator.alternatives.size())) &&
           fail(node, {&member, at.schema}, keyword,
                [&] { return messages::unknown_discriminator(*found, discriminator); });
  }

  std::vector<ValidationError> collect_errors(const Node& node, const Json& value, Here at,
                                              std::size_t max_errors, std::size_t& path_bytes) {
    std::vector<ValidationError> errors;
    Sink sink{&errors, max_errors, sink_.branches};
    ErrorWalk(run_, sink).check(node, value, nullptr, at);
    path_bytes = sink.path_bytes;
    return errors;
  }

  Run& run_;
  Verdict verdict_;
  Sink& sink_;
};

}  // namespace

std::vector<ValidationError> find_errors(const Program& program, const Json& instance,
                                         Branches branches, std::size_t max_errors) {
  const Decision decision = decide(program, instance);
  if (decision.valid) return {};
  std::vector<ValidationError> errors;
  const char* exhausted = decision.exhausted;
  if (exhausted == nullptr) {
    Sink sink{&errors, max_errors, branches};
    Run run(program);
    ErrorWalk(run, sink).check(*program.root, instance, nullptr, {});
    exhausted = run.exhausted;
  }
  if (exhausted != nullptr) {
    // What was found up to there may be an effect of the limit.
    errors.clear();
    errors.push_back({"", "", program.resources[program.root->resource].uri + "#", "",
                      messages::exhausted(exhausted)});
  }
  return errors;
}

}  // namespace mcp::schema
