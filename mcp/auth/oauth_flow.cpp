#include <algorithm>

#include <mcp/auth/authorization_code.h>
#include <mcp/auth/document.h>
#include <mcp/auth/oauth_flow.h>
#include <mcp/auth/registration.h>
#include <mcp/auth/www_authenticate.h>

namespace mcp::auth {
namespace {

constexpr const char* jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::size_t max_scopes = 100;

/// One run of the flow; everything it needs at hand.
class Flow {
 public:
  Flow(const std::string& server_url, const OAuthOptions& options, TokenStore& store,
       Environment& environment, std::stop_token stop, const FlowNeeds& needs)
      : server_url_(server_url),
        options_(options),
        store_(store),
        environment_(environment),
        fetcher_(foreign_rules(options.rules, server_url, options.resolver), options.connector,
                 options.resolver, std::move(stop)),
        needs_(needs) {}

  FlowResult run() {
    found_ = discover(fetcher_, server_url_, needs_.resource_metadata, preferred_issuers());
    // A token of another issuer, or for another resource, is of no use and shown to nobody.
    if (needs_.session && needs_.session->issuer == found_.server.issuer &&
        needs_.session->resource == found_.resource)
      session_ = needs_.session;
    if (needs_.dpop || found_.dpop_required || (session_ && session_->dpop)) prepare_dpop();
    scopes_ = scopes_to_ask();
    if (auto grant = refresh()) return finish(*std::move(grant), true);
    return finish(
        std::visit([this](const auto& grant) { return authorize(grant); }, options_.grant), false);
  }

 private:
  std::vector<std::string> preferred_issuers() const {
    std::vector<std::string> issuers;
    for (const RegisteredClient& client : options_.clients)
      if (!client.issuer.empty()) issuers.push_back(client.issuer);
    return issuers;
  }

  void prepare_dpop() {
    const auto& algorithms = found_.server.dpop_algorithms;
    if (algorithms &&
        std::find(algorithms->begin(), algorithms->end(), "ES256") == algorithms->end())
      throw AuthError("the authorization server " + printable(found_.server.issuer) +
                      " takes no DPoP proofs with ES256");
    prover_.emplace(session_ && session_->dpop ? SigningKey::from_pem(session_->dpop_key)
                                               : SigningKey::generate(Algorithm::es256),
                    environment_);
  }

  /// "Scope Selection Strategy" and "Step-Up Authorization Flow".
  std::vector<std::string> scopes_to_ask() const {
    std::vector<std::string> scopes;
    if (session_) scopes = session_->scopes;
    if (needs_.scopes) {
      scopes = scope_union(std::move(scopes), *needs_.scopes);
    } else if (scopes.empty() && found_.scopes_supported) {
      scopes = split_scope(join_scope(*found_.scopes_supported));
    }
    scopes = scope_union(std::move(scopes), options_.scopes);
    const auto* code = std::get_if<AuthorizationCodeGrant>(&options_.grant);
    const auto& offered = found_.server.scopes_supported;
    if (code != nullptr && code->offline_access && !scopes.empty() && offered &&
        scope_covers(*offered, {"offline_access"}))
      scopes = scope_union(std::move(scopes), {"offline_access"});
    if (scopes.size() > max_scopes)
      throw AuthError("the server has asked for more than 100 scopes by now");
    return scopes;
  }

  TokenGrant request(Form form, const ClientIdentity& identity) {
    return request_token(fetcher_, found_.server.token_endpoint, found_.server.issuer,
                         std::move(form), identity, prover_ ? &*prover_ : nullptr, environment_);
  }

  Form with_resource_and_scope(Form form) const {
    form.emplace_back("resource", found_.resource);
    if (!scopes_.empty()) form.emplace_back("scope", join_scope(scopes_));
    return form;
  }

  // --- Who we are ---

