#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>
#include <boost/pfr/tuple_size.hpp>

// What the compiler knows of a plain struct and of an enum: the members' names and the values'
// names, without a macro. A name is read out of the compiler's own name of a function that has the
// member's address (or the value) as a template argument.

namespace mcp::described {

template <class T>
struct Holder {
  T value;
};
template <class M>
struct Pointer {  // clang names a member only when its address is wrapped in a class
  const M* to;
};
template <class M>
Pointer(const M*) -> Pointer<M>;

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif

/// Never defined: only addresses inside it are named.
template <class T>
extern const Holder<T> holder;

template <auto Value>
constexpr auto function_name() {
  return std::string_view(__PRETTY_FUNCTION__);
}

constexpr bool is_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// `..., (& holder<F>.F::city)}]` and `...{&holder.value.city}]` both end with the name.
constexpr std::string_view last_identifier(std::string_view text) {
  while (!text.empty() && !is_identifier(text.back())) text.remove_suffix(1);
  std::size_t begin = text.size();
  while (begin > 0 && is_identifier(text[begin - 1])) --begin;
  return text.substr(begin);
}

template <class T, std::size_t I>
constexpr std::string_view member_name() {
  return last_identifier(function_name<Pointer{&boost::pfr::get<I>(holder<T>.value)}>());
}

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

template <class T>
constexpr auto type_function_name() {
  return std::string_view(__PRETTY_FUNCTION__);
}

/// `Box` of `ns::Box<int>`.
template <class T>
constexpr std::string_view type_name() {
  std::string_view text = type_function_name<T>();
  text = text.substr(text.find("T = ") + 4);
  return last_identifier(text.substr(0, text.find_first_of("<;]")));
}

template <class T>
inline constexpr std::size_t member_count = boost::pfr::tuple_size_v<T>;
template <class T, std::size_t I>
using Member = boost::pfr::tuple_element_t<I, T>;

// --- What can't be described ---

/// Converts to whatever a member wants; never called. Defined all the same: clang asks for it where
/// the member's type has no linkage.
struct Anything {
  template <class U>
  operator U() const {
    std::abort();
  }
};

template <class T>
struct OnlyBase {
  template <class U>
  requires(std::is_base_of_v<U, T> && !std::is_same_v<U, T>) operator U() const { std::abort(); }
};

template <class T>
concept has_base_class = requires {
  T{OnlyBase<T>{}};
};

template <class T, std::size_t>
using Repeat = T;

/// A C array at this place swallows what was meant for the members after it.
template <class T, std::size_t... Before, std::size_t... After>
constexpr bool is_c_array_at(std::index_sequence<Before...>, std::index_sequence<After...>) {
  return requires {
    T{Repeat<Anything, Before>{}..., {Anything{}}};
  }
  &&!requires {
    T{Repeat<Anything, Before>{}..., {Anything{}}, Repeat<Anything, After>{}...};
  };
}

template <class T>
constexpr bool has_c_array() {
  constexpr std::size_t count = member_count<T>;
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return (is_c_array_at<T>(std::make_index_sequence<I>{},
                             std::make_index_sequence<count - I - 1>{}) ||
            ...);
  }
  (std::make_index_sequence<count>{});
}

// --- Enums ---

template <class E, auto Value>
constexpr std::string_view value_name() {
  // A value without a name reads `(Color)7`.
  std::string_view name = last_identifier(function_name<static_cast<E>(Value)>());
  return name.empty() || (name.front() >= '0' && name.front() <= '9') ? std::string_view() : name;
}

template <class E>
struct EnumValue {
  std::string_view name;
  E value;
};

template <class E, int First, int Last>
constexpr auto enum_values() {
  constexpr auto find = []<int... I>(std::integer_sequence<int, I...>) {
    return std::array{EnumValue<E>{value_name<E, First + I>(), static_cast<E>(First + I)}...};
  };
  constexpr auto all = find(std::make_integer_sequence<int, Last - First + 1>{});
  constexpr std::size_t named = [&] {
    std::size_t count = 0;
    for (const auto& value : all) count += value.name.empty() ? 0 : 1;
    return count;
  }();
  std::array<EnumValue<E>, named> values{};
  std::size_t next = 0;
  for (const auto& value : all) {
    if (!value.name.empty()) values[next++] = value;
  }
  return values;
}

}  // namespace mcp::described
