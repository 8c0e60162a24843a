#include <mcp/schema/evaluator.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <mcp/base/json_pointer.h>
#include <mcp/base/number_text.h>
#include <mcp/base/utf8.h>
#include <mcp/schema/error_messages.h>
#include <mcp/schema/evaluated.h>
#include <mcp/schema/value.h>

// One walk over the program serves both purposes: the verdict alone (no paths, no messages, stops
// at the first failure) and the errors (every failure, with its path). The errors' walk leaves
// questions of yes and no (`if`, `not`, which alternative fits) to the verdict's.

namespace mcp::schema {
namespace {

/// The schema resources being applied, innermost first.
struct Scope {
  const Scope* outer;
  std::uint32_t resource;
};

struct State {
  const Program& program;
  std::uint64_t work;
  std::size_t depth;  ///< what is left
  const Scope* scope = nullptr;
  const char* exhausted = nullptr;  ///< the limit that ended the validation

  bool spend(std::uint64_t steps) {
    if (steps <= work) {
      work -= steps;
      return true;
    }
    work = 0;
    if (exhausted == nullptr) exhausted = "max_work";
    return false;
  }
};

/// One step of a path, on the stack of whoever takes it.
struct Step {
  const Step* before;
  std::string_view name;
  std::size_t index;
  bool is_index;
};

struct Part {
  Part(const std::string& text) : name(text) {}                // NOLINT: a name is a part
  Part(std::string_view text) : name(text) {}                  // NOLINT
  Part(std::size_t number) : index(number), is_index(true) {}  // NOLINT: so is an index
  std::string_view name;
  std::size_t index = 0;
  bool is_index = false;
};

/// Where the walk is. The verdict's walk doesn't care.
template <bool collect>
struct Here {};
template <>
struct Here<true> {
  const Step* instance = nullptr;
  const Step* schema = nullptr;
};

/// Some steps further, for as long as this object lives.
template <bool collect>
class Further {
 public:
  Further(Here<false>, std::string_view) {}
  Further(Here<false>, std::string_view, Part) {}
  Further(Here<false>, std::string_view, Part, Part) {}
  Further(Here<false>, std::string_view, std::nullptr_t, Part) {}
  Here<false> here() const { return {}; }
};
template <>
class Further<true> {
 public:
  Further(Here<true> from, std::string_view keyword)
      : keyword_{from.schema, keyword, 0, false}, here_{from.instance, &keyword_} {}
  Further(Here<true> from, std::string_view keyword, Part part) : Further(from, keyword) {
    part_ = {&keyword_, part.name, part.index, part.is_index};
    here_.schema = &part_;
  }
  Further(Here<true> from, std::string_view keyword, std::nullptr_t, Part child)
      : Further(from, keyword) {
    child_ = {from.instance, child.name, child.index, child.is_index};
    here_.instance = &child_;
  }
  Further(Here<true> from, std::string_view keyword, Part part, Part child)
      : Further(from, keyword, nullptr, child) {
    part_ = {&keyword_, part.name, part.index, part.is_index};
    here_.schema = &part_;
  }
  Further(const Further&) = delete;
  Further& operator=(const Further&) = delete;
  Here<true> here() const { return here_; }

 private:
  Step keyword_;
  Step part_{};
  Step child_{};
  Here<true> here_;
};

std::string to_pointer(const Step* last) {
  std::vector<const Step*> steps;
  for (; last != nullptr; last = last->before) steps.push_back(last);
  std::string pointer;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if ((*step)->is_index)
      append_json_pointer(pointer, (*step)->index);
    else
      append_json_pointer(pointer, (*step)->name);
  }
  return pointer;
}

// Mostly the two are equal, or differ in the first byte; neither needs a call.
int compare_names(const std::string& left, const std::string& right) {
  const std::size_t size = left.size();
  if (size == right.size() && size >= 1 && size <= 8) {
    std::size_t i = 0;
    while (i < size && left[i] == right[i]) ++i;
    if (i == size) return 0;
    return static_cast<unsigned char>(left[i]) < static_cast<unsigned char>(right[i]) ? -1 : 1;
  }
  return left.compare(right);
}

const std::string& text_of(const Json& text) {
  return *text.get_ptr<const std::string*>();
}

bool text_less(const Json& known, const std::string& wanted) {
  return text_of(known) < wanted;
}

/// Where the errors go.
struct Sink {
  std::vector<ValidationError>* errors;
  std::size_t max_errors;
  Branches branches;

