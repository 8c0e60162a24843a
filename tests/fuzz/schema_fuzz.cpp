// The schema compiler and the validator: an input is a schema, a newline, and an instance. Whatever
// they are, the verdict and the errors agree, and time and memory stay within the limits.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include <mcp/jsonrpc/codec.h>
#include <mcp/schema/schema.h>

#include "require.h"

using mcp::Json;
using namespace mcp::schema;

namespace {

CompileOptions small_limits() {
  CompileOptions options;
  options.assert_format = true;
  options.max_subschemas = 200;
  options.max_work = 50'000;
  return options;
}

void validate(const Json& source, const Json& instance, Dialect dialect) {
  CompileOptions options = small_limits();
  options.default_dialect = dialect;
  try {
    const Schema schema = Schema::compile(source, options);
    const bool valid = schema.valid(instance);
    const auto errors = schema.validate(instance);
    FUZZ_REQUIRE(valid == errors.empty());
    FUZZ_REQUIRE(schema.validate(instance, Collect::first).size() == (valid ? 0U : 1U));
    FUZZ_REQUIRE(schema.basic_output(instance).at("valid") == valid);
    for (const ValidationError& error : errors) FUZZ_REQUIRE(!error.message.empty());
  } catch (const SchemaError& error) {
    FUZZ_REQUIRE(*error.what() != '\0');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = text.find('\n');
  if (newline == text.npos) return 0;
  mcp::jsonrpc::Decoder decoder;
  const auto schema = decoder.decode_value(text.substr(0, newline));
  const auto instance = decoder.decode_value(text.substr(newline + 1));
  if (!std::holds_alternative<Json>(schema) || !std::holds_alternative<Json>(instance)) return 0;
  for (Dialect dialect : {Dialect::draft_2020_12, Dialect::draft_07})
    validate(std::get<Json>(schema), std::get<Json>(instance), dialect);
  return 0;
}
