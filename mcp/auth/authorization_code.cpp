#include <algorithm>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/authorization_code.h>
#include <mcp/auth/document.h>
#include <mcp/auth/www_authenticate.h>
#include <mcp/base/base64.h>
#include <mcp/base/digest.h>
#include <mcp/base/ids.h>

namespace mcp::auth {
namespace {

void check_pkce(const ServerMetadata& server) {
  if (!server.discovered) return;  // no document that could tell
  const auto& methods = server.code_challenge_methods;
  if (!methods || std::find(methods->begin(), methods->end(), "S256") == methods->end())
    throw AuthError("the authorization server " + printable(server.issuer) +
                    " does not say that it supports PKCE with S256 "
                    "(code_challenge_methods_supported): it can't be used");
}

}  // namespace

AuthorizationRequest make_authorization_request(
    const ServerMetadata& server, const std::string& client_id, const std::string& redirect_uri,
    const std::string& resource, const std::string& scope, const std::string& dpop_thumbprint,
    Environment& environment) {
  if (server.authorization_endpoint.empty())
    throw AuthError("the authorization server " + printable(server.issuer) +
                    " has no authorization endpoint");
  check_pkce(server);
  AuthorizationRequest out;
  out.state = random_token(environment, 32);
  out.code_verifier = random_token(environment, 32);
  out.redirect_uri = redirect_uri;
  out.issuer = server.issuer;
  out.issuer_promised = server.names_issuer_in_response;
  Form query = {{"response_type", "code"},
                {"client_id", client_id},
                {"redirect_uri", redirect_uri},
                {"state", out.state},
                {"code_challenge", base64url_encode(sha256(out.code_verifier))},
                {"code_challenge_method", "S256"},
                {"resource", resource}};
  if (!scope.empty()) query.emplace_back("scope", scope);
  // OpenID Connect gives offline access only with the user's consent (core, section 11).
  if (scope_covers(split_scope(scope), {"offline_access"})) query.emplace_back("prompt", "consent");
  if (!dpop_thumbprint.empty()) query.emplace_back("dpop_jkt", dpop_thumbprint);
  const std::string& endpoint = server.authorization_endpoint;
  const std::string base = endpoint.substr(0, endpoint.find('#'));
  out.url = base + (base.find('?') == std::string::npos ? "?" : "&") + encode_form(query);
  return out;
}

std::string code_of_redirect(const AuthorizationRequest& request, std::string_view redirect) {
  if (redirect.size() > 65536) throw AuthError("the authorization's answer is too long");
  redirect = redirect.substr(0, redirect.find('#'));
  if (const std::size_t query = redirect.find('?'); query != redirect.npos)
    redirect.remove_prefix(query + 1);
  const Form answer = decode_form(redirect);
  const std::string* state = single_field(answer, "state");
  if (state == nullptr || !equal_in_constant_time(*state, request.state))
    throw AuthError("the authorization's answer belongs to another request (state differs)");

  const bool names_issuer = std::any_of(answer.begin(), answer.end(),
                                        [](const auto& field) { return field.first == "iss"; });
  const std::string* issuer = single_field(answer, "iss");
  if (names_issuer && (issuer == nullptr || *issuer != request.issuer))
    throw AuthError("the authorization's answer comes from another issuer than " +
                    printable(request.issuer) + ": it is not used");
  if (!names_issuer && request.issuer_promised)
    throw AuthError("the authorization's answer does not name its issuer (iss), which " +
                    printable(request.issuer) + " promised: it is not used");

  if (const std::string* error = single_field(answer, "error")) {
    const std::string* description = single_field(answer, "error_description");
    throw AuthError("the authorization server refused: " + printable(*error) +
                    (description == nullptr ? "" : " (" + printable(*description) + ")"));
  }
  const std::string* code = single_field(answer, "code");
  if (code == nullptr || code->empty()) throw AuthError("the authorization's answer holds no code");
  return *code;
}

}  // namespace mcp::auth
