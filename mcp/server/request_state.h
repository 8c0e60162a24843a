#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/json.h>
#include <mcp/base/runtime.h>

namespace mcp::server {

/// Seals what travels through the client in `requestState`: XChaCha20-Poly1305, with the id of the
/// key and a random nonce in front, all as base64url. What the state is bound to (method, name,
/// arguments, caller) is authenticated but not carried: a state for anything else does not open.
/// Immutable, so any thread may use it.
class StateSealer {
 public:
  /// The first secret seals, all of them open. Without secrets a random key is made, which no other
  /// process knows. Throws std::invalid_argument for a secret of less than 32 characters.
  explicit StateSealer(const std::vector<std::string>& secrets);

  /// No other process can open what this one seals.
  bool key_is_random() const { return key_is_random_; }
  std::string seal(const Json& payload, std::string_view bound_to, std::chrono::seconds lifetime,
                   Environment& environment) const;
  /// Throws Error (invalid params): tampered, expired, foreign, or no state at all.
  Json open(std::string_view state, std::string_view bound_to, Environment& environment) const;

 private:
  struct Key {
    std::array<std::uint8_t, 4> id;
    std::array<std::uint8_t, 32> bytes;
  };
  std::vector<Key> keys_;
  bool key_is_random_;
};

}  // namespace mcp::server
