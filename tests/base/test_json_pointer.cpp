#include <doctest/doctest.h>

#include <mcp/base/json_pointer.h>

TEST_CASE("a JSON pointer grows by names and indices") {
  std::string pointer;
  mcp::append_json_pointer(pointer, "a/b");
  mcp::append_json_pointer(pointer, std::size_t{3});
  mcp::append_json_pointer(pointer, "m~n");
  mcp::append_json_pointer(pointer, "");
  CHECK(pointer == "/a~1b/3/m~0n/");
  CHECK(mcp::escape_json_pointer("~/") == "~0~1");
}
