// Tokens on both sides: who may call a server, and how a client gets in.
#include <iostream>

#include <mcp/auth/bearer_verifier.h>
#include <mcp/auth/oauth.h>

int main() {
  const auto runtime = mcp::make_runtime();

  // [verifier]
  const auto verifier = mcp::auth::make_bearer_verifier(
      *runtime, {.resource = "https://mcp.example.com/mcp",
                 .authorization_servers = {"https://login.example.com"},
                 .scopes_supported = {"files:read"},
                 .required_scopes = {"files:read"},
                 .scope_rules = {{.name = "delete_file", .scopes = {"files:delete"}}}});
  // [end]
  for (const auto& [path, document] : verifier->documents())
    std::cout << path << '\n' << document << '\n';

  // [user]
  const auto user = mcp::auth::make_oauth_authorizer(
      *runtime, "https://mcp.example.com/mcp",
      {.grant = mcp::auth::AuthorizationCodeGrant{
           .user_agent = mcp::auth::make_loopback_user_agent(), .client_name = "Weather desk"}});
  // [end]

  // [machine]
  const auto machine =
      mcp::auth::make_oauth_authorizer(*runtime, "https://mcp.example.com/mcp",
                                       {.grant = mcp::auth::ClientCredentialsGrant{},
                                        .clients = {{.issuer = "https://login.example.com",
                                                     .client_id = "nightly-report",
                                                     .client_secret = "from the secret store"}}});
  // [end]

  // Nothing is asked for before a server refuses a request.
  std::cout << user->headers({"POST", "https://mcp.example.com/mcp"}).size() << " headers\n";
  std::cout << machine->headers({"POST", "https://mcp.example.com/mcp"}).size() << " headers\n";
}
