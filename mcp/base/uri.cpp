#include <mcp/base/uri.h>

#include <algorithm>
#include <charconv>

#include <mcp/base/ascii.h>

namespace mcp {
namespace {

bool is_unreserved(char c) {
  return is_ascii_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

int hex_value(char c) {
  if (is_ascii_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that `%XX` at the start of `text` stands for; -1 when it is incomplete.
int encoded_byte(std::string_view text) {
  if (text.size() < 3 || hex_value(text[1]) < 0 || hex_value(text[2]) < 0) return -1;
  return hex_value(text[1]) * 16 + hex_value(text[2]);
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_ascii_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_ascii_alphanumeric(c) || c == '+' || c == '-' || c == '.';
         });
}

// Only these and percent-encodings may stand in a URI.
bool is_uri_character(char c) {
  return is_unreserved(c) ||
         std::string_view(":/?#[]@!$&'()*+,;=").find(c) != std::string_view::npos;
}

// The path of a relative reference, put beside the base's last segment (section 5.2.3).
std::string merged_path(const UriParts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string(path);
  const std::size_t slash = base.path.rfind('/');
  const std::string_view folder =
      slash == std::string_view::npos ? std::string_view{} : base.path.substr(0, slash + 1);
  return std::string(folder) + std::string(path);
}

}  // namespace

UriParts split_uri(std::string_view reference) noexcept {
  UriParts parts;
  if (const std::size_t at = reference.find('#'); at != std::string_view::npos) {
    parts.fragment = reference.substr(at + 1);
    reference = reference.substr(0, at);
  }
  if (const std::size_t at = reference.find('?'); at != std::string_view::npos) {
    parts.query = reference.substr(at + 1);
    reference = reference.substr(0, at);
  }
  const std::size_t colon = reference.find(':');
  if (colon != std::string_view::npos && colon > 0 &&
      reference.substr(0, colon).find('/') == std::string_view::npos) {
    parts.scheme = reference.substr(0, colon);
    reference.remove_prefix(colon + 1);
  }
  if (reference.starts_with("//")) {
    reference.remove_prefix(2);
    const std::size_t end = std::min(reference.find('/'), reference.size());
    parts.authority = reference.substr(0, end);
    reference.remove_prefix(end);
  }
  parts.path = reference;
  return parts;
}

std::optional<UriAuthority> split_authority(std::string_view authority) noexcept {
  UriAuthority parts;
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    parts.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  std::size_t host_end = 0;
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host_end = bracket + 1;
  } else {
    host_end = std::min(authority.find(':'), authority.size());
  }
  parts.host = authority.substr(0, host_end);
  std::string_view rest = authority.substr(host_end);
  if (rest.empty()) return parts;
  if (rest.front() != ':') return std::nullopt;
  rest.remove_prefix(1);
  if (rest.empty()) return parts;
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (parsed.ec != std::errc{} || parsed.ptr != rest.data() + rest.size()) return std::nullopt;
  parts.port = port;
  return parts;
}

bool is_uri_reference(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%') {
      if (encoded_byte(text.substr(at)) < 0) return false;
    } else if (!is_uri_character(text[at])) {
      return false;
    }
  }
  const UriParts parts = split_uri(text);
  if (parts.fragment && parts.fragment->find('#') != std::string_view::npos) return false;
  if (parts.authority && !split_authority(*parts.authority)) return false;
  return !parts.scheme || is_scheme(*parts.scheme);
}

bool is_uri(std::string_view text) noexcept {
  return split_uri(text).scheme.has_value() && is_uri_reference(text);
}

std::string percent_encode(std::string_view bytes, std::string_view keep) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    if (is_unreserved(c) || keep.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const int byte = encoded_byte(text.substr(at));
    if (byte < 0) return std::nullopt;
    out += static_cast<char>(byte);
    at += 2;
  }
  return out;
}

std::string remove_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    if (path.starts_with("../")) {
      path.remove_prefix(3);
    } else if (path.starts_with("./") || path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/.") {
      path = "/";
    } else if (path.starts_with("/../") || path == "/..") {
      path = path == "/.." ? std::string_view("/") : path.substr(3);
      out.erase(std::min(out.rfind('/'), out.size()));
    } else if (path == "." || path == "..") {
      break;
    } else {
      const std::size_t end = std::min(path.find('/', 1), path.size());
      out += path.substr(0, end);
      path.remove_prefix(end);
    }
  }
  return out;
}

std::string resolve_uri(std::string_view base, std::string_view reference) {
  const UriParts from = split_uri(base);
  const UriParts to = split_uri(reference);
  auto scheme = from.scheme;
  auto authority = from.authority;
  auto query = to.query;
  std::string path;
  if (to.scheme || to.authority) {
    if (to.scheme) scheme = to.scheme;
    authority = to.authority;
    path = remove_dot_segments(to.path);
  } else if (to.path.empty()) {
    path = from.path;
    if (!query) query = from.query;
  } else {
    path = remove_dot_segments(to.path.starts_with('/') ? std::string(to.path)
                                                        : merged_path(from, to.path));
  }
  std::string out;
  if (scheme) out += std::string(*scheme) + ":";
  if (authority) out += "//" + std::string(*authority);
  out += path;
  if (query) out += "?" + std::string(*query);
  if (to.fragment) out += "#" + std::string(*to.fragment);
  return out;
}

}  // namespace mcp
