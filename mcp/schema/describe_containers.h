#pragma once

// Types that hold others: optional, lists, maps, tuples. A part of <mcp/schema/describe.h>, which
// alone includes it.

namespace mcp::described {

template <class T>
struct Codec<std::optional<T>> {
  static constexpr Kind kind = Codec<T>::kind;
  static Json schema(Builder& builder) { return nullable(Codec<T>::schema(builder)); }
  static void read(const Json& value, std::optional<T>& out, const ValuePath& path) {
    if (value.is_null()) {
      out.reset();
    } else {
      Codec<T>::read(value, out.emplace(), path);
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
  static void read(const Json& value, std::vector<T>& out, const ValuePath& path) {
    out.clear();
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
      T item{};
      Codec<T>::read(value[i], item, path.item(i));
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
  static void read(const Json& value, std::array<T, N>& out, const ValuePath& path) {
    for (std::size_t i = 0; i < N; ++i) Codec<T>::read(value[i], out[i], path.item(i));
  }
};

template <class Map>
struct MapCodec {
  using Value = typename Map::mapped_type;
  static constexpr Kind kind = Kind::object;
  static Json schema(Builder& builder) {
    return {{"type", "object"}, {"additionalProperties", Codec<Value>::schema(builder)}};
  }
  static void read(const Json& value, Map& out, const ValuePath& path) {
    out.clear();
    for (const auto& [name, member] : value.items()) {
      Codec<Value>::read(member, out[name], path.member(name));
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
    Json schema = {{"type", "array"}, {"minItems", sizeof...(T)}, {"maxItems", sizeof...(T)}};
    if constexpr (sizeof...(T) > 0)  // an empty list of schemas is none
      schema["prefixItems"] = Json::array_t{Codec<T>::schema(builder)...};
    return schema;
  }
  static void read([[maybe_unused]] const Json& value, [[maybe_unused]] Tuple& out,
                   [[maybe_unused]] const ValuePath& path) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (Codec<T>::read(value[I], std::get<I>(out), path.item(I)), ...);
    }
    (std::index_sequence_for<T...>{});
  }
  static Json write([[maybe_unused]] const Tuple& tuple) {
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

}  // namespace mcp::described
