// The command line of `mcp::serve` for bearer tokens. Compiled into fairlead::auth, as the files
// http_*.cpp are into fairlead::http: the server knows who verifies, never the other way round.

#include <CLI/CLI.hpp>

#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <mcp/auth/bearer_verifier.h>
#include <mcp/server/http_serving.h>
#include <mcp/server/serve.h>

namespace mcp::server {
namespace {

/// What the command line says, until the verifier is made.
struct Bearer {
  auth::BearerVerifierOptions verifier;
  auth::IntrospectionOptions introspection;
  std::string secret_file;
};

/// A secret on the command line could be read by everybody on the machine.
std::string secret_of(const std::string& file) {
  std::ifstream in(file);
  std::string secret{std::istreambuf_iterator<char>(in), {}};
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) throw std::runtime_error("no secret can be read from " + file);
  return secret;
}

std::shared_ptr<RequestVerifier> make_verifier(Runtime& runtime, const Bearer& bearer) {
  auth::BearerVerifierOptions options = bearer.verifier;
  if (!bearer.introspection.endpoint.empty()) {
    options.introspection = bearer.introspection;
    options.introspection->client_secret = secret_of(bearer.secret_file);
  }
  return auth::make_bearer_verifier(runtime, std::move(options));
}

auth::ScopeRule parse_rule(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size())
    throw CLI::ValidationError("--auth-tool", "'" + text + "' is not TOOL=SCOPE");
  return {.name = text.substr(0, equals), .scopes = {text.substr(equals + 1)}};
}

void add_options(CLI::App& app, ServeOptions& options) {
  const auto bearer = std::make_shared<Bearer>();
  auth::BearerVerifierOptions& verifier = bearer->verifier;
  CLI::Option* issuer =
      app.add_option("--auth", verifier.authorization_servers,
                     "Serve only who has a token of this authorization server (repeatable)")
          ->option_text("ISSUER")
          ->each([bearer, &options](const std::string&) {
            options.make_verifier = [bearer](Runtime& runtime) {
              return make_verifier(runtime, *bearer);
            };
          });
  CLI::Option* resource =
      app.add_option("--auth-resource", verifier.resource,
                     "The endpoint as clients call it, https://…/mcp: what tokens must be for")
          ->option_text("URL")
          ->needs(issuer);
  issuer->needs(resource);
  app.add_option("--auth-jwks", verifier.jwks_url,
                 "Where the issuer's keys are, unless its metadata says it")
      ->option_text("URL")
      ->needs(issuer);
  CLI::Option* introspection =
      app.add_option("--auth-introspection", bearer->introspection.endpoint,
                     "Where to ask about tokens that are no JWTs; without --auth-jwks about all")
          ->option_text("URL")
          ->needs(issuer);
  CLI::Option* client = app.add_option("--auth-client", bearer->introspection.client_id,
                                       "Who this server is when it asks about tokens")
                            ->option_text("ID")
                            ->needs(introspection);
  CLI::Option* secret = app.add_option("--auth-secret", bearer->secret_file,
                                       "The file with the secret that belongs to --auth-client")
                            ->option_text("FILE")
                            ->check(CLI::ExistingFile)
                            ->needs(introspection);
  introspection->needs(client)->needs(secret);
  app.add_option("--auth-scope", verifier.required_scopes,
                 "What every request's token must allow (repeatable)")
      ->option_text("SCOPE")
      ->needs(issuer);
  app.add_option_function<std::vector<std::string>>(
         "--auth-tool",
         [bearer](const std::vector<std::string>& all) {
           for (const std::string& text : all)
             bearer->verifier.scope_rules.push_back(parse_rule(text));
         },
         "What calls of this tool need besides (repeatable)")
      ->option_text("TOOL=SCOPE")
      ->needs(issuer);
}

}  // namespace
}  // namespace mcp::server

// The link options of fairlead::auth ask for this symbol, so that this file is part of every
// program that links the library, and `mcp::serve` finds it.
extern "C" const bool fairlead_verifies_bearers;
const bool fairlead_verifies_bearers = [] {
  mcp::server::add_authorization_options() = mcp::server::add_options;
  return true;
}();
