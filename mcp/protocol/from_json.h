#pragma once

#include <mcp/base/json.h>
#include <mcp/protocol/malformed.h>

namespace mcp {

/// Reads a protocol type out of JSON from the other side. Types, required members and bounds are
/// checked (throws `Malformed`), unknown members are ignored, so that a newer peer is understood.
/// Reads every revision's form. Each header of this room states the types it can read by explicit
/// specialisations. Thread-safe.
template <class T>
T from_json(const Json& value) = delete;

}  // namespace mcp
