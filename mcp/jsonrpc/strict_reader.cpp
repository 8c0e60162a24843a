#include <mcp/jsonrpc/strict_reader.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

#include <mcp/base/json_memory.h>
#include <mcp/base/json_pointer.h>
#include <mcp/base/number_text.h>
#include <mcp/base/utf8.h>
#include <mcp/jsonrpc/codec.h>

namespace mcp::jsonrpc {
namespace {

constexpr std::size_t shown_pointer_bytes = 200;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string hex_byte(char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}

std::string shown(char c) {
  if (c > 0x20 && c < 0x7f) return std::string("'") + c + "'";
  return c == ' ' ? std::string("a space") : "byte " + hex_byte(c);
}

// The value of a number's text; kept as text when no type holds it.
Json number_value(std::string_view text) {
  const char* end = text.data() + text.size();
  if (is_json_integer(text)) {
    if (text.front() == '-') {
      std::int64_t value = 0;
      if (std::from_chars(text.data(), end, value).ec == std::errc{}) return value;
    } else {
      std::uint64_t value = 0;
      if (std::from_chars(text.data(), end, value).ec == std::errc{}) return value;
    }
    return make_number_text(text);
  }
  if (!fits_double(text)) return make_number_text(text);
  return nearest_double(text);
}

class StrictReader {
 public:
  StrictReader(std::string_view bytes, const CodecLimits& limits, std::size_t room, bool outline)
      : text_(bytes), limits_(limits), room_(room), outline_(outline) {}

  Reading read() {
    try {
      read_text();
    } catch (const std::bad_alloc&) {
      reading_.full = true;
    }
    if (reading_.full || reading_.error) release(reading_.value);
    return std::move(reading_);
  }

 private:
  // A value on its way into its object: an exception may pass it.
  struct Member {
    Json value;
    Member() = default;
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member() { release(value); }
  };

  void read_text() {
    skip_space();
    if (text_.starts_with("\xEF\xBB\xBF")) {
      fail("a byte order mark at ", 0, "; start with the JSON value");
    } else if (at_ == text_.size()) {
      fail("no JSON value: the message ends at ", at_, "");
    } else if (first_ = at_; read_value(reading_.value, 1)) {
      skip_space();
      if (at_ < text_.size()) fail_found("nothing after the JSON value");
    }
  }

  // One step of the way from the outermost value to the one being read, kept on the stack.
  struct Place {
    const Place* outer;
    const std::string* key;
    std::size_t index;
  };

  std::string position(std::size_t at) const {
    const std::string_view before = text_.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t start = before.find_last_of('\n') + 1;  // npos + 1 is 0
    return "line " + std::to_string(line) + ", column " +
           std::to_string(code_point_count(before.substr(start)) + 1);
  }

  bool fail(std::string_view what, std::size_t at, std::string_view advice) {
    reading_.error = std::string(what) + position(at) + std::string(advice);
    return false;
  }

  bool fail_found(std::string_view expected) {
    if (at_ >= text_.size())
      return fail("the message is cut off: it ends at ", at_,
                  " where " + std::string(expected) + " is expected");
    return fail("found " + shown(text_[at_]) + " at ", at_,
                " where " + std::string(expected) + " is expected");
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }

  bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }

  // Whether `bytes` more may be held.
  bool take(std::size_t bytes) {
    reading_.full = bytes > room_;
    if (!reading_.full) room_ -= bytes;
    return !reading_.full;
  }

  // Of what is nested in `depth` levels nothing is kept.
  bool only_outlined(std::size_t depth) const {
    return outline_ && depth > (text_[first_] == '[' ? 2U : 1U);
  }

