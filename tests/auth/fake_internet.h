#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <mcp/auth/connector.h>
#include <mcp/auth/fetcher.h>
#include <mcp/auth/oauth.h>
#include <mcp/auth/signing_key.h>
#include <mcp/base/json.h>
#include <mcp/base/manual_runtime.h>

// Hosts that answer inside the test: nothing is opened.

namespace test {

using mcp::Json;
using mcp::auth::Form;
using mcp::outbound::HttpRequest;
using mcp::outbound::HttpResponse;

HttpResponse answer(int status, const Json& body, mcp::outbound::Headers headers = {});
/// The header of that name, as it was sent; empty when there is none.
std::string sent_header(const HttpRequest& request, const std::string& name);

/// Origins and who answers for them. What is asked of others is recorded, and fails.
class FakeInternet {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest& request)>;

  void serve(const std::string& origin, Handler handler) { handlers_[origin] = std::move(handler); }
  HttpResponse call(const HttpRequest& request);
  mcp::auth::Connector connector();
  /// Every name has the address 20.0.0.1, unless `addresses` says otherwise.
  mcp::auth::Resolver resolver();

  std::map<std::string, std::string> addresses;
  std::vector<std::string> called;  ///< "GET https://…", in order

 private:
  std::map<std::string, Handler> handlers_;
};

/// An authorization server as strict as one should be: what is wrong with a request it answers with
/// an OAuth error that says so.
class FakeAuthorizationServer {
 public:
  FakeAuthorizationServer(FakeInternet& internet, const std::string& issuer);

  struct Token {
    std::string scope;
    std::string resource;
    std::string client_id;
    std::string thumbprint;  ///< of the key that it is bound to
  };

  const std::string issuer;
  Json metadata;
  std::string metadata_url;
  std::map<std::string, std::string> clients;  ///< id to secret; empty: a public client
  std::optional<std::string> issuer_in_answer;
  std::string wrong_state;  ///< sent instead of the state, unless empty
  std::string dpop_nonce;   ///< demanded in proofs, unless empty
  bool dpop = false;        ///< binds tokens to the proof's key
  bool rotates = true;      ///< refresh tokens work once
  std::string expected_resource;
  std::map<std::string, mcp::auth::SigningKey> client_keys;
  std::string assertion;  ///< the one that the jwt-bearer grant takes
  std::function<std::optional<HttpResponse>(const Form& form)> on_token;

  std::vector<Form> authorizations;
  std::vector<Form> token_requests;
  std::vector<Json> registrations;
  std::vector<std::string> proofs;
  std::map<std::string, Token> tokens;  ///< by access token

 private:
  HttpResponse handle(const HttpRequest& request);
  HttpResponse authorize(const Form& query);
  HttpResponse register_client(const Json& request);
  HttpResponse token(const HttpRequest& request);
  std::string authenticated_client(const HttpRequest& request, const Form& form);
  HttpResponse issue(const Form& form, const std::string& client_id, const std::string& scope,
                     const std::string& thumbprint, bool refreshable);

  int count_ = 0;
  std::map<std::string, Form> codes_;
  std::map<std::string, Token> refresh_tokens_;
};

/// Follows the authorization URL as a browser would, up to the redirect.
class FakeBrowser final : public mcp::auth::UserAgent {
 public:
  explicit FakeBrowser(FakeInternet& internet) : internet_(internet) {}
  std::string redirect_uri(const std::optional<std::string>&) override { return uri; }
  std::string authorize(const std::string& url, std::stop_token) override;

  std::string uri = "http://127.0.0.1:4711/callback";
  int opened = 0;

 private:
  FakeInternet& internet_;
};

/// An MCP server that wants tokens, and a client's transport that has one message to send to it.
class FakeMcpServer {
 public:
  FakeMcpServer(FakeInternet& internet, const std::string& url, FakeAuthorizationServer& server);

  /// Sends one request as the transport does, repeating it as the authorizer says. "ok", or why
  /// not. `needed`: the scopes of this call.
  std::string call(mcp::Authorizer& authorizer, mcp::ManualRuntime& runtime,
                   const std::string& needed = "");
  /// The first response to a request without token, nothing else.
  HttpResponse respond(const mcp::HttpHeaders& headers, const std::string& needed) const;

  const std::string url;
  FakeAuthorizationServer* server;
  Json metadata;             ///< null: there is none
  std::string metadata_url;  ///< where it is
  bool announce = true;      ///< in the challenge
  std::string challenge_scope;
  bool dpop = false;
  std::string dpop_nonce;
  bool refuse_all = false;
  std::set<std::string> revoked;
};

}  // namespace test
