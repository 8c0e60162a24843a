#pragma once

// How each C++ type is described, read and written. The second half of
// <mcp/schema/describe.h>, which alone includes it.

namespace mcp::described {

enum class Kind { boolean, integer, number, text, choice, list, object, binary, other };

/// *show*: what others read. *check*: what `decode` validates with, which also bounds integers by
/// their C++ type, asserts formats, and takes null for an absent optional.
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
struct Place {
  const Place* up;
  std::string_view name;
  std::size_t index;
  std::vector<schema::ValidationError>* errors;

  Place member(std::string_view member_name) const { return {this, member_name, 0, errors}; }
  Place item(std::size_t i) const { return {this, {}, i, errors}; }
  void refuse(std::string keyword, std::string message) const;
};

// The parts that need no template.
Json integer_schema(Purpose purpose, std::int64_t lowest, std::uint64_t highest);
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
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

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

// --- Plain values ---

template <>
struct Codec<bool> {
  static constexpr Kind kind = Kind::boolean;
  static Json schema(Builder&) { return {{"type", "boolean"}}; }
  static void read(const Json& value, bool& out, const Place&) { out = value.get<bool>(); }
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
  static void read(const Json& value, T& out, const Place&) {
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
  static Json schema(Builder&) { return {{"type", "number"}}; }
  static void read(const Json& value, T& out, const Place& place) {
    constexpr double highest = sizeof(T) < sizeof(double) ? std::numeric_limits<T>::max()
                                                          : std::numeric_limits<double>::max();
    const auto number = read_double(value, -highest, highest);
    if (!number) return place.refuse("maximum", "the number is too large to be held");
    out = static_cast<T>(*number);
  }
  static Json write(T value) { return value; }
};

template <>
struct Codec<std::string> {
  static constexpr Kind kind = Kind::text;
  static Json schema(Builder&) { return {{"type", "string"}}; }
  static void read(const Json& value, std::string& out, const Place&) {
    out = value.get_ref<const std::string&>();
  }
  static Json write(const std::string& value) { return value; }
};

template <>
struct Codec<Json> {
  static constexpr Kind kind = Kind::other;
  static Json schema(Builder&) { return Json::object(); }
  static void read(const Json& value, Json& out, const Place&) { out = value; }
  static Json write(const Json& value) { return value; }
};

template <>
struct Codec<std::monostate> {
  static constexpr Kind kind = Kind::other;
  static Json schema(Builder&) { return {{"type", "null"}}; }
  static void read(const Json&, std::monostate&, const Place&) {}
  static Json write(std::monostate) { return nullptr; }
};

template <>
struct Codec<std::vector<std::byte>> {
  static constexpr Kind kind = Kind::binary;
  static Json schema(Builder&) { return {{"type", "string"}, {"contentEncoding", "base64"}}; }
  static void read(const Json& value, std::vector<std::byte>& out, const Place& place) {
    auto bytes = read_bytes(value.get_ref<const std::string&>());
    if (!bytes) return place.refuse("contentEncoding", "is not Base64 (RFC 4648, with padding)");
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
  static void read(const Json& value, std::chrono::duration<Rep, Period>& out, const Place& place) {
    Rep count{};
    Codec<Rep>::read(value, count, place);
    out = std::chrono::duration<Rep, Period>(count);
  }
  static Json write(const std::chrono::duration<Rep, Period>& value) { return value.count(); }
};

template <class Duration>
struct Codec<std::chrono::sys_time<Duration>> {
  using Time = std::chrono::sys_time<Duration>;
  static constexpr Kind kind = Kind::text;
  static Json schema(Builder&) { return {{"type", "string"}, {"format", "date-time"}}; }
  static void read(const Json& value, Time& out, const Place& place) {
    using Approximate = std::chrono::duration<double>;
    auto time = read_date_time(value.get_ref<const std::string&>());
    if (!time) {
      return place.refuse("format", "is not a date and time such as 2026-07-28T12:00:00Z");
    }
    Approximate since = time->seconds.time_since_epoch();
    // One second of margin keeps the fraction, and what doubles round, inside.
    if (since >= Approximate(Duration::max()) - Approximate(1) ||
        since <= Approximate(Duration::min()) + Approximate(1)) {
      return place.refuse("format", "is too far away to be held");
    }
    out = Time(std::chrono::duration_cast<Duration>(time->seconds.time_since_epoch())) +
          std::chrono::duration_cast<Duration>(time->fraction);
  }
  static Json write(const Time& value) {
    auto seconds = std::chrono::floor<std::chrono::seconds>(value);
    return write_date_time(
        {seconds, std::chrono::duration_cast<std::chrono::nanoseconds>(value - seconds)});
  }
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
  static void read(const Json& value, E& out, const Place&) {
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

// --- What holds others ---

template <class T>
struct Codec<std::optional<T>> {
  static constexpr Kind kind = Codec<T>::kind;
  static Json schema(Builder& builder) { return nullable(Codec<T>::schema(builder)); }
  static void read(const Json& value, std::optional<T>& out, const Place& place) {
    if (value.is_null()) {
      out.reset();
    } else {
      Codec<T>::read(value, out.emplace(), place);
    }
  }
  static Json write(const std::optional<T>& value) {
    return value ? Codec<T>::write(*value) : Json();
  }
};

template <class List>
struct ListCodec {
  using Item = typename List::value_type;
  static constexpr Kind kind = Kind::list;
  static Json items_schema(Builder& builder) {
    return {{"type", "array"}, {"items", Codec<Item>::schema(builder)}};
  }
  static Json write(const List& list) {
    Json::array_t array;
    array.reserve(list.size());
    for (const auto& item : list) array.push_back(Codec<Item>::write(item));
    return array;
  }
};

template <class T>
struct Codec<std::vector<T>> : ListCodec<std::vector<T>> {
  static Json schema(Builder& builder) { return Codec::items_schema(builder); }
  static void read(const Json& value, std::vector<T>& out, const Place& place) {
    out.clear();
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
      T item{};
      Codec<T>::read(value[i], item, place.item(i));
      out.push_back(std::move(item));
    }
  }
};

template <class T, std::size_t N>
struct Codec<std::array<T, N>> : ListCodec<std::array<T, N>> {
  static Json schema(Builder& builder) {
    Json schema = Codec::items_schema(builder);
    schema["minItems"] = N;
    schema["maxItems"] = N;
    return schema;
  }
  static void read(const Json& value, std::array<T, N>& out, const Place& place) {
    for (std::size_t i = 0; i < N; ++i) Codec<T>::read(value[i], out[i], place.item(i));
  }
};

template <class Map>
struct MapCodec {
  using Value = typename Map::mapped_type;
  static constexpr Kind kind = Kind::object;
  static Json schema(Builder& builder) {
    return {{"type", "object"}, {"additionalProperties", Codec<Value>::schema(builder)}};
  }
  static void read(const Json& value, Map& out, const Place& place) {
    out.clear();
    for (const auto& [name, member] : value.items()) {
      Codec<Value>::read(member, out[name], place.member(name));
    }
  }
  static Json write(const Map& map) {
    Json::object_t object;
    for (const auto& [name, value] : map) object.emplace(name, Codec<Value>::write(value));
    return object;
  }
};

template <class T, class Less>
struct Codec<std::map<std::string, T, Less>> : MapCodec<std::map<std::string, T, Less>> {};
template <class T>
struct Codec<std::unordered_map<std::string, T>> : MapCodec<std::unordered_map<std::string, T>> {};

template <class Tuple, class... T>
struct TupleCodec {
  static constexpr Kind kind = Kind::list;
  static Json schema(Builder& builder) {
    return {{"type", "array"},
            {"prefixItems", Json::array_t{Codec<T>::schema(builder)...}},
            {"minItems", sizeof...(T)},
            {"maxItems", sizeof...(T)}};
  }
  static void read(const Json& value, Tuple& out, const Place& place) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (Codec<T>::read(value[I], std::get<I>(out), place.item(I)), ...);
    }
    (std::index_sequence_for<T...>{});
  }
  static Json write(const Tuple& tuple) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Json(Json::array_t{Codec<T>::write(std::get<I>(tuple))...});
    }
    (std::index_sequence_for<T...>{});
  }
};