  bool read_value(Json& out, std::size_t depth) {
    if (++values_ > limits_.values)
      return fail("more than " + std::to_string(limits_.values) + " values at ", at_,
                  "; send fewer at once");
    if (at_ >= text_.size()) return fail_found("a value");
    if (!take(held::value)) return false;
    switch (text_[at_]) {
      case '{':
      case '[':
        if (depth > limits_.depth)
          return fail("nested deeper than " + std::to_string(limits_.depth) + " levels at ", at_,
                      "; send flatter JSON");
        return text_[at_] == '{' ? read_object(out, depth) : read_array(out, depth);
      case '"':
        out = std::string();
        return read_string(out.get_ref<std::string&>());
      case 't':
        out = true;
        return read_word("true");
      case 'f':
        out = false;
        return read_word("false");
      case 'n':
        out = nullptr;
        return read_word("null");
      default:
        if (text_[at_] == '-' || is_digit(text_[at_])) return read_number(out);
        return fail_found("a value");
    }
  }

  bool read_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail_found(word);
    at_ += word.size();
    return true;
  }

  bool read_number(Json& out) {
    const std::size_t start = at_;
    const std::size_t end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
    const std::string_view number = text_.substr(start, end - start);
    if (!is_json_number(number))
      return fail("no JSON number at ", start,
                  "; numbers look like -12.5e3, without leading zeros");
    at_ = end;
    out = number_value(number);
    if (!is_number_text(out)) return true;
    return take(held::block(sizeof(Json::binary_t)) + held::block(number.size()));
  }

  bool read_array(Json& out, std::size_t depth) {
    if (!take(held::array)) return false;
    out = Json::array();
    auto& array = out.get_ref<Json::array_t&>();
    ++at_;
    skip_space();
    if (at(']')) {
      ++at_;
      return true;
    }
    const Place* outer = place_;
    Place here{outer, nullptr, 0};
    while (true) {
      place_ = &here;
      if (depth == 1) item_ = here.index;
      skip_space();
      if (!read_value(array.emplace_back(), depth + 1)) return false;
      if (only_outlined(depth)) array.clear();
      place_ = outer;
      ++here.index;
      skip_space();
      if (at(']')) break;
      if (!at(',')) return fail_found("',' or ']'");
      ++at_;
    }
    ++at_;
    return true;
  }

  bool read_object(Json& out, std::size_t depth) {
    if (!take(held::object)) return false;
    out = Json::object();
    auto& object = out.get_ref<Json::object_t&>();
    ++at_;
    skip_space();
    if (at('}')) {
      ++at_;
      return true;
    }
    const Place* outer = place_;
    while (true) {
      skip_space();
      const std::size_t key_at = at_;
      if (!at('"')) return fail_found("a member name in double quotes");
      std::string key;
      if (!read_string(key)) return false;
      skip_space();
      if (!at(':')) return fail_found("':'");
      ++at_;
      skip_space();
      const Place here{outer, &key, 0};
      place_ = &here;
      Member member;
      if (!take(held::member(key.size()))) return false;
      if (!read_value(member.value, depth + 1)) return false;
      if (depth == 1) note_member(key, member.value);
      if (object.contains(key)) {
        note_duplicate(key_at);
      } else if (!only_outlined(depth)) {
        object.emplace(std::move(key), std::move(member.value));
      }
      place_ = outer;
      skip_space();
      if (at('}')) break;
      if (!at(',')) return fail_found("',' or '}'");
      ++at_;
    }
    ++at_;
    return true;
  }

  void note_member(const std::string& key, const Json& value) {
    if (key == "id") reading_.id = value;
    if (key == "method") reading_.has_method = true;
    if (key == "result" || key == "error") reading_.has_outcome = true;
  }

  void note_duplicate(std::size_t key_at) {
    auto& found = reading_.duplicates;
    if (found.size() > limits_.batch_items || (!found.empty() && found.back().item == item_))
      return;
    std::vector<const Place*> way;
    for (const Place* place = place_; place != nullptr; place = place->outer) way.push_back(place);
    std::string pointer;
    for (auto place = way.rbegin(); place != way.rend(); ++place) {
      if ((*place)->key != nullptr) {
        append_json_pointer(pointer, *(*place)->key);
      } else {
        append_json_pointer(pointer, (*place)->index);
      }
    }
    const bool cut = pointer.size() > shown_pointer_bytes;
    found.push_back(
        {item_, "duplicate key: " + std::string(truncate_utf8(pointer, shown_pointer_bytes)) +
                    (cut ? "…" : "") + " comes a second time at " + position(key_at) +
                    "; a member name may stand once in an object"});
  }

