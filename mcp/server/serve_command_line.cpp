// The command line of a server program. Apart from serve.cpp, so that a program that parses its own
// carries no parser: it is a tenth of a small server.

#include <CLI/CLI.hpp>

#include <map>
#include <string>

#include <mcp/server/http_serving.h>
#include <mcp/server/serve.h>

namespace mcp {
namespace {

void add_http_options(CLI::App& app, ServeOptions& options) {
  HttpServerOptions& listen = options.http.listen;
  app.add_option("--http", options.http_address, "Serve HTTP at this address instead of stdio")
      ->option_text("HOST:PORT");
  app.add_option("--unix", listen.unix_path, "Serve HTTP on this Unix socket")->option_text("PATH");
  app.add_option("--tls-cert", listen.tls_certificate, "Serve HTTPS with this certificate chain")
      ->option_text("FILE")
      ->check(CLI::ExistingFile);
  app.add_option("--tls-key", listen.tls_key, "The certificate's key, unless it is in its file")
      ->option_text("FILE")
      ->check(CLI::ExistingFile);
  app.add_option("--allow-origin", options.http.allowed_origins,
                 "Web pages of this origin may call (repeatable)")
      ->option_text("ORIGIN");
  app.add_option("--allow-host", options.http.allowed_hosts,
                 "Another name of this server, without port (repeatable)")
      ->option_text("HOST");
  app.add_flag("--legacy-sse", options.http.legacy_sse,
               "Serve the transport of 2024-11-05 too, at /sse");
  app.add_option("--rate-limit", options.http.tool_calls_per_minute,
                 "Tool calls of one caller a minute, over HTTP (0: any number)")
      ->option_text("N")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  if (const auto add = server::add_authorization_options(); add != nullptr) add(app, options);
}

}  // namespace

int serve(Server& server, int argc, char** argv) {
  const Implementation& info = server.info();
  CLI::App app(info.description.empty() ? "MCP server " + info.name : info.description, info.name);
  ServeOptions options;
  add_serve_options(app, options);
  app.set_version_flag("--version", info.name + " " + info.version);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // --help and --version come this way too
    return app.exit(error) == 0 ? 0 : 2;
  }
  return serve(server, options);
}

void add_serve_options(CLI::App& app, ServeOptions& options) {
  app.add_option("--threads", options.threads,
                 "Calls that are worked on at a time, at most (0: up to 64)")
      ->option_text("N")
      ->check(CLI::Range(0, 1024));
  app.add_option("--state-key", options.state_key_file,
                 "File with the secrets that protect requestState, one a line, the first seals")
      ->option_text("FILE")
      ->check(CLI::ExistingFile);
  app.add_option("--audit", options.audit_file,
                 "File to which a line is added for every tool call: JSON, without its arguments")
      ->option_text("FILE");
  app.add_option("--log-level", options.log_level, "What is written to stderr")
      ->option_text("debug|info|warning|error")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, LogSeverity>{{"debug", LogSeverity::debug},
                                             {"info", LogSeverity::info},
                                             {"warning", LogSeverity::warning},
                                             {"error", LogSeverity::error}}));
  if (server::http_serving() != nullptr) add_http_options(app, options);
}

}  // namespace mcp
