#include <mcp/auth/auth_error.h>
#include <mcp/auth/document.h>
#include <mcp/auth/session_record.h>
#include <mcp/auth/www_authenticate.h>

namespace mcp::auth {
namespace {

constexpr const char* what = "a record of the token store";

std::string registration_key(const std::string& issuer) {
  return "registration " + issuer;
}

std::string binding_key(const std::string& server_url, const std::string& client_id) {
  return "issuer of " + client_id + " at " + server_url;
}

std::optional<Json> load(TokenStore& store, const std::string& key) {
  const auto text = store.get(key);
  if (!text) return std::nullopt;
  return parse_document(*text, what);
}

}  // namespace

std::string session_key(const std::string& server_url) {
  return "session " + server_url;
}

std::optional<SessionRecord> load_session(TokenStore& store, const std::string& server_url) {
  const auto json = load(store, session_key(server_url));
  if (!json) return std::nullopt;
  SessionRecord record;
  record.issuer = required_text(*json, "issuer", what);
  record.resource = required_text(*json, "resource", what);
  record.access_token = required_text(*json, "access_token", what);
  record.refresh_token = text_member(*json, "refresh_token", what).value_or("");
  record.dpop_key = text_member(*json, "dpop_key", what).value_or("");
  record.dpop = !record.dpop_key.empty();
  record.scopes = split_scope(text_member(*json, "scope", what).value_or(""));
  return record;
}

void save_session(TokenStore& store, const std::string& server_url, const SessionRecord& record) {
  Json json = {{"issuer", record.issuer},
               {"resource", record.resource},
               {"access_token", record.access_token},
               {"scope", join_scope(record.scopes)}};
  if (!record.refresh_token.empty()) json["refresh_token"] = record.refresh_token;
  if (record.dpop) json["dpop_key"] = record.dpop_key;
  store.put(session_key(server_url), json.dump());
}

std::optional<RegistrationRecord> load_registration(TokenStore& store, const std::string& issuer) {
  const auto json = load(store, registration_key(issuer));
  if (!json) return std::nullopt;
  RegistrationRecord record;
  record.identity.client_id = required_text(*json, "client_id", what);
  record.identity.client_secret = text_member(*json, "client_secret", what).value_or("");
  const auto method = parse_client_authentication(
      text_member(*json, "token_endpoint_auth_method", what).value_or("none"));
  if (!method) return std::nullopt;
  record.identity.authentication = *method;
  record.redirect_uri = text_member(*json, "redirect_uri", what).value_or("");
  if (const auto expires = json->find("secret_expires"); expires != json->end())
    record.secret_expires =
        std::chrono::system_clock::time_point(std::chrono::seconds(expires->get<std::int64_t>()));
  return record;
}

void save_registration(TokenStore& store, const std::string& issuer,
                       const RegistrationRecord& record) {
  Json json = {{"client_id", record.identity.client_id},
               {"token_endpoint_auth_method", name_of(record.identity.authentication)},
               {"redirect_uri", record.redirect_uri}};
  if (!record.identity.client_secret.empty()) json["client_secret"] = record.identity.client_secret;
  if (record.secret_expires)
    json["secret_expires"] =
        std::chrono::duration_cast<std::chrono::seconds>(record.secret_expires->time_since_epoch())
            .count();
  store.put(registration_key(issuer), json.dump());
}

void erase_registration(TokenStore& store, const std::string& issuer) {
  store.erase(registration_key(issuer));
}

std::optional<std::string> load_binding(TokenStore& store, const std::string& server_url,
                                        const std::string& client_id) {
  return store.get(binding_key(server_url, client_id));
}

void save_binding(TokenStore& store, const std::string& server_url, const std::string& client_id,
                  const std::string& issuer) {
  store.put(binding_key(server_url, client_id), issuer);
}

}  // namespace mcp::auth
