#include <algorithm>
#include <optional>
#include <stdexcept>
#include <vector>

#include <client/install/config_edit.h>

namespace fairlead::agent {
namespace {

/// Where things stand in a text that is known to be valid JSON.
struct Member {
  std::string key;
  std::size_t begin;  ///< of the key's opening quote
  std::size_t value;
  std::size_t end;  ///< past the value
};

struct Object {
  std::size_t begin;  ///< of the brace
  std::size_t end;    ///< of the closing brace
  std::vector<Member> members;

  const Member* find(std::string_view key) const {
    // Of duplicates the last one counts, as for the parser.
    const auto found = std::find_if(members.rbegin(), members.rend(),
                                    [&](const Member& member) { return member.key == key; });
    return found == members.rend() ? nullptr : &*found;
  }
};

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos)
    ++at;
  return at;
}

std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

std::size_t skip_value(std::string_view text, std::size_t at) {
  if (text[at] == '"') return skip_string(text, at);
  if (text[at] != '{' && text[at] != '[') {
    return std::min(text.find_first_of(",]} \t\r\n", at), text.size());
  }
  int depth = 0;
  do {
    if (text[at] == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (text[at] == '{' || text[at] == '[') ++depth;
    if (text[at] == '}' || text[at] == ']') --depth;
    ++at;
  } while (depth > 0);
  return at;
}

Object scan_object(std::string_view text, std::size_t begin) {
  Object object{begin, 0, {}};
  std::size_t at = skip_space(text, begin + 1);
  while (text[at] != '}') {
    Member member;
    member.begin = at;
    at = skip_string(text, at);
    member.key = OrderedJson::parse(text.substr(member.begin, at - member.begin));
    at = skip_space(text, skip_space(text, at) + 1);  // past the colon
    member.value = at;
    at = skip_value(text, at);
    member.end = at;
    object.members.push_back(std::move(member));
    at = skip_space(text, at);
    if (text[at] == ',') at = skip_space(text, at + 1);
  }
  object.end = at;
  return object;
}

constexpr const char* servers_key = "mcpServers";

/// The configuration's text, checked, and where its objects stand.
class Config {
 public:
  explicit Config(std::string_view text) : text_(text) {
    if (text_.find_first_not_of(" \t\r\n") == std::string::npos) text_ = "{}\n";
    const OrderedJson json = parse_config_json(text_);
    if (!json.is_object()) throw std::invalid_argument("the configuration must be a JSON object");
    if (json.contains(servers_key) && !json[servers_key].is_object()) {
      throw std::invalid_argument("\"mcpServers\" must be an object");
    }
    root_ = scan_object(text_, text_.find('{'));
    if (const Member* servers = root_.find(servers_key)) {
      servers_ = scan_object(text_, servers->value);
    }
    find_style();
  }

  const std::string& text() const { return text_; }
  const std::optional<Object>& servers() const { return servers_; }

  std::string with(const std::string& name, const OrderedJson& entry) const {
    if (!servers_) {
      OrderedJson servers = OrderedJson::object();
      servers[name] = entry;
      return appended(root_, servers_key, servers, 1);
    }
    if (const Member* old = servers_->find(name)) {
      return replaced(old->value, old->end, rendered(entry, 2));
    }
    return appended(*servers_, name, entry, 2);
  }

  std::string without(const Member& member) const {
    const auto& members = servers_->members;
    std::size_t begin = member.begin;
    std::size_t end = member.end;
    if (&member != &members.back()) {
      end = (&member + 1)->begin;  // with its comma, up to the next one
    } else if (&member != &members.front()) {
      begin = (&member - 1)->end;  // with the comma before it
    } else {
      begin = servers_->begin + 1;
      end = servers_->end;
    }
    return replaced(begin, end, "");
  }

 private:
  void find_style() {
    if (text_.find("\r\n") != std::string::npos) line_end_ = "\r\n";
    if (root_.members.empty()) return;
    const std::size_t key = root_.members.front().begin;
    const std::size_t line = text_.rfind('\n', key);
    if (line == std::string::npos || line < root_.begin) return;
    const std::string indent = text_.substr(line + 1, key - line - 1);
    if (!indent.empty() && indent.find_first_not_of(" \t") == std::string::npos) indent_ = indent;
  }

  std::string indent(std::size_t depth) const {
    std::string out;
    for (std::size_t i = 0; i < depth; ++i) out += indent_;
    return out;
  }

  /// A value whose key stands at `depth`.
  std::string rendered(const OrderedJson& value, std::size_t depth) const {
    std::string out;
    const std::string flat = value.dump(1, '\t', false, OrderedJson::error_handler_t::replace);
    bool line_start = false;
    for (const char c : flat) {
      if (c == '\n') {
        out += line_end_ + indent(depth);
        line_start = true;
      } else if (c == '\t' && line_start) {
        out += indent_;
      } else {
        out += c;
        line_start = false;
      }
    }
    return out;
  }

  std::string appended(const Object& object, const std::string& key, const OrderedJson& value,
                       std::size_t depth) const {
    const std::string member =
        line_end_ + indent(depth) + OrderedJson(key).dump() + ": " + rendered(value, depth);
    if (object.members.empty()) {
      return replaced(object.begin + 1, object.end, member + line_end_ + indent(depth - 1));
    }
    const std::size_t last = object.members.back().end;
    // A closing brace on the last member's own line gets a line of its own.
    const bool own_line = text_.find('\n', last) < object.end;
    return replaced(last, last, "," + member + (own_line ? "" : line_end_ + indent(depth - 1)));
  }

  std::string replaced(std::size_t begin, std::size_t end, const std::string& by) const {
    return text_.substr(0, begin) + by + text_.substr(end);
  }

  std::string text_;
  Object root_{0, 0, {}};
  std::optional<Object> servers_;
  std::string indent_ = "  ";
  std::string line_end_ = "\n";
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

std::string with_server(std::string_view text, const std::string& name, const OrderedJson& entry) {
  return Config(text).with(name, entry);
}

std::string without_server(std::string_view text, const std::string& name) {
  const Config config(text);
  const Member* member = config.servers() ? config.servers()->find(name) : nullptr;
  return member == nullptr ? std::string(text) : config.without(*member);
}

OrderedJson find_server(std::string_view text, const std::string& name) {
  const Config config(text);
  const Member* member = config.servers() ? config.servers()->find(name) : nullptr;
  if (member == nullptr) return nullptr;
  return OrderedJson::parse(config.text().substr(member->value, member->end - member->value));
}

std::string line_difference(std::string_view before, std::string_view after) {
  const auto old_lines = lines_of(before);
  const auto new_lines = lines_of(after);
  if (old_lines == new_lines) return {};
  const std::size_t shorter = std::min(old_lines.size(), new_lines.size());
  std::size_t head = 0;
  while (head < shorter && old_lines[head] == new_lines[head]) ++head;
  std::size_t tail = 0;
  while (tail < shorter - head &&
         old_lines[old_lines.size() - 1 - tail] == new_lines[new_lines.size() - 1 - tail]) {
    ++tail;
  }
  constexpr std::size_t around = 2;
  std::string out;
  const auto print = [&](char sign, std::string_view line) {
    out += sign;
    out += ' ';
    out += line;
    out += '\n';
  };
  for (std::size_t i = head - std::min(head, around); i < head; ++i) print(' ', old_lines[i]);
  for (std::size_t i = head; i < old_lines.size() - tail; ++i) print('-', old_lines[i]);
  for (std::size_t i = head; i < new_lines.size() - tail; ++i) print('+', new_lines[i]);
  for (std::size_t i = 0; i < std::min(tail, around); ++i) {
    print(' ', new_lines[new_lines.size() - tail + i]);
  }
  return out;
}

}  // namespace fairlead::agent
