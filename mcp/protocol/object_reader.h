#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <mcp/protocol/from_json.h>

// How this room reads JSON from the other side. Not for other rooms.

namespace mcp::protocol {

/// "a string", "the number 5", ...: never echoes text of the other side.
std::string found(const Json& value);

const std::string& read_string(const Json& value);
bool read_boolean(const Json& value);
double read_number(const Json& value);
std::int64_t read_integer(const Json& value);
std::uint64_t read_size(const Json& value);
/// A string or an integer, as it is.
const Json& read_token(const Json& value);
/// Any object, as it is.
const Json& read_object(const Json& value);

template <class T>
T read(const Json& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return read_string(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    return read_boolean(value);
  } else if constexpr (std::is_same_v<T, double>) {
    return read_number(value);
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return read_integer(value);
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return read_size(value);
  } else {
    return from_json<T>(value);
  }
}

/// Calls `function`; what it finds malformed is reported under `token`, text of any kind: only then
/// is it copied.
template <class Token, class Function>
auto at(const Token& token, Function&& function) {
  try {
    return function();
  } catch (const Malformed& malformed) {
    throw malformed.under(std::string(token));
  }
}

template <class T>
std::vector<T> read_list(const Json& value) {
  if (!value.is_array()) throw Malformed("", "expected an array, found " + found(value));
  std::vector<T> items;
  items.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    try {
      items.push_back(read<T>(value[i]));
    } catch (const Malformed& malformed) {
      throw malformed.under(std::to_string(i));
    }
  }
  return items;
}

/// The members of an object. A member that is null counts as absent, since many senders write null
/// for what they leave out.
class ObjectReader {
 public:
  /// Throws Malformed when `value` is no object. It must outlive the reader.
  explicit ObjectReader(const Json& value);

  /// Null when absent.
  const Json* find(const char* name) const;
  const Json& required(const char* name) const;
  bool has(const char* name) const { return find(name) != nullptr; }

  template <class T>
  T get(const char* name) const {
    const Json& value = required(name);
    return at(name, [&] { return read<T>(value); });
  }
  template <class T>
  std::optional<T> optional(const char* name) const {
    const Json* value = find(name);
    if (!value) return std::nullopt;
    return at(name, [&] { return std::optional<T>(read<T>(*value)); });
  }
  template <class T>
  T get_or(const char* name, T otherwise) const {
    const Json* value = find(name);
    if (!value) return otherwise;
    return at(name, [&] { return read<T>(*value); });
  }
  template <class T>
  std::vector<T> list(const char* name) const {
    const Json& value = required(name);
    return at(name, [&] { return read_list<T>(value); });
  }
  template <class T>
  std::vector<T> optional_list(const char* name) const {
    const Json* value = find(name);
    if (!value) return {};
    return at(name, [&] { return read_list<T>(*value); });
  }
  /// An object as it is; null when absent.
  Json optional_object(const char* name) const;
  /// A map of texts; empty when absent.
  std::map<std::string, std::string> optional_texts(const char* name) const;
  Json meta() const { return optional_object("_meta"); }

 private:
  const Json& value_;
};

/// Picks the value of a name out of a table of {name, value} rows.
template <class Table>
auto read_name(const Json& value, const Table& table, const char* right) {
  const std::string& name = read_string(value);
  for (const auto& row : table) {
    if (row.first == name) return row.second;
  }
  throw Malformed("", std::string("not one of the values that are defined: ") + right);
}

}  // namespace mcp::protocol
