#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <mcp/base/base64.h>
#include <mcp/base/number_text.h>
#include <mcp/base/utf8.h>
#include <mcp/jsonrpc/codec.h>

namespace mcp::jsonrpc {
namespace {

constexpr bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

constexpr std::uint64_t every(std::uint8_t byte) {
  return 0x0101010101010101u * byte;
}

// Non-zero when a byte of `word` is zero (exact as a test, not as a mask).
constexpr std::uint64_t has_zero(std::uint64_t word) {
  return (word - every(1)) & ~word & every(0x80);
}

// The length of the run of `text` that goes out as it is; eight bytes at a time.
std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t control_or_high = ((word - every(0x20)) | word) & every(0x80);
    if ((control_or_high | has_zero(word ^ every('"')) | has_zero(word ^ every('\\'))) != 0) break;
  }
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

void write_escape(char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

constexpr std::size_t long_text_bytes = 64 << 10;

void write_string(std::string_view text, std::string& out) {
  // A long text grows the output once, with room for some escapes, and not again and again.
  if (text.size() > long_text_bytes) out.reserve(out.size() + text.size() + text.size() / 8);
  out += '"';
  while (true) {
    // One append for the whole run up to the next escape or invalid byte.
    std::size_t run = 0;
    bool invalid = false;
    while (true) {
      run += plain_prefix(text.substr(run));
      if (run == text.size() || static_cast<unsigned char>(text[run]) < 0x80) break;
      const Utf8Step step = utf8_step(text.substr(run));
      if (!step.valid) {
        invalid = true;
        break;
      }
      run += step.length;
    }
    out.append(text.data(), run);
    text.remove_prefix(run);
    if (text.empty()) break;
    if (invalid) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(utf8_step(text).length);
    } else {
      write_escape(text.front(), out);
      text.remove_prefix(1);
    }
  }
  out += '"';
}

template <class Integer>
void write_integer(Integer value, std::string& out) {
  std::array<char, 24> text;
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

void write_double(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  // The shortest text that reads back as the same double; digits in full where people expect them.
  std::array<char, 40> text;
  const double magnitude = std::fabs(value);
  const bool in_full = magnitude == 0 || (magnitude >= 1e-5 && magnitude < 1e15);
  const char* end =
      std::to_chars(text.data(), text.data() + text.size(), value,
                    in_full ? std::chars_format::fixed : std::chars_format::scientific)
          .ptr;
  const std::string_view written(text.data(), static_cast<std::size_t>(end - text.data()));
  out += written;
  // Stays a double for those who read it back.
  if (written.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void write_binary(const Json& value, std::string& out) {
  if (const std::string_view text = number_text(value); is_json_number(text)) {
    out += text;
    return;
  }
  out += '"';
  out += base64_encode(value.get_ref<const Json::binary_t&>());
  out += '"';
}

// Writes a scalar, or the opening bracket of a container; true for a container.
bool write_start(const Json& value, std::string& out) {
  switch (value.type()) {
    case Json::value_t::object:
      out += '{';
      return true;
    case Json::value_t::array:
      out += '[';
      return true;
    case Json::value_t::string:
      write_string(value.get_ref<const std::string&>(), out);
      break;
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      break;
    case Json::value_t::number_integer:
      write_integer(value.get<std::int64_t>(), out);
      break;
    case Json::value_t::number_unsigned:
      write_integer(value.get<std::uint64_t>(), out);
      break;
    case Json::value_t::number_float:
      write_double(value.get<double>(), out);
      break;
    case Json::value_t::binary:
      write_binary(value, out);
      break;
    case Json::value_t::null:
    case Json::value_t::discarded:
      out += "null";
      break;
  }
  return false;
}

struct Open {
  const Json* container;
  Json::object_t::const_iterator member;
  Json::array_t::const_iterator element;
  bool first = true;

  explicit Open(const Json& value) : container(&value) {
    if (const auto* object = value.get_ptr<const Json::object_t*>()) {
      member = object->begin();
    } else {
      element = value.get_ref<const Json::array_t&>().begin();
    }
  }
};

// Writes what stands before the next value inside `open`; null when the container is complete.
const Json* next_value(Open& open, std::string& out) {
  if (const auto* object = open.container->get_ptr<const Json::object_t*>()) {
    if (open.member == object->end()) {
      out += '}';
      return nullptr;
    }
    if (!open.first) out += ',';
    open.first = false;
    write_string(open.member->first, out);
    out += ':';
    return &(open.member++)->second;
  }
  if (open.element == open.container->get_ref<const Json::array_t&>().end()) {
    out += ']';
    return nullptr;
  }
  if (!open.first) out += ',';
  open.first = false;
  return &*open.element++;
}

void write_id(const Id& id, std::string& out) {
  write_start(id.to_json(), out);
}

void write_params(const Json& params, std::string& out) {
  if (params.is_null()) return;
  out += ",\"params\":";
  encode_value(params, out);
}

void write_error(const ErrorObject& error, std::string& out) {
  out += "\"error\":{\"code\":";
  write_integer(error.code, out);
  out += ",\"message\":";
  write_string(error.message, out);
  if (!error.data.is_null()) {
    out += ",\"data\":";
    encode_value(error.data, out);
  }
  out += '}';
}

struct Writer {
  std::string& out;

  void operator()(const Request& request) const {
    out += "\"id\":";
    write_id(request.id, out);
    out += ",\"method\":";
    write_string(request.method, out);
    write_params(request.params, out);
  }

  void operator()(const Notification& notification) const {
    out += "\"method\":";
    write_string(notification.method, out);
    write_params(notification.params, out);
  }

  void operator()(const Response& response) const {
    if (response.id) {
      out += "\"id\":";
      write_id(*response.id, out);
      out += ',';
    } else if (response.null_id) {
      out += "\"id\":null,";
    }
    if (const auto* error = std::get_if<ErrorObject>(&response.outcome)) {
      write_error(*error, out);
      return;
    }
    out += "\"result\":";
    if (const auto* serialized = std::get_if<Serialized>(&response.outcome)) {
      out += *serialized->text;
    } else {
      encode_value(std::get<Json>(response.outcome), out);
    }
  }
};

}  // namespace

void encode(const Message& message, std::string& out) {
  out += "{\"jsonrpc\":\"2.0\",";
  std::visit(Writer{out}, message);
  out += '}';
}

std::string encode(const Message& message) {
  std::string out;
  out.reserve(512);
  encode(message, out);
  return out;
}

// Iterative, so that no value a tool makes up can exhaust the stack.
void encode_value(const Json& value, std::string& out) {
  if (!write_start(value, out)) return;
  std::vector<Open> open;
  open.reserve(16);
  open.emplace_back(value);
  while (!open.empty()) {
    const Json* next = next_value(open.back(), out);
    if (next == nullptr) {
      open.pop_back();
    } else if (write_start(*next, out)) {
      open.emplace_back(*next);
    }
  }
}

std::string encode_value(const Json& value) {
  std::string out;
  encode_value(value, out);
  return out;
}

}  // namespace mcp::jsonrpc
