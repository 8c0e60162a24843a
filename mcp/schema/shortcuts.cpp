#include <mcp/schema/shortcuts.h>

#include <algorithm>
#include <cmath>

namespace mcp::schema {
namespace {

constexpr double two_to_62 = 4611686018427387904.0;
constexpr std::size_t max_references = 16;                 // followed from one alternative
constexpr std::size_t max_candidates = 8;                  // properties tried as a discriminator
constexpr std::size_t max_discriminating_texts = 200'000;  // tried in a whole program

void sort_texts(Choices& choices) {
  for (const Json& value : choices.values)
    if (value.is_string()) choices.texts.emplace_back(value.get<std::string>());
  choices.only_texts = choices.texts.size() == choices.values.size();
  std::sort(choices.texts.begin(), choices.texts.end(),
            [](const KnownText& l, const KnownText& r) { return l.text < r.text; });
}

// The integers that a limit leaves, `step` past it if it is exclusive. False for limits that no
// double or signed integer holds with room to spare.
bool to_integer(const Json& limit, bool upwards, bool exclusive, std::int64_t& result) {
  const std::int64_t step = !exclusive ? 0 : upwards ? 1 : -1;
  if (limit.is_number_float()) {
    const double value = limit.get<double>();
    if (!(std::abs(value) < two_to_62)) return false;
    const double whole = upwards ? std::ceil(value) : std::floor(value);
    result = static_cast<std::int64_t>(whole) + (whole == value ? step : 0);
    return true;
  }
  if (!limit.is_number_integer()) return false;
  if (std::abs(limit.get<double>()) >= two_to_62) return false;
  result = limit.get<std::int64_t>() + step;
  return true;
}

void find_integer_range(NumberRules& rules) {
  rules.is_plain = !rules.multiple_of;
  const auto narrow = [&](const std::optional<Json>& limit, bool upwards, bool exclusive) {
    if (!limit) return;
    std::int64_t bound = 0;
    if (!to_integer(*limit, upwards, exclusive, bound))
      rules.is_plain = false;
    else if (upwards)
      rules.lowest = std::max(rules.lowest, bound);
    else
      rules.highest = std::min(rules.highest, bound);
  };
  narrow(rules.minimum, true, false);
  narrow(rules.exclusive_minimum, true, true);
  narrow(rules.maximum, false, false);
  narrow(rules.exclusive_maximum, false, true);
}

void find_plain_sizes(StringRules& rules) {
  constexpr std::size_t free_bytes = 63;  // more of them are work
  if (rules.format != nullptr || rules.content != nullptr ||
      (rules.pattern && !rules.pattern->simple))
    return;
  // A code point is one to four bytes.
  if (rules.min_length > free_bytes / 4) return;
  rules.enough_bytes = rules.min_length == 0 ? 0 : 4 * rules.min_length - 3;
  rules.few_bytes = std::min(rules.max_length, free_bytes);
}

// A subschema that is nothing but a reference stands for another.
const Node* referred_by(const Node& node) {
  if (node.types != type_bit::any || node.number || node.string || node.array || node.object ||
      !node.choices.empty() || !node.logic)
    return nullptr;
  const LogicRules& logic = *node.logic;
  const bool alone = !logic.dynamic_reference && logic.all_of.empty() &&
                     logic.any_of.nodes.empty() && logic.one_of.nodes.empty() &&
                     logic.negated == nullptr && logic.condition == nullptr;
  return alone ? logic.reference : nullptr;
}

void follow_references(Node& node) {
  const Node* target = referred_by(node);
  for (std::size_t i = 0; target != nullptr && i < max_references; ++i) {
    node.stands_for = target;
    target = referred_by(*target);
  }
}

void find_ruled_types(Node& node, bool dynamic) {
  using namespace type_bit;
  const auto add = [](std::uint8_t& set, std::uint8_t bits) {
    set = static_cast<std::uint8_t>(set | bits);
  };
  if (node.object) add(node.nested, object);
  if (node.array) add(node.nested, array);
  if (node.logic) add(node.nested, any);
  if (node.object && node.object->unevaluated != nullptr) add(node.unusual, object);
  if (node.array && node.array->unevaluated != nullptr) add(node.unusual, array);
  if (dynamic || node.stands_for != nullptr) node.unusual = any;
  if (node.number) add(node.scalar, integer | number | binary);
  if (node.string) add(node.scalar, string);
  if (!node.choices.empty()) add(node.scalar, any);
}

// Whether the only values that the node allows are texts, of which there are few.
const Choices* only_texts(const Node* node) {
  if (node == nullptr) return nullptr;
  for (const Choices& choices : node->choices)
    if (choices.only_texts) return &choices;
  return nullptr;
}

// A property with a choice of texts beside properties that hold subschemas: it decides cheaply, and
// keeps nested alternatives from being tried one inside the other.
void choose_tag(ObjectRules& object) {
  const Member* tag = nullptr;
  bool has_nested = false;
  for (const Member& member : object.members) {
    if (tag == nullptr && only_texts(member.node) != nullptr && member.node->nested == 0)
      tag = &member;
    else if (member.node != nullptr && member.node->nested != 0)
      has_nested = true;
  }
  if (has_nested) object.tag = tag;
}

// The texts that a required property of `node` is limited to, by itself or where it refers to.
const Choices* required_texts(const Node* node, const std::string& name) {
  for (std::size_t i = 0; node != nullptr && i < max_references; ++i) {
    if (node->object) {
      const auto& members = node->object->members;
      const auto member = std::lower_bound(
          members.begin(), members.end(), name,
          [](const Member& known, const std::string& wanted) { return known.name.text < wanted; });
      if (member != members.end() && member->name.text == name && member->required)
        if (const Choices* texts = only_texts(member->node)) return texts;
    }
    node = node->logic ? node->logic->reference : nullptr;
  }
  return nullptr;
}

std::vector<std::string> required_names(const Node* node) {
  std::vector<std::string> names;
  for (std::size_t i = 0; node != nullptr && i < max_references; ++i) {
    if (node->object)
      for (const Member& member : node->object->members)
        if (member.required && only_texts(member.node) != nullptr && names.size() < max_candidates)
          names.push_back(member.name.text);
    node = node->logic ? node->logic->reference : nullptr;
  }
  return names;
}

// `room`: how many texts may still be copied for the whole program.
std::unique_ptr<Discriminator> discriminate(const Alternatives& alternatives,
                                            const std::string& name, std::size_t& room) {
  for (const Node* node : alternatives.nodes) {
    if ((node->types & type_bit::object) == 0) continue;
    const Choices* choices = required_texts(node, name);
    if (choices == nullptr || choices->texts.size() > room) return nullptr;
    room -= choices->texts.size();
  }
  auto result = std::make_unique<Discriminator>();
  result->name = name;
  auto& texts = result->alternatives;
  for (std::size_t i = 0; i < alternatives.nodes.size(); ++i) {
    if ((alternatives.nodes[i]->types & type_bit::object) == 0) continue;
    const Choices* choices = required_texts(alternatives.nodes[i], name);
    for (const KnownText& text : choices->texts) texts.emplace_back(text, i);
  }
  std::stable_sort(texts.begin(), texts.end(), [](const auto& left, const auto& right) {
    return left.first.text < right.first.text;
  });
  const auto shared = [](const auto& left, const auto& right) {
    return left.first.text == right.first.text && left.second != right.second;
  };
  if (std::adjacent_find(texts.begin(), texts.end(), shared) != texts.end()) return nullptr;
  return result;
}

void choose_tags(const Alternatives& alternatives) {
  for (const Node* node : alternatives.nodes) {
    for (std::size_t i = 0; node != nullptr && i < max_references; ++i) {
      if (node->object) choose_tag(*node->object);
      node = node->logic ? node->logic->reference : nullptr;
    }
  }
}

void choose_discriminator(Alternatives& alternatives, std::size_t& room) {
  std::size_t objects = 0;
  const Node* first = nullptr;
  for (const Node* node : alternatives.nodes) {
    if ((node->types & type_bit::object) == 0) continue;
    if (first == nullptr) first = node;
    ++objects;
  }
  if (objects < 2) return;
  for (const std::string& name : required_names(first)) {
    alternatives.discriminator = discriminate(alternatives, name, room);
    if (alternatives.discriminator) return;
  }
  choose_tags(alternatives);
}

}  // namespace

void add_shortcuts(Program& program) {
  for (const auto& node : program.nodes) {
    for (Choices& choices : node->choices) sort_texts(choices);
    if (node->number) find_integer_range(*node->number);
    if (node->string) find_plain_sizes(*node->string);
    // With dynamic references it matters which resources were passed through.
    if (!program.dynamic) follow_references(*node);
    find_ruled_types(*node, program.dynamic);
  }
  std::size_t room = max_discriminating_texts;
  for (const auto& node : program.nodes) {
    if (!node->logic) continue;
    choose_discriminator(node->logic->any_of, room);
    choose_discriminator(node->logic->one_of, room);
  }
}

}  // namespace mcp::schema
