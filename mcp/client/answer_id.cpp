#include <mcp/client/answer_id.h>

#include <charconv>
#include <string>

#include <mcp/base/number_text.h>

namespace mcp::client {
namespace {

/// Walks over text that may not be JSON.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }
  bool take(char wanted) {
    skip_blanks();
    if (done() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (!done() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  /// What stands between quotes; escapes stay as they are.
  std::optional<std::string_view> take_text() {
    if (!take('"')) return std::nullopt;
    const std::size_t begin = at_;
    for (; !done(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        return text_.substr(begin, at_++ - begin);
      }
    }
    return std::nullopt;
  }
  /// Everything up to the comma or brace that ends a member.
  std::string_view take_value() {
    skip_blanks();
    const std::size_t begin = at_;
    for (std::size_t depth = 0; !done(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (!take_text()) break;
        --at_;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (depth == 0 && (c == ',' || c == '}')) {
        break;
      } else if (c == '}' || c == ']') {
        if (depth > 0) --depth;
      }
    }
    return at_ < text_.size() ? text_.substr(begin, at_ - begin) : text_.substr(begin);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<jsonrpc::Id> to_id(std::string_view value) {
  while (value.ends_with(' ')) value.remove_suffix(1);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    return jsonrpc::Id(std::string(value.substr(1, value.size() - 2)));
  }
  if (!is_json_number(value)) return std::nullopt;
  if (is_json_integer(value)) return jsonrpc::Id::from_number_text(std::string(value));
  double number = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  if (read.ec != std::errc()) return std::nullopt;
  return jsonrpc::Id::from_json(Json(number));
}

}  // namespace

std::optional<jsonrpc::Id> id_of_answer(std::string_view bytes) {
  Walk walk(bytes);
  if (!walk.take('{')) return std::nullopt;
  std::optional<jsonrpc::Id> id;
  bool has_outcome = false;
  do {
    const auto name = walk.take_text();
    if (!name || !walk.take(':')) break;
    const std::string_view value = walk.take_value();
    if (*name == "method") return std::nullopt;
    if (*name == "id") id = to_id(value);
    has_outcome = has_outcome || *name == "result" || *name == "error";
  } while (walk.take(','));
  return has_outcome ? id : std::nullopt;
}

}  // namespace mcp::client