  bool full() const { return errors->size() >= max_errors; }
};

constexpr std::uint8_t bits_of(Json::value_t type) {
  switch (type) {
    case Json::value_t::null:
      return type_bit::null;
    case Json::value_t::boolean:
      return type_bit::boolean;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return type_bit::integer | type_bit::number;
    case Json::value_t::number_float:
      return type_bit::number;
    case Json::value_t::string:
      return type_bit::string;
    case Json::value_t::array:
      return type_bit::array;
    case Json::value_t::object:
      return type_bit::object;
    default:
      return 0;
  }
}

template <bool collect>
class Walk {
 public:
  using At = Here<collect>;
  using Next = Further<collect>;

  Walk(State& state, Sink* sink) : state_(state), sink_(sink) {}

  // Most subschemas are a type and a limit or two: those are decided here, without the
  // bookkeeping that recursion needs.
  bool check(const Node& node, const Json& value, Evaluated* seen, At at) {
    if (!fits_type(node, value)) return wrong_type(node, value, at);
    if (!state_.spend(1)) return false;
    if (node.simple) return true;
    if (node.leaf) return check_scalar(node, value, at);
    return check_nested(node, value, seen, at);
  }

 private:
  // Whether to go on after a failure: only when collecting, and only up to the limits.
  bool go_on() const {
    if constexpr (collect)
      return !sink_->full() && state_.exhausted == nullptr;
    else
      return false;
  }

  void report(const Node& node, Here<true> at, std::string_view keyword, std::string message) {
    if (sink_->full()) return;
    ValidationError& error = sink_->errors->emplace_back();
    error.instance_path = to_pointer(at.instance);
    error.schema_path = to_pointer(at.schema);
    error.schema_location = state_.program.resources[node.resource].uri + "#" + node.pointer;
    error.keyword = keyword;
    if (!keyword.empty()) {
      append_json_pointer(error.schema_path, keyword);
      append_json_pointer(error.schema_location, keyword);
    }
    error.message = std::move(message);
  }

  bool wrong_type(const Node& node, const Json& value, At at) {
    if (node.never) return fail(node, at, "", [] { return "no value is allowed here"; });
    return fail(node, at, "type", [&] { return messages::wrong_type(value, node.types); });
  }

  bool check_nested(const Node& node, const Json& value, Evaluated* seen, At at) {
    if (state_.depth == 0) {
      if (state_.exhausted == nullptr) state_.exhausted = "max_validation_depth";
      return false;
    }
    --state_.depth;
    const Scope* const outer = state_.scope;
    const Scope inner{outer, node.resource};
    if (state_.program.dynamic && (outer == nullptr || outer->resource != node.resource))
      state_.scope = &inner;
    const bool ok = check_rules(node, value, seen, at);
    state_.scope = outer;
    ++state_.depth;
    return ok && state_.exhausted == nullptr;
  }

  // Reports one failed keyword; the message is only made when it is wanted.
  template <typename Message>
  bool fail(const Node& node, At at, std::string_view keyword, Message message) {
    if constexpr (collect) report(node, at, keyword, message());
    (void)node, (void)at, (void)keyword, (void)message;
    return false;
  }

  bool verdict(const Node& node, const Json& value, Evaluated* seen) {
    Walk<false> walk(state_, nullptr);
    return walk.check(node, value, seen, {});
  }

  static bool fits_type(const Node& node, const Json& value) {
    const std::uint8_t bits = bits_of(value.type());
    if ((node.types & bits) != 0) return true;
    if (node.types == type_bit::any) return true;
    if (bits == type_bit::number) return (node.types & type_bit::integer) != 0 && is_integer(value);
    if (bits != 0 || !is_number_text(value)) return false;
    return (node.types & type_bit::number) != 0 ||
           ((node.types & type_bit::integer) != 0 && is_integer(value));
  }

  bool check_rules(const Node& node, const Json& value, Evaluated* seen, At at) {
    const bool members = value.is_object() && node.object && node.object->unevaluated != nullptr;
    const bool items = value.is_array() && node.array && node.array->unevaluated != nullptr;
    if (members || items) return check_with_unevaluated(node, value, seen, at);
    return check_keywords(node, value, seen, at);
  }

  bool check_with_unevaluated(const Node& node, const Json& value, Evaluated* seen, At at) {
    Evaluated own(value.size());
    // What fails here leaves its marks out: to complain about those too would mislead.
    if (!check_keywords(node, value, &own, at)) return false;
    if (seen != nullptr) seen->set_all();
    return value.is_object() ? check_unevaluated_members(node, value, own, at)
                             : check_unevaluated_items(node, value, own, at);
  }

