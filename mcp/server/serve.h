#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <mcp/server/http_options.h>
#include <mcp/server/server.h>

namespace CLI {
class App;
}

namespace mcp {

/// What the command line of a server program decides; for programs that parse their own.
struct ServeOptions {
  /// Handlers that run at the same time, at most: calls beyond it wait. 0: as many as there are
  /// cores, and more while handlers block, up to `RuntimeOptions::max_worker_threads`.
  std::size_t threads = 0;
  /// A file with the secrets of `requestState`, one a line, the first seals. Empty: the environment
  /// variable MCP_STATE_KEY (secrets separated by blanks), else `ServerOptions::state_keys`, else a
  /// random one.
  std::string state_key_file = {};
  /// A file to which a line is added for every tool call (see AuditLog). Empty: none.
  std::string audit_file = {};
  LogSeverity log_level = LogSeverity::info;  ///< unless `ServerOptions::log` is set
  /// `HOST:PORT` or `PORT` (of 127.0.0.1) to serve HTTP on, which needs a program that links
  /// fairlead::http. Empty, and no `http.listen.unix_path` either: stdin and stdout.
  std::string http_address = {};
  HttpOptions http = {};  ///< host and port come from `http_address`
  /// Makes `http.verifier` when serving over HTTP begins, for verifiers that need the runtime, as
  /// `auth::make_bearer_verifier` does. What it throws ends `serve` with 1, and so does asking for
  /// it on stdin and stdout, where nobody would be asked for a token.
  std::function<std::shared_ptr<RequestVerifier>(Runtime& runtime)> make_verifier = {};
  /// How long HTTP calls in flight may go on after a signal.
  Duration http_drain_timeout = std::chrono::seconds(5);
  /// How long calls in flight may go on after the client has closed its end, before their handlers
  /// are asked to stop: enough for `printf … | server` to be answered, too short to be waited for.
  Duration drain_timeout = std::chrono::milliseconds(500);
  /// How long handlers may take to notice that they should stop, and what they return to be
  /// written.
  Duration stop_timeout = std::chrono::seconds(2);
};

/// Serves on stdin and stdout until the client closes its end, or SIGTERM or SIGINT comes. The end
/// of stdin lets calls in flight end (`drain_timeout`), then cancels them; a signal cancels at
/// once. In both cases what handlers still return is written if somebody reads it. With `--http` or
/// `--unix` (programs that link fairlead::http) it serves HTTP until a signal comes. Returns the
/// process's exit code: 0, also for --help and --version; 1 when it can't serve; 2 for a wrong
/// command line. Handlers that do not end in time are named in the log, and the process leaves
/// without them. Call it once, from main.
///
///     --threads N --state-key FILE --audit FILE --log-level debug|info|warning|error --help
///     --version
///     --http HOST:PORT --unix PATH --tls-cert FILE --tls-key FILE --allow-origin ORIGIN
///     --allow-host HOST --legacy-sse --rate-limit N
/// and with fairlead::auth
///     --auth ISSUER --auth-resource URL --auth-jwks URL --auth-scope SCOPE
///     --auth-tool TOOL=SCOPE --auth-introspection URL --auth-client ID --auth-secret FILE
int serve(Server& server, int argc, char** argv);
int serve(Server& server, const ServeOptions& options);
/// Adds these options to a program's own command line; `options` must live until it is parsed.
void add_serve_options(CLI::App& app, ServeOptions& options);

}  // namespace mcp
