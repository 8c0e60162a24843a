#pragma once

#include <stdexcept>

namespace mcp::auth {

/// Authorization failed: the message says what was wrong and holds no secret.
class AuthError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace mcp::auth
