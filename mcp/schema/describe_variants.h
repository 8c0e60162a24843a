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
  static void read(const Json& value, std::variant<T...>& out, const ValuePath& path) {
    if constexpr (are_tagged<T...>()) {
      static_cast<void>((read_tagged<T>(value, out, path) || ...));
    } else {
      Reasons reasons;
      if (!(read_fitting<T>(value, out, path, reasons) || ...))
        path.errors->insert(path.errors->end(), reasons.begin(), reasons.end());
    }
  }
  static Json write(const std::variant<T...>& value) {
    return std::visit([]<class A>(const A& alternative) { return Codec<A>::write(alternative); },
                      value);
  }

 private:
  using Reasons = std::vector<schema::ValidationError>;

  template <class A>
  static bool read_tagged(const Json& value, std::variant<T...>& out, const ValuePath& path) {
    if (value[std::string(A::tag.name)] != A::tag.value) return false;
    Codec<A>::read(value, out.template emplace<A>(), path);
    return true;
  }

  // What fits the schema may still be more than the type holds: then the next one is asked. The
  // reasons of the first are kept for the case that none holds it.
  template <class A>
  static bool read_fitting(const Json& value, std::variant<T...>& out, const ValuePath& path,
                           Reasons& reasons) {
    if (!checker<A>().valid(value)) return false;
    Reasons refused;
    ValuePath here = path;
    here.errors = &refused;
    Codec<A>::read(value, out.template emplace<A>(), here);
    if (refused.empty()) return true;
    if (reasons.empty()) reasons = std::move(refused);
    return false;
  }
};

}  // namespace mcp::described
