#include <doctest/doctest.h>

#include <mcp/auth/authorization_code.h>
#include <mcp/auth/json_web_token.h>
#include <mcp/auth/metadata.h>
#include <mcp/auth/www_authenticate.h>
#include <mcp/base/base64.h>
#include <mcp/base/digest.h>

#include "fake_internet.h"

namespace test {
namespace {

using namespace mcp::auth;

std::string field(const Form& form, const std::string& name) {
  const std::string* value = single_field(form, name);
  return value == nullptr ? "" : *value;
}

HttpResponse refuse(const std::string& code, const std::string& description) {
  return answer(400, {{"error", code}, {"error_description", description}});
}

Form query_of(const std::string& url) {
  const std::size_t at = url.find('?');
  return decode_form(at == url.npos ? std::string_view() : std::string_view(url).substr(at + 1));
}

}  // namespace

HttpResponse answer(int status, const Json& body, mcp::outbound::Headers headers) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = body.is_null() ? "" : body.dump();
  return response;
}

std::string sent_header(const HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return "";
}

HttpResponse FakeInternet::call(const HttpRequest& request) {
  called.push_back(request.method + " " + request.url);
  const auto found = handlers_.find(origin_of(request.url));
  if (found == handlers_.end()) throw std::runtime_error("nobody answers");
  return found->second(request);
}

Connector FakeInternet::connector() {
  return [this](const HttpRequest& request, const mcp::outbound::HttpOptions&, std::stop_token) {
    return call(request);
  };
}

Resolver FakeInternet::resolver() {
  return [this](const std::string& host) -> std::vector<std::string> {
    const auto found = addresses.find(host);
    return {found == addresses.end() ? "20.0.0.1" : found->second};
  };
}

FakeAuthorizationServer::FakeAuthorizationServer(FakeInternet& internet, const std::string& who)
    : issuer(who) {
  metadata = {{"issuer", issuer},
              {"authorization_endpoint", issuer + "/authorize"},
              {"token_endpoint", issuer + "/token"},
              {"registration_endpoint", issuer + "/register"},
              {"response_types_supported", {"code"}},
              {"code_challenge_methods_supported", {"S256"}},
              {"token_endpoint_auth_methods_supported",
               {"none", "client_secret_basic", "client_secret_post", "private_key_jwt"}}};
  metadata_url = server_metadata_urls(issuer).front();
  internet.serve(origin_of(issuer), [this](const HttpRequest& request) { return handle(request); });
}

HttpResponse FakeAuthorizationServer::handle(const HttpRequest& request) {
  const std::string path = request.url.substr(0, request.url.find('?'));
  if (path == metadata_url && !metadata.is_null()) return answer(200, metadata);
  if (path == issuer + "/authorize") return authorize(query_of(request.url));
  if (path == issuer + "/register") return register_client(Json::parse(request.body));
  if (path == issuer + "/token") return token(request);
  return answer(404, nullptr);
}

HttpResponse FakeAuthorizationServer::authorize(const Form& query) {
  authorizations.push_back(query);
  CHECK(clients.contains(field(query, "client_id")));
  CHECK(field(query, "response_type") == "code");
  CHECK(field(query, "code_challenge_method") == "S256");
  CHECK(field(query, "code_challenge").size() == 43);
  if (!expected_resource.empty()) CHECK(field(query, "resource") == expected_resource);
  const std::string code = "code-" + std::to_string(++count_);
  codes_[code] = query;
  Form back = {{"code", code},
               {"state", wrong_state.empty() ? field(query, "state") : wrong_state}};
  if (issuer_in_answer) back.emplace_back("iss", *issuer_in_answer);
  return answer(302, nullptr,
                {{"location", field(query, "redirect_uri") + "?" + encode_form(back)}});
}

HttpResponse FakeAuthorizationServer::register_client(const Json& request) {
  registrations.push_back(request);
  const std::string id = "client-" + std::to_string(++count_) + "-of-" + issuer;
  const std::string method = request.at("token_endpoint_auth_method");
  Json out = request;
  out["client_id"] = id;
  clients[id] = method == "none" ? "" : "registered-secret";
  if (method != "none") out["client_secret"] = clients[id];
  return answer(201, out);
}

