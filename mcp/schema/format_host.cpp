#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include <mcp/base/ascii.h>
#include <mcp/schema/code_points.h>
#include <mcp/schema/format_checks.h>
#include <mcp/schema/idna.h>

namespace mcp::schema {
namespace {

constexpr std::size_t max_label = 63, max_host = 253;

bool is_ldh_label(std::string_view label) {
  if (label.empty() || label.size() > max_label) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  for (char c : label)
    if (!is_ascii_alphanumeric(c) && c != '-') return false;
  return true;
}

// `xn--…`, in any case.
bool is_reserved_for_idn(std::string_view label) {
  return label.size() >= 4 && (label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n' &&
         label.substr(2, 2) == "--";
}

template <typename Check>
bool every_label(std::string_view host, Check check) {
  for (;;) {
    const std::size_t dot = host.find('.');
    if (!check(host.substr(0, dot))) return false;
    if (dot == host.npos) return true;
    host.remove_prefix(dot + 1);
  }
}

bool is_ldh_name(std::string_view host) {
  return host.size() <= max_host && every_label(host, is_ldh_label);
}

// The dots that IDNA knows beside the ASCII one.
std::string ascii_dots(std::string_view host) {
  std::string out(host);
  for (std::string_view dot : {"\u3002", "\uFF0E", "\uFF61"})
    for (std::size_t at = 0; (at = out.find(dot, at)) != out.npos;)
      out.replace(at, dot.size(), ".");
  return out;
}

bool is_atext(char c) {
  return is_ascii_alphanumeric(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_local_part(std::string_view local, bool international) {
  const auto other = [&](char c) { return international && static_cast<unsigned char>(c) >= 0x80; };
  if (local.size() > 64) return false;
  if (local.size() >= 2 && local.front() == '"' && local.back() == '"') {
    const std::string_view content = local.substr(1, local.size() - 2);
    for (std::size_t i = 0; i < content.size(); ++i) {
      if (content[i] == '"' || (content[i] == '\\' && ++i == content.size())) return false;
      if ((content[i] < ' ' || content[i] == 0x7F) && !other(content[i])) return false;
    }
    return true;
  }
  return every_label(local, [&](std::string_view atom) {
    for (char c : atom)
      if (!is_atext(c) && !other(c)) return false;
    return !atom.empty();
  });
}

bool is_mailbox(std::string_view text, bool international) {
  const std::size_t at = text.rfind('@');
  if (at == text.npos || !is_local_part(text.substr(0, at), international)) return false;
  std::string_view domain = text.substr(at + 1);
  if (domain.starts_with('[') && domain.ends_with(']')) {
    domain = domain.substr(1, domain.size() - 2);
    constexpr std::string_view ipv6 = "ipv6:";  // in any case
    const bool tagged = domain.size() > ipv6.size() &&
                        std::equal(ipv6.begin(), ipv6.end(), domain.begin(),
                                   [](char l, char r) { return l == ascii_lower(r); });
    return tagged ? is_ipv6(domain.substr(ipv6.size())) : is_ipv4(domain);
  }
  return international ? is_idn_hostname(domain) : is_ldh_name(domain);
}

}  // namespace

bool is_hostname(std::string_view text) {
  return text.size() <= max_host && every_label(text, [](std::string_view label) {
           return is_ldh_label(label) && (!is_reserved_for_idn(label) || is_a_label(label));
         });
}

bool is_idn_hostname(std::string_view text) {
  // As ASCII it is no shorter than its code points.
  constexpr std::size_t bytes_a_code_point = 4;
  if (text.size() > bytes_a_code_point * (max_host + 1)) return false;
  std::size_t length = 0;  // as ASCII
  const bool labels = every_label(ascii_dots(text), [&](std::string_view label) {
    for (char c : label) {
      if (static_cast<unsigned char>(c) < 0x80) continue;
      const std::optional<std::size_t> encoded = u_label_length(label);
      length += encoded.value_or(0) + 1;
      return encoded.has_value();
    }
    length += label.size() + 1;
    return is_ldh_label(label) && (!is_reserved_for_idn(label) || is_a_label(label));
  });
  return labels && length <= max_host + 1;
}

bool is_email(std::string_view text) {
  return is_mailbox(text, false);
}

bool is_idn_email(std::string_view text) {
  return to_code_points(text).has_value() && is_mailbox(text, true);
}

bool is_ipv4(std::string_view text) {
  int parts = 0;
  return every_label(text,
                     [&](std::string_view part) {
                       if (part.empty() || part.size() > 3 || parts == 4) return false;
                       int value = 0;
                       for (char c : part) {
                         if (c < '0' || c > '9') return false;
                         value = value * 10 + (c - '0');
                       }
                       ++parts;
                       return value <= 255 && (part.size() == 1 || part.front() != '0');
                     }) &&
         parts == 4;
}

bool is_ipv6(std::string_view text) {
  int groups = 0;
  bool gap = false;
  if (text.starts_with("::")) {
    gap = true;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (group.find('.') != group.npos) {
      if (colon != text.npos || !is_ipv4(group)) return false;
      groups += 2;
      break;
    }
    if (group.empty() || group.size() > 4) return false;
    for (char c : group)
      if (!is_hex_digit(c)) return false;
    ++groups;
    if (colon == text.npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
    if (text.front() == ':') {
      if (gap) return false;
      gap = true;
      text.remove_prefix(1);
    }
  }
  return gap ? groups <= 7 : groups == 8;
}

}  // namespace mcp::schema