template <class... T>
struct Codec<std::tuple<T...>> : TupleCodec<std::tuple<T...>, T...> {};
template <class A, class B>
struct Codec<std::pair<A, B>> : TupleCodec<std::pair<A, B>, A, B> {};

template <class T>
concept Tagged = requires {
  { T::tag } -> std::convertible_to<Tag>;
};

template <class First, class... Rest>
constexpr bool are_tagged() {
  if constexpr (Tagged<First> && (Tagged<Rest> && ...)) {
    return ((First::tag.name == Rest::tag.name) && ...);
  } else {
    return false;
  }
}

template <class... T>
struct Codec<std::variant<T...>> {
  static constexpr Kind kind = Kind::other;
  static Json schema(Builder& builder) {
    std::vector<Json> alternatives;
    (alternatives.push_back(Codec<T>::schema(builder)), ...);
    return alternatives_schema(std::move(alternatives), are_tagged<T...>());
  }
  static void read(const Json& value, std::variant<T...>& out, const Place& place) {
    static_cast<void>((try_alternative<T>(value, out, place) || ...));
  }
  static Json write(const std::variant<T...>& value) {
    return std::visit([]<class A>(const A& alternative) { return Codec<A>::write(alternative); },
                      value);
  }

 private:
  template <class A>
  static bool try_alternative(const Json& value, std::variant<T...>& out, const Place& place) {
    if constexpr (are_tagged<T...>()) {
      if (value[std::string(A::tag.name)] != A::tag.value) return false;
    } else {
      if (!checker<A>().valid(value)) return false;
    }
    Codec<A>::read(value, out.template emplace<A>(), place);
    return true;
  }
};

