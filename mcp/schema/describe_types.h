#pragma once

// How each C++ type is described, read and written. The second half of
// <mcp/schema/describe.h>, which alone includes it.

#include <mcp/schema/describe_codec.h>
#include <mcp/schema/describe_containers.h>
#include <mcp/schema/describe_scalars.h>
#include <mcp/schema/describe_structs.h>
#include <mcp/schema/describe_variants.h>

namespace mcp::described {

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
