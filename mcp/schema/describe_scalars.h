#pragma once

// Types that hold no other: booleans, numbers, texts, times, bytes, enums, raw JSON. A part of
// <mcp/schema/describe.h>, which alone includes it.

namespace mcp::described {

template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

template <>
struct Codec<bool> {
  static constexpr Kind kind = Kind::boolean;
  static Json schema(Builder&) { return {{"type", "boolean"}}; }
  static void read(const Json& value, bool& out, const ValuePath&) { out = value.get<bool>(); }
  static Json write(bool value) { return value; }
};

template <std::integral T>
struct Codec<T> {
  static_assert(!Character<T>,
                "mcp::describe: a character is neither a text nor a number; use std::string or an "
                "integer type");
  static constexpr Kind kind = Kind::integer;
  static Json schema(Builder& builder) {
    return integer_schema(builder.purpose(),
                          static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                          static_cast<std::uint64_t>(std::numeric_limits<T>::max()));
  }
  static void read(const Json& value, T& out, const ValuePath&) {
    if constexpr (std::is_signed_v<T>) {
      out = static_cast<T>(read_signed(value));
    } else {
      out = static_cast<T>(read_unsigned(value));
    }
  }
  static Json write(T value) { return value; }
};

template <std::floating_point T>
struct Codec<T> {
  static constexpr Kind kind = Kind::number;
  static constexpr double highest = sizeof(T) < sizeof(double) ? std::numeric_limits<T>::max()
                                                               : std::numeric_limits<double>::max();
  static Json schema(Builder& builder) { return number_schema(builder.purpose(), highest); }
  static void read(const Json& value, T& out, const ValuePath& path) {
    const auto number = read_double(value, -highest, highest);
    if (!number) return path.refuse("maximum", "the number is too large to be held");
    out = static_cast<T>(*number);
  }
  static Json write(T value) { return value; }
};

template <>
struct Codec<std::string> {
  static constexpr Kind kind = Kind::text;
  static Json schema(Builder&) { return {{"type", "string"}}; }
  static void read(const Json& value, std::string& out, const ValuePath&) {
    out = value.get_ref<const std::string&>();
  }
  static Json write(const std::string& value) { return value; }
};

template <>
struct Codec<Json> {
  static constexpr Kind kind = Kind::other;
  static Json schema(Builder&) { return Json::object(); }
  static void read(const Json& value, Json& out, const ValuePath&) { out = value; }
  static Json write(const Json& value) { return value; }
};

template <>
struct Codec<std::monostate> {
  static constexpr Kind kind = Kind::other;
  static Json schema(Builder&) { return {{"type", "null"}}; }
  static void read(const Json&, std::monostate&, const ValuePath&) {}
  static Json write(std::monostate) { return nullptr; }
};

template <>
struct Codec<std::vector<std::byte>> {
  static constexpr Kind kind = Kind::binary;
  static Json schema(Builder&) { return {{"type", "string"}, {"contentEncoding", "base64"}}; }
  static void read(const Json& value, std::vector<std::byte>& out, const ValuePath& path) {
    auto bytes = read_bytes(value.get_ref<const std::string&>());
    if (!bytes) return path.refuse("contentEncoding", "is not Base64 (RFC 4648, with padding)");
    out = std::move(*bytes);
  }
  static Json write(const std::vector<std::byte>& value) { return write_bytes(value); }
};

template <class Rep, class Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  static constexpr bool whole = std::integral<Rep>;
  static constexpr Kind kind = whole ? Kind::integer : Kind::number;
  static Json schema(Builder& builder) {
    Json schema = duration_schema(whole, Period::num, Period::den);
    if (builder.purpose() == Purpose::check) schema.update(Codec<Rep>::schema(builder));
    return schema;
  }
  static void read(const Json& value, std::chrono::duration<Rep, Period>& out,
                   const ValuePath& path) {
    Rep count{};
    Codec<Rep>::read(value, count, path);
    out = std::chrono::duration<Rep, Period>(count);
  }
  static Json write(const std::chrono::duration<Rep, Period>& value) { return value.count(); }
};

template <class Duration>
struct Codec<std::chrono::sys_time<Duration>> {
  using Time = std::chrono::sys_time<Duration>;
  static constexpr Kind kind = Kind::text;
  static Json schema(Builder&) { return {{"type", "string"}, {"format", "date-time"}}; }
  static void read(const Json& value, Time& out, const ValuePath& path) {
    auto time = read_date_time(value.get_ref<const std::string&>());
    if (!time) {
      return path.refuse("format", "is not a date and time such as 2026-07-28T12:00:00Z");
    }
    const std::chrono::seconds since = time->seconds.time_since_epoch();
    if constexpr (!holds_all_years) {
      if (since > std::chrono::floor<std::chrono::seconds>(Duration::max()) ||
          since < std::chrono::ceil<std::chrono::seconds>(Duration::min()))
        return path.refuse("format", "is too far away to be held");
    }
    // Down also before 1970, as a clock does.
    const auto whole = std::chrono::floor<Duration>(since);
    const auto part = std::chrono::floor<Duration>(time->fraction);
    if (whole > Duration::zero() && part > Duration::max() - whole)
      return path.refuse("format", "is too far away to be held");
    out = Time(whole) + part;
  }
  static Json write(const Time& value) {
    auto seconds = std::chrono::floor<std::chrono::seconds>(value);
    return write_date_time(
        {seconds, std::chrono::duration_cast<std::chrono::nanoseconds>(value - seconds)});
  }

 private:
  // The years 0000 to 9999, all that RFC 3339 has, lie well within.
  static constexpr std::chrono::duration<double> far{1e12};
  static constexpr bool holds_all_years = std::chrono::duration<double>(Duration::max()) >
                                          far&& std::chrono::duration<double>(Duration::min()) <
                                          -far;
};

template <class E>
requires std::is_enum_v<E>
struct Codec<E> {
  static_assert(
      requires { E{0}; },
      "mcp::describe: an enum needs a stated type: use `enum class`, or `enum E : int`");
  static constexpr Kind kind = Kind::choice;
  static constexpr auto values = enum_values<E, EnumRange<E>::first, EnumRange<E>::last>();
  static_assert(values.size() != 0,
                "mcp::describe: no value of the enum is between 0 and 63: specialise "
                "mcp::EnumRange for it");

  static Json schema(Builder&) {
    std::vector<std::string_view> names;
    for (const auto& value : values) names.push_back(value.name);
    return enum_schema(std::move(names));
  }
  static void read(const Json& value, E& out, const ValuePath&) {
    for (const auto& known : values) {
      if (value.get_ref<const std::string&>() == known.name) out = known.value;
    }
  }
  static Json write(E value) {
    for (const auto& known : values) {
      if (known.value == value) return known.name;
    }
    throw std::invalid_argument("the value " + std::to_string(static_cast<std::int64_t>(value)) +
                                " of the enum " + std::string(type_name<E>()) + " has no name");
  }
};

}  // namespace mcp::described
