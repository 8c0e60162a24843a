#include <cstddef>

#include <mcp/base/ascii.h>
#include <mcp/base/uri.h>
#include <mcp/schema/code_points.h>
#include <mcp/schema/format_checks.h>

namespace mcp::schema {
namespace {

bool within(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

// RFC 3987: ucschar.
bool is_international(char32_t c) {
  if (c < 0x10000)
    return within(c, 0xA0, 0xD7FF) || within(c, 0xF900, 0xFDCF) || within(c, 0xFDF0, 0xFFEF);
  return (c & 0xFFFF) <= 0xFFFD && c <= 0xEFFFD && !within(c, 0xE0000, 0xE0FFF);
}

// RFC 3987: iprivate, in queries only.
bool is_private(char32_t c) {
  return within(c, 0xE000, 0xF8FF) || (c >= 0xF0000 && (c & 0xFFFF) <= 0xFFFD);
}

bool is_unreserved(char32_t c) {
  return is_ascii_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool is_sub_delim(char32_t c) {
  return c < 0x80 &&
         std::string_view("!$&'()*+,;=").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_escape(std::string_view text, std::size_t at) {
  return text.size() - at >= 3 && text[at] == '%' && is_hex_digit(text[at + 1]) &&
         is_hex_digit(text[at + 2]);
}

enum class Alphabet { uri, iri };

// Unreserved characters, sub-delimiters, escapes, and the `extra` ones.
bool consists_of(std::string_view text, Alphabet alphabet, std::string_view extra,
                 bool allow_private = false) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '%') {
      if (!is_escape(text, at)) return false;
      at += 3;
      continue;
    }
    const auto c = next_code_point(text, at);
    if (!c) return false;
    const bool ascii = *c < 0x80 && (is_unreserved(*c) || is_sub_delim(*c) ||
                                     extra.find(static_cast<char>(*c)) != extra.npos);
    const bool other =
        alphabet == Alphabet::iri && (is_international(*c) || (allow_private && is_private(*c)));
    if (!ascii && !other) return false;
  }
  return true;
}

bool is_scheme(std::string_view scheme) {
  if (scheme.empty() || !is_ascii_letter(scheme.front())) return false;
  for (char c : scheme)
    if (!is_ascii_alphanumeric(c) && c != '+' && c != '-' && c != '.') return false;
  return true;
}

// IPvFuture, or an IPv6 address.
bool is_ip_literal(std::string_view host) {
  if (!host.starts_with('v') && !host.starts_with('V')) return is_ipv6(host);
  const std::size_t dot = host.find('.');
  if (dot == host.npos || dot < 2 || dot + 1 == host.size()) return false;
  for (char c : host.substr(1, dot - 1))
    if (!is_hex_digit(c)) return false;
  return host.find('%') == host.npos && consists_of(host.substr(dot + 1), Alphabet::uri, ":");
}

bool is_authority(std::string_view authority, Alphabet alphabet) {
  const std::size_t at = authority.rfind('@');
  if (at != authority.npos) {
    if (!consists_of(authority.substr(0, at), alphabet, ":")) return false;
    authority.remove_prefix(at + 1);
  }
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == authority.npos || !is_ip_literal(authority.substr(1, end - 1))) return false;
    authority.remove_prefix(end + 1);
    if (authority.empty()) return true;
    if (authority.front() != ':') return false;
  }
  const std::size_t colon = authority.find(':');
  if (colon != authority.npos) {
    for (char c : authority.substr(colon + 1))
      if (c < '0' || c > '9') return false;
    authority = authority.substr(0, colon);
  }
  return consists_of(authority, alphabet, "");
}

bool is_reference(std::string_view text, Alphabet alphabet, bool absolute) {
  const UriParts parts = split_uri(text);
  if (parts.scheme ? !is_scheme(*parts.scheme) : absolute) return false;
  if (parts.authority && !is_authority(*parts.authority, alphabet)) return false;
  // "1:2" is neither a scheme nor a relative path; split_uri leaves ":x" as a path.
  if (!parts.scheme && !parts.authority &&
      parts.path.substr(0, parts.path.find('/')).find(':') != std::string_view::npos)
    return false;
  return consists_of(parts.path, alphabet, ":@/") &&
         consists_of(parts.query.value_or(""), alphabet, ":@/?", true) &&
         consists_of(parts.fragment.value_or(""), alphabet, ":@/?");
}

// RFC 6570, section 2.3: a name of letters, digits, `_`, escapes, with single dots inside.
bool is_variable(std::string_view name) {
  bool after_dot = true;
  for (std::size_t at = 0; at < name.size();) {
    if (name[at] == '.') {
      if (after_dot) return false;
      after_dot = true;
      ++at;
      continue;
    }
    const char c = name[at];
    if (is_escape(name, at))
      at += 3;
    else if (is_ascii_alphanumeric(c) || c == '_')
      ++at;
    else
      return false;
    after_dot = false;
  }
  return !after_dot;
}

// `name`, `name*` or `name:123`.
bool is_variable_spec(std::string_view spec) {
  if (spec.ends_with('*')) return is_variable(spec.substr(0, spec.size() - 1));
  const std::size_t colon = spec.find(':');
  if (colon == spec.npos) return is_variable(spec);
  const std::string_view length = spec.substr(colon + 1);
  if (length.empty() || length.size() > 4 || length.front() == '0') return false;
  for (char c : length)
    if (c < '0' || c > '9') return false;
  return is_variable(spec.substr(0, colon));
}

bool is_expression(std::string_view text) {
  if (text.empty()) return false;
  // The second half is reserved for extensions, which are still well-formed.
  if (std::string_view("+#./;?&=,!@|").find(text.front()) != std::string_view::npos)
    text.remove_prefix(1);
  for (;;) {
    const std::size_t comma = text.find(',');
    if (!is_variable_spec(text.substr(0, comma))) return false;
    if (comma == text.npos) return true;
    text.remove_prefix(comma + 1);
  }
}

bool is_template_literal(char32_t c) {
  if (c < 0x80)
    return c > ' ' && c != 0x7F &&
           std::string_view("\"'%<>\\^`{|}").find(static_cast<char>(c)) == std::string_view::npos;
  return is_international(c) || is_private(c);
}

}  // namespace

bool is_uri(std::string_view text) {
  return is_reference(text, Alphabet::uri, true);
}
bool is_uri_reference(std::string_view text) {
  return is_reference(text, Alphabet::uri, false);
}
bool is_iri(std::string_view text) {
  return is_reference(text, Alphabet::iri, true);
}
bool is_iri_reference(std::string_view text) {
  return is_reference(text, Alphabet::iri, false);
}

bool is_uri_template(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '{') {
      const std::size_t end = text.find('}', at);
      if (end == text.npos || !is_expression(text.substr(at + 1, end - at - 1))) return false;
      at = end + 1;
    } else if (is_escape(text, at)) {
      at += 3;
    } else {
      const auto c = next_code_point(text, at);
      if (!c || !is_template_literal(*c)) return false;
    }
  }
  return true;
}

}  // namespace mcp::schema