template <CustomDescribed T>
struct Codec<T> {
  static constexpr Kind kind = Kind::other;
  static Json schema(Builder&) { return Described<T>::schema(); }
  static void read(const Json& value, T& out, const Place& place) {
    try {
      out = Described<T>::decode(value);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& wrong) {
      place.refuse("", wrong.what());
    }
  }
  static Json write(const T& value) { return Described<T>::encode(value); }
};

// --- Structs ---

template <class T>
constexpr const About* about_of(std::string_view name) {
  if constexpr (requires { T::about; }) {
    for (const About& row : T::about) {
      if (row.name == name) return &row;
    }
  }
  return nullptr;
}

/// Whether each row of `about` names a member.
template <class T>
constexpr bool about_names_members() {
  if constexpr (requires { T::about; }) {
    for (const About& row : T::about) {
      bool found = [&]<std::size_t... I>(std::index_sequence<I...>) {
        return ((member_name<T, I>() == row.name) || ...);
      }
      (std::make_index_sequence<member_count<T>>{});
      if (!found) return false;
    }
  }
  return true;
}

constexpr bool fits(const Limits& limits, Kind kind) {
  bool is_number = kind == Kind::integer || kind == Kind::number;
  if ((limits.minimum || limits.maximum) && !is_number) return false;
  if ((limits.min_length || limits.max_length) && kind != Kind::text && kind != Kind::list) {
    return false;
  }
  return (limits.pattern.empty() && limits.format.empty()) || kind == Kind::text;
}

constexpr bool fits_header(Kind kind) {
  return kind == Kind::text || kind == Kind::choice || kind == Kind::boolean ||
         kind == Kind::integer;
}

/// Whether each row's limits and header fit its member's type.
template <class T>
constexpr bool about_limits_fit() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    [[maybe_unused]] auto fit = [](const About* row, Kind kind) {
      return !row || (fits(row->limits, kind) && (row->header.empty() || fits_header(kind)));
    };
    return (fit(about_of<T>(member_name<T, I>()), Codec<Member<T, I>>::kind) && ...);
  }
  (std::make_index_sequence<member_count<T>>{});
}

template <class T>
concept Plain = std::is_class_v<T> && !CustomDescribed<T>;

template <Plain T>
struct Codec<T> {
  static_assert(std::is_aggregate_v<T>,
                "mcp::describe: not a plain struct (no constructors, no private members): "
                "specialise mcp::Described for it");
  static_assert(!has_base_class<T>,
                "mcp::describe: a struct with a base class: make the base a member");
  static_assert(std::is_default_constructible_v<T>,
                "mcp::describe: a member can't be left without a value: no references");
  static_assert(!has_c_array<T>(), "mcp::describe: a C array: use std::array or std::vector");
  static_assert(about_names_members<T>(),
                "mcp::describe: a row of `about` names no member of its struct");

  static constexpr Kind kind = Kind::object;

