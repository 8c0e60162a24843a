#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/json.h>

// The documents that say who authorizes for a server, and how to ask (2026-07-28,
// basic/authorization/authorization-server-discovery). URLs are opaque texts here: what a document
// names is kept byte for byte. All functions are thread-safe.

namespace mcp::auth {

/// OAuth 2.0 Protected Resource Metadata (RFC 9728).
struct ResourceMetadata {
  std::string resource;
  std::vector<std::string> authorization_servers;  ///< issuers
  std::optional<std::vector<std::string>> scopes_supported;
  bool dpop_required = false;
};

/// OAuth 2.0 Authorization Server Metadata (RFC 8414), as far as a client needs it.
struct ServerMetadata {
  std::string issuer;
  std::string authorization_endpoint;  ///< empty when there is none
  std::string token_endpoint;
  std::string registration_endpoint;
  std::string jwks_uri;
  std::optional<std::vector<std::string>> code_challenge_methods;
  std::optional<std::vector<std::string>> scopes_supported;
  std::optional<std::vector<std::string>> token_authentication_methods;
  std::optional<std::vector<std::string>> dpop_algorithms;
  bool names_issuer_in_response = false;  ///< `authorization_response_iss_parameter_supported`
  bool reads_client_documents = false;    ///< `client_id_metadata_document_supported`
  /// False for the default endpoints of 2025-03-26, which no document describes.
  bool discovered = true;
};

/// Where the resource's document may be, in the order to try: at its path, at its root.
std::vector<std::string> resource_metadata_urls(const std::string& server_url);
/// Where the authorization server's document may be, in the order to try.
std::vector<std::string> server_metadata_urls(const std::string& issuer);
/// `scheme://host:port` of a URL, as it is written there.
std::string origin_of(std::string_view url);

/// True when a token for `resource` is meant for the server at `server_url`: the same origin, and
/// the same path or one above it.
bool resource_covers(std::string_view resource, std::string_view server_url);

/// Throws AuthError when the document lacks `resource` or `authorization_servers`.
ResourceMetadata parse_resource_metadata(const Json& document);
/// Throws AuthError when `issuer` is not the document's, character by character, or a member has
/// the wrong type.
ServerMetadata parse_server_metadata(const Json& document, const std::string& issuer);
/// What 2025-03-26 assumes of a server that has no documents.
ServerMetadata default_endpoints(const std::string& server_url);

}  // namespace mcp::auth
