#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <mcp/auth/signing_key.h>
#include <mcp/base/runtime.h>
#include <mcp/transport/http_headers.h>

namespace mcp::auth {

/// Proves that a client holds the key that its token is bound to (RFC 9449). Thread-safe.
class DpopProver {
 public:
  DpopProver(SigningKey key, Environment& environment);

  /// A fresh proof for one request; `token` when it carries one. It holds the nonce that the URL's
  /// origin gave last.
  std::string proof(std::string_view method, std::string_view url,
                    const std::optional<std::string>& token);
  /// Keeps the `dpop-nonce` of a response. True when it is a new one.
  bool learn(std::string_view url, const HttpHeaders& headers);

  const SigningKey& key() const { return key_; }

 private:
  const SigningKey key_;
  Environment& environment_;
  std::mutex mutex_;
  std::map<std::string, std::string> nonces_;  // by origin
};

}  // namespace mcp::auth
