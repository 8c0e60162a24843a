#include <mcp/protocol/object_reader.h>

#include <cmath>

#include <mcp/base/number_text.h>

namespace mcp::protocol {

namespace {

[[noreturn]] void wrong(const char* expected, const Json& value) {
  throw Malformed("", std::string("expected ") + expected + ", found " + found(value));
}

}  // namespace

std::string found(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return value.get<bool>() ? "true" : "false";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float:
      return "the number " + value.dump();
    case Json::value_t::string:
      return "a string";
    case Json::value_t::array:
      return "an array";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::binary:
      return is_number_text(value) ? "a number too large to read" : "bytes";
    case Json::value_t::discarded:
      break;
  }
  return "nothing";
}

const std::string& read_string(const Json& value) {
  if (!value.is_string()) wrong("a string", value);
  return value.get_ref<const std::string&>();
}

bool read_boolean(const Json& value) {
  if (!value.is_boolean()) wrong("true or false", value);
  return value.get<bool>();
}

double read_number(const Json& value) {
  if (value.is_number()) return value.get<double>();
  const double nearest = is_number_text(value) ? nearest_double(number_text(value)) : HUGE_VAL;
  if (!std::isfinite(nearest)) wrong("a number", value);
  return nearest;
}

std::int64_t read_integer(const Json& value) {
  if (value.is_number_unsigned()) {
    auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(INT64_MAX)) wrong("an integer of 64 bits", value);
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) {
    // 3.0 is an integer in JSON; 2^53 is where doubles stop to be exact.
    double number = value.get<double>();
    if (std::nearbyint(number) == number && std::abs(number) <= 9007199254740992.0) {
      return static_cast<std::int64_t>(number);
    }
  }
  wrong("an integer", value);
}

std::uint64_t read_size(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!value.is_number()) wrong("an integer", value);
  std::int64_t number = read_integer(value);
  if (number < 0) wrong("an integer of at least 0", value);
  return static_cast<std::uint64_t>(number);
}

const Json& read_token(const Json& value) {
  if (!value.is_string() && !value.is_number_integer() &&
      !(is_number_text(value) && is_json_integer(number_text(value)))) {
    wrong("a string or an integer", value);
  }
  return value;
}

const Json& read_object(const Json& value) {
  if (!value.is_object()) wrong("an object", value);
  return value;
}

ObjectReader::ObjectReader(const Json& value) : value_(read_object(value)) {}

const Json* ObjectReader::find(const char* name) const {
  auto member = value_.find(name);
  if (member == value_.end() || member->is_null()) return nullptr;
  return &*member;
}

const Json& ObjectReader::required(const char* name) const {
  auto member = value_.find(name);
  if (member == value_.end()) {
    throw Malformed("", std::string("the member \"") + name + "\" is missing");
  }
  return *member;
}

Json ObjectReader::optional_object(const char* name) const {
  const Json* value = find(name);
  if (!value) return nullptr;
  return at(name, [&] { return Json(read_object(*value)); });
}

std::map<std::string, std::string> ObjectReader::optional_texts(const char* name) const {
  std::map<std::string, std::string> texts;
  const Json* value = find(name);
  if (!value) return texts;
  at(name, [&] {
    for (const auto& [key, text] : read_object(*value).items()) {
      at(key, [&, &key = key, &text = text] { texts.emplace(key, read_string(text)); });
    }
  });
  return texts;
}

}  // namespace mcp::protocol
