#pragma once

// Not for users: this header reaches Asio and OpenSSL. For the HTTP files of transport/ that open
// connections, and only for them.

#include <boost/asio/ssl/context.hpp>

#include <mcp/outbound/connection_rules.h>

namespace mcp {

/// A context for connections that this side opens: TLS 1.2 or newer, the other side's certificate
/// is checked against the rules' authorities or the system's. Throws std::runtime_error naming the
/// file that can't be read.
boost::asio::ssl::context make_client_tls_context(const outbound::ConnectionRules& rules);

/// Shows a certificate chain and key from PEM files. Throws std::runtime_error naming the file.
void use_certificate(boost::asio::ssl::context& context, const std::string& certificate_file,
                     const std::string& key_file);

}  // namespace mcp
