#include <mcp/server/serve.h>

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include <mcp/server/core.h>
#include <mcp/server/engine.h>
#include <mcp/server/served.h>
#include <mcp/server/stop_signals.h>
#include <mcp/transport/stdio.h>

namespace mcp {
namespace {

using server::StopSignals;
using Event = StopSignals::Event;

std::vector<std::string> words(std::istream& in) {
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

std::vector<std::string> state_keys(const ServeOptions& options) {
  if (!options.state_key_file.empty()) {
    std::ifstream file(options.state_key_file);
    auto keys = words(file);
    if (keys.empty())
      throw std::runtime_error("no state key can be read from " + options.state_key_file);
    return keys;
  }
  const char* variable = std::getenv("MCP_STATE_KEY");
  std::istringstream text(variable != nullptr ? variable : "");
  return words(text);
}

/// Waits until `wanted` comes; false when it does not in time, or a signal comes instead.
bool wait_until(StopSignals& signals, Event wanted, Duration timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const auto event = signals.wait(end - std::chrono::steady_clock::now());
    if (event == wanted) return true;
    if (!event || *event == Event::signal) return false;
  }
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
  if (!closed) {
    served->finish();
    if (!wait_until(signals, Event::closed, options.stop_timeout)) served->close();
  }
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

int serve(Server& server, const ServeOptions& options) {
  server::Core& core = *server.core();
  if (!core.options().log) core.logger = stderr_logger(options.log_level);
  try {
    if (auto keys = state_keys(options); !keys.empty()) {
      core.sealer = server::StateSealer(keys);
    } else if (core.options().state_keys.empty()) {
      core.log(LogSeverity::info,
               "requestState is sealed with a random key, which no other process knows and none "
               "after a restart: give --state-key or MCP_STATE_KEY where that matters");
    }
    StopSignals signals;
    const auto runtime = make_runtime(
        {.worker_threads = options.threads,
         .stop_timeout = options.stop_timeout,
         .report = [&core](const std::string& line) { core.log(LogSeverity::error, line); }});
    const auto engine = server::Engine::create(server, *runtime);
    if (!run(core, engine, *runtime, signals, options)) leave(core, engine, *runtime, signals);
    return 0;
  } catch (const std::exception& error) {
    core.log(LogSeverity::error, error.what());
    return 1;
  }
}

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
  app.add_option("--threads", options.threads, "Threads that run handlers (0: number of cores)")
      ->option_text("N")
      ->check(CLI::Range(0, 1024));
  app.add_option("--state-key", options.state_key_file,
                 "File with the secrets that protect requestState, one a line, the first seals")
      ->option_text("FILE")
      ->check(CLI::ExistingFile);
  app.add_option("--log-level", options.log_level, "What is written to stderr")
      ->option_text("debug|info|warning|error")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, LogSeverity>{{"debug", LogSeverity::debug},
                                             {"info", LogSeverity::info},
                                             {"warning", LogSeverity::warning},
                                             {"error", LogSeverity::error}}));
}

}  // namespace mcp
