#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <mcp/base/utf8.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/header.h>
#include <mcp/schema/ascii_matcher.h>
#include <mcp/schema/schema.h>

#include "require.h"

// The text is taken as a schema, and as a pattern.

using mcp::Json;
using namespace mcp::schema;

namespace {

void compile(const Json& source, Dialect dialect) {
  CompileOptions options;
  options.default_dialect = dialect;
  options.assert_format = true;
  options.max_subschemas = 500;
  try {
    const Schema schema = Schema::compile(source, options);
    FUZZ_REQUIRE(schema.valid(source) == schema.validate(source).empty());
  } catch (const SchemaError& error) {
    FUZZ_REQUIRE(*error.what() != '\0');
  }
}

// A simple pattern is decided by a table; inside a named group by RE2.
void compare_pattern(std::string_view pattern) {
  if (pattern.size() > 200 || !mcp::is_valid_utf8(pattern)) return;
  const auto simple = AsciiMatcher::make(pattern);
  if (!simple) return;
  try {
    Schema::compile({{"pattern", pattern}});
    const Schema by_re2 = Schema::compile({{"pattern", "(?<all>" + std::string(pattern) + ")"}});
    for (const std::string_view text : {std::string_view("ab-1 A_z"), pattern}) {
      for (std::size_t size = 0; size <= text.size(); ++size) {
        const std::string part(text.substr(0, size));
        const Glance glance = simple->matches(part);
        if (glance != Glance::undecided)
          FUZZ_REQUIRE((glance == Glance::fits) == by_re2.valid(part));
      }
    }
  } catch (const SchemaError&) {
    // What is no expression means nothing.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  compare_pattern(text);
  mcp::jsonrpc::Decoder decoder;
  const auto schema = decoder.decode_value(text);
  if (!std::holds_alternative<Json>(schema)) return 0;
  for (Dialect dialect : {Dialect::draft_2020_12, Dialect::draft_07})
    compile(std::get<Json>(schema), dialect);
  (void)mcp::header_parameters(std::get<Json>(schema));
  return 0;
}