std::string FakeAuthorizationServer::authenticated_client(const HttpRequest& request,
                                                          const Form& form) {
  std::string id = field(form, "client_id");
  std::string secret = field(form, "client_secret");
  if (const std::string basic = sent_header(request, "Authorization");
      basic.starts_with("Basic ")) {
    const auto bytes = mcp::base64_decode(basic.substr(6));
    REQUIRE(bytes);
    const std::string both(bytes->begin(), bytes->end());
    id = query_of("?" + std::string("v=") + both.substr(0, both.find(':'))).front().second;
    secret = query_of("?" + std::string("v=") + both.substr(both.find(':') + 1)).front().second;
    CHECK(field(form, "client_secret").empty());
  }
  if (const auto key = client_keys.find(id); key != client_keys.end()) {
    const std::string text = field(form, "client_assertion");
    const UnverifiedToken assertion_token = parse_token(text);
    CHECK(is_signed_by(assertion_token, key->second));
    CHECK(assertion_token.claims.at("iss") == id);
    CHECK(assertion_token.claims.at("sub") == id);
    CHECK(assertion_token.claims.at("aud") == issuer);
    CHECK(assertion_token.claims.at("jti").get<std::string>().size() > 10);
    return id;
  }
  const auto known = clients.find(id);
  return known != clients.end() && known->second == secret ? id : "";
}

HttpResponse FakeAuthorizationServer::token(const HttpRequest& request) {
  const Form form = decode_form(request.body);
  token_requests.push_back(form);
  std::string thumbprint;
  if (const std::string proof = sent_header(request, "DPoP"); !proof.empty()) {
    for (const std::string& earlier : proofs) CHECK(earlier != proof);
    proofs.push_back(proof);
    const UnverifiedToken parsed = parse_token(proof);
    const auto key = SigningKey::from_jwk(parsed.header.at("jwk"));
    CHECK(is_signed_by(parsed, key));
    CHECK(parsed.header.at("typ") == "dpop+jwt");
    CHECK(parsed.claims.at("htm") == "POST");
    CHECK(parsed.claims.at("htu") == issuer + "/token");
    if (!dpop_nonce.empty() && parsed.claims.value("nonce", "") != dpop_nonce)
      return answer(400, {{"error", "use_dpop_nonce"}}, {{"dpop-nonce", dpop_nonce}});
    thumbprint = key.thumbprint();
  }
  if (on_token)
    if (auto special = on_token(form)) return *special;
  const std::string client_id = authenticated_client(request, form);
  if (client_id.empty()) return answer(401, {{"error", "invalid_client"}});
  const std::string grant = field(form, "grant_type");
  if (!expected_resource.empty() && grant != "urn:ietf:params:oauth:grant-type:jwt-bearer" &&
      field(form, "resource") != expected_resource)
    return refuse("invalid_target", "resource is " + field(form, "resource"));
  if (grant == "authorization_code") {
    const auto found = codes_.find(field(form, "code"));
    if (found == codes_.end()) return refuse("invalid_grant", "no such code");
    const Form asked = found->second;
    codes_.erase(found);
    if (field(asked, "client_id") != client_id) return refuse("invalid_grant", "client differs");
    if (field(asked, "redirect_uri") != field(form, "redirect_uri"))
      return refuse("invalid_grant", "redirect_uri differs");
    if (mcp::base64url_encode(mcp::sha256(field(form, "code_verifier"))) !=
        field(asked, "code_challenge"))
      return refuse("invalid_grant", "code_verifier differs");
    return issue(form, client_id, field(asked, "scope"), thumbprint, true);
  }
  if (grant == "refresh_token") {
    const auto found = refresh_tokens_.find(field(form, "refresh_token"));
    if (found == refresh_tokens_.end() || found->second.client_id != client_id)
      return refuse("invalid_grant", "no such refresh token");
    const Token old = found->second;
    if (rotates) refresh_tokens_.erase(found);
    return issue(form, client_id, old.scope, thumbprint, rotates);
  }
  if (grant == "client_credentials")
    return issue(form, client_id, field(form, "scope"), thumbprint, false);
  if (grant == "urn:ietf:params:oauth:grant-type:jwt-bearer") {
    if (assertion.empty() || field(form, "assertion") != assertion)
      return refuse("invalid_grant", "no such assertion as " + field(form, "assertion"));
    return issue(form, client_id, field(form, "scope"), thumbprint, false);
  }
  return refuse("unsupported_grant_type", grant);
}