  bool read_string(std::string& out) {
    const std::size_t start = at_++;
    while (true) {
      std::size_t run = at_;
      while (run < text_.size() && static_cast<unsigned char>(text_[run]) >= 0x20 &&
             static_cast<unsigned char>(text_[run]) < 0x80 && text_[run] != '"' &&
             text_[run] != '\\')
        ++run;
      out.append(text_, at_, run - at_);
      at_ = run;
      if (at_ >= text_.size())
        return fail("the message is cut off inside the string that starts at ", start, "");
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return take(held::text(out.size()));
      }
      if (c == '\\') {
        if (!read_escape(out)) return false;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        return fail("control character " + hex_byte(c) + " inside a string at ", at_,
                    "; write it as an escape such as \\n or \\u0000");
      } else {
        const Utf8Step step = utf8_step(text_.substr(at_));
        if (!step.valid)
          return fail("invalid UTF-8: byte " + hex_byte(c) + " at ", at_,
                      "; messages are encoded as UTF-8");
        out.append(text_, at_, step.length);
        at_ += step.length;
      }
    }
  }

  bool read_escape(std::string& out) {
    const std::size_t start = at_;
    ++at_;
    if (at_ >= text_.size()) return fail_found("an escape");
    switch (text_[at_]) {
      case '"':
        out += '"';
        break;
      case '\\':
        out += '\\';
        break;
      case '/':
        out += '/';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u':
        return read_unicode_escape(out, start);
      default:
        return fail("unknown escape at ", start,
                    R"(; the escapes are \" \\ \/ \b \f \n \r \t and \uXXXX)");
    }
    ++at_;
    return true;
  }

  bool read_unicode_escape(std::string& out, std::size_t start) {
    std::optional<char32_t> unit = read_code_unit();
    if (!unit)
      return fail("incomplete \\u escape at ", start, "; four hexadecimal digits follow \\u");
    if (*unit >= 0xD800 && *unit <= 0xDFFF) {
      std::optional<char32_t> low;
      if (*unit <= 0xDBFF && text_.substr(at_, 2) == "\\u") {
        ++at_;
        low = read_code_unit();
      }
      if (!low || *low < 0xDC00 || *low > 0xDFFF)
        return fail("lone surrogate escape at ", start,
                    "; a code point past U+FFFF is written as a high and a low surrogate");
      unit = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
    }
    append_utf8(*unit, out);
    return true;
  }

  // Reads `uXXXX`.
  std::optional<char32_t> read_code_unit() {
    const std::string_view digits = text_.substr(std::min(at_ + 1, text_.size()), 4);
    std::uint32_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 4 || parsed.ptr != digits.data() + 4) return std::nullopt;
    at_ += 5;
    return value;
  }

  std::string_view text_;
  const CodecLimits& limits_;
  std::size_t room_;  ///< what is left of it
  const bool outline_;
  std::size_t first_ = 0;  ///< where the outermost value begins
  Reading reading_{
      .value = nullptr, .error = {}, .duplicates = {}, .id = Json(Json::value_t::discarded)};
  const Place* place_ = nullptr;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  std::size_t item_ = 0;
};

}  // namespace

Reading read_strictly(std::string_view bytes, const CodecLimits& limits, std::size_t room) {
  return StrictReader(bytes, limits, room, false).read();
}

Reading read_outline(std::string_view bytes, const CodecLimits& limits) {
  return StrictReader(bytes, limits, std::numeric_limits<std::size_t>::max(), true).read();
}

}  // namespace mcp::jsonrpc
