#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <mcp/base/json.h>

namespace mcp::jsonrpc {
class Id;
}
template <>
struct std::hash<mcp::jsonrpc::Id> {
  std::size_t operator()(const mcp::jsonrpc::Id& id) const;
};

namespace mcp::jsonrpc {

/// A request id: a string or an integer (2026-07-28, basic, "Requests": never null). An integer
/// past 64 bits keeps its text, so that it is echoed as it came.
class Id {
 public:
  Id() = default;
  template <std::integral Integer>
  requires(std::signed_integral<Integer> || sizeof(Integer) < sizeof(std::int64_t))
      Id(Integer value)
      : value_(std::int64_t{value}) {}                   // NOLINT: an id is written as its value
  Id(std::string value) : value_(std::move(value)) {}    // NOLINT
  Id(const char* value) : value_(std::string(value)) {}  // NOLINT
  /// `text` must be a JSON integer.
  static Id from_number_text(std::string text);

  /// As a JSON value: integer, string or number text.
  Json to_json() const;
  /// Reads an id out of a JSON value (4.0 is 4); empty when it is none (null, 4.5, an object …).
  static std::optional<Id> from_json(const Json& value);

  friend bool operator==(const Id&, const Id&) = default;
  friend std::strong_ordering operator<=>(const Id&, const Id&) = default;

 private:
  friend struct std::hash<Id>;
  struct Number {
    std::string text;
    friend bool operator==(const Number&, const Number&) = default;
    friend std::strong_ordering operator<=>(const Number&, const Number&) = default;
  };
  explicit Id(Number value) : value_(std::move(value)) {}
  std::variant<std::int64_t, std::string, Number> value_ = std::int64_t{0};
};

/// `params` is an object (or, from foreign senders, an array); null when the member is absent.
struct Request {
  Id id;
  std::string method;
  Json params;
};

struct Notification {
  std::string method;
  Json params;
};

struct ErrorObject {
  int code = 0;
  std::string message;
  Json data;  ///< null: no `data` member
};

/// JSON text that is already serialised and valid: lists are serialised once and kept.
struct Serialized {
  std::shared_ptr<const std::string> text;
};

/// `id` is empty only in an error response to a request whose id could not be read.
struct Response {
  std::optional<Id> id;
  std::variant<Json, Serialized, ErrorObject> outcome;
  /// With an empty `id`: the member is written as null (as revisions before 2025-11-25 want it)
  /// instead of being left out.
  bool null_id = false;

  bool is_error() const { return std::holds_alternative<ErrorObject>(outcome); }
};

using Message = std::variant<Request, Notification, Response>;

}  // namespace mcp::jsonrpc
