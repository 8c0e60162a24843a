#include <algorithm>

#include <mcp/auth/document.h>
#include <mcp/auth/registration.h>

namespace mcp::auth {
namespace {

/// The method to ask for: none where that is offered, for a program on a user's machine keeps no
/// secret that is one.
ClientAuthentication wanted_authentication(const ServerMetadata& server) {
  const auto& supported = server.token_authentication_methods;
  if (!supported)
    return server.discovered ? ClientAuthentication::secret_basic : ClientAuthentication::none;
  for (const auto method : {ClientAuthentication::none, ClientAuthentication::secret_basic,
                            ClientAuthentication::secret_post})
    if (std::find(supported->begin(), supported->end(), name_of(method)) != supported->end())
      return method;
  throw AuthError("the authorization server " + printable(server.issuer) +
                  " takes none of the ways in which a registered client could authenticate");
}

[[noreturn]] void refused(const outbound::HttpResponse& response, const std::string& who) {
  std::string why = "HTTP status " + std::to_string(response.status);
  try {
    const Json body = parse_document(response.body, "the answer");
    if (const auto code = text_member(body, "error", "the answer")) why = printable(*code);
    if (const auto text = text_member(body, "error_description", "the answer"))
      why += " (" + printable(*text) + ")";
  } catch (const AuthError&) {
    // No OAuth error: the status has to do.
  }
  throw AuthError(who + " refuses to register this client: " + why);
}

}  // namespace

RegistrationRecord register_client(Fetcher& fetcher, const ServerMetadata& server,
                                   const AuthorizationCodeGrant& grant,
                                   const std::string& redirect_uri, bool dpop) {
  const std::string who = "the authorization server " + printable(server.issuer);
  const ClientAuthentication wanted = wanted_authentication(server);
  Json request = {{"client_name", grant.client_name},
                  {"redirect_uris", {redirect_uri}},
                  {"grant_types", {"authorization_code", "refresh_token"}},
                  {"response_types", {"code"}},
                  {"application_type", grant.application_type},
                  {"token_endpoint_auth_method", name_of(wanted)}};
  if (!grant.client_uri.empty()) request["client_uri"] = grant.client_uri;
  if (dpop) request["dpop_bound_access_tokens"] = true;
  const auto response = fetcher.post(server.registration_endpoint, "application/json",
                                     request.dump(), {}, "a registration at " + who);
  if (response.status != 200 && response.status != 201) refused(response, who);
  const std::string what = "the registration at " + who;
  const Json body = parse_document(response.body, what);
  RegistrationRecord record;
  record.redirect_uri = redirect_uri;
  record.identity.client_id = required_text(body, "client_id", what);
  record.identity.client_secret = text_member(body, "client_secret", what).value_or("");
  const bool has_secret = !record.identity.client_secret.empty();
  if (const auto name = text_member(body, "token_endpoint_auth_method", what)) {
    const auto method = parse_client_authentication(*name);
    if (!method || *method == ClientAuthentication::private_key_jwt)
      throw AuthError(what + " demands authentication by " + printable(*name, 40));
    record.identity.authentication = *method;
  } else {
    // Servers that leave it out mean what was asked for, if they gave what it needs.
    record.identity.authentication = has_secret ? wanted : ClientAuthentication::none;
  }
  if (!has_secret && record.identity.authentication != ClientAuthentication::none)
    throw AuthError(what + " demands a secret and gives none");
  const auto expires = body.find("client_secret_expires_at");
  if (expires != body.end() && expires->is_number_integer() && *expires > 0)
    record.secret_expires =
        std::chrono::system_clock::time_point(std::chrono::seconds(expires->get<std::int64_t>()));
  return record;
}

}  // namespace mcp::auth
