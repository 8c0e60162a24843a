#include <client/config/json_position.h>

#include <string>

#include <nlohmann/json.hpp>

namespace fairlead::agent {
namespace {

// Walks text that a parser has already accepted, without recursion.
class Finder {
 public:
  Finder(std::string_view text, std::string_view pointer) : text_(text), pointer_(pointer) {}

  std::size_t run() {
    skip_blanks();
    std::size_t start = at_;
    while (!pointer_.empty()) {
      const std::string token = next_token();
      if (!enter(token)) break;
      start = at_;
    }
    return start;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(peek()) != text_.npos) ++at_;
  }

  std::string next_token() {
    pointer_.remove_prefix(1);
    std::string token(pointer_.substr(0, pointer_.find('/')));
    pointer_.remove_prefix(token.size());
    for (const auto& [escaped, plain] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}})
      for (std::size_t i = 0; (i = token.find(escaped, i)) != token.npos; ++i)
        token.replace(i, 2, plain);
    return token;
  }

  // Moves to the child of the value here; false when there is none.
  bool enter(const std::string& token) {
    const bool is_object = peek() == '{';
    if (!is_object && peek() != '[') return false;
    ++at_;
    for (std::size_t index = 0;; ++index) {
      skip_blanks();
      if (peek() == '}' || peek() == ']' || at_ >= text_.size()) return false;
      std::string name = std::to_string(index);
      if (is_object) {
        const std::size_t begin = at_;
        skip_string();
        name = nlohmann::json::parse(text_.substr(begin, at_ - begin)).get<std::string>();
        skip_blanks();
        ++at_;  // the colon
        skip_blanks();
      }
      if (name == token) return true;
      skip_value();
      skip_blanks();
      if (peek() == ',') ++at_;
    }
  }

  void skip_string() {
    for (++at_; at_ < text_.size() && peek() != '"'; ++at_)
      if (peek() == '\\') ++at_;
    ++at_;
  }

  void skip_value() {
    std::size_t depth = 0;
    do {
      const char c = peek();
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') {
        if (depth == 0) return;
        --depth;
      }
      if (c == ',' && depth == 0) return;
      ++at_;
      if ((c == '}' || c == ']') && depth == 0) return;
    } while (at_ < text_.size() &&
             (depth > 0 || (peek() != ',' && peek() != '}' && peek() != ']')));
  }

  std::string_view text_;
  std::string_view pointer_;
  std::size_t at_ = 0;
};

}  // namespace

TextPosition position_of(std::string_view text, std::string_view pointer) {
  const std::size_t end = Finder(text, pointer).run();
  TextPosition position;
  for (const char c : text.substr(0, end)) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

}  // namespace fairlead::agent
