#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace mcp::auth {

/// Where a client keeps its registrations and tokens. Keys name a server or an issuer, values are
/// secrets. Thread-safe; calls may block.
class TokenStore {
 public:
  virtual ~TokenStore() = default;
  /// Throws AuthError, all of them, when the store can't be read or written.
  virtual std::optional<std::string> get(const std::string& key) = 0;
  virtual void put(const std::string& key, const std::string& value) = 0;
  virtual void erase(const std::string& key) = 0;
};

/// Tokens that end with the process.
std::shared_ptr<TokenStore> make_memory_token_store();

/// Tokens in a file of mode 0600, encrypted and authenticated (XChaCha20-Poly1305). Several
/// processes may use it at once. `key` is base64 of 32 random bytes, as `openssl rand -base64 32`
/// prints it.
/// Throws AuthError when the key is none, or the file is not the caller's alone, is damaged or was
/// written with another key.
std::shared_ptr<TokenStore> open_token_file(const std::filesystem::path& file,
                                            const std::string& key);
/// As above, with the key from the environment variable `variable`.
/// Throws AuthError also when the variable is not set; it says how to make a key.
std::shared_ptr<TokenStore> open_token_file_with_environment_key(
    const std::filesystem::path& file, const char* variable = "FAIRLEAD_TOKEN_KEY");

/// Forgets the tokens of the MCP server at `server_url`; the registration with its authorization
/// server stays, others may share it.
void forget_tokens(TokenStore& store, const std::string& server_url);

}  // namespace mcp::auth
