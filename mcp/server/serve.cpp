#include <mcp/server/serve.h>

#include <charconv>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp/base/system_memory.h>
#include <mcp/server/core.h>
#include <mcp/server/engine.h>
#include <mcp/server/http_serving.h>
#include <mcp/server/served.h>
#include <mcp/server/stop_signals.h>
#include <mcp/transport/descriptor_limit.h>
#include <mcp/transport/stdio.h>

namespace mcp {
namespace {

using server::StopSignals;
using Event = StopSignals::Event;

constexpr const char* blanks = " \t\r\n\v\f";
constexpr Duration memory_check = std::chrono::seconds(5);
constexpr std::size_t kept_memory = std::size_t{8} << 20U;
constexpr std::size_t worth_it = std::size_t{1} << 20U;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  for (;;) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return all;
    text.remove_prefix(begin);
    all.emplace_back(text.substr(0, text.find_first_of(blanks)));
    text.remove_prefix(all.back().size());
  }
}

/// A line is a secret, blanks within it too; those around it and empty lines are not.
std::vector<std::string> lines(std::istream& in) {
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) {
    const auto begin = line.find_first_not_of(blanks);
    if (begin == std::string::npos) continue;
    all.push_back(line.substr(begin, line.find_last_not_of(blanks) - begin + 1));
  }
  return all;
}

std::vector<std::string> state_keys(const ServeOptions& options) {
  if (!options.state_key_file.empty()) {
    std::ifstream file(options.state_key_file);
    auto keys = lines(file);
    if (keys.empty())
      throw std::runtime_error("no state key can be read from " + options.state_key_file);
    return keys;
  }
  const char* variable = std::getenv("MCP_STATE_KEY");
  return words(variable != nullptr ? variable : "");
}

bool serves_http(const ServeOptions& options) {
  return !options.http_address.empty() || !options.http.listen.unix_path.empty();
}

HttpOptions http_options(const ServeOptions& options) {
  HttpOptions http = options.http;
  if (options.http_address.empty()) return http;
  if (!http.listen.unix_path.empty())
    throw std::invalid_argument("a server listens on an address or on a Unix socket: give one");
  const std::string& address = options.http_address;
  const std::size_t colon = address.rfind(':');
  std::string host = colon == std::string::npos ? "127.0.0.1" : address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const char* begin = address.data() + (colon == std::string::npos ? 0 : colon + 1);
  const char* end = address.data() + address.size();
  const auto [stopped, error] = std::from_chars(begin, end, http.listen.port);
  if (error != std::errc{} || stopped != end || host.empty())
    throw std::invalid_argument("'" + address +
                                "' is no address: expected HOST:PORT, or PORT alone");
  http.listen.host = std::move(host);
  return http;
}

/// Waits until `wanted` comes; false when it does not in time, or a signal comes instead.
bool wait_until(StopSignals& signals, Event wanted, std::chrono::steady_clock::time_point end) {
  for (;;) {
    const auto event = signals.wait(end - std::chrono::steady_clock::now());
    if (event == wanted) return true;
    if (!event || *event == Event::signal) return false;
  }
}

bool wait_until(StopSignals& signals, Event wanted, Duration timeout) {
  return wait_until(signals, wanted, std::chrono::steady_clock::now() + timeout);
}

/// Runs until everything has ended in order; false when handlers do not stop.
bool run(server::Core& core, const std::shared_ptr<server::Engine>& engine, Runtime& runtime,
         StopSignals& signals, const ServeOptions& options) {
  const auto served = server::Served::start(
      engine,
      make_stdio_transport(runtime, {.max_line_bytes = core.options().limits.message_bytes}),
      {.input_ended = [&signals] { signals.notify(Event::input_ended); },
       .closed =
           [&signals, &core](const std::string& reason) {
             if (!reason.empty()) core.log(LogSeverity::warning, "the connection ended: " + reason);
             signals.notify(Event::closed);
           }});
  const auto first = signals.wait();
  bool closed = first == Event::closed;
  // The client has said everything: what is nearly done may be answered undisturbed.
  if (first == Event::input_ended)
    closed = wait_until(signals, Event::closed, options.drain_timeout);
  runtime.loop().post([engine] { engine->request_stop(); });
  // One bound for both: what does not end in time keeps the connection from closing, too.
  const auto end = std::chrono::steady_clock::now() + options.stop_timeout;
  if (!closed) {
    served->finish();
    if (!wait_until(signals, Event::closed, end)) served->close();
  }
  runtime.loop().post(
      [engine, &signals] { engine->when_idle([&signals] { signals.notify(Event::idle); }); });
  return wait_until(signals, Event::idle, end + std::chrono::milliseconds(100));
}

