#pragma once

// What describing, reading and writing has in common for all types. A part of
// <mcp/schema/describe.h>, which alone includes it.

namespace mcp::described {

enum class Kind { boolean, integer, number, text, choice, list, object, binary, other };

/// *show*: what others read. *check*: what `decode` validates with, which also bounds numbers by
/// their C++ type, asserts formats and Base64, and takes null for an absent optional.
enum class Purpose { show, check };

/// One member of a struct, while its schema is put together.
struct MemberSchema {
  std::string_view name;
  const About* about = nullptr;
  bool is_optional = false;          ///< std::optional
  std::optional<Json> initial = {};  ///< an initial value that is not empty
  Json schema = {};
};

/// Puts a schema together; keeps types that hold themselves apart, in `$defs`.
class Builder {
 public:
  explicit Builder(Purpose purpose) : purpose_(purpose) {}

  Purpose purpose() const { return purpose_; }
  /// A reference when `type` is being described already, or was and holds itself.
  std::optional<Json> enter(const void* type, std::string_view name);
  /// What stands for the type that was entered last.
  Json leave(std::vector<MemberSchema> members, const Tag* tag);
  Json finish(Json root);

 private:
  struct Open {
    const void* type;
    std::string name;
    bool is_referenced;
  };
  Purpose purpose_;
  std::vector<Open> open_;
  std::map<const void*, std::string> defined_;
  Json definitions_ = Json::object();
};

/// Where a value stands; a chain on the stack, so that a path costs nothing until it is needed.
struct ValuePath {
  const ValuePath* up;
  std::string_view name;
  std::size_t index;
  std::vector<schema::ValidationError>* errors;

  ValuePath member(std::string_view member_name) const { return {this, member_name, 0, errors}; }
  ValuePath item(std::size_t i) const { return {this, {}, i, errors}; }
  void refuse(std::string keyword, std::string message) const;
};

// The parts that need no template.
Json integer_schema(Purpose purpose, std::int64_t lowest, std::uint64_t highest);
Json number_schema(Purpose purpose, double highest);
Json enum_schema(std::vector<std::string_view> names);
Json nullable(Json schema);
Json alternatives_schema(std::vector<Json> alternatives, bool tagged);
Json duration_schema(bool whole, std::intmax_t numerator, std::intmax_t denominator);
schema::Schema compile(const Json& schema);
std::int64_t read_signed(const Json& value);
std::uint64_t read_unsigned(const Json& value);
/// The nearest double; nothing when it is not within the bounds.
std::optional<double> read_double(const Json& value, double lowest, double highest);
Json write_bytes(const std::vector<std::byte>& bytes);
std::optional<std::vector<std::byte>> read_bytes(const std::string& text);

struct DateTime {
  std::chrono::sys_seconds seconds;
  std::chrono::nanoseconds fraction;
};
/// RFC 3339; nothing for any other text.
std::optional<DateTime> read_date_time(std::string_view text);
std::string write_date_time(const DateTime& time);

template <class T>
inline constexpr char type_identity = 0;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
concept CustomDescribed = requires(const Json& json, const T& value) {
  { Described<T>::schema() } -> std::convertible_to<Json>;
  { Described<T>::decode(json) } -> std::convertible_to<T>;
  { Described<T>::encode(value) } -> std::convertible_to<Json>;
};

template <class T>
concept Tagged = requires {
  { T::tag } -> std::convertible_to<Tag>;
};

template <class T>
struct Codec;

template <class T>
const schema::Schema& checker() {
  static const schema::Schema compiled = [] {
    Builder builder(Purpose::check);
    Json root = Codec<T>::schema(builder);
    return compile(builder.finish(std::move(root)));
  }();
  return compiled;
}

}  // namespace mcp::described