  bool check_keywords(const Node& node, const Json& value, Evaluated* seen, At at) {
    bool ok = check_typed(node, value, seen, at);
    if (node.logic && (ok || go_on()) && !check_logic(node, *node.logic, value, seen, at))
      ok = false;
    return ok;
  }

  bool check_typed(const Node& node, const Json& value, Evaluated* seen, At at) {
    switch (value.type()) {
      case Json::value_t::object:
        return !node.object || check_object(node, *node.object, value, seen, at);
      case Json::value_t::array:
        return !node.array || check_array(node, *node.array, value, seen, at);
      default:
        return check_scalar(node, value, at);
    }
  }

  bool check_scalar(const Node& node, const Json& value, At at) {
    switch (value.type()) {
      case Json::value_t::string:
        return !node.string || check_string(node, *node.string, value, at);
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned:
      case Json::value_t::number_float:
        return !node.number || check_number(node, *node.number, value, at);
      case Json::value_t::binary:
        return !node.number || !is_number_text(value) ||
               check_number(node, *node.number, value, at);
      default:
        return true;
    }
  }

  bool check_number(const Node& node, const NumberRules& rules, const Json& value, At at) {
    if (value.is_binary() && !state_.spend(number_text(value).size())) return false;
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
    if (!rules.multiple_of || !(ok || go_on())) return ok;
    if (value.is_binary() &&
        !state_.spend(number_text(value).size() * (rules.divisor_digits / 8 + 1)))
      return false;
    if (is_multiple_of(value, *rules.multiple_of)) return ok;
    return fail(node, at, "multipleOf",
                [&] { return show(value) + " is not a multiple of " + show(*rules.multiple_of); });
  }

