// client_tour [options] -- COMMAND ARGUMENTS...
// client_tour [options] URL
//
// Connects to a server, lists everything it has, calls every tool (with arguments made from its
// input schema, or taken from --arguments FILE), reads every resource, gets every prompt, and
// prints a line for each. Exits with 1 when something fails that should not.

#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <mcp/client/client.h>
#include <mcp/client/http_target.h>
#include <mcp/schema/schema.h>

namespace {

using mcp::Json;

/// The simplest value that a schema allows, as far as a tour needs it.
Json sample(const Json& schema, int depth = 0) {
  if (!schema.is_object() || depth > 8) return nullptr;
  for (const char* given : {"const", "default"}) {
    if (schema.contains(given)) return schema.at(given);
  }
  if (schema.contains("enum")) return schema.at("enum").at(0);
  for (const char* choice : {"anyOf", "oneOf", "allOf"}) {
    if (schema.contains(choice)) return sample(schema.at(choice).at(0), depth + 1);
  }
  Json type = schema.value("type", Json("object"));
  if (type.is_array()) type = type.at(0);
  if (type == "string") {
    std::string text = schema.value("format", "") == "uri" ? "https://example.com/" : "sample";
    std::size_t least = schema.value("minLength", std::size_t{0});
    if (text.size() < least) text.append(least - text.size(), 'x');
    return text;
  }
  if (type == "boolean") return true;
  if (type == "integer") return schema.value("minimum", 1);
  if (type == "number") return schema.value("minimum", 1.0);
  if (type == "null") return nullptr;
  if (type == "array") {
    Json items = Json::array();
    auto least = std::max<std::size_t>(1, schema.value("minItems", std::size_t{1}));
    for (std::size_t i = 0; i < least; ++i) {
      items.push_back(sample(schema.value("items", Json::object()), depth + 1));
    }
    return items;
  }
  Json object = Json::object();
  for (const Json& name : schema.value("required", Json::array())) {
    Json property =
        schema.value("properties", Json::object()).value(name.get<std::string>(), Json());
    object[name.get<std::string>()] = sample(property, depth + 1);
  }
  return object;
}

std::string shortened(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  constexpr std::size_t shown = 90;
  return text.size() > shown ? text.substr(0, shown) + "…" : text;
}

/// Prints a line for each stop of the tour and counts what went wrong.
class Tour {
 public:
  template <class Visit>
  void stop(const std::string& what, bool may_fail, const Visit& visit) {
    std::string result;
    bool failed = false;
    try {
      result = visit();
    } catch (const mcp::Error& error) {
      failed = true;
      result = std::string(error.what()) + " (" + std::to_string(error.code()) + ")";
    } catch (const std::exception& error) {
      failed = true;
      result = error.what();
    }
    if (failed && !may_fail) ++failures;
    std::cout << (failed ? (may_fail ? "expected " : "FAILED   ") : "ok       ") << what << ": "
              << shortened(result) << std::endl;
  }

