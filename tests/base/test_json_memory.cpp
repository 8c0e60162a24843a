#include <mcp/base/json_memory.h>

#include <string>

#include <doctest/doctest.h>

using mcp::held_bytes;
using mcp::Json;

TEST_CASE("a value holds its nodes and what the allocator adds, whatever its text is") {
  CHECK(held_bytes(nullptr) == 16);
  CHECK(held_bytes(1.5) == 16);
  CHECK(held_bytes("short") == 16 + 48);
  CHECK(held_bytes(std::string(15, 'x')) == 16 + 48);
  CHECK(held_bytes(std::string(1000, 'x')) == 16 + 48 + 1024);
  CHECK(held_bytes(Json::object()) == 16 + 64);
  CHECK(held_bytes(Json::array()) == 16 + 32);
  CHECK(held_bytes(Json::parse("[1,2,3]")) >= 16 + 32 + 3 * 16);
  CHECK(held_bytes(Json::parse(R"({"a":1})")) == 16 + 64 + 96);
  CHECK(held_bytes({{std::string(100, 'k'), 1}}) == 16 + 64 + 96 + 112);
  Json junk = Json::array();
  junk.get_ref<Json::array_t&>().reserve(1000);
  for (int i = 0; i < 1000; ++i) junk.push_back(Json::object());
  CHECK(held_bytes(junk) == 16 + 32 + 1000 * (16 + 64));  // of 3,001 bytes of text
}

TEST_CASE("a released value is null, however it was nested") {
  Json value = Json::parse(R"({"a":[[{}],[[[1]]],"text"],"b":{"c":{"d":[]}},"e":5})");
  mcp::release(value);
  CHECK(value == nullptr);
  Json scalar = "text";
  mcp::release(scalar);
  CHECK(scalar == nullptr);
}
