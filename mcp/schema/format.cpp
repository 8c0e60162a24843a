#include <mcp/schema/format.h>

#include <array>

#include <mcp/base/ascii.h>
#include <mcp/schema/ecma_regex.h>
#include <mcp/schema/format_checks.h>

namespace mcp::schema {
namespace {

// RFC 6901.
bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
      return false;
  return true;
}

// Takes a number without leading zeros off the front.
bool take_number(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_ascii_digit(text[length])) ++length;
  if (length == 0 || (length > 1 && text[0] == '0')) return false;
  text.remove_prefix(length);
  return true;
}

// draft-bhutton-relative-json-pointer-00, section 3.
bool is_relative_json_pointer(std::string_view text) {
  if (!take_number(text)) return false;
  if (text.starts_with('+') || text.starts_with('-')) {
    text.remove_prefix(1);
    if (!take_number(text)) return false;
  }
  return text == "#" || is_json_pointer(text);
}

// RFC 4122, section 3.
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !is_hex_digit(text[i])) return false;
  }
  return true;
}

constexpr std::array formats = {
    Format{"date-time", is_date_time, "2025-12-31T23:59:59Z"},
    Format{"date", is_date, "2025-12-31"},
    Format{"time", is_time, "23:59:59Z"},
    Format{"duration", is_duration, "P3DT12H"},
    Format{"email", is_email, "joe@example.com"},
    Format{"idn-email", is_idn_email, "joe@example.com"},
    Format{"hostname", is_hostname, "www.example.com"},
    Format{"idn-hostname", is_idn_hostname, "www.example.com"},
    Format{"ipv4", is_ipv4, "192.0.2.1"},
    Format{"ipv6", is_ipv6, "2001:db8::1"},
    Format{"uri", is_uri, "https://example.com/a"},
    Format{"uri-reference", is_uri_reference, "/a?b=c"},
    Format{"iri", is_iri, "https://example.com/a"},
    Format{"iri-reference", is_iri_reference, "/a?b=c"},
    Format{"uri-template", is_uri_template, "https://example.com/{id}"},
    Format{"uuid", is_uuid, "123e4567-e89b-12d3-a456-426614174000"},
    Format{"json-pointer", is_json_pointer, "/a/0"},
    Format{"relative-json-pointer", is_relative_json_pointer, "1/a"},
    Format{"regex", is_ecma_regex, "^[a-z]+$"},
};

}  // namespace

const Format* find_format(std::string_view name) noexcept {
  for (const Format& format : formats)
    if (format.name == name) return &format;
  return nullptr;
}

}  // namespace mcp::schema
