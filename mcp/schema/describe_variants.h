#pragma once

// One of several types, told apart by a tag or by what fits first. A part of
// <mcp/schema/describe.h>, which alone includes it.

namespace mcp::described {

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

}  // namespace mcp::described
