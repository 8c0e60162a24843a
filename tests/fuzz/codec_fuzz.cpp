#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <mcp/base/number_text.h>
#include <mcp/base/utf8.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/jsonrpc/strict_reader.h>

#include "require.h"

// Whatever the bytes: the quick and the strict reader agree, nlohmann agrees with both, what was
// decoded is encoded on one line of valid UTF-8 and decoded to the same again.

using mcp::Json;
using namespace mcp::jsonrpc;

namespace {

const CodecLimits limits{.message_bytes = std::size_t{1} << 20, .values = 10'000};

bool has_number_text(const Json& value) {
  if (mcp::is_number_text(value)) return true;
  if (!value.is_structured()) return false;
  for (const Json& inner : value)
    if (has_number_text(inner)) return true;
  return false;
}

void check_value(Decoder& decoder, std::string_view bytes) {
  const auto quick = decoder.decode_value(bytes);
  const Reading strict = read_strictly(bytes, limits);
  const bool accepted = !strict.error && strict.duplicates.empty();
  FUZZ_REQUIRE(std::holds_alternative<Json>(quick) == accepted);
  if (!accepted) {
    const std::string& message = std::get<ErrorObject>(quick).message;
    FUZZ_REQUIRE(mcp::is_valid_utf8(message) && message.size() < 1000);
    return;
  }
  const Json& value = std::get<Json>(quick);
  FUZZ_REQUIRE(value == strict.value);
  if (!has_number_text(value)) FUZZ_REQUIRE(Json::parse(bytes) == value);

  const std::string text = encode_value(value);
  FUZZ_REQUIRE(text.find('\n') == std::string::npos && mcp::is_valid_utf8(text));
  const auto again = decoder.decode_value(text);
  FUZZ_REQUIRE(std::holds_alternative<Json>(again) && std::get<Json>(again) == value);
}

void check_message(Decoder& decoder, const Message& message) {
  const std::string text = encode(message);
  const Incoming again = decoder.decode(text);
  FUZZ_REQUIRE(std::holds_alternative<Message>(again));
  FUZZ_REQUIRE(std::get<Message>(again).index() == message.index());
  FUZZ_REQUIRE(encode(std::get<Message>(again)) == text);
}

void check_refusal(const Refusal& refusal) {
  FUZZ_REQUIRE(refusal.error.code == -32700 || refusal.error.code == -32600);
  FUZZ_REQUIRE(!refusal.error.message.empty() && mcp::is_valid_utf8(refusal.error.message));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Decoder decoder(limits);
  check_value(decoder, bytes);
  const Incoming incoming = decoder.decode(bytes);
  if (const auto* message = std::get_if<Message>(&incoming)) {
    check_message(decoder, *message);
  } else if (const auto* refusal = std::get_if<Refusal>(&incoming)) {
    check_refusal(*refusal);
  } else {
    for (const BatchItem& item : std::get<Batch>(incoming).items) {
      if (const auto* inner = std::get_if<Message>(&item)) {
        check_message(decoder, *inner);
      } else {
        check_refusal(std::get<Refusal>(item));
      }
    }
  }
  return 0;
}
