#include "servers/websearch/xml_reader.h"

#include <charconv>
#include <cstdint>

#include <mcp/base/utf8.h>

#include "servers/websearch/character.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_attributes = 50;

// "dc:Date" is date.
std::string local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return to_lower(colon == std::string_view::npos ? name : name.substr(colon + 1));
}

}  // namespace

std::string decode_references(std::string_view text) {
  static constexpr struct {
    std::string_view name;
    std::string_view text;
  } named[] = {{"amp", "&"},   {"lt", "<"},   {"gt", ">"},
               {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}};
  std::string out;
  while (!text.empty()) {
    const std::size_t at = std::min(text.find('&'), text.size());
    out += text.substr(0, at);
    text.remove_prefix(at);
    if (text.empty()) break;
    const std::size_t end = text.substr(0, 12).find(';');
    const std::string_view name = end == std::string_view::npos ? "" : text.substr(1, end - 1);
    bool known = false;
    if (name.starts_with('#')) {
      const bool hex = name.size() > 1 && to_lower(name[1]) == 'x';
      const std::string_view digits = name.substr(hex ? 2 : 1);
      std::uint32_t code = 0;
      const auto [stop, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
      known = error == std::errc{} && stop == digits.data() + digits.size();
      if (known) mcp::append_utf8(code, out);
    }
    for (const auto& each : named) {
      if (name != each.name) continue;
      out += each.text;
      known = true;
    }
    if (!known) out += '&';
    text.remove_prefix(known ? end + 1 : 1);
  }
  return out;
}

XmlReader::Event XmlReader::next() {
  if (closes_) {
    closes_ = false;
    return Event::close;
  }
  while (!rest_.empty()) {
    if (rest_.front() != '<') {
      const std::size_t end = std::min(rest_.find('<'), rest_.size());
      text_ = decode_references(rest_.substr(0, end));
      rest_.remove_prefix(end);
      return Event::text;
    }
    const auto skip_past = [this](std::string_view mark) {
      const std::size_t end = rest_.find(mark);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + mark.size());
    };
    if (rest_.starts_with("<!--")) {
      skip_past("-->");
    } else if (rest_.starts_with("<![CDATA[")) {
      rest_.remove_prefix(9);
      const std::size_t end = std::min(rest_.find("]]>"), rest_.size());
      text_ = std::string(rest_.substr(0, end));
      rest_.remove_prefix(std::min(end + 3, rest_.size()));
      return Event::text;
    } else if (rest_.starts_with("<?")) {
      skip_past("?>");
    } else if (rest_.starts_with("<!")) {
      // Of a DOCTYPE's own declarations nothing is used.
      const std::size_t open = rest_.find_first_of("[>");
      skip_past(open != std::string_view::npos && rest_[open] == '[' ? "]>" : ">");
    } else {
      const std::size_t end = std::min(rest_.find('>'), rest_.size());
      const std::string_view tag = rest_.substr(1, end - 1);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      if (tag.starts_with('/')) {
        name_ = local_name(trimmed(tag.substr(1)));
        return Event::close;
      }
      read_tag(tag);
      return Event::open;
    }
  }
  return Event::end;
}

void XmlReader::read_tag(std::string_view tag) {
  attributes_.clear();
  closes_ = tag.ends_with('/');
  if (closes_) tag.remove_suffix(1);
  std::size_t at = 0;
  while (at < tag.size() && !is_space(tag[at])) ++at;
  name_ = local_name(tag.substr(0, at));
  while (attributes_.size() < max_attributes) {
    const std::size_t equals = tag.find('=', at);
    if (equals == std::string_view::npos) return;
    const std::string_view key = trimmed(tag.substr(at, equals - at));
    std::size_t value = equals + 1;
    while (value < tag.size() && is_space(tag[value])) ++value;
    if (value >= tag.size() || (tag[value] != '"' && tag[value] != '\'')) return;
    const std::size_t end = tag.find(tag[value], value + 1);
    if (end == std::string_view::npos) return;
    attributes_[local_name(key)] = decode_references(tag.substr(value + 1, end - value - 1));
    at = end + 1;
  }
}

std::string XmlReader::attribute(const std::string& attribute_name) const {
  const auto found = attributes_.find(attribute_name);
  return found == attributes_.end() ? std::string() : found->second;
}

}  // namespace fairlead::websearch
