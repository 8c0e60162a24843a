#include <stdexcept>

#include <mcp/transport/tls_context.h>

namespace mcp {
namespace {

namespace ssl = boost::asio::ssl;

void check(const boost::system::error_code& error, const std::string& what) {
  if (error) throw std::runtime_error(what + ": " + error.message());
}

}  // namespace

void use_certificate(ssl::context& context, const std::string& certificate_file,
                     const std::string& key_file) {
  boost::system::error_code error;
  context.use_certificate_chain_file(certificate_file, error);
  check(error, "can't read the certificate " + certificate_file);
  const std::string& key = key_file.empty() ? certificate_file : key_file;
  context.use_private_key_file(key, ssl::context::pem, error);
  check(error, "can't read the private key " + key);
}

ssl::context make_client_tls_context(const outbound::ConnectionRules& rules) {
  ssl::context context(ssl::context::tls_client);
  boost::system::error_code error;
  context.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, error);
  check(error, "TLS can't be restricted to 1.2 and newer");
  context.set_verify_mode(ssl::verify_peer, error);
  check(error, "certificates can't be checked");
  if (rules.ca_file.empty()) {
    context.set_default_verify_paths(error);
    check(error, "can't read the system's certificates");
  } else {
    context.load_verify_file(rules.ca_file, error);
    check(error, "can't read the certificates in " + rules.ca_file);
  }
  if (!rules.client_certificate_file.empty()) {
    use_certificate(context, rules.client_certificate_file, rules.client_key_file);
  }
  return context;
}

}  // namespace mcp