  int failures = 0;
};

std::string describe(const mcp::ToolResult& result) {
  std::string text;
  for (const mcp::Content& content : result.content) text += mcp::to_text(content) + " ";
  if (result.structured_content) text += result.structured_content->dump();
  return text;
}

/// Both schemas compile, the example fits the arguments' schema, and what is no object does not.
std::string check_schemas(const mcp::Tool& tool, const Json& example) {
  const auto input = mcp::schema::Schema::compile(tool.input_schema);
  const auto errors = input.validate(example);
  if (!errors.empty()) throw std::runtime_error("the example is refused: " + summary(errors));
  if (input.valid(Json::array({example})))
    throw std::runtime_error("an array is accepted as arguments");
  if (tool.output_schema) mcp::schema::Schema::compile(*tool.output_schema);
  return tool.output_schema ? "both compile, the example fits" : "compiles, the example fits";
}

mcp::InputHandlers handlers() {
  mcp::InputHandlers handlers;
  handlers.elicit_form = [](const mcp::ElicitFormParams& form, const mcp::InputContext& context) {
    std::cout << "asked    " << context.server.name << ": " << shortened(form.message) << std::endl;
    return mcp::ElicitResult{mcp::ElicitAction::accept, sample(form.requested_schema)};
  };
  handlers.elicit_url = [](const mcp::ElicitUrlParams& page, const mcp::InputContext& context) {
    std::cout << "asked    " << context.server.name << ": visit " << page.url << std::endl;
    return mcp::ElicitAction::accept;
  };
  handlers.url_finished = [](const auto&, const auto&) { return true; };
  handlers.sample = [](const mcp::CreateMessageParams&, const mcp::InputContext& context) {
    std::cout << "asked    " << context.server.name << ": a model" << std::endl;
    return mcp::CreateMessageResult{.content = {mcp::TextContent{"A sampled answer."}},
                                    .model = "none",
                                    .stop_reason = "endTurn"};
  };
  handlers.roots = [](const mcp::InputContext&) {
    return std::vector<mcp::Root>{{.uri = "file:///tmp", .name = "tmp"}};
  };
  return handlers;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Visits everything that an MCP server offers"};
  std::string arguments_file, era;
  std::vector<std::string> command, may_fail, skipped;
  bool listen = false;
  app.add_option("--arguments", arguments_file, "JSON: tool or prompt name -> arguments");
  app.add_option("--era", era, "session or stateless; default: find out")
      ->check(CLI::IsMember({"session", "stateless"}));
  app.add_option("--may-fail", may_fail, "tools, resources or prompts that may fail")
      ->delimiter(',');
  app.add_option("--skip", skipped, "tools that are not called")->delimiter(',');
  app.add_flag("--listen", listen, "subscribe to changes of the tools and of each resource");
  mcp::HttpClientOptions http;
  app.add_option("--ca", http.rules.ca_file, "PEM file of trusted authorities");
  app.add_option("--certificate", http.rules.client_certificate_file, "PEM file to show");
  app.add_option("--key", http.rules.client_key_file, "PEM file of its key");
  app.add_option("command", command, "the server's command line or URL")->required();
  CLI11_PARSE(app, argc, argv);

  Json given = Json::object();
  if (!arguments_file.empty()) std::ifstream(arguments_file) >> given;

  mcp::ClientOptions options;
  options.info = {.name = "client_tour", .version = "0.1.0"};
  options.handlers = handlers();
  if (era == "session") options.era = mcp::Era::session;
  if (era == "stateless") options.era = mcp::Era::stateless;
  std::mutex mutex;
  int violations = 0, logs = 0, changes = 0;
  options.observer.on_violation = [&](const std::string& what) {
    std::lock_guard lock(mutex);
    ++violations;
    std::cout << "odd      " << shortened(what) << std::endl;
  };
  options.observer.on_log = [&](const mcp::LoggingMessageParams&) {
    std::lock_guard lock(mutex);
    ++logs;
  };

  auto runtime = mcp::make_runtime();
  try {
    const bool is_url = command.size() == 1 && command[0].find("://") != std::string::npos;
    auto client = mcp::Client::connect(
        *runtime, is_url ? mcp::http_target(command[0], http) : mcp::Target::command(command),
        options);
    mcp::ServerInfo server = client.server();
    std::cout << "server   " << server.implementation.name << " " << server.implementation.version
              << ", revision " << to_string(server.revision) << std::endl;
    Tour tour;
    std::set<std::string> expected(may_fail.begin(), may_fail.end());
    std::set<std::string> left_out(skipped.begin(), skipped.end());

    if (server.era() == mcp::Era::session) {
      tour.stop("ping", false, [&] {
        client.ping();
        return std::string("pong");
      });
    }
    if (server.capabilities.logging) {
      tour.stop("log level", false, [&] {
        client.set_logging_level(mcp::LoggingLevel::debug);
        return std::string("debug");
      });
    }
    std::vector<mcp::Tool> tools;
    std::vector<mcp::Resource> resources;
    std::vector<mcp::ResourceTemplate> templates;
    std::vector<mcp::Prompt> prompts;
    if (server.capabilities.tools) {
      tour.stop("tools/list", false, [&] {
        tools = client.list_tools();
        return std::to_string(tools.size()) + " tools";
      });
    }
    if (server.capabilities.resources) {
      tour.stop("resources/list", false, [&] {
        resources = client.list_resources();
        return std::to_string(resources.size()) + " resources";
      });
      tour.stop("resources/templates/list", false, [&] {
        templates = client.list_resource_templates();
        return std::to_string(templates.size()) + " templates";
      });
    }
    if (server.capabilities.prompts) {
      tour.stop("prompts/list", false, [&] {
        prompts = client.list_prompts();
        return std::to_string(prompts.size()) + " prompts";
      });
    }
    mcp::Subscription subscription;
    if (listen) {
      mcp::SubscriptionFilter filter{.tools_list_changed = true};
      for (const auto& resource : resources) filter.resource_subscriptions.push_back(resource.uri);
      tour.stop("subscribe", false, [&] {
        subscription = client.subscribe(filter, [&](const mcp::Change&) {
          std::lock_guard lock(mutex);
          ++changes;
        });
        const auto& honored = subscription.honored();
        return std::string(honored.tools_list_changed ? "the tools and " : "") +
               std::to_string(honored.resource_subscriptions.size()) + " resources";
      });
    }
    for (const mcp::Tool& tool : tools) {
      if (left_out.contains(tool.name)) continue;
      // A tool that runs as a task only is refused: this client declares no tasks.
      bool may_fail_here =
          expected.contains(tool.name) || tool.task_support == mcp::TaskSupport::required;
      const Json example =
          given.contains(tool.name) ? given.at(tool.name) : sample(tool.input_schema);
      tour.stop("schemas of " + tool.name, false, [&] { return check_schemas(tool, example); });
      tour.stop("tool " + tool.name, may_fail_here, [&] {
        int progress = 0;
        mcp::CallOptions call;
        call.on_progress = [&progress](const mcp::Progress&) { ++progress; };
        mcp::ToolResult result = client.call_tool(tool.name, example, call);
        if (result.is_error) throw std::runtime_error("isError: " + describe(result));
        return (progress > 0 ? "[" + std::to_string(progress) + " × progress] " : std::string()) +
               describe(result);
      });
    }
    for (const mcp::Resource& resource : resources) {
      tour.stop("resource " + resource.uri, expected.contains(resource.uri), [&] {
        auto contents = client.read_resource(resource.uri).contents;
        return std::to_string(contents.size()) + " contents: " +
               (contents.empty()   ? ""
                : contents[0].blob ? "(bytes)"
                                   : contents[0].text);
      });
    }
    for (const mcp::Prompt& prompt : prompts) {
      tour.stop("prompt " + prompt.name, expected.contains(prompt.name), [&] {
        mcp::GetPromptParams params{prompt.name};
        for (const auto& argument : prompt.arguments) {
          if (!argument.required && !given.contains(prompt.name)) continue;
          params.arguments[argument.name] = given.contains(prompt.name)
                                                ? given.at(prompt.name).value(argument.name, "")
                                                : "sample";
        }
        auto messages = client.get_prompt(params).messages;
        return std::to_string(messages.size()) +
               " messages: " + (messages.empty() ? "" : mcp::to_text(messages[0].content));
      });
      if (server.capabilities.completions && !prompt.arguments.empty()) {
        tour.stop("complete " + prompt.name, false, [&] {
          auto values = client.complete({.ref = mcp::PromptReference{prompt.name},
                                         .argument_name = prompt.arguments[0].name,
                                         .argument_value = ""});
          return std::to_string(values.values.size()) + " values";
        });
      }
    }
    subscription.end();
    client.close();
    std::lock_guard lock(mutex);
    std::cout << tools.size() << " tools, " << resources.size() << " resources, "
              << templates.size() << " templates, " << prompts.size() << " prompts; " << logs
              << " log messages, " << changes << " changes, " << violations << " violations, "
              << tour.failures << " failures" << std::endl;
    return tour.failures == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "client_tour: " << error.what() << std::endl;
    return 1;
  }
}
