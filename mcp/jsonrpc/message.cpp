#include <mcp/jsonrpc/message.h>

#include <charconv>
#include <cmath>
#include <limits>

#include <mcp/base/number_text.h>

namespace mcp::jsonrpc {

Id Id::from_number_text(std::string text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && stop == end) return Id(value);
  return Id(Number{std::move(text)});
}

Json Id::to_json() const {
  if (const auto* integer = std::get_if<std::int64_t>(&value_)) return *integer;
  if (const auto* text = std::get_if<std::string>(&value_)) return *text;
  return make_number_text(std::get<Number>(value_).text);
}

std::optional<Id> Id::from_json(const Json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) return Id(*text);
  if (const auto* natural = value.get_ptr<const Json::number_unsigned_t*>()) {
    if (*natural > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return Id(Number{std::to_string(*natural)});
    return Id(static_cast<std::int64_t>(*natural));
  }
  if (const auto* integer = value.get_ptr<const Json::number_integer_t*>()) return Id(*integer);
  if (const auto* number = value.get_ptr<const Json::number_float_t*>()) {
    // Languages whose numbers are all doubles write the id 4 as 4.0.
    constexpr double first_ambiguous = 9007199254740992.0;  // 2^53
    if (std::fabs(*number) < first_ambiguous && std::trunc(*number) == *number)
      return Id(static_cast<std::int64_t>(*number));
    return std::nullopt;
  }
  if (const std::string_view text = number_text(value); is_json_integer(text))
    return from_number_text(std::string(text));
  return std::nullopt;
}

}  // namespace mcp::jsonrpc

std::size_t std::hash<mcp::jsonrpc::Id>::operator()(const mcp::jsonrpc::Id& id) const {
  // The kind is part of the hash: the ids 1 and "1" are different.
  const std::size_t kind = id.value_.index();
  const std::size_t content = std::visit(
      [](const auto& value) {
        if constexpr (requires { value.text; }) {
          return std::hash<std::string>{}(value.text);
        } else {
          return std::hash<std::decay_t<decltype(value)>>{}(value);
        }
      },
      id.value_);
  return content * 31 + kind;
}