  bool check_string(const Node& node, const StringRules& rules, const Json& value, At at) {
    const auto& text = *value.get_ptr<const std::string*>();
    if (!state_.spend(text.size() / 64)) return false;
    bool ok = true;
    // A code point is one to four bytes: often the size alone decides.
    if (text.size() > rules.max_length || text.size() / 4 < rules.min_length) {
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
    if (rules.pattern && (ok || go_on()) && !matches(*rules.pattern, text))
      ok = fail(node, at, "pattern", [&] {
        return quote(text) + " does not match the pattern " + rules.pattern->source;
      });
    if (rules.format != nullptr && (ok || go_on()) && !rules.format->check(text))
      ok = fail(node, at, "format", [&] {
        return quote(text) + " is not a valid " + std::string(rules.format->name) + " (such as " +
               std::string(rules.format->example) + ")";
      });
    return ok;
  }

  static bool matches(const Pattern& pattern, const std::string& text) {
    return pattern.expression->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
  }

  bool check_array(const Node& node, const ArrayRules& rules, const Json& value, Evaluated* seen,
                   At at) {
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
                ? check(*child, items[i], nullptr, Next(at, rules.prefix_keyword, i, i).here())
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
                  std::size_t i, At at) {
    if (!rules.rest->never)
      return check(*rules.rest, items[i], nullptr, Next(at, rules.rest_keyword, nullptr, i).here());
    // `items: false`: one complaint is enough.
    if (i != rules.prefix.size()) return false;
    return fail(node, at, rules.rest_keyword, [&] {
      return messages::too_many("the array", items.size(), "item", rules.prefix.size());
    });
  }

  bool check_contains(const Node& node, const ArrayRules& rules, const Json::array_t& items,
                      Evaluated* seen, At at) {
    Evaluated* const marks = rules.contains_evaluates ? seen : nullptr;
    const bool count_all = marks != nullptr || rules.max_contains != unbounded;
    std::size_t found = 0;
    for (std::size_t i = 0; i < items.size() && (count_all || found < rules.min_contains); ++i) {
      if (!verdict(*rules.contains, items[i], nullptr)) continue;
      ++found;
      if (marks != nullptr) marks->set(i);
    }
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

  bool check_unique(const Node& node, const Json::array_t& items, At at) {
    const auto [first, second] =
        compare([&](CompareBudget& budget) { return find_duplicate(items, budget); });
    if (first == second) return true;
    return fail(node, at, "uniqueItems", [&, a = first, b = second] {
      return "items " + std::to_string(a) + " and " + std::to_string(b) +
             " are equal; all must differ";
    });
  }

  // Runs a comparison on what is left of the limits.
  template <typename Run>
  auto compare(Run run) {
    CompareBudget budget{state_.work, state_.depth};
    auto result = run(budget);
    state_.work = budget.work;
    if (budget.exhausted && state_.exhausted == nullptr)
      state_.exhausted = budget.depth == 0 ? "max_validation_depth" : "max_work";
    return result;
  }

  bool equals(const Json& left, const Json& right) {
    return compare([&](CompareBudget& budget) { return equal(left, right, budget); });
  }

  bool check_object(const Node& node, const ObjectRules& rules, const Json& value, Evaluated* seen,
                    At at) {
    const auto& object = *value.get_ptr<const Json::object_t*>();
    if (!state_.spend(object.size())) return false;
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
                     Evaluated* seen, At at) {
    const bool look_at_all =
        rules.additional != nullptr || !rules.patterns.empty() || rules.names != nullptr;
    if (!collect && rules.tag != nullptr && !fits_tag(*rules.tag, object)) return false;
    bool ok = true;
    auto member = rules.members.begin();
    const auto missing = [&] {
      if (!member->required || !(ok || go_on())) return;
      ok = fail(node, at, "required",
                [&] { return messages::missing_property(member->name, rules, object); });
    };
    std::size_t index = 0;
    for (const auto& [name, child] : object) {
      int order = 1;
      for (; member != rules.members.end(); ++member) {
        order = compare_names(member->name, name);
        if (order >= 0) break;
        missing();
      }
      if (!ok && !go_on()) return false;
      const Node* own = nullptr;
      if (member != rules.members.end() && order == 0) {
        own = member->node;
        ++member;
      } else if (!look_at_all && member == rules.members.end()) {
        break;
      }
      if (own != nullptr && !check(*own, child, nullptr, Next(at, "properties", name, name).here()))
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

  // Looks at the property that tells alternatives apart before anything below the others.
  bool fits_tag(const Member& tag, const Json::object_t& object) {
    const auto found = object.find(tag.name);
    return found == object.end() ? !tag.required : verdict(*tag.node, found->second, nullptr);
  }

  // patternProperties, additionalProperties, propertyNames. True when the member was looked at.
  bool check_other_rules(const Node& node, const ObjectRules& rules, const std::string& name,
                         const Json& child, bool evaluated, bool& ok, At at) {
    for (const auto& [pattern, target] : rules.patterns) {
      if (!(ok || go_on()) || !state_.spend(1 + name.size() / 64)) return evaluated;
      if (!matches(pattern, name)) continue;
      evaluated = true;
      if (!check(*target, child, nullptr,
                 Next(at, "patternProperties", std::string_view(pattern.source), name).here()))
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
                        At at) {
    if (target.never)
      return fail(node, at, keyword, [&] { return messages::unknown_property(name, rules); });
    return check(target, child, nullptr, Next(at, keyword, nullptr, name).here());
  }

  bool check_name(const Node& node, const Node& target, const std::string& name, At at) {
    const Json text(name);
    if (verdict(target, text, nullptr)) return true;
    return fail(node, at, "propertyNames", [&] {
      std::string message = "the property name " + quote(name) + " is not allowed";
      const auto reasons = collect_errors(target, text, {}, 1);
      return reasons.empty() ? message : message + ": " + reasons.front().message;
    });
  }

  bool check_dependency(const Node& node, const Dependency& dependency, const Json& value,
                        const Json::object_t& object, Evaluated* seen, At at) {
    if (!object.contains(dependency.name)) return true;
    bool ok = true;
    for (const std::string& name : dependency.required)
      if ((ok || go_on()) && !object.contains(name))
        ok = fail(node, at, dependency.keyword, [&] {
          return "the property " + quote(dependency.name) + " needs " + quote(name) +
                 " beside it, which is missing";
        });
    if (dependency.node == nullptr || !(ok || go_on())) return ok;
    return check(*dependency.node, value, seen,
                 Next(at, dependency.keyword, std::string_view(dependency.name)).here()) &&
           ok;
  }

  bool check_unevaluated_members(const Node& node, const Json& value, const Evaluated& seen,
                                 At at) {
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

  bool check_unevaluated_items(const Node& node, const Json& value, const Evaluated& seen, At at) {
    bool ok = true;
    const Node& target = *node.array->unevaluated;
    const auto& items = *value.get_ptr<const Json::array_t*>();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (seen.test(i)) continue;
      if (target.never)
        ok = fail(node, at, "unevaluatedItems",
                  [&] { return "item " + std::to_string(i) + " is one too many"; });
      else if (!check(target, items[i], nullptr, Next(at, "unevaluatedItems", nullptr, i).here()))
        ok = false;
      if (!ok && !go_on()) return false;
    }
    return ok;
  }

  bool check_logic(const Node& node, const LogicRules& rules, const Json& value, Evaluated* seen,
                   At at) {
    bool ok = true;
    const auto apply = [&](bool result) {
      ok = ok && result;
      return ok || go_on();
    };
    if (rules.reference != nullptr &&
        !apply(check(*rules.reference, value, seen, Next(at, "$ref").here())))
      return false;
    if (rules.dynamic_reference && !apply(check(target_of(*rules.dynamic_reference), value, seen,
                                                Next(at, "$dynamicRef").here())))
      return false;
    if (rules.constant && !apply(check_constant(node, *rules.constant, value, at))) return false;
    if (rules.has_enumeration && !apply(check_enumeration(node, rules, value, at))) return false;
    for (std::size_t i = 0; i < rules.all_of.size(); ++i)
      if (!apply(check(*rules.all_of[i], value, seen, Next(at, "allOf", i).here()))) return false;
    if (!rules.any_of.empty() && !apply(check_any_of(node, rules.any_of, value, seen, at)))
      return false;
    if (!rules.one_of.empty() && !apply(check_one_of(node, rules.one_of, value, seen, at)))
      return false;
    if (rules.negated != nullptr && verdict(*rules.negated, value, nullptr) &&
        !apply(fail(node, at, "not",
                    [&] { return show(value) + " matches a schema that it must not match"; })))
      return false;
    return (rules.condition == nullptr || check_condition(rules, value, seen, at)) && ok;
  }

  const Node& target_of(const DynamicReference& reference) const {
    const Node* target = reference.fallback;
    if (reference.anchor == 0) return *target;
    for (const Scope* scope = state_.scope; scope != nullptr; scope = scope->outer)
      for (const auto& [anchor, node] : state_.program.resources[scope->resource].dynamic_anchors)
        if (anchor == reference.anchor) target = node;  // the outermost wins
    return *target;
  }

  bool check_constant(const Node& node, const Json& constant, const Json& value, At at) {
    if (equals(constant, value)) return true;
    return fail(node, at, "const", [&] { return messages::not_the_constant(value, constant); });
  }

  bool check_enumeration(const Node& node, const LogicRules& rules, const Json& value, At at) {
    if (rules.all_strings) {
      const auto* text = value.get_ptr<const std::string*>();
      if (text != nullptr) {
        const auto place =
            std::lower_bound(rules.enumeration.begin(), rules.enumeration.end(), *text, text_less);
        if (place != rules.enumeration.end() && text_of(*place) == *text) return true;
      }
    } else {
      for (const Json& known : rules.enumeration)
        if (equals(known, value)) return true;
    }
    return fail(node, at, "enum", [&] {
      std::vector<const Json*> allowed;
      for (const Json& known : rules.enumeration) allowed.push_back(&known);
      return messages::not_one_of(value, allowed);
    });
  }

  // Which alternatives fit, at most `enough`; their marks count only if they do.
  std::size_t count_fitting(const std::vector<const Node*>& alternatives, const Json& value,
                            Evaluated* seen, std::size_t enough, std::size_t* fitting) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < alternatives.size() && found < enough; ++i) {
      if (seen == nullptr) {
        if (!verdict(*alternatives[i], value, nullptr)) continue;
      } else if (!verdict_with_marks(*alternatives[i], value, *seen)) {
        continue;
      }
      if (found < 2) fitting[found] = i;
      ++found;
    }
    return found;
  }

  bool verdict_with_marks(const Node& node, const Json& value, Evaluated& seen) {
    Evaluated own(seen.count());
    if (!verdict(node, value, &own)) return false;
    seen.merge(own);
    return true;
  }

  bool check_any_of(const Node& node, const std::vector<const Node*>& alternatives,
                    const Json& value, Evaluated* seen, At at) {
    std::size_t fitting[2] = {};
    // Every alternative that fits may mark something, so with marks none is left out.
    const std::size_t enough = seen == nullptr ? 1 : alternatives.size();
    if (count_fitting(alternatives, value, seen, enough, fitting) != 0) return true;
    return no_alternative(node, "anyOf", alternatives, value, at);
  }

  bool check_one_of(const Node& node, const std::vector<const Node*>& alternatives,
                    const Json& value, Evaluated* seen, At at) {
    std::size_t fitting[2] = {};
    const std::size_t found = count_fitting(alternatives, value, seen, 2, fitting);
    if (found == 1) return true;
    if (found == 0) return no_alternative(node, "oneOf", alternatives, value, at);
    return fail(node, at, "oneOf", [&] {
      return show(value) + " matches both alternative " + std::to_string(fitting[0]) + " and " +
             std::to_string(fitting[1]) + "; it must match exactly one";
    });
  }

  bool check_condition(const LogicRules& rules, const Json& value, Evaluated* seen, At at) {
    const bool holds = seen == nullptr ? verdict(*rules.condition, value, nullptr)
                                       : verdict_with_marks(*rules.condition, value, *seen);
    const Node* const branch = holds ? rules.consequence : rules.alternative;
    return branch == nullptr ||
           check(*branch, value, seen, Next(at, holds ? "then" : "else").here());
  }

  bool no_alternative(const Node& node, std::string_view keyword,
                      const std::vector<const Node*>& alternatives, const Json& value, At at) {
    if constexpr (collect) explain_alternatives(node, keyword, alternatives, value, at);
    (void)node, (void)keyword, (void)alternatives, (void)value, (void)at;
    return false;
  }

  void explain_alternatives(const Node& node, std::string_view keyword,
                            const std::vector<const Node*>& alternatives, const Json& value,
                            Here<true> at) {
    std::uint8_t types = 0;
    std::vector<const Json*> constants;
    bool all_types = true;
    for (const Node* alternative : alternatives) {
      types = static_cast<std::uint8_t>(types | alternative->types);
      all_types = all_types && !alternative->never && !fits_type(*alternative, value);
      if (alternative->logic && alternative->logic->constant)
        constants.push_back(&*alternative->logic->constant);
    }
    const bool all_constants = constants.size() == alternatives.size();
    report(node, at, keyword,
           all_constants ? messages::not_one_of(value, constants)
           : all_types   ? messages::wrong_type(value, types)
                         : messages::no_alternative(value, alternatives.size()));
    const bool every_branch = sink_->branches == Branches::all;
    if (!every_branch && (all_constants || all_types)) return;

    std::vector<ValidationError> closest;
    std::size_t closest_distance = unbounded;
    for (std::size_t i = 0; i < alternatives.size() && go_on(); ++i) {
      const std::size_t room = sink_->max_errors - sink_->errors->size();
      Next next(at, keyword, i);
      auto errors = collect_errors(*alternatives[i], value, next.here(), room);
      if (every_branch) {
        std::move(errors.begin(), errors.end(), std::back_inserter(*sink_->errors));
        continue;
      }
      const std::size_t distance = messages::distance(errors, to_pointer(at.instance));
      if (distance >= closest_distance) continue;
      closest_distance = distance;
      closest = std::move(errors);
    }
    std::move(closest.begin(), closest.end(), std::back_inserter(*sink_->errors));
  }

  std::vector<ValidationError> collect_errors(const Node& node, const Json& value, Here<true> at,
                                              std::size_t max_errors) {
    std::vector<ValidationError> errors;
    Sink sink{&errors, max_errors, sink_->branches};
    Walk<true> walk(state_, &sink);
    walk.check(node, value, nullptr, at);
    return errors;
  }

  State& state_;
  Sink* sink_;
};

}  // namespace

bool is_valid(const Program& program, const Json& instance) {
  State state{program, program.max_work, program.max_depth};
  Walk<false> walk(state, nullptr);
  return walk.check(*program.root, instance, nullptr, {}) && state.exhausted == nullptr;
}

std::vector<ValidationError> find_errors(const Program& program, const Json& instance,
                                         Branches branches, std::size_t max_errors) {
  std::vector<ValidationError> errors;
  Sink sink{&errors, max_errors, branches};
  State state{program, program.max_work, program.max_depth};
  Walk<true> walk(state, &sink);
  walk.check(*program.root, instance, nullptr, {});
  if (state.exhausted != nullptr) {
    // What was found up to there may be an effect of the limit.
    errors.clear();
    errors.push_back({"", "", program.resources[program.root->resource].uri + "#", "",
                      messages::exhausted(state.exhausted)});
  }
  return errors;
}

}  // namespace mcp::schema
