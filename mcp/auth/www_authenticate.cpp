#include <algorithm>
#include <optional>

#include <mcp/auth/www_authenticate.h>
#include <mcp/base/ascii.h>

namespace mcp::auth {
namespace {

constexpr std::size_t max_challenges = 16;
constexpr std::size_t max_parameters = 32;
constexpr std::size_t max_scopes = 100;

/// Reads one header from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void skip_blanks_and_commas() { skip(" \t,"); }
  void skip_blanks() { skip(" \t"); }
  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string token() {
    std::size_t size = 0;
    while (size < rest_.size() && is_http_token_character(rest_[size])) ++size;
    std::string out(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return out;
  }
  /// A token, or a quoted string; nothing when the quotes are not closed.
  std::optional<std::string> value() {
    if (!take('"')) return token();
    std::string out;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      if (rest_[at] == '"') {
        rest_.remove_prefix(at + 1);
        return out;
      }
      if (rest_[at] == '\\' && at + 1 < rest_.size()) ++at;
      out += rest_[at];
    }
    return std::nullopt;
  }
  /// The credentials of schemes that have no parameters.
  void skip_token68() {
    std::size_t size = 0;
    while (size < rest_.size() &&
           (is_http_token_character(rest_[size]) || rest_[size] == '/' || rest_[size] == '='))
      ++size;
    rest_.remove_prefix(size);
  }

 private:
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  std::string_view rest_;
};

void parse(std::string_view text, std::vector<AuthenticateChallenge>& out) {
  Reader reader(text);
  AuthenticateChallenge* current = nullptr;
  for (;;) {
    reader.skip_blanks_and_commas();
    if (reader.at_end()) return;
    std::string name = ascii_lower(reader.token());
    if (name.empty()) return;
    reader.skip_blanks();
    if (current != nullptr && reader.take('=')) {
      reader.skip_blanks();
      auto value = reader.value();
      if (!value || current->parameters.size() >= max_parameters) return;
      current->parameters.emplace_back(std::move(name), *std::move(value));
      continue;
    }
    // No `=`: a scheme, perhaps followed by credentials in one piece.
    if (out.size() >= max_challenges) return;
    current = &out.emplace_back(AuthenticateChallenge{std::move(name), {}});
    Reader ahead = reader;
    const bool parameter_follows = [&] {
      if (ahead.token().empty()) return true;
      ahead.skip_blanks();
      if (!ahead.take('=')) return false;
      ahead.skip_blanks();
      return !ahead.at_end() && !ahead.take(',') && !ahead.take('=');
    }();
    if (!parameter_follows) reader.skip_token68();
  }
}

}  // namespace

const std::string* AuthenticateChallenge::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return &value;
  return nullptr;
}

std::vector<AuthenticateChallenge> parse_www_authenticate(const HttpHeaders& headers) {
  std::vector<AuthenticateChallenge> out;
  for (const auto& [name, value] : headers)
    if (name == "www-authenticate") parse(value, out);
  return out;
}

std::string write_challenge(std::string_view scheme,
                            const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string out(scheme);
  char separator = ' ';
  for (const auto& [name, value] : parameters) {
    out += separator;
    if (separator == ',') out += ' ';
    out += name + "=\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') out += '\\';
      out += c >= 0x20 && c < 0x7F ? c : '?';
    }
    out += '"';
    separator = ',';
  }
  return out;
}

std::vector<std::string> split_scope(std::string_view scope) {
  std::vector<std::string> out;
  while (!scope.empty() && out.size() < max_scopes) {
    const std::string_view word = scope.substr(0, scope.find(' '));
    scope.remove_prefix(std::min(word.size() + 1, scope.size()));
    const bool allowed =
        !word.empty() && word.size() <= 256 && std::all_of(word.begin(), word.end(), [](char c) {
          return c > 0x20 && c < 0x7F && c != '"' && c != '\\';
        });
    if (allowed && std::find(out.begin(), out.end(), word) == out.end()) out.emplace_back(word);
  }
  return out;
}

std::string join_scope(const std::vector<std::string>& scopes) {
  std::string out;
  for (const std::string& scope : scopes) out += (out.empty() ? "" : " ") + scope;
  return out;
}

std::vector<std::string> scope_union(std::vector<std::string> first,
                                     const std::vector<std::string>& second) {
  for (const std::string& scope : second)
    if (std::find(first.begin(), first.end(), scope) == first.end()) first.push_back(scope);
  return first;
}

bool scope_covers(const std::vector<std::string>& granted, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& scope) {
    return std::find(granted.begin(), granted.end(), scope) != granted.end();
  });
}

}  // namespace mcp::auth
