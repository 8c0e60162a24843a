#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/json.h>

// The gate's second pass: what the quick parser refuses is read once more here, slowly and
// exactly, to say where and why, or to accept numbers that the quick parser has no type for.

namespace mcp::jsonrpc {

struct CodecLimits;

/// A key that an object has twice.
struct DuplicateKey {
  std::size_t item;     ///< the element of the outermost array that it is in; 0 in an object
  std::string message;  ///< what and where
};

/// What a strict reading found.
struct Reading {
  Json value;
  /// Why the bytes were refused, and where; `value` is then null.
  std::optional<std::string> error;
  /// The value found no room; it is null then, and there is no error.
  bool full = false;
  /// At most one per element of the outermost array; the first value of a key counts.
  std::vector<DuplicateKey> duplicates;

  // What the outermost object had shown before the error.
  Json id;  ///< discarded when its `id` was not read
  bool has_method = false;
  bool has_outcome = false;  ///< `result` or `error`
};

/// Reads RFC 8259 JSON, nothing looser, within `limits`, and builds no more than `room` bytes of
/// values. Never throws on input. Thread-safe.
Reading read_strictly(std::string_view bytes, const CodecLimits& limits,
                      std::size_t room = std::numeric_limits<std::size_t>::max());
/// The same, but keeps only the members of the outermost object, or of the objects of the outermost
/// array: an empty object or array stands for each that is one.
Reading read_outline(std::string_view bytes, const CodecLimits& limits);

}  // namespace mcp::jsonrpc
