#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <client/agent/connect_server.h>
#include <client/agent/server_tokens.h>
#include <client/agent/time_text.h>
#include <mcp/transport/child_process.h>
#include <mcp/transport/last_lines.h>
#ifdef FAIRLEAD_WITH_HTTP
#include <mcp/client/http_target.h>
#endif

namespace fairlead::agent {
namespace {

/// What the loop tells the thread that waits for a server's start.
class Start {
 public:
  void answered(mcp::Outcome<mcp::ServerInfo> outcome) {
    const std::lock_guard lock(mutex_);
    outcome_.emplace(std::move(outcome));
    changed_.notify_all();
  }
  void wrote(std::string_view line) {
    const std::lock_guard lock(mutex_);
    stderr_.add(line);
    stderr_.add("\n");
  }

  /// Why the server is not there; empty when it is.
  std::string wait(const StartLimits& limits) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limits.stop, limits.timeout, [&] { return outcome_.has_value(); });
    if (outcome_) return outcome_->ok() ? std::string{} : outcome_->error().what();
    std::string why = limits.stop.stop_requested() ? "cancelled before it had answered"
                                                   : "no answer within " + in_words(limits.timeout);
    if (const std::string last = stderr_.text(); !last.empty()) {
      why += "; the last lines of its stderr:\n" + last;
    }
    return why;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<mcp::Outcome<mcp::ServerInfo>> outcome_;
  mcp::LastLines stderr_{nullptr};
};

#ifdef FAIRLEAD_WITH_HTTP
bool authorizes_itself(const ServerEntry& server) {
  constexpr std::string_view wanted = "authorization";
  return std::any_of(server.headers.begin(), server.headers.end(), [&](const auto& header) {
    return std::equal(header.first.begin(), header.first.end(), wanted.begin(), wanted.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  });
}

mcp::Target http_target_of(mcp::Runtime& runtime, const ServerEntry& server,
                           std::shared_ptr<mcp::Authorizer> authorizer) {
  mcp::HttpClientOptions http;
  http.headers.assign(server.headers.begin(), server.headers.end());
  http.authorizer = std::move(authorizer);
  try {
    if (!http.authorizer && !authorizes_itself(server)) {
      http.authorizer = authorizer_with_kept_tokens(runtime, server.url);
    }
    return mcp::http_target(server.url, std::move(http));
  } catch (const std::exception& error) {
    throw ServerFailed("the server \"" + server.name + "\" can't be reached: " + error.what());
  }
}
#else
mcp::Target http_target_of(mcp::Runtime&, const ServerEntry& server,
                           const std::shared_ptr<mcp::Authorizer>&) {
  throw ServerFailed(server.name + ": this build reaches no servers over HTTP");
}
#endif

mcp::Target program_of(const ServerEntry& server) {
  mcp::ChildProcessOptions child;
  child.command = server.command;
  child.arguments = server.arguments;
  child.environment = server.environment;
  child.working_directory = server.directory;
  return child;
}

}  // namespace

mcp::Client connect_server(mcp::Runtime& runtime, const ServerEntry& server,
                           const mcp::InputHandlers& handlers, const StartLimits& limits,
                           std::shared_ptr<mcp::Authorizer> authorizer,
                           const std::function<void(mcp::ClientOptions&)>& adjust) {
  const auto start = std::make_shared<Start>();
  mcp::ClientOptions options;
  options.label = server.name;
  options.handlers = handlers;
  options.observer.on_stderr = [start](std::string_view line) { start->wrote(line); };
  // A server that is silent to the first question shall have time left for the second one.
  options.probe_timeout = std::min<mcp::Duration>(options.probe_timeout, limits.timeout / 3);
  options.initialize_timeout = limits.timeout;
  if (adjust) adjust(options);
  mcp::Client client = mcp::Client::open(
      runtime,
      server.url.empty() ? program_of(server)
                         : http_target_of(runtime, server, std::move(authorizer)),
      std::move(options),
      [start](mcp::Outcome<mcp::ServerInfo> outcome) { start->answered(std::move(outcome)); });
  if (const std::string why = start->wait(limits); !why.empty()) {
    client.close();
    throw ServerFailed("the server \"" + server.name +
                       (server.url.empty() ? "\" did not start: " : "\" can't be reached: ") + why);
  }
  return client;
}

mcp::HttpHeaders request_headers([[maybe_unused]] mcp::Runtime& runtime, const ServerEntry& server,
                                 [[maybe_unused]] const std::string& method) {
  mcp::HttpHeaders headers(server.headers.begin(), server.headers.end());
#ifdef FAIRLEAD_WITH_HTTP
  if (authorizes_itself(server)) return headers;
  if (const auto authorizer = authorizer_with_kept_tokens(runtime, server.url)) {
    for (auto& header : authorizer->headers({method, server.url})) {
      headers.push_back(std::move(header));
    }
  }
#endif
  return headers;
}

mcp::InputHandlers declining_handlers() {
  mcp::InputHandlers handlers;
  handlers.elicit_form = [](const mcp::ElicitFormParams&, const mcp::InputContext&) {
    return mcp::ElicitResult{mcp::ElicitAction::decline, nullptr, nullptr};
  };
  handlers.elicit_url = [](const mcp::ElicitUrlParams&, const mcp::InputContext&) {
    return mcp::ElicitAction::decline;
  };
  return handlers;
}

}  // namespace fairlead::agent
