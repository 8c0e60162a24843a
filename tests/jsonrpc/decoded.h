#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <variant>

#include <mcp/jsonrpc/codec.h>

// What the tests of this room say about incoming bytes.

namespace decoded {

using mcp::Json;
using namespace mcp::jsonrpc;

inline Incoming incoming(std::string_view bytes, const CodecLimits& limits = {}) {
  return Decoder(limits).decode(bytes);
}

inline Refusal refusal(std::string_view bytes, const CodecLimits& limits = {}) {
  Incoming result = incoming(bytes, limits);
  REQUIRE(std::holds_alternative<Refusal>(result));
  return std::get<Refusal>(result);
}

template <class Kind>
Kind message(std::string_view bytes, const CodecLimits& limits = {}) {
  Incoming result = incoming(bytes, limits);
  if (const auto* refused = std::get_if<Refusal>(&result)) FAIL(refused->error.message);
  REQUIRE(std::holds_alternative<Message>(result));
  REQUIRE(std::holds_alternative<Kind>(std::get<Message>(result)));
  return std::get<Kind>(std::get<Message>(result));
}

inline Request request(std::string_view bytes, const CodecLimits& limits = {}) {
  return message<Request>(bytes, limits);
}

/// A request whose argument is `value`, as it comes over the wire.
inline std::string call_with(std::string_view value) {
  return R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t","arguments":)" +
         std::string(value) + "}}";
}

/// The argument that arrives when `value` is sent.
inline Json argument(std::string_view value) {
  return request(call_with(value)).params["arguments"];
}

/// Why a call with the argument `value` is refused.
inline std::string refused_argument(std::string_view value) {
  return refusal(call_with(value)).error.message;
}

}  // namespace decoded
