// Validating a typical valid instance allocates nothing.

#include <cstdlib>
#include <new>

#include <doctest/doctest.h>

#include <mcp/schema/schema.h>

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

#if defined(__GNUC__) && !defined(__clang__)
// g++ inlines only one of the pair and then takes them for strangers.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
// std::stable_sort's buffer comes from here.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size != 0 ? size : 1);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

TEST_CASE("a verdict needs no memory") {
  using mcp::Json;
  const auto schema = mcp::schema::Schema::compile(Json::parse(R"({
    "type": "object",
    "properties": {
      "city": {"type": "string", "minLength": 1},
      "code": {"type": "string", "pattern": "^[a-z]{2}$"},
      "days": {"type": "integer", "minimum": 1, "maximum": 14},
      "price": {"type": "number", "multipleOf": 0.25},
      "units": {"enum": ["celsius", "fahrenheit"]},
      "shape": {"oneOf": [{"properties": {"kind": {"const": "a"}}, "required": ["kind"]},
                          {"properties": {"kind": {"const": "b"}}, "required": ["kind"]}]},
      "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "uniqueItems": true}
    },
    "required": ["city"],
    "unevaluatedProperties": false,
    "$defs": {"tag": {"type": "string", "maxLength": 20}}
  })"));
  const Json wrong = Json::parse(R"({"city": "Paris", "code": "fr", "days": 3, "price": 1.75,
    "units": "celsius", "shape": {"kind": "b"}, "tags": ["longer than maxLength allows", "b"]})");
  const Json right = Json::parse(R"({"city": "Paris", "code": "fr", "days": 3, "price": 1.75,
    "units": "celsius", "shape": {"kind": "b"}, "tags": ["a", "b"]})");
  CHECK(schema.valid(right));  // RE2 makes its states when it first needs them
  const std::size_t before = allocations;
  const bool right_verdict = schema.valid(right);
  const bool wrong_verdict = schema.valid(wrong);
  CHECK(allocations == before);
  CHECK(right_verdict);
  CHECK_FALSE(wrong_verdict);
  CHECK(before > 0);
}
