#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <mcp/auth/token_store.h>
#include <mcp/base/runtime.h>
#include <mcp/transport/authorizer.h>

namespace fairlead::agent {

/// Where this program keeps the tokens of servers: FAIRLEAD_TOKEN_FILE, else `fairlead/tokens` in
/// XDG_DATA_HOME or ~/.local/share.
/// \throws mcp::auth::AuthError when none of the three is set.
std::filesystem::path token_file();

/// The tokens in it; the key is FAIRLEAD_TOKEN_KEY. Makes the folder.
/// \throws mcp::auth::AuthError
std::shared_ptr<mcp::auth::TokenStore> open_server_tokens();

/// Uses and renews the tokens that `fairlead login` left, and asks nobody: where a user is needed,
/// the error says how to log in. Null without FAIRLEAD_TOKEN_KEY.
/// \throws mcp::auth::AuthError when there is a key, but the file can't be used.
std::shared_ptr<mcp::Authorizer> authorizer_with_kept_tokens(mcp::Runtime& runtime,
                                                             const std::string& url);

}  // namespace fairlead::agent
