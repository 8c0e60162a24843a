#include <mcp/base/canonical_json.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp/base/base64.h>
#include <mcp/base/error.h>
#include <mcp/base/number_text.h>
#include <mcp/base/utf8.h>

namespace mcp {
namespace {

constexpr std::size_t deepest = 1000;

// Orders UTF-8 as UTF-16 would: surrogates (that is, four-byte sequences) come before U+E000…U+FFFF
// (three-byte sequences that start with EE or EF); otherwise bytes decide.
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (right == b.end()) return false;
  if (left == a.end()) return true;
  const auto rank = [](char c) {
    const int byte = static_cast<unsigned char>(c);
    return byte == 0xEE || byte == 0xEF ? byte + 0x100 : byte;
  };
  return rank(*left) < rank(*right);
}

void write_string(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::string_view short_escapes = "\b\t\n\f\r\"\\";
  constexpr std::string_view escape_letters = "btnfr\"\\";
  out += '"';
  for (const char c : text) {
    if (const std::size_t at = short_escapes.find(c); at != std::string_view::npos) {
      out += '\\';
      out += escape_letters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

// ECMAScript's Number::toString, which RFC 8785 takes over.
void write_double(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  if (value == 0) {
    out += '0';
    return;
  }
  std::array<char, 32> buffer;
  const char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                  std::chars_format::scientific)
                        .ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  std::string digits(text.substr(0, e));
  std::erase(digits, '.');
  std::string_view exponent_text = text.substr(e + 1);
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  int exponent = 0;
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the decimal point
  if (point > 21 || point < -5) {
    if (count > 1) digits.insert(1, ".");
    out += digits + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
  } else if (point <= 0) {
    out += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  } else if (point >= count) {
    out += digits + std::string(static_cast<std::size_t>(point - count), '0');
  } else {
    out += digits.insert(static_cast<std::size_t>(point), ".");
  }
}

void write(const Json& value, std::string& out, std::size_t depth);

void write_object(const Json::object_t& object, std::string& out, std::size_t depth) {
  // Names are repaired before they are sorted, so that the order is the one of the text.
  std::vector<std::pair<std::string, const Json*>> members;
  members.reserve(object.size());
  for (const auto& [name, value] : object) members.emplace_back(replace_invalid_utf8(name), &value);
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return utf16_less(a.first, b.first); });
  out += '{';
  bool first = true;
  for (const auto& [name, value] : members) {
    if (!first) out += ',';
    first = false;
    write_string(name, out);
    out += ':';
    write(*value, out, depth + 1);
  }
  out += '}';
}

void write(const Json& value, std::string& out, std::size_t depth) {
  if (depth > deepest)
    throw Error(error_code::invalid_params,
                "nested deeper than " + std::to_string(deepest) + " levels; send flatter JSON");
  switch (value.type()) {
    case Json::value_t::object:
      write_object(value.get_ref<const Json::object_t&>(), out, depth);
      break;
    case Json::value_t::array: {
      out += '[';
      bool first = true;
      for (const Json& element : value) {
        if (!first) out += ',';
        first = false;
        write(element, out, depth + 1);
      }
      out += ']';
      break;
    }
    case Json::value_t::string:
      write_string(replace_invalid_utf8(value.get_ref<const std::string&>()), out);
      break;
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      break;
    case Json::value_t::number_integer:
      out += std::to_string(value.get<std::int64_t>());
      break;
    case Json::value_t::number_unsigned:
      out += std::to_string(value.get<std::uint64_t>());
      break;
    case Json::value_t::number_float:
      write_double(value.get<double>(), out);
      break;
    case Json::value_t::binary:
      if (const std::string_view text = number_text(value); is_json_number(text)) {
        out += text;
      } else {
        write_string(base64_encode(value.get_ref<const Json::binary_t&>()), out);
      }
      break;
    case Json::value_t::null:
    case Json::value_t::discarded:
      out += "null";
      break;
  }
}

}  // namespace

std::string canonical_json(const Json& value) {
  std::string out;
  write(value, out, 0);
  return out;
}

}  // namespace mcp
