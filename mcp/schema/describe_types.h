#pragma once

// How each C++ type is described, read and written. The second half of
// <mcp/schema/describe.h>, which alone includes it.

#include <mcp/schema/describe_codec.h>
#include <mcp/schema/describe_containers.h>
#include <mcp/schema/describe_scalars.h>
#include <mcp/schema/describe_structs.h>
#include <mcp/schema/describe_variants.h>

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
  described::Codec<T>::read(value, out, described::ValuePath{nullptr, {}, 0, &errors});
  if (!errors.empty()) return Result(std::in_place_index<1>, std::move(errors));
  return Result(std::in_place_index<0>, std::move(out));
}

template <class T>
Json encode(const T& value) {
  return described::Codec<T>::write(value);
}

}  // namespace mcp
