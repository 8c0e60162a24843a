#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <mcp/jsonrpc/message.h>

namespace mcp::jsonrpc {

/// What the gate lets through. Past a bound the message is refused with a clear error.
struct CodecLimits {
  std::size_t message_bytes = std::size_t{16} << 20;
  std::size_t depth = 128;
  std::size_t values = 1'000'000;
  std::size_t batch_items = 100;
};

/// Why bytes are no message. `id` is set when it could be read.
struct Refusal {
  std::optional<Id> id;
  /// -32700 (no JSON, or past a limit) or -32600 (JSON, but no message or a duplicate key). The
  /// message says what is wrong, where, and what would be right.
  ErrorObject error;
  /// False: answer with an error response. True: the bytes were a malformed response, so an answer
  /// would be taken for the answer to something else; fail the call that waits for `id` instead.
  bool of_response = false;
};

/// One element of a batch.
using BatchItem = std::variant<Message, Refusal>;

/// A JSON array of messages (allowed by revision 2025-03-26 only: who received it decides).
struct Batch {
  std::vector<BatchItem> items;
};

using Incoming = std::variant<Message, Batch, Refusal>;

/// What came in, and what it costs to keep.
struct Decoded {
  Incoming incoming;
  /// The memory of its values (see held_bytes).
  std::size_t held = 0;
  /// False: there was no room for it. It says who speaks (method, id), but an empty object or array
  /// stands for what it carries.
  bool whole = true;
};

/// Bytes to messages: the gate. UTF-8, structure, depth, size and number of values are checked
/// before anything is built; duplicate keys are refused. Never throws on input. One Decoder serves
/// one thread at a time; it keeps its buffers between calls (and drops one grown by a large
/// message).
class Decoder {
 public:
  explicit Decoder(const CodecLimits& limits = {});
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  Incoming decode(std::string_view bytes);
  /// The same, but builds no more than `room` bytes of values. Memory that the system does not give
  /// is room that there is not.
  Decoded decode_within(std::string_view bytes, std::size_t room);
  /// Any JSON value through the same gate, for configuration files, model output and tests.
  std::variant<Json, ErrorObject> decode_value(std::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Messages to bytes, on one line, without the newline. Invalid UTF-8 inside strings is replaced
/// by U+FFFD, number texts are written as they are, non-finite doubles become null. Thread-safe.
std::string encode(const Message& message);
void encode(const Message& message, std::string& out);  ///< appends
/// A JSON value by the same writer.
std::string encode_value(const Json& value);
void encode_value(const Json& value, std::string& out);

}  // namespace mcp::jsonrpc
