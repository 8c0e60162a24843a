#include <algorithm>
#include <cmath>
#include <vector>

#include <mcp/auth/document.h>
#include <mcp/auth/json_web_token.h>
#include <mcp/auth/token_endpoint.h>
#include <mcp/base/ascii.h>
#include <mcp/base/base64.h>
#include <mcp/base/ids.h>
#include <mcp/base/uri.h>

namespace mcp::auth {
namespace {

constexpr std::size_t max_token_bytes = 32 * 1024;
constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// RFC 7523 section 3, with the issuer as the audience.
std::string client_assertion(const ClientIdentity& identity, const std::string& issuer,
                             Environment& environment) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(environment.wall_clock().time_since_epoch())
          .count();
  return sign_token(*identity.key, {{"typ", "JWT"}},
                    {{"iss", identity.client_id},
                     {"sub", identity.client_id},
                     {"aud", issuer},
                     {"iat", now},
                     {"exp", now + 300},
                     {"jti", random_token(environment)}});
}

outbound::Headers add_client(Form& form, const ClientIdentity& identity, const std::string& issuer,
                             Environment& environment) {
  switch (identity.authentication) {
    case ClientAuthentication::secret_basic:
      return {{"Authorization", "Basic " + base64_encode(percent_encode(identity.client_id) + ":" +
                                                         percent_encode(identity.client_secret))}};
    case ClientAuthentication::secret_post:
      form.emplace_back("client_secret", identity.client_secret);
      break;
    case ClientAuthentication::private_key_jwt:
      form.emplace_back("client_assertion_type", assertion_type);
      form.emplace_back("client_assertion", client_assertion(identity, issuer, environment));
      break;
    case ClientAuthentication::none:
      break;
  }
  if (!identity.client_id.empty()) form.emplace_back("client_id", identity.client_id);
  return {};
}

/// A foreign text without whatever of ours is in it.
std::string without_secrets(std::string text, const Form& form, const ClientIdentity& identity) {
  std::vector<std::string> secrets = {identity.client_secret};
  for (const char* name : {"code", "code_verifier", "refresh_token", "assertion", "subject_token",
                           "client_assertion", "client_secret"})
    if (const std::string* value = single_field(form, name)) secrets.push_back(*value);
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += 3)
      text.replace(at, secret.size(), "...");
  }
  return text;
}

/// The text of a refusal, as far as it can be believed and shown.
[[noreturn]] void refused(const outbound::HttpResponse& response, const std::string& who,
                          const Form& form, const ClientIdentity& identity) {
  std::string code;
  std::string description;
  try {
    const Json body = parse_document(response.body, "the answer");
    code = text_member(body, "error", "the answer").value_or("");
    description = text_member(body, "error_description", "the answer").value_or("");
  } catch (const AuthError&) {
    // No OAuth error: the status has to do.
  }
  const auto shown = [&](const std::string& text) {
    return printable(without_secrets(text, form, identity));
  };
  std::string message = who + " gave no token: ";
  message += code.empty() ? "HTTP status " + std::to_string(response.status) : shown(code);
  if (!description.empty()) message += " (" + shown(description) + ")";
  throw TokenRefused(code, message);
}

TokenGrant parse_grant(const outbound::HttpResponse& response, const std::string& who) {
  const std::string what = "the token of " + who;
  const Json body = parse_document(response.body, what);
  TokenGrant grant;
  grant.access_token = required_text(body, "access_token", what);
  grant.token_type = ascii_lower(required_text(body, "token_type", what));
  grant.refresh_token = text_member(body, "refresh_token", what).value_or("");
  grant.issued_token_type = text_member(body, "issued_token_type", what).value_or("");
  grant.scope = text_member(body, "scope", what);
  if (const auto lifetime = body.find("expires_in");
      lifetime != body.end() && lifetime->is_number()) {
    const double seconds = lifetime->get<double>();
    if (std::isfinite(seconds) && seconds >= 0)
      grant.lifetime = std::chrono::seconds(static_cast<long>(std::min(seconds, 3.2e9)));
  }
  // It will stand in a header.
  const bool sendable = grant.access_token.size() <= max_token_bytes &&
                        std::all_of(grant.access_token.begin(), grant.access_token.end(),
                                    [](char c) { return c > 0x20 && c < 0x7F; });
  if (!sendable) throw AuthError(what + " can't be sent: it is too long or no visible ASCII");
  return grant;
}

}  // namespace

std::optional<ClientAuthentication> parse_client_authentication(std::string_view name) {
  for (const auto method :
       {ClientAuthentication::none, ClientAuthentication::secret_basic,
        ClientAuthentication::secret_post, ClientAuthentication::private_key_jwt})
    if (name == name_of(method)) return method;
  return std::nullopt;
}

std::string_view name_of(ClientAuthentication method) {
  switch (method) {
    case ClientAuthentication::none:
      return "none";
    case ClientAuthentication::secret_basic:
      return "client_secret_basic";
    case ClientAuthentication::secret_post:
      return "client_secret_post";
    case ClientAuthentication::private_key_jwt:
      return "private_key_jwt";
  }
  return "";
}

ClientAuthentication choose_authentication(const ServerMetadata& server, bool has_secret,
                                           bool has_key) {
  const auto& supported = server.token_authentication_methods;
  const auto takes = [&](ClientAuthentication method) {
    return supported &&
           std::find(supported->begin(), supported->end(), name_of(method)) != supported->end();
  };
  if (has_key && (!supported || takes(ClientAuthentication::private_key_jwt)))
    return ClientAuthentication::private_key_jwt;
  if (has_secret) {
    if (!supported || takes(ClientAuthentication::secret_basic))
      return ClientAuthentication::secret_basic;
    if (takes(ClientAuthentication::secret_post)) return ClientAuthentication::secret_post;
  }
  if (!has_secret && !has_key) return ClientAuthentication::none;
  throw AuthError("the authorization server " + printable(server.issuer) +
                  " takes none of the ways in which this client can authenticate");
}

TokenGrant request_token(Fetcher& fetcher, const std::string& endpoint, const std::string& issuer,
                         Form form, const ClientIdentity& identity, DpopProver* prover,
                         Environment& environment) {
  const std::string who = "the token endpoint of " + printable(issuer);
  if (endpoint.empty())
    throw AuthError("the authorization server " + printable(issuer) + " has no token endpoint");
  const std::string what = "a token from " + printable(issuer);
  for (bool repeated = false;; repeated = true) {
    // Both the proof and the assertion are good for one request only.
    Form complete = form;
    auto headers = add_client(complete, identity, issuer, environment);
    if (prover != nullptr)
      headers.emplace_back("DPoP", prover->proof("POST", endpoint, std::nullopt));
    const auto response = fetcher.post(endpoint, "application/x-www-form-urlencoded",
                                       encode_form(complete), std::move(headers), what);
    const bool new_nonce = prover != nullptr && prover->learn(endpoint, response.headers);
    if (response.status == 200) return parse_grant(response, who);
    const bool wants_nonce = new_nonce && !repeated &&
                             (response.status == 400 || response.status == 401) &&
                             response.body.find("use_dpop_nonce") != std::string::npos;
    if (!wants_nonce) refused(response, who, complete, identity);
  }
}

}  // namespace mcp::auth
