#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <mcp/base/base64.h>
#include <mcp/base/uri.h>
#include <mcp/base/uri_template.h>
#include <mcp/base/utf8.h>

#include "require.h"

// The first line is a URI template, the rest a URI; both are also taken as any text.

namespace {

void check_text(std::string_view text) {
  FUZZ_REQUIRE(mcp::is_valid_utf8(mcp::replace_invalid_utf8(text)));
  if (const auto bytes = mcp::base64_decode(text)) FUZZ_REQUIRE(mcp::base64_encode(*bytes) == text);
  if (const auto bytes = mcp::base64url_decode(text))
    FUZZ_REQUIRE(mcp::base64url_encode(*bytes) == text);
  FUZZ_REQUIRE(mcp::percent_decode(mcp::percent_encode(text)) == text);
  (void)mcp::resolve_uri("http://a/b/c?d", text);
}

std::optional<mcp::UriTemplate> parse(std::string_view text) {
  try {
    return mcp::UriTemplate(text);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_text(text);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const auto uri_template = parse(text.substr(0, line));
  if (!uri_template) return 0;
  const std::string_view uri = text.substr(line + 1);
  if (const auto values = uri_template->match(uri)) {
    for (const auto& [name, value] : *values) FUZZ_REQUIRE(mcp::is_valid_utf8(value));
    (void)uri_template->expand(*values);
  }
  // A template without variables matches exactly what it expands to.
  if (uri_template->variables().empty()) {
    const std::string expanded = uri_template->expand(mcp::Json::object());
    if (expanded.size() <= 8192) FUZZ_REQUIRE(uri_template->match(expanded).has_value());
  }
  return 0;
}