  /// The client that the user configured for this issuer.
  std::optional<ClientIdentity> configured_client() {
    const std::string& issuer = found_.server.issuer;
    for (const RegisteredClient& client : options_.clients) {
      if (client.issuer.empty()) {
        const auto bound = load_binding(store_, server_url_, client.client_id);
        if (bound && *bound != issuer)
          throw AuthError("the client id that is configured for this server belongs to " +
                          printable(*bound) + ", and the server now names " + printable(issuer));
        if (!bound) save_binding(store_, server_url_, client.client_id, issuer);
      } else if (client.issuer != issuer) {
        continue;
      }
      ClientIdentity identity;
      identity.client_id = client.client_id;
      identity.client_secret = client.client_secret;
      if (!client.private_key_pem.empty())
        identity.key = SigningKey::from_pem(client.private_key_pem);
      identity.authentication = choose_authentication(found_.server, !client.client_secret.empty(),
                                                      identity.key.has_value());
      return identity;
    }
    if (!options_.clients.empty())
      throw AuthError("no client id is configured for " + printable(issuer) +
                      ", the authorization server that the server names");
    return std::nullopt;
  }

  ClientIdentity required_client() {
    auto identity = configured_client();
    if (!identity) throw AuthError("this grant needs a client id, and none is configured");
    return *std::move(identity);
  }

  bool has_client_document(const AuthorizationCodeGrant& grant) const {
    return !grant.client_metadata_url.empty() && found_.server.reads_client_documents;
  }

  /// The registration that the store holds and that can still be used.
  std::optional<RegistrationRecord> stored_registration() {
    auto record = load_registration(store_, found_.server.issuer);
    if (record && record->secret_expires && *record->secret_expires <= environment_.wall_clock())
      return std::nullopt;
    return record;
  }

  ClientIdentity registered_client(const AuthorizationCodeGrant& grant,
                                   const std::string& redirect_uri) {
    if (auto record = stored_registration(); record && record->redirect_uri == redirect_uri)
      return record->identity;
    if (found_.server.registration_endpoint.empty())
      throw AuthError("the authorization server " + printable(found_.server.issuer) +
                      " does not register clients: get a client id there and configure it");
    const auto record =
        register_client(fetcher_, found_.server, grant, redirect_uri, prover_.has_value());
    save_registration(store_, found_.server.issuer, record);
    return record.identity;
  }

  /// Who got the session's refresh token.
  std::optional<ClientIdentity> client_for_refresh() {
    if (auto identity = configured_client()) return identity;
    const auto& grant = std::get<AuthorizationCodeGrant>(options_.grant);
    if (has_client_document(grant)) {
      ClientIdentity identity;
      identity.client_id = grant.client_metadata_url;
      return identity;
    }
    const auto record = stored_registration();
    if (!record) return std::nullopt;
    return record->identity;
  }

  // --- Grants ---

  std::optional<TokenGrant> refresh() {
    if (!session_ || session_->refresh_token.empty() || !needs_.may_refresh || needs_.step_up ||
        !std::holds_alternative<AuthorizationCodeGrant>(options_.grant))
      return std::nullopt;
    const auto identity = client_for_refresh();
    if (!identity) return std::nullopt;
    try {
      TokenGrant grant = request({{"grant_type", "refresh_token"},
                                  {"refresh_token", session_->refresh_token},
                                  {"resource", found_.resource}},
                                 *identity);
      if (grant.refresh_token.empty()) grant.refresh_token = session_->refresh_token;
      scopes_ = session_->scopes;
      return grant;
    } catch (const TokenRefused& refusal) {
      // Revoked or expired: the user has to authorize again. Anything else would not get better.
      if (refusal.code() == "invalid_client") erase_registration(store_, found_.server.issuer);
      if (refusal.code() == "invalid_grant" || refusal.code() == "invalid_client")
        return std::nullopt;
      throw;
    }
  }