HttpResponse FakeAuthorizationServer::issue(const Form& form, const std::string& client_id,
                                            const std::string& scope, const std::string& thumbprint,
                                            bool refreshable) {
  const std::string access = "access-" + std::to_string(++count_);
  const Token token_record{scope, field(form, "resource"), client_id, dpop ? thumbprint : ""};
  tokens[access] = token_record;
  Json out = {{"access_token", access},
              {"token_type", dpop && !thumbprint.empty() ? "DPoP" : "Bearer"},
              {"expires_in", 3600}};
  if (refreshable) {
    const std::string refresh = "refresh-" + std::to_string(++count_);
    refresh_tokens_[refresh] = token_record;
    out["refresh_token"] = refresh;
  }
  return answer(200, out);
}

std::string FakeBrowser::authorize(const std::string& url, std::stop_token) {
  ++opened;
  HttpRequest request;
  request.url = url;
  const auto location = internet_.call(request).header("location");
  REQUIRE(location);
  return *location;
}

FakeMcpServer::FakeMcpServer(FakeInternet& internet, const std::string& where,
                             FakeAuthorizationServer& authorization_server)
    : url(where), server(&authorization_server) {
  metadata = {{"resource", url}, {"authorization_servers", {authorization_server.issuer}}};
  metadata_url = resource_metadata_urls(url).front();
  internet.serve(origin_of(url), [this](const HttpRequest& request) {
    if (request.url == metadata_url && !metadata.is_null()) return answer(200, metadata);
    return answer(404, nullptr);
  });
}

HttpResponse FakeMcpServer::respond(const mcp::HttpHeaders& headers,
                                    const std::string& needed) const {
  const std::string scheme = dpop ? "DPoP" : "Bearer";
  std::vector<std::pair<std::string, std::string>> parameters;
  if (announce) parameters.emplace_back("resource_metadata", metadata_url);
  const auto challenge = [&](int status, const std::string& error, const std::string& scope) {
    auto all = parameters;
    if (!error.empty()) all.emplace_back("error", error);
    if (!scope.empty()) all.emplace_back("scope", scope);
    mcp::outbound::Headers out = {{"www-authenticate", write_challenge(scheme, all)}};
    if (!dpop_nonce.empty()) out.emplace_back("dpop-nonce", dpop_nonce);
    return answer(status, nullptr, out);
  };
  const std::string* authorization = mcp::find_header(headers, "Authorization");
  if (authorization == nullptr) return challenge(401, "", challenge_scope);
  if (!authorization->starts_with(scheme + " ")) return challenge(401, "invalid_token", "");
  const std::string token = authorization->substr(scheme.size() + 1);
  const auto known = server->tokens.find(token);
  if (refuse_all || known == server->tokens.end() || revoked.contains(token))
    return challenge(401, "invalid_token", challenge_scope);
  if (dpop) {
    const std::string* proof = mcp::find_header(headers, "DPoP");
    REQUIRE(proof != nullptr);
    const UnverifiedToken parsed = parse_token(*proof);
    const auto key = SigningKey::from_jwk(parsed.header.at("jwk"));
    CHECK(is_signed_by(parsed, key));
    CHECK(key.thumbprint() == known->second.thumbprint);
    CHECK(parsed.claims.at("htu") == url);
    CHECK(parsed.claims.at("ath") == mcp::base64url_encode(mcp::sha256(token)));
    if (!dpop_nonce.empty() && parsed.claims.value("nonce", "") != dpop_nonce)
      return challenge(401, "use_dpop_nonce", "");
  }
  if (!scope_covers(split_scope(known->second.scope), split_scope(needed)))
    return challenge(403, "insufficient_scope", needed);
  return answer(200, nullptr);
}

std::string FakeMcpServer::call(mcp::Authorizer& authorizer, mcp::ManualRuntime& runtime,
                                const std::string& needed) {
  const mcp::Authorizer::Request request{"POST", url};
  for (int attempt = 1; attempt < 20; ++attempt) {
    const mcp::HttpHeaders sent = authorizer.headers(request);
    const HttpResponse response = respond(sent, needed);
    if (response.status == 200) {
      authorizer.answered(request, response.headers);
      return "ok";
    }
    std::optional<std::optional<std::string>> outcome;
    authorizer.refused({request, sent, response.status, response.headers, attempt},
                       [&](std::optional<std::string> error) { outcome = std::move(error); });
    runtime.run();
    REQUIRE(outcome);
    if (*outcome) return **outcome;
  }
  return "the authorizer never gave up";
}

}  // namespace test
