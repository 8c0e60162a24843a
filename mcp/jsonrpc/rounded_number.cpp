#include <mcp/jsonrpc/rounded_number.h>

#include <mcp/base/number_text.h>

namespace mcp::jsonrpc {
namespace {

// Decimals of up to 15 digits are as exact as doubles: the others have a run of 16 of these.
constexpr std::size_t run = 16;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A digit or the point (or a slash between them, which is in no number): one comparison.
bool is_in_run(char c) {
  return static_cast<unsigned char>(c - '.') <= '9' - '.';
}

bool is_in_number(char c) {
  return is_in_run(c) || c == 'e' || c == 'E' || c == '-' || c == '+';
}

}  // namespace

bool may_round_digits(std::string_view message) {
  const std::size_t size = message.size();
  for (std::size_t at = run - 1; at < size; at += run) {
    if (!is_in_run(message[at])) continue;
    std::size_t start = at;
    while (start > 0 && is_in_run(message[start - 1])) --start;
    std::size_t end = at + 1;
    while (end < size && is_in_run(message[end])) ++end;
    at = end;
    if (end - start < run) continue;
    while (start > 0 && is_in_number(message[start - 1])) --start;
    while (end < size && is_in_number(message[end])) ++end;
    const std::string_view text = message.substr(start, end - start);
    if (is_json_number(text) && !is_json_integer(text) && !fits_double(text)) return true;
    at = end;
  }
  return false;
}

bool may_round_to_zero(std::string_view message) {
  for (std::size_t sign = message.find('-', 2); sign < message.size();
       sign = message.find('-', sign + 1)) {
    const char e = message[sign - 1];
    if ((e != 'e' && e != 'E') || !is_digit(message[sign - 2])) continue;
    const std::string_view exponent = message.substr(sign + 1, 3);
    if (exponent.size() == 3 && is_digit(exponent[0]) && is_digit(exponent[1]) &&
        is_digit(exponent[2]))
      return true;
  }
  return false;
}

}  // namespace mcp::jsonrpc
