#include <algorithm>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/discovery.h>
#include <mcp/auth/document.h>

namespace mcp::auth {
namespace {

/// The document at `url`; nothing when it is not there (4xx).
std::optional<Json> document_at(Fetcher& fetcher, const std::string& url, const std::string& what) {
  const auto response = fetcher.get(url, what);
  if (response.status == 200) return parse_document(response.body, what);
  if (response.status >= 400 && response.status < 500) return std::nullopt;
  throw AuthError("can't get " + what + ": HTTP status " + std::to_string(response.status));
}

std::optional<ResourceMetadata> find_resource_metadata(
    Fetcher& fetcher, const std::string& server_url, const std::optional<std::string>& announced) {
  const std::string what = "the server's protected resource metadata";
  if (announced) {
    const auto document = document_at(fetcher, *announced, what);
    if (!document) throw AuthError(what + " is not where the server's challenge says");
    return parse_resource_metadata(*document);
  }
  for (const std::string& url : resource_metadata_urls(server_url))
    if (const auto document = document_at(fetcher, url, what))
      return parse_resource_metadata(*document);
  return std::nullopt;
}

/// An endpoint is called with secrets, or shown to a user: it must be what can be called.
void check_endpoints(const Fetcher& fetcher, const ServerMetadata& server) {
  const auto check = [&](const std::string& url, const char* name) {
    if (url.empty()) return;
    if (const std::string why = fetcher.problem(url); !why.empty())
      throw AuthError("the " + std::string(name) + " of " + printable(server.issuer) +
                      " can't be used: " + printable(outbound::redacted_url(url)) + ": " + why);
  };
  check(server.authorization_endpoint, "authorization endpoint");
  check(server.token_endpoint, "token endpoint");
  check(server.registration_endpoint, "registration endpoint");
}

}  // namespace

std::optional<ServerMetadata> find_server_metadata(Fetcher& fetcher, const std::string& issuer) {
  const std::string what = "the metadata of the authorization server " + printable(issuer);
  for (const std::string& url : server_metadata_urls(issuer)) {
    const auto document = document_at(fetcher, url, what);
    if (!document) continue;
    ServerMetadata server = parse_server_metadata(*document, issuer);
    check_endpoints(fetcher, server);
    return server;
  }
  return std::nullopt;
}

Discovery discover(Fetcher& fetcher, const std::string& server_url,
                   const std::optional<std::string>& announced,
                   const std::vector<std::string>& preferred) {
  Discovery out;
  const auto resource = find_resource_metadata(fetcher, server_url, announced);
  if (!resource) {
    out.resource = server_url.substr(0, server_url.find('#'));
    const auto server = find_server_metadata(fetcher, origin_of(server_url));
    out.server = server ? *server : default_endpoints(server_url);
    check_endpoints(fetcher, out.server);
    return out;
  }
  if (!resource_covers(resource->resource, server_url))
    throw AuthError("the server's protected resource metadata is of another resource, " +
                    printable(outbound::redacted_url(resource->resource)) +
                    ": no token is asked for");
  out.resource = resource->resource;
  out.scopes_supported = resource->scopes_supported;
  out.dpop_required = resource->dpop_required;
  const auto& issuers = resource->authorization_servers;
  const auto known =
      std::find_first_of(issuers.begin(), issuers.end(), preferred.begin(), preferred.end());
  const std::string& issuer = known == issuers.end() ? issuers.front() : *known;
  auto server = find_server_metadata(fetcher, issuer);
  if (!server)
    throw AuthError("the authorization server " + printable(issuer) +
                    " has no metadata at any well-known place");
  out.server = *std::move(server);
  return out;
}

}  // namespace mcp::auth
