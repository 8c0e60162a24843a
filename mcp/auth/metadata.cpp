#include <mcp/auth/auth_error.h>
#include <mcp/auth/document.h>
#include <mcp/auth/metadata.h>
#include <mcp/outbound/url.h>

namespace mcp::auth {
namespace {

struct SplitUrl {
  std::string origin;
  std::string path;   ///< "" or "/…"
  std::string query;  ///< with its '?'
};

SplitUrl split(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?", host), url.size());
  const std::size_t query = std::min(url.find('?', end), url.size());
  return {std::string(url.substr(0, end)), std::string(url.substr(end, query - end)),
          std::string(url.substr(query))};
}

bool same_origin(const outbound::HttpUrl& a, const outbound::HttpUrl& b) {
  return a.secure == b.secure && a.host == b.host && a.port == b.port;
}

}  // namespace

std::string origin_of(std::string_view url) {
  return split(url).origin;
}

std::vector<std::string> resource_metadata_urls(const std::string& server_url) {
  const SplitUrl url = split(server_url);
  const std::string root = url.origin + "/.well-known/oauth-protected-resource";
  const std::string path = url.path == "/" ? std::string() : url.path;
  if (path.empty() && url.query.empty()) return {root};
  return {root + path + url.query, root};
}

std::vector<std::string> server_metadata_urls(const std::string& issuer) {
  SplitUrl url = split(issuer);
  while (url.path.ends_with('/')) url.path.pop_back();
  const std::string well_known = url.origin + "/.well-known/";
  std::vector<std::string> urls = {well_known + "oauth-authorization-server" + url.path,
                                   well_known + "openid-configuration" + url.path};
  if (!url.path.empty())
    urls.push_back(url.origin + url.path + "/.well-known/openid-configuration");
  return urls;
}

bool resource_covers(std::string_view resource, std::string_view server_url) {
  const auto of_resource = outbound::parse_http_url(resource);
  const auto of_server = outbound::parse_http_url(server_url);
  if (!of_resource || !of_server || !same_origin(*of_resource, *of_server)) return false;
  if (resource.find('#') != std::string_view::npos) return false;
  const SplitUrl narrow = split(server_url);
  const SplitUrl wide = split(resource);
  if (!wide.query.empty() && wide.query != narrow.query) return false;
  std::string prefix = wide.path;
  if (!prefix.ends_with('/')) prefix += '/';
  std::string path = narrow.path;
  if (!path.ends_with('/')) path += '/';
  return path.starts_with(prefix);
}

ResourceMetadata parse_resource_metadata(const Json& document) {
  constexpr const char* what = "the server's protected resource metadata";
  ResourceMetadata out;
  out.resource = required_text(document, "resource", what);
  out.authorization_servers =
      texts_member(document, "authorization_servers", what).value_or(std::vector<std::string>());
  if (out.authorization_servers.empty())
    throw AuthError(std::string(what) + " names no authorization server");
  out.scopes_supported = texts_member(document, "scopes_supported", what);
  out.dpop_required = true_member(document, "dpop_bound_access_tokens_required");
  return out;
}

ServerMetadata parse_server_metadata(const Json& document, const std::string& issuer) {
  const std::string what = "the metadata of the authorization server " + printable(issuer);
  ServerMetadata out;
  out.issuer = required_text(document, "issuer", what);
  if (out.issuer != issuer)
    throw AuthError(what + " is of another issuer, " + printable(out.issuer) +
                    ": it can't be used");
  const auto endpoint = [&](const char* name) {
    return text_member(document, name, what).value_or("");
  };
  out.authorization_endpoint = endpoint("authorization_endpoint");
  out.token_endpoint = endpoint("token_endpoint");
  out.registration_endpoint = endpoint("registration_endpoint");
  out.jwks_uri = endpoint("jwks_uri");
  out.code_challenge_methods = texts_member(document, "code_challenge_methods_supported", what);
  out.scopes_supported = texts_member(document, "scopes_supported", what);
  out.token_authentication_methods =
      texts_member(document, "token_endpoint_auth_methods_supported", what);
  out.dpop_algorithms = texts_member(document, "dpop_signing_alg_values_supported", what);
  out.names_issuer_in_response =
      true_member(document, "authorization_response_iss_parameter_supported");
  out.reads_client_documents = true_member(document, "client_id_metadata_document_supported");
  return out;
}

ServerMetadata default_endpoints(const std::string& server_url) {
  ServerMetadata out;
  const std::string origin = origin_of(server_url);
  out.issuer = origin;
  out.authorization_endpoint = origin + "/authorize";
  out.token_endpoint = origin + "/token";
  out.registration_endpoint = origin + "/register";
  out.discovered = false;
  return out;
}

}  // namespace mcp::auth
