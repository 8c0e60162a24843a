#pragma once

// Plain structs, by their members and their `about` table, and types that say themselves how they
// are described. A part of <mcp/schema/describe.h>, which alone includes it.

namespace mcp::described {

template <CustomDescribed T>
struct Codec<T> {
  static constexpr Kind kind = Kind::other;
  static Json schema(Builder&) { return Described<T>::schema(); }
  static void read(const Json& value, T& out, const ValuePath& path) {
    try {
      out = Described<T>::decode(value);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& wrong) {
      path.refuse("", wrong.what());
    }
  }
  static Json write(const T& value) { return Described<T>::encode(value); }
};

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

  static void read(const Json& value, T& out, const ValuePath& path) {
    each([&]<std::size_t I>() {
      constexpr std::string_view name = member_name<T, I>();
      auto member = value.find(name);
      if (member == value.end()) return;
      Codec<Member<T, I>>::read(*member, boost::pfr::get<I>(out), path.member(name));
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

}  // namespace mcp::described
