#include <mcp/schema/scalar_rules.h>

#include <algorithm>

#include <mcp/base/number_text.h>

namespace mcp::schema {
bool fits_unusual_type(std::uint8_t types, const Json& value) {
  if (value.is_number_float()) return (types & type_bit::integer) != 0 && is_integer(value);
  if (!value.is_binary() || !is_number_text(value)) return false;
  return (types & type_bit::number) != 0 || ((types & type_bit::integer) != 0 && is_integer(value));
}

bool is_multiple(Run& run, const NumberRules& rules, const Json& value) {
  if (value.is_binary() && !run.spend(number_text(value).size() * (rules.divisor_digits / 8 + 1)))
    return false;
  return is_multiple_of(value, *rules.multiple_of);
}

bool fits_limits(Run& run, const NumberRules& rules, const Json& value) {
  if (value.is_binary() && !run.spend(number_text(value).size())) return false;
  return (!rules.minimum || compare_numbers(value, *rules.minimum) >= 0) &&
         (!rules.maximum || compare_numbers(value, *rules.maximum) <= 0) &&
         (!rules.exclusive_minimum || compare_numbers(value, *rules.exclusive_minimum) > 0) &&
         (!rules.exclusive_maximum || compare_numbers(value, *rules.exclusive_maximum) < 0);
}

const std::size_t* discriminated(const Discriminator& discriminator, const Json& object) {
  const auto member = object.find(discriminator.name);
  if (member == object.end()) return nullptr;
  const auto* const text = member->get_ptr<const std::string*>();
  if (text == nullptr) return nullptr;
  const TextView wanted(*text);
  const auto& known = discriminator.alternatives;
  const auto place = std::lower_bound(
      known.begin(), known.end(), wanted,
      [](const auto& one, const auto& other) { return one.first.compare(other) < 0; });
  return place != known.end() && place->first == wanted ? &place->second : nullptr;
}

}  // namespace mcp::schema
