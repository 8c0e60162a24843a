#include <mcp/schema/scalar_rules.h>

#include <algorithm>

#include <mcp/base/number_text.h>

namespace mcp::schema {
namespace {

constexpr std::size_t scanned_texts = 8;  // fewer are looked through faster than searched

bool is_one_of(const std::vector<KnownText>& texts, const std::string& text) {
  if (texts.size() <= scanned_texts) {
    for (const KnownText& known : texts)
      if (known == text) return true;
    return false;
  }
  const auto place = std::lower_bound(
      texts.begin(), texts.end(), TextView(text),
      [](const KnownText& known, const TextView& other) { return known.sorts_before(other); });
  return place != texts.end() && *place == text;
}

bool fits_number(Run& run, const NumberRules& rules, const Json& value) {
  if (!run.spend(limits_cost(rules, value))) return false;
  return (!rules.minimum || compare_numbers(value, *rules.minimum) >= 0) &&
         (!rules.maximum || compare_numbers(value, *rules.maximum) <= 0) &&
         (!rules.exclusive_minimum || compare_numbers(value, *rules.exclusive_minimum) > 0) &&
         (!rules.exclusive_maximum || compare_numbers(value, *rules.exclusive_maximum) < 0) &&
         (!rules.multiple_of || is_multiple(run, rules, value));
}

bool fits_string(Run& run, const StringRules& rules, const std::string& text) {
  return run.spend(text.size() / 64) && fits_length(text, rules.min_length, rules.max_length) &&
         (!rules.pattern || matches(run, *rules.pattern, text)) &&
         (rules.format == nullptr || (run.spend(64 + text.size()) && rules.format->check(text))) &&
         (rules.content == nullptr || (run.spend(64 + text.size()) && rules.content->check(text)));
}

}  // namespace

std::uint64_t limits_cost(const NumberRules& rules, const Json& value) {
  return rules.limits_cost + (value.is_binary() ? 4 * text_cost(value) : 0);
}

bool is_chosen(Run& run, const Choices& choices, const Json& value) {
  if (const auto* text = value.get_ptr<const std::string*>())
    return run.spend(text->size() / 64) && is_one_of(choices.texts, *text);
  if (choices.only_texts) return false;
  return std::any_of(choices.values.begin(), choices.values.end(),
                     [&](const Json& known) { return run.equals(known, value); });
}

bool fits_unusual_type(Run& run, std::uint8_t types, const Json& value) {
  if (value.is_number_float()) return (types & type_bit::integer) != 0 && is_integer(value);
  if (!value.is_binary() || !is_number_text(value)) return false;
  if (!run.spend(text_cost(value))) return false;
  return (types & type_bit::number) != 0 || ((types & type_bit::integer) != 0 && is_integer(value));
}

bool are_chosen(Run& run, const std::vector<Choices>& all, const Json& value) {
  for (const Choices& choices : all)
    if (!is_chosen(run, choices, value)) return false;
  return true;
}

bool matches(Run& run, const Pattern& pattern, const std::string& text) {
  if (pattern.simple) {
    const Glance glance =
        run.spend(1 + text.size() / 16) ? pattern.simple->matches(text) : Glance::fails;
    if (glance != Glance::undecided) return glance == Glance::fits;
  }
  // Linear in the text, but at its worst a byte takes time for every step of the expression.
  return run.spend(16 + text.size() * pattern.program_size / 16) &&
         pattern.expression->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool is_multiple(Run& run, const NumberRules& rules, const Json& value) {
  std::size_t digits = value.is_binary() ? number_text(value).size() : 16;
  // A power of ten adds zeros; past 64 bits every digit goes through all limbs of the divisor.
  if (rules.divisor_digits > 19) digits += 4 * rules.divisor_digits;
  return run.spend(digits * (rules.divisor_digits / 8 + 1)) &&
         is_multiple_of(value, *rules.multiple_of);
}

bool fits_scalar_rules(Run& run, const Node& node, const Json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) {
    if (node.string && !fits_string(run, *node.string, *text)) return false;
  } else if (node.number && is_number(value) && !fits_number(run, *node.number, value)) {
    return false;
  }
  return are_chosen(run, node.choices, value);
}

const std::size_t* discriminated(const Discriminator& discriminator, const Json& object) {
  const auto member = object.find(discriminator.name);
  if (member == object.end()) return nullptr;
  const auto* const text = member->get_ptr<const std::string*>();
  if (text == nullptr) return nullptr;
  const auto& known = discriminator.alternatives;
  const auto place = std::lower_bound(
      known.begin(), known.end(), TextView(*text),
      [](const auto& one, const auto& other) { return one.first.sorts_before(other); });
  return place != known.end() && place->first == *text ? &place->second : nullptr;
}

}  // namespace mcp::schema
