#include <mcp/client/client.h>

#include <condition_variable>
#include <stdexcept>
#include <utility>

#include <mcp/base/base64.h>
#include <mcp/client/core.h>
#include <mcp/client/http_reaching.h>
#include <mcp/client/pages.h>
#include <mcp/protocol/method.h>
#include <mcp/transport/command_line.h>

namespace mcp {
namespace {

using CorePtr = std::shared_ptr<client::Core>;

/// Closing a child takes it through stdin's end, SIGTERM and SIGKILL: longer than that is a fault.
constexpr auto close_limit = std::chrono::seconds(15);

/// Starts an asynchronous call and blocks until it has its outcome.
template <class T, class Start>
T wait_for(const CorePtr& core, const Start& start) {
  if (core->loop().is_current()) {
    throw std::logic_error(
        "a blocking call of mcp::Client on the loop's own thread would wait for ever: use the form "
        "with a callback");
  }
  struct Waiting {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<Outcome<T>> outcome;
  };
  auto waiting = std::make_shared<Waiting>();
  start([waiting](Outcome<T> outcome) {
    std::lock_guard lock(waiting->mutex);
    waiting->outcome.emplace(std::move(outcome));
    waiting->arrived.notify_one();
  });
  std::unique_lock lock(waiting->mutex);
  waiting->arrived.wait(lock, [&] { return waiting->outcome.has_value(); });
  return std::move(*waiting->outcome).value();
}

CallError invalid_result(const std::string& method, const std::string& what) {
  return CallError(CallError::Kind::invalid_result, method + ": invalid result: " + what);
}

/// A callback for the raw result that reads a T out of it.
template <class T>
Callback<Json> reading(const std::string& method, Callback<T> done) {
  return [method, done = std::move(done)](Outcome<Json> outcome) {
    if (!outcome.ok()) return done(outcome.error());
    std::optional<T> result;
    try {
      result = from_json<T>(outcome.value());
    } catch (const Malformed& malformed) {
      return done(invalid_result(method, malformed.what()));
    }
    done(std::move(*result));
  };
}

/// A request whose params are written as the negotiated revision wants them.
template <class Params>
void typed_request(const CorePtr& core, const char* method, const Params& params,
                   const CallOptions& options, Callback<Json> done) {
  core->loop().post([core, method, params, options, done = std::move(done)]() mutable {
    core->request(
        method, [params](Revision revision) { return to_json(params, revision); }, options,
        std::move(done));
  });
}

template <class T>
void all_pages(const CorePtr& core, const char* method, const CallOptions& options,
               Callback<std::vector<T>> done) {
  std::make_shared<client::Pages<T>>(core, method, options, std::move(done))->start();
}

std::optional<std::string> bytes_of(const ResourceContents& contents) {
  if (!contents.blob) return contents.text;
  const auto bytes = base64_decode(*contents.blob);
  if (!bytes) return std::nullopt;
  return std::string(bytes->begin(), bytes->end());
}

}  // namespace

// --- Life ---

Client::Client(std::shared_ptr<client::Core> core) : core_(std::move(core)) {}
Client::Client(Client&& other) noexcept = default;

Client& Client::operator=(Client&& other) noexcept {
  if (this != &other) {
    Client old(std::move(*this));
    core_ = std::move(other.core_);
    wait_when_destroyed_ = other.wait_when_destroyed_;
  }
  return *this;
}

Client::~Client() {
  if (!core_) return;
  if (wait_when_destroyed_ && !core_->loop().is_current()) {
    close();
  } else {
    close(nullptr);
  }
}

Client Client::open(Runtime& runtime, Target target, ClientOptions options,
                    Callback<ServerInfo> ready) {
  Client client(std::make_shared<client::Core>(runtime, std::move(target), std::move(options)));
  runtime.loop().post(
      [core = client.core_, ready = std::move(ready)]() mutable { core->start(std::move(ready)); });
  return client;
}

Client Client::connect(Runtime& runtime, Target target, ClientOptions options) {
  Client client(std::make_shared<client::Core>(runtime, std::move(target), std::move(options)));
  client.wait_when_destroyed_ = true;
  wait_for<ServerInfo>(client.core_, [&](Callback<ServerInfo> ready) {
    runtime.loop().post([core = client.core_, ready = std::move(ready)]() mutable {
      core->start(std::move(ready));
    });
  });
  return client;
}

Client Client::connect(Runtime& runtime, const std::string& address, ClientOptions options) {
  if (!client::names_url(address)) {
    return connect(runtime, Target::command(split_command_line(address)), std::move(options));
  }
  if (client::http_reaching() == nullptr) {
    throw CallError(CallError::Kind::not_connected,
                    "this program reaches no server at a URL: link it with fairlead::http");
  }
  return connect(runtime, client::http_reaching()(address), std::move(options));
}

void Client::close(std::function<void()> closed) {
  core_->loop().post([core = core_, closed = std::move(closed)] { core->shut_down(closed); });
}

void Client::close() {
  if (core_->loop().is_current()) {
    throw std::logic_error("Client::close() waits, and can't do so on the loop's own thread");
  }
  struct Waiting {
    std::mutex mutex;
    std::condition_variable arrived;
    bool closed = false;
  };
  auto waiting = std::make_shared<Waiting>();
  close([waiting] {
    std::lock_guard lock(waiting->mutex);
    waiting->closed = true;
    waiting->arrived.notify_one();
  });
  std::unique_lock lock(waiting->mutex);
  waiting->arrived.wait_for(lock, close_limit, [&] { return waiting->closed; });
}

ServerInfo Client::server() const {
  auto server = core_->last_server();
  if (!server) throw CallError(CallError::Kind::not_connected, "the server is not known yet");
  return *server;
}

// --- Requests ---

void Client::list_tools(const CallOptions& options, Callback<std::vector<Tool>> done) {
  all_pages<Tool>(core_, method::tools_list, options, std::move(done));
}

std::vector<Tool> Client::list_tools(const CallOptions& options) {
  return wait_for<std::vector<Tool>>(
      core_, [&](Callback<std::vector<Tool>> done) { list_tools(options, std::move(done)); });
}

void Client::list_tools_page(const ListParams& params, const CallOptions& options,
                             Callback<ListToolsResult> done) {
  typed_request(core_, method::tools_list, params, options,
                reading<ListToolsResult>(method::tools_list, std::move(done)));
}

ListToolsResult Client::list_tools_page(const ListParams& params, const CallOptions& options) {
  return wait_for<ListToolsResult>(core_, [&](Callback<ListToolsResult> done) {
    list_tools_page(params, options, std::move(done));
  });
}

void Client::call_tool(const std::string& name, Json arguments, const CallOptions& options,
                       Callback<ToolResult> done) {
  auto checked =
      [core = core_, name,
       done = reading<ToolResult>(method::tools_call, std::move(done))](Outcome<Json> outcome) {
        if (outcome.ok()) {
          std::string problem = core->output_problem(name, outcome.value());
          if (!problem.empty())
            return done(invalid_result(method::tools_call, name + ": " + problem));
        }
        done(std::move(outcome));
      };
  typed_request(core_, method::tools_call, CallToolParams{name, std::move(arguments)}, options,
                std::move(checked));
}

ToolResult Client::call_tool(const std::string& name, Json arguments, const CallOptions& options) {
  return wait_for<ToolResult>(core_, [&](Callback<ToolResult> done) {
    call_tool(name, std::move(arguments), options, std::move(done));
  });
}

void Client::list_resources(const CallOptions& options, Callback<std::vector<Resource>> done) {
  all_pages<Resource>(core_, method::resources_list, options, std::move(done));
}

std::vector<Resource> Client::list_resources(const CallOptions& options) {
  return wait_for<std::vector<Resource>>(core_, [&](Callback<std::vector<Resource>> done) {
    list_resources(options, std::move(done));
  });
}

void Client::list_resources_page(const ListParams& params, const CallOptions& options,
                                 Callback<ListResourcesResult> done) {
  typed_request(core_, method::resources_list, params, options,
                reading<ListResourcesResult>(method::resources_list, std::move(done)));
}

ListResourcesResult Client::list_resources_page(const ListParams& params,
                                                const CallOptions& options) {
  return wait_for<ListResourcesResult>(core_, [&](Callback<ListResourcesResult> done) {
    list_resources_page(params, options, std::move(done));
  });
}

void Client::list_resource_templates(const CallOptions& options,
                                     Callback<std::vector<ResourceTemplate>> done) {
  all_pages<ResourceTemplate>(core_, method::resources_templates_list, options, std::move(done));
}

std::vector<ResourceTemplate> Client::list_resource_templates(const CallOptions& options) {
  return wait_for<std::vector<ResourceTemplate>>(
      core_, [&](Callback<std::vector<ResourceTemplate>> done) {
        list_resource_templates(options, std::move(done));
      });
}

void Client::list_resource_templates_page(const ListParams& params, const CallOptions& options,
                                          Callback<ListResourceTemplatesResult> done) {
  typed_request(
      core_, method::resources_templates_list, params, options,
      reading<ListResourceTemplatesResult>(method::resources_templates_list, std::move(done)));
}

ListResourceTemplatesResult Client::list_resource_templates_page(const ListParams& params,
                                                                 const CallOptions& options) {
  return wait_for<ListResourceTemplatesResult>(
      core_, [&](Callback<ListResourceTemplatesResult> done) {
        list_resource_templates_page(params, options, std::move(done));
      });
}

void Client::read_resource(const std::string& uri, const CallOptions& options,
                           Callback<ReadResourceResult> done) {
  typed_request(core_, method::resources_read, ResourceParams{uri}, options,
                reading<ReadResourceResult>(method::resources_read, std::move(done)));
}

ReadResourceResult Client::read_resource(const std::string& uri, const CallOptions& options) {
  return wait_for<ReadResourceResult>(core_, [&](Callback<ReadResourceResult> done) {
    read_resource(uri, options, std::move(done));
  });
}

void Client::list_prompts(const CallOptions& options, Callback<std::vector<Prompt>> done) {
  all_pages<Prompt>(core_, method::prompts_list, options, std::move(done));
}

std::vector<Prompt> Client::list_prompts(const CallOptions& options) {
  return wait_for<std::vector<Prompt>>(
      core_, [&](Callback<std::vector<Prompt>> done) { list_prompts(options, std::move(done)); });
}

void Client::list_prompts_page(const ListParams& params, const CallOptions& options,
                               Callback<ListPromptsResult> done) {
  typed_request(core_, method::prompts_list, params, options,
                reading<ListPromptsResult>(method::prompts_list, std::move(done)));
}

ListPromptsResult Client::list_prompts_page(const ListParams& params, const CallOptions& options) {
  return wait_for<ListPromptsResult>(core_, [&](Callback<ListPromptsResult> done) {
    list_prompts_page(params, options, std::move(done));
  });
}

void Client::get_prompt(const GetPromptParams& params, const CallOptions& options,
                        Callback<PromptResult> done) {
  typed_request(core_, method::prompts_get, params, options,
                reading<PromptResult>(method::prompts_get, std::move(done)));
}

PromptResult Client::get_prompt(const GetPromptParams& params, const CallOptions& options) {
  return wait_for<PromptResult>(
      core_, [&](Callback<PromptResult> done) { get_prompt(params, options, std::move(done)); });
}

void Client::complete(const CompleteParams& params, const CallOptions& options,
                      Callback<CompleteResult> done) {
  typed_request(core_, method::completion_complete, params, options,
                reading<CompleteResult>(method::completion_complete, std::move(done)));
}

CompleteResult Client::complete(const CompleteParams& params, const CallOptions& options) {
  return wait_for<CompleteResult>(
      core_, [&](Callback<CompleteResult> done) { complete(params, options, std::move(done)); });
}

// --- Skills ---

void Client::list_skills(const CallOptions& options, Callback<std::vector<Skill>> done) {
  all_pages<Skill>(core_, method::skills_list, options, std::move(done));
}

std::vector<Skill> Client::list_skills(const CallOptions& options) {
  return wait_for<std::vector<Skill>>(
      core_, [&](Callback<std::vector<Skill>> done) { list_skills(options, std::move(done)); });
}

void Client::get_skill(const std::string& uri, const CallOptions& options, Callback<Skill> done) {
  typed_request(core_, method::skills_get, ResourceParams{uri}, options,
                reading<GetSkillResult>(method::skills_get, [uri, done = std::move(done)](
                                                                Outcome<GetSkillResult> outcome) {
                  if (!outcome.ok()) return done(outcome.error());
                  Skill skill = std::move(outcome.value().skill);
                  if (skill.uri == uri) return done(std::move(skill));
                  done(invalid_result(method::skills_get, "it is another skill"));
                }));
}

Skill Client::get_skill(const std::string& uri, const CallOptions& options) {
  return wait_for<Skill>(core_,
                         [&](Callback<Skill> done) { get_skill(uri, options, std::move(done)); });
}

void Client::read_skill_file(const Skill& skill, const std::string& uri, const CallOptions& options,
                             Callback<std::string> done) {
  const auto refused = [](const std::string& what, const std::string& why) {
    return CallError(CallError::Kind::invalid_result, what + " must not be used: " + why);
  };
  if (const std::string problem = skill_problem(skill); !problem.empty()) {
    core_->loop().post([done = std::move(done),
                        error = refused("skill '" + skill.uri + "'", problem)] { done(error); });
    return;
  }
  if (const std::string problem = unlisted_skill_file(skill, uri); !problem.empty()) {
    core_->loop().post(
        [done = std::move(done), error = refused("'" + uri + "'", problem)] { done(error); });
    return;
  }
  CallOptions fresh = options;
  fresh.use_cache = false;  // what was kept may be of an earlier entry
  read_resource(uri, fresh,
                [skill, uri, refused, done = std::move(done)](Outcome<ReadResourceResult> outcome) {
                  if (!outcome.ok()) return done(outcome.error());
                  const auto& contents = outcome.value().contents;
                  if (contents.size() != 1 || contents[0].uri != uri)
                    return done(refused("'" + uri + "'", "the answer is not that one file"));
                  const auto bytes = bytes_of(contents[0]);
                  if (!bytes) return done(refused("'" + uri + "'", "its Base64 is broken"));
                  const std::string problem = skill_file_problem(skill, uri, *bytes);
                  if (!problem.empty()) return done(refused("'" + uri + "'", problem));
                  done(*bytes);
                });
}

std::string Client::read_skill_file(const Skill& skill, const std::string& uri,
                                    const CallOptions& options) {
  return wait_for<std::string>(core_, [&](Callback<std::string> done) {
    read_skill_file(skill, uri, options, std::move(done));
  });
}

void Client::read_directory(const std::string& uri, const CallOptions& options,
                            Callback<std::vector<Resource>> done) {
  std::make_shared<client::Pages<Resource>>(core_, method::resources_directory_read, options,
                                            std::move(done), Json{{"uri", uri}})
      ->start();
}

std::vector<Resource> Client::read_directory(const std::string& uri, const CallOptions& options) {
  return wait_for<std::vector<Resource>>(core_, [&](Callback<std::vector<Resource>> done) {
    read_directory(uri, options, std::move(done));
  });
}

void Client::request(const std::string& method, Json params, const CallOptions& options,
                     Callback<Json> done) {
  core_->loop().post([core = core_, method, params = std::move(params), options,
                      done = std::move(done)]() mutable {
    core->request(
        method, [params = std::move(params)](Revision) { return params; }, options,
        std::move(done));
  });
}

Json Client::request(const std::string& method, Json params, const CallOptions& options) {
  return wait_for<Json>(core_, [&](Callback<Json> done) {
    request(method, std::move(params), options, std::move(done));
  });
}

void Client::ping(const CallOptions& options, Callback<Done> done) {
  request(method::ping, nullptr, options, [done = std::move(done)](const Outcome<Json>& outcome) {
    if (outcome.ok()) return done(Done{});
    done(outcome.error());
  });
}

void Client::ping(const CallOptions& options) {
  wait_for<Done>(core_, [&](Callback<Done> done) { ping(options, std::move(done)); });
}

void Client::set_logging_level(LoggingLevel level, const CallOptions& options,
                               Callback<Done> done) {
  core_->loop().post([core = core_, level, options, done = std::move(done)]() mutable {
    core->set_logging_level(level, options, std::move(done));
  });
}

void Client::set_logging_level(LoggingLevel level, const CallOptions& options) {
  wait_for<Done>(core_,
                 [&](Callback<Done> done) { set_logging_level(level, options, std::move(done)); });
}

void Client::subscribe(const SubscriptionFilter& filter,
                       std::function<void(const Change&)> on_change, const CallOptions& options,
                       Callback<Subscription> done) {
  core_->loop().post([core = core_, filter, on_change = std::move(on_change), options,
                      done = std::move(done)]() mutable {
    core->subscribe(filter, std::move(on_change), options, std::move(done));
  });
}

Subscription Client::subscribe(const SubscriptionFilter& filter,
                               std::function<void(const Change&)> on_change,
                               const CallOptions& options) {
  return wait_for<Subscription>(core_, [&](Callback<Subscription> done) {
    subscribe(filter, std::move(on_change), options, std::move(done));
  });
}

void Client::notify(const std::string& method, Json params) {
  core_->loop().post(
      [core = core_, method, params = std::move(params)] { core->notify(method, params); });
}

void Client::roots_changed() {
  core_->loop().post([core = core_] { core->roots_changed(); });
}

}  // namespace mcp
