#include <cstdlib>
#include <map>
#include <mutex>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/session_record.h>
#include <mcp/auth/token_store.h>

namespace mcp::auth {
namespace {

class MemoryTokenStore final : public TokenStore {
 public:
  std::optional<std::string> get(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }
  void put(const std::string& key, const std::string& value) override {
    const std::lock_guard lock(mutex_);
    values_[key] = value;
  }
  void erase(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    values_.erase(key);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> values_;
};

}  // namespace

std::shared_ptr<TokenStore> make_memory_token_store() {
  return std::make_shared<MemoryTokenStore>();
}

std::shared_ptr<TokenStore> open_token_file_with_environment_key(const std::filesystem::path& file,
                                                                 const char* variable) {
  const char* key = std::getenv(variable);
  if (key == nullptr || *key == '\0')
    throw AuthError("tokens are kept encrypted, and no key is given: set " + std::string(variable) +
                    " to what `openssl rand -base64 32` prints");
  return open_token_file(file, key);
}

void forget_tokens(TokenStore& store, const std::string& server_url) {
  store.erase(session_key(server_url));
}

}  // namespace mcp::auth
