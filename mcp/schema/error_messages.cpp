#include <mcp/schema/error_messages.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include <mcp/base/closest_match.h>
#include <mcp/base/number_text.h>
#include <mcp/schema/value.h>

namespace mcp::schema::messages {
namespace {

constexpr std::size_t listed_values = 12;

std::string did_you_mean(std::string_view wrong, std::span<const std::string_view> candidates) {
  const auto match = closest_match(wrong, candidates);
  return match ? "; did you mean " + quote(*match) + "?" : "";
}

/// Words of which only the first are shown.
class Listed {
 public:
  template <typename Show>
  void add(Show show) {
    if (++count_ <= listed_values) words_.push_back(show());
  }
  std::size_t count() const { return count_; }

  std::string text(std::string_view last_separator) const {
    std::string out;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (i > 0) out += i + 1 == count_ ? last_separator : ", ";
      out += words_[i];
    }
    if (count_ > words_.size()) out += " and " + std::to_string(count_ - words_.size()) + " more";
    return out;
  }

 private:
  std::vector<std::string> words_;
  std::size_t count_ = 0;
};

std::string not_listed(const Json& value, const Listed& allowed,
                       std::span<const std::string_view> texts) {
  if (allowed.count() == 0) return "no value is allowed here";
  std::string message = show(value) + " is not one of " + allowed.text(", ");
  if (const auto* text = value.get_ptr<const std::string*>()) message += did_you_mean(*text, texts);
  return message;
}

std::string_view text_of(const Member& member) {
  return member.name.text;
}
std::string_view text_of(const std::string& name) {
  return name;
}

std::string counted(std::size_t number, const std::string& unit) {
  if (number == 1) return "1 " + unit;
  const bool y = unit.ends_with('y');
  return std::to_string(number) + " " + (y ? unit.substr(0, unit.size() - 1) + "ies" : unit + "s");
}

}  // namespace

std::string wrong_type(const Json& value, std::uint8_t types) {
  constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> names = {
      {{"string", type_bit::string},
       {"integer", type_bit::integer},
       {"number", type_bit::number},
       {"boolean", type_bit::boolean},
       {"array", type_bit::array},
       {"object", type_bit::object},
       {"null", type_bit::null}}};
  Listed wanted;
  for (const auto& [name, bit] : names)
    if ((types & bit) != 0 && !(bit == type_bit::integer && (types & type_bit::number) != 0))
      wanted.add([&] { return std::string(name); });
  const bool scalar = !value.is_null() && !value.is_structured();
  std::string message = "must be " + wanted.text(" or ") + ", not ";
  if (scalar) message += std::string(type_name(value)) + " ";
  if (value.is_object() || value.is_array())
    message += type_name(value);
  else
    message += show(value);
  const auto* text = value.get_ptr<const std::string*>();
  if (text != nullptr && is_json_number(*text) &&
      ((types & type_bit::number) != 0 ||
       ((types & type_bit::integer) != 0 && is_json_integer(*text))))
    message += "; write it without quotes";
  return message;
}

std::string not_one_of(const Json& value, const std::vector<const Json*>& allowed) {
  Listed shown;
  std::vector<std::string_view> texts;
  for (const Json* candidate : allowed) {
    shown.add([&] { return show(*candidate); });
    if (const auto* text = candidate->get_ptr<const std::string*>()) texts.emplace_back(*text);
  }
  return not_listed(value, shown, texts);
}

std::string unknown_discriminator(const Json& value, const Discriminator& discriminator) {
  Listed shown;
  std::vector<std::string_view> texts;
  for (const auto& [text, alternative] : discriminator.alternatives) {
    shown.add([&, known = &text] { return quote(known->text); });
    texts.emplace_back(text.text);
  }
  return not_listed(value, shown, texts);
}

std::string missing_discriminator(const Discriminator& discriminator) {
  Listed shown;
  for (const auto& [text, alternative] : discriminator.alternatives)
    shown.add([known = &text] { return quote(known->text); });
  return "the required property " + quote(discriminator.name) +
         " is missing, which tells the alternatives apart: " + shown.text(" or ");
}

std::string not_chosen(const Json& value, const Choices& choices) {
  if (choices.keyword == std::string_view("const")) {
    const Json& constant = choices.values.front();
    if (constant.is_structured()) return show(value) + " is not the only value allowed";
    return show(value) + " is not " + show(constant) + ", the only value allowed";
  }
  std::vector<const Json*> allowed;
  for (const Json& known : choices.values) allowed.push_back(&known);
  return not_one_of(value, allowed);
}

std::string too_few(const std::string& what, std::size_t found, const std::string& unit,
                    std::size_t minimum) {
  return what + " has " + counted(found, unit) + ", fewer than the minimum " +
         std::to_string(minimum);
}

std::string too_many(const std::string& what, std::size_t found, const std::string& unit,
                     std::size_t maximum) {
  return what + " has " + counted(found, unit) + ", more than the maximum " +
         std::to_string(maximum);
}

std::string missing_property(const std::string& name, const ObjectRules& rules,
                             const Json::object_t& object) {
  const auto is_known = [&](const std::string& key) {
    return std::binary_search(
        rules.members.begin(), rules.members.end(), key,
        [](const auto& left, const auto& right) { return text_of(left) < text_of(right); });
  };
  std::vector<std::string_view> unknown;
  std::size_t looked_at = 0;
  for (const auto& [key, value] : object) {
    if (++looked_at > 1000 || unknown.size() == 100) break;
    if (!is_known(key)) unknown.emplace_back(key);
  }
  std::string message = "the required property " + quote(name) + " is missing";
  if (const auto match = closest_match(name, unknown))
    message += "; is it " + quote(*match) + " that should be called so?";
  return message;
}

std::string unknown_property(const std::string& name, const ObjectRules& rules) {
  std::vector<std::string_view> known;
  Listed shown;
  for (const Member& member : rules.members) {
    if (member.node == nullptr) continue;
    known.emplace_back(member.name.text);
    shown.add([&] { return quote(member.name.text); });
  }
  std::string message = "unknown property " + quote(name);
  const std::string hint = did_you_mean(name, known);
  if (!hint.empty() || known.empty()) return message + hint;
  return message + "; known are " + shown.text(" and ");
}

std::string no_alternative(const Json& value, std::size_t alternatives) {
  return show(value) + " matches none of the " + std::to_string(alternatives) + " alternatives";
}

std::string exhausted(std::string_view limit) {
  if (limit == "max_validation_depth")
    return "validation was given up: subschemas were applied too deeply inside each other "
           "(max_validation_depth)";
  return "validation was given up: it took too many steps (max_work)";
}

std::size_t distance(const std::vector<ValidationError>& errors, const std::string& instance_path) {
  std::size_t sum = 0;
  for (const ValidationError& error : errors) {
    const std::string_view below =
        std::string_view(error.instance_path)
            .substr(std::min(instance_path.size(), error.instance_path.size()));
    const bool here = below.empty();
    const bool child = !here && below.find('/', 1) == below.npos;
    if (here && (error.keyword == "type" || error.keyword.empty()))
      sum += 1000;
    else if (child && (error.keyword == "const" || error.keyword == "enum"))
      sum += 100;
    else
      sum += 1;
  }
  return sum;
}

}  // namespace mcp::schema::messages