/// What a burst of calls took stays in the allocator, and the next burst takes more elsewhere. So
/// it is given back when there is much of it.
void await_signal(StopSignals& signals) {
  std::size_t left = 0;  // after the last time: it could not be given back
  for (;;) {
    const auto event = signals.wait(memory_check);
    if (event == Event::signal) return;
    const std::size_t unused = event ? 0 : unused_bytes();
    if (unused < kept_memory || unused < left + worth_it) continue;
    return_free_memory();
    left = unused_bytes();
  }
}

/// The same over HTTP, which only a signal ends.
bool run_http(server::Core& core, const std::shared_ptr<server::Engine>& engine, Runtime& runtime,
              StopSignals& signals, const ServeOptions& options) {
  if (server::http_serving() == nullptr)
    throw std::runtime_error("this program does not serve HTTP: link it with fairlead::http");
  raise_descriptor_limit();
  HttpOptions http = http_options(options);
  if (options.make_verifier) http.verifier = options.make_verifier(runtime);
  auto served = server::http_serving()(engine, std::move(http));
  core.log(LogSeverity::info, "listening on " + served->url());
  await_signal(signals);
  served->drain([&signals] { signals.notify(Event::closed); });
  wait_until(signals, Event::closed, options.http_drain_timeout);
  served.reset();  // before calls are stopped: what they answer then is for nobody
  runtime.loop().post([engine] { engine->request_stop(); });
  runtime.loop().post(
      [engine, &signals] { engine->when_idle([&signals] { signals.notify(Event::idle); }); });
  return wait_until(signals, Event::idle, options.stop_timeout);
}

[[noreturn]] void leave(server::Core& core, const std::shared_ptr<server::Engine>& engine,
                        Runtime& runtime, StopSignals& signals) {
  runtime.loop().post([&core, engine, &signals] {
    for (const std::string& title : engine->running())
      core.log(LogSeverity::error,
               title + " did not stop when it was asked to: leaving without it");
    signals.notify(Event::idle);
  });
  wait_until(signals, Event::idle, std::chrono::seconds(1));
  std::_Exit(0);
}

}  // namespace

server::HttpServing& server::http_serving() {
  static HttpServing serving = nullptr;
  return serving;
}

server::AddAuthorizationOptions& server::add_authorization_options() {
  static AddAuthorizationOptions add = nullptr;
  return add;
}

int serve(Server& server, const ServeOptions& options) {
  server::Core& core = *server.core();
  if (!core.options().log) core.logger = stderr_logger(options.log_level);
  try {
    if (const auto keys = state_keys(options); !keys.empty())
      core.sealer = server::StateSealer(keys);
    if (!options.audit_file.empty()) core.audit = std::make_shared<AuditLog>(options.audit_file);
    StopSignals signals;
    RuntimeOptions runtime_options{
        .worker_threads = options.threads,
        .stop_timeout = options.stop_timeout,
        .report = [&core](const std::string& line) { core.log(LogSeverity::error, line); }};
    if (options.threads > 0) runtime_options.max_worker_threads = options.threads;
    const auto runtime = make_runtime(runtime_options);
    const auto engine = server::Engine::create(server, *runtime);
    if (options.make_verifier && !serves_http(options))
      throw std::invalid_argument(
          "tokens are for HTTP, which nothing asks for: give --http or --unix");
    const auto serve_until_end = serves_http(options) ? run_http : run;
    if (!serve_until_end(core, engine, *runtime, signals, options))
      leave(core, engine, *runtime, signals);
    return 0;
  } catch (const std::exception& error) {
    core.log(LogSeverity::error, error.what());
    return 1;
  }
}

}  // namespace mcp
