#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mcp/base/front_matter.h>

#include "require.h"

// Any text as a Markdown file: what is read is an object that can be sent, and what follows the
// front matter changes nothing.

namespace {

std::optional<mcp::Json> read(std::string_view text) {
  try {
    return mcp::parse_front_matter(text);
  } catch (const mcp::FrontMatterError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto whole = read(text);
  if (whole) {
    FUZZ_REQUIRE(whole->is_object());
    FUZZ_REQUIRE(mcp::Json::parse(whole->dump()) == *whole);
    FUZZ_REQUIRE(read(text + "\n---\nmore: 1\n---\n") == whole);
  }
  read("---\n" + text + "\n---\n");
  return 0;
}