  TokenGrant authorize(const AuthorizationCodeGrant& grant) {
    if (grant.user_agent == nullptr)
      throw AuthError("the server wants a user to authorize, and there is nobody to ask");
    auto identity = configured_client();
    std::optional<std::string> registered_uri;
    if (!identity)
      if (const auto record = stored_registration()) registered_uri = record->redirect_uri;
    const std::string redirect_uri = grant.user_agent->redirect_uri(registered_uri);
    if (!identity && has_client_document(grant)) {
      identity.emplace();
      identity->client_id = grant.client_metadata_url;
    }
    if (!identity) identity = registered_client(grant, redirect_uri);
    const auto asked = make_authorization_request(
        found_.server, identity->client_id, redirect_uri, found_.resource, join_scope(scopes_),
        prover_ ? prover_->key().thumbprint() : "", environment_);
    const std::string code =
        code_of_redirect(asked, grant.user_agent->authorize(asked.url, fetcher_.stop()));
    return request({{"grant_type", "authorization_code"},
                    {"code", code},
                    {"redirect_uri", redirect_uri},
                    {"code_verifier", asked.code_verifier},
                    {"resource", found_.resource}},
                   *identity);
  }

  TokenGrant authorize(const ClientCredentialsGrant&) {
    return request(with_resource_and_scope({{"grant_type", "client_credentials"}}),
                   required_client());
  }

  TokenGrant authorize(const EnterpriseManagedGrant& grant) {
    const ClientIdentity identity = required_client();
    if (const std::string why = fetcher_.problem(grant.token_endpoint); !why.empty())
      throw AuthError("the identity provider's token endpoint can't be used: " + why);
    ClientIdentity at_provider;
    at_provider.client_id = grant.client_id;
    at_provider.client_secret = grant.client_secret;
    if (!grant.client_secret.empty())
      at_provider.authentication = ClientAuthentication::secret_post;
    Form exchange = with_resource_and_scope(
        {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
         {"subject_token", grant.id_token()},
         {"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"},
         {"requested_token_type", "urn:ietf:params:oauth:token-type:id-jag"},
         {"audience", found_.server.issuer}});
    // The user chose the identity provider, the server did not: the user's own rules hold.
    Fetcher provider(options_.rules, options_.connector, options_.resolver, fetcher_.stop());
    const TokenGrant assertion =
        request_token(provider, grant.token_endpoint, origin_of(grant.token_endpoint),
                      std::move(exchange), at_provider, nullptr, environment_);
    return request({{"grant_type", jwt_bearer}, {"assertion", assertion.access_token}}, identity);
  }

  TokenGrant authorize(const WorkloadIdentityGrant& grant) {
    return request(
        with_resource_and_scope({{"grant_type", jwt_bearer}, {"assertion", grant.assertion()}}),
        required_client());
  }

  FlowResult finish(TokenGrant grant, bool refreshed) {
    FlowResult out;
    out.refreshed = refreshed;
    SessionRecord& session = out.session;
    session.issuer = found_.server.issuer;
    session.resource = found_.resource;
    session.access_token = std::move(grant.access_token);
    session.refresh_token = std::move(grant.refresh_token);
    session.scopes = scopes_;
    if (grant.token_type == "dpop") {
      if (!prover_) throw AuthError("the token is bound to a key that was not shown (DPoP)");
      session.dpop = true;
      session.dpop_key = prover_->key().private_pem();
    } else if (grant.token_type != "bearer") {
      throw AuthError("the token is of a type that can't be used: " +
                      printable(grant.token_type, 40));
    }
    save_session(store_, server_url_, session);
    return out;
  }

  const std::string& server_url_;
  const OAuthOptions& options_;
  TokenStore& store_;
  Environment& environment_;
  Fetcher fetcher_;
  const FlowNeeds& needs_;

  Discovery found_;
  std::optional<SessionRecord> session_;  // the part of needs_.session that can be used
  std::optional<DpopProver> prover_;
  std::vector<std::string> scopes_;
};

}  // namespace

FlowResult run_flow(const std::string& server_url, const OAuthOptions& options, TokenStore& store,
                    Environment& environment, std::stop_token stop, const FlowNeeds& needs) {
  return Flow(server_url, options, store, environment, std::move(stop), needs).run();
}

}  // namespace mcp::auth
