#include <cstdlib>
#include <system_error>

#include <client/agent/server_tokens.h>
#include <mcp/auth/auth_error.h>
#include <mcp/auth/oauth.h>
#include <mcp/outbound/connection_rules.h>

namespace fairlead::agent {
namespace {

constexpr const char* key_variable = "FAIRLEAD_TOKEN_KEY";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string(value);
}

/// Stands where a user would be asked.
class AbsentUser final : public mcp::auth::UserAgent {
 public:
  explicit AbsentUser(std::string url) : url_(std::move(url)) {}
  std::string redirect_uri(const std::optional<std::string>&) override { refuse(); }
  std::string authorize(const std::string&, std::stop_token) override { refuse(); }

 private:
  [[noreturn]] void refuse() const {
    throw mcp::auth::AuthError("the user has to log in first: fairlead login " + url_);
  }

  const std::string url_;
};

}  // namespace

std::filesystem::path token_file() {
  if (const std::string file = variable("FAIRLEAD_TOKEN_FILE"); !file.empty()) return file;
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty()) {
    return std::filesystem::path(data) / "fairlead" / "tokens";
  }
  if (const std::string home = variable("HOME"); !home.empty()) {
    return std::filesystem::path(home) / ".local" / "share" / "fairlead" / "tokens";
  }
  throw mcp::auth::AuthError("there is no place for tokens: set FAIRLEAD_TOKEN_FILE");
}

std::shared_ptr<mcp::auth::TokenStore> open_server_tokens() {
  const std::filesystem::path file = token_file();
  std::error_code ignored;  // the file's own error says more
  std::filesystem::create_directories(file.parent_path(), ignored);
  return mcp::auth::open_token_file_with_environment_key(file, key_variable);
}

std::shared_ptr<mcp::Authorizer> authorizer_with_kept_tokens(mcp::Runtime& runtime,
                                                             const std::string& url) {
  if (variable(key_variable).empty()) return nullptr;
  mcp::auth::OAuthOptions options;
  options.store = open_server_tokens();
  options.grant = mcp::auth::AuthorizationCodeGrant{
      .user_agent = std::make_shared<AbsentUser>(mcp::outbound::redacted_url(url))};
  return mcp::auth::make_oauth_authorizer(runtime, url, std::move(options));
}

}  // namespace fairlead::agent
