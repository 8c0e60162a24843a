#include <client/cli/probe_connections.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>

#include <client/agent/connect_server.h>
#include <client/model/foreign_json.h>
#include <mcp/client/client.h>
#include <mcp/protocol/capabilities.h>

namespace fairlead::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t noisy_stderr_lines = 20;
constexpr std::size_t violations_told = 20;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// What is seen beside the answers, and the lists as they came: the client leaves out what it can't
/// use.
class Witness {
 public:
  void watch(mcp::ClientOptions& options) {
    options.restart.enabled = false;
    options.observer.on_stderr = [this, own = std::move(options.observer.on_stderr)](auto line) {
      own(line);
      const std::lock_guard lock(mutex_);
      ++stderr_lines_;
    };
    options.observer.on_violation = [this](const std::string& what) {
      const std::lock_guard lock(mutex_);
      if (violations_.size() < violations_told) violations_.push_back(what);
    };
    options.middleware.push_back({.incoming = [this](mcp::jsonrpc::Message& message) {
      note(message);
      return true;
    }});
  }

  ServerLists lists() {
    const std::lock_guard lock(mutex_);
    return lists_;
  }
  void tell(ProbeReport& report) {
    const std::lock_guard lock(mutex_);
    for (const std::string& what : violations_) {
      report.add(Severity::problem, "protocol", "", what);
    }
    if (stderr_lines_ > noisy_stderr_lines) {
      report.add(Severity::warning, "stderr", "",
                 std::to_string(stderr_lines_) +
                     " lines on stderr before anything was asked of it: hosts keep them as logs");
    }
  }

 private:
  void note(const mcp::jsonrpc::Message& message) {
    const auto* response = std::get_if<mcp::jsonrpc::Response>(&message);
    if (response == nullptr) return;
    const auto* result = std::get_if<Json>(&response->outcome);
    if (result == nullptr) return;
    const std::lock_guard lock(mutex_);
    const auto add = [&](const char* name, Json& list) {
      const Json& items = member(*result, name);
      if (items.is_array()) list.insert(list.end(), items.begin(), items.end());
    };
    add("tools", lists_.tools);
    add("resources", lists_.resources);
    add("resourceTemplates", lists_.templates);
    add("prompts", lists_.prompts);
  }

  std::mutex mutex_;
  std::size_t stderr_lines_ = 0;
  std::vector<std::string> violations_;
  ServerLists lists_;
};

/// Asks for a list; that what is declared can't be listed is a finding.
template <typename List>
void list(bool declared, const char* what, ProbeReport& report, List get) {
  if (!declared) return;
  try {
    get();
  } catch (const mcp::CallError& error) {
    if (error.kind() == mcp::CallError::Kind::stopped) throw;
    report.add(Severity::problem, "list", "",
               std::string("it declares ") + what + " and does not list them: " + error.what());
  }
}

}  // namespace

ServerLists meet_server(mcp::Runtime& runtime, const ServerEntry& server, mcp::Duration timeout,
                        mcp::Duration slow, const std::stop_token& stop, ProbeReport& report) {
  Witness witness;
  const StartLimits limits{std::chrono::duration_cast<std::chrono::milliseconds>(timeout), stop};
  const auto begin = Clock::now();
  mcp::Client client = connect_server(runtime, server, declining_handlers(), limits, nullptr,
                                      [&](mcp::ClientOptions& options) { witness.watch(options); });
  report.first_answer_milliseconds = milliseconds_since(begin);
  const mcp::ServerInfo info = client.server();
  report.name = info.implementation.name;
  report.version = info.implementation.version;
  report.revision = mcp::to_string(info.revision);
  report.capabilities = mcp::to_json(info.capabilities, info.revision);
  if (std::chrono::duration<double, std::milli>(slow).count() < report.first_answer_milliseconds) {
    report.add(Severity::warning, "start", "",
               "the first answer took " +
                   std::to_string(static_cast<int>(report.first_answer_milliseconds)) +
                   " ms; hosts start all servers at once, and some wait 30 s or less");
  }
  if (report.name.empty()) report.add(Severity::problem, "name", "", "it does not say its name");

  mcp::CallOptions options;
  options.timeout = timeout;
  options.stop = stop;
  list(info.capabilities.tools.has_value(), "tools", report, [&] { client.list_tools(options); });
  list(info.capabilities.resources.has_value(), "resources", report, [&] {
    client.list_resources(options);
    try {
      client.list_resource_templates(options);
    } catch (const mcp::CallError& error) {
      if (error.code() != mcp::error_code::method_not_found) throw;  // it may have none
    }
  });
  list(info.capabilities.prompts.has_value(), "prompts", report,
       [&] { client.list_prompts(options); });
  client.close();
  witness.tell(report);
  ServerLists lists = witness.lists();
  report.tools = lists.tools.size();
  report.resources = lists.resources.size();
  report.templates = lists.templates.size();
  report.prompts = lists.prompts.size();
  return lists;
}

void try_revisions(mcp::Runtime& runtime, const ServerEntry& server, mcp::Duration timeout,
                   const std::stop_token& stop, ProbeReport& report) {
  const StartLimits limits{std::chrono::duration_cast<std::chrono::milliseconds>(timeout), stop};
  for (auto revision = mcp::all_revisions.rbegin(); revision != mcp::all_revisions.rend();
       ++revision) {
    if (stop.stop_requested()) return;
    RevisionAttempt attempt{std::string(mcp::to_string(*revision)), {}, 0};
    const auto begin = Clock::now();
    try {
      mcp::Client client = connect_server(runtime, server, declining_handlers(), limits, nullptr,
                                          [&](mcp::ClientOptions& options) {
                                            options.restart.enabled = false;
                                            options.revision = *revision;
                                          });
      attempt.milliseconds = milliseconds_since(begin);
      client.close();
    } catch (const ServerFailed& error) {
      attempt.milliseconds = milliseconds_since(begin);
      // Which server it is, everybody knows here.
      const std::string why = error.what();
      attempt.refusal = why.substr(why.find(": ") + 2);
    }
    report.revisions.push_back(std::move(attempt));
  }
}

}  // namespace fairlead::agent
