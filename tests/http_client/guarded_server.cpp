#include "guarded_server.h"

using mcp::Json;

GuardedServer::GuardedServer(RawServer::Script rest)
    : rest_(std::move(rest)), raw([this](const auto& request, auto& connection) {
        if (!authorize(request, connection)) rest_(request, connection);
      }) {}

/// True when the request was about a token, or had none.
bool GuardedServer::authorize(const RawServer::Request& request,
                              RawServer::Connection& connection) {
  const std::string origin = "http://" + request.header("host");
  const auto answer = [&](int status, const Json& body) {
    connection.respond(status, "application/json", body.dump());
    return true;
  };
  const std::string token = "geheim-token-" + std::to_string(generation_);
  if (request.target == "/.well-known/oauth-protected-resource/mcp") {
    return answer(
        200, {{"resource", origin + "/mcp"}, {"authorization_servers", Json::array({origin})}});
  }
  if (request.target == "/.well-known/oauth-authorization-server") {
    return answer(200, {{"issuer", origin},
                        {"authorization_endpoint", origin + "/authorize"},
                        {"token_endpoint", origin + "/token"},
                        {"registration_endpoint", origin + "/register"},
                        {"response_types_supported", Json::array({"code"})},
                        {"token_endpoint_auth_methods_supported", Json::array({"none"})},
                        {"code_challenge_methods_supported", Json::array({"S256"})}});
  }
  if (request.target == "/register") {
    Json client = request.json();
    client["client_id"] = "the-client";
    return answer(201, client);
  }
  if (request.target == "/token") {
    if (token_failure != 0) {
      connection.respond(token_failure, "text/plain", request.body + " geheim-answer");
      return true;
    }
    return answer(200, {{"access_token", token},
                        {"token_type", "Bearer"},
                        {"expires_in", 3600},
                        {"refresh_token", "geheim-refresh-" + std::to_string(generation_)}});
  }
  if (request.header("authorization") == "Bearer " + token) return false;
  connection.respond(401, "", "", "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n");
  return true;
}

std::size_t GuardedServer::grants(const std::string& type) const {
  std::size_t count = 0;
  for (const auto& request : raw.requests()) {
    if (request.target == "/token" &&
        request.body.find("grant_type=" + type) != std::string::npos) {
      ++count;
    }
  }
  return count;
}

std::string GuardedServer::agreed(const std::string& page) {
  const std::size_t begin = page.find("state=");
  const std::string state = page.substr(begin, page.find('&', begin) - begin);
  return "http://127.0.0.1:9/callback?code=geheim-code&" + state;
}
