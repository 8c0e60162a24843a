#include <mcp/base/number_text.h>

#include <stdexcept>
#include <vector>

namespace mcp {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// The length of the integer part, sign included; 0 when there is none.
std::size_t integer_length(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  if (at < text.size() && text[at] == '0') return at + 1;
  std::size_t end = skip_digits(text, at);
  return end == at ? 0 : end;
}

}  // namespace

bool is_number_text(const Json& value) noexcept {
  const auto* binary = value.get_ptr<const Json::binary_t*>();
  return binary != nullptr && binary->has_subtype() && binary->subtype() == number_text_subtype;
}

std::string_view number_text(const Json& value) noexcept {
  if (!is_number_text(value)) return {};
  const auto& bytes = *value.get_ptr<const Json::binary_t*>();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Json make_number_text(std::string_view text) {
  if (!is_json_number(text))
    throw std::invalid_argument("not a JSON number: \"" + std::string(text.substr(0, 40)) + "\"");
  return Json::binary(std::vector<std::uint8_t>(text.begin(), text.end()), number_text_subtype);
}

bool is_json_number(std::string_view text) noexcept {
  std::size_t at = integer_length(text);
  if (at == 0) return false;
  if (at < text.size() && text[at] == '.') {
    std::size_t end = skip_digits(text, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    std::size_t end = skip_digits(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

bool is_json_integer(std::string_view text) noexcept {
  std::size_t length = integer_length(text);
  return length != 0 && length == text.size();
}

}  // namespace mcp