  static Json schema(Builder& builder) {
    static_assert(
        about_limits_fit<T>(),
        "mcp::describe: a limit in `about` does not fit its member: minimum and maximum "
        "are for numbers, lengths for texts and lists, pattern and format for texts, a header "
        "for texts, enums, booleans and integers");
    if (auto reference = builder.enter(&type_identity<T>, type_name<T>())) return *reference;
    const T initial{};
    std::vector<MemberSchema> members;
    each([&]<std::size_t I>() {
      members.push_back(member_schema<I>(boost::pfr::get<I>(initial), builder));
    });
    const Tag* tag = nullptr;
    if constexpr (Tagged<T>) tag = &T::tag;
    return builder.leave(std::move(members), tag);
  }

  static void read(const Json& value, T& out, const Place& place) {
    each([&]<std::size_t I>() {
      constexpr std::string_view name = member_name<T, I>();
      auto member = value.find(name);
      if (member == value.end()) return;
      Codec<Member<T, I>>::read(*member, boost::pfr::get<I>(out), place.member(name));
    });
  }

  static Json write(const T& value) {
    Json::object_t object;
    each([&]<std::size_t I>() {
      const auto& member = boost::pfr::get<I>(value);
      if constexpr (is_optional<Member<T, I>>) {
        if (!member) return;
      }
      object.emplace(member_name<T, I>(), Codec<Member<T, I>>::write(member));
    });
    if constexpr (Tagged<T>) object.emplace(T::tag.name, T::tag.value);
    return object;
  }

  /// Calls `function` with the number of each member.
  template <class Function>
  static void each(Function&& function) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (function.template operator()<I>(), ...);
    }
    (std::make_index_sequence<member_count<T>>{});
  }

 private:
  template <std::size_t I, class M>
  static MemberSchema member_schema(const M& initial, Builder& builder) {
    constexpr std::string_view name = member_name<T, I>();
    MemberSchema member{.name = name, .about = about_of<T>(name), .is_optional = is_optional<M>};
    if constexpr (is_optional<M>) {
      member.schema = Codec<typename M::value_type>::schema(builder);
      if (initial) member.initial = Codec<M>::write(initial);
    } else {
      member.schema = Codec<M>::schema(builder);
      if constexpr (std::is_enum_v<M>) {
        if (initial != M{}) member.initial = Codec<M>::write(initial);
      } else {
        Json value = Codec<M>::write(initial);
        if (value != Codec<M>::write(M{})) member.initial = std::move(value);
      }
    }
    return member;
  }
};

template <class T>
inline constexpr bool is_form_list = false;
template <class T>
inline constexpr bool is_form_list<std::vector<T>> = std::is_enum_v<T>;
template <class T>
inline constexpr bool is_form_list<std::optional<T>> = is_form_list<T>;

template <class T>
constexpr bool is_form_field() {
  constexpr Kind kind = Codec<T>::kind;
  return kind == Kind::boolean || kind == Kind::integer || kind == Kind::number ||
         kind == Kind::text || kind == Kind::choice || is_form_list<T>;
}

}  // namespace mcp::described

namespace mcp {

/// True when T is described as a JSON object: a tool's arguments must be one.
template <class T>
inline constexpr bool is_described_object = described::Codec<T>::kind == described::Kind::object;

template <class T>
Json describe() {
  described::checker<T>();
  described::Builder builder(described::Purpose::show);
  Json root = described::Codec<T>::schema(builder);
  return builder.finish(std::move(root));
}

template <class T>
std::variant<T, std::vector<schema::ValidationError>> decode(const Json& value) {
  using Result = std::variant<T, std::vector<schema::ValidationError>>;
  const schema::Schema& checker = described::checker<T>();
  if (!checker.valid(value)) return Result(std::in_place_index<1>, checker.validate(value));
  std::vector<schema::ValidationError> errors;
  T out{};
  described::Codec<T>::read(value, out, described::Place{nullptr, {}, 0, &errors});
  if (!errors.empty()) return Result(std::in_place_index<1>, std::move(errors));
  return Result(std::in_place_index<0>, std::move(out));
}

template <class T>
Json encode(const T& value) {
  return described::Codec<T>::write(value);
}

template <class T>
std::string form_problem() {
  if constexpr (!described::Plain<T>) {
    return "a form is asked for by a struct";
  } else {
    std::string problem;
    described::Codec<T>::each([&]<std::size_t I>() {
      if (described::is_form_field<described::Member<T, I>>() || !problem.empty()) return;
      problem = "\"" + std::string(described::member_name<T, I>()) +
                "\" is no field of a form: a form is flat and holds texts, numbers, booleans, "
                "enums and lists of enums";
    });
    return problem;
  }
}

}  // namespace mcp
