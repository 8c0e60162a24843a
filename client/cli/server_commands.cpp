#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>

#include <client/agent/connect_server.h>
#include <client/cli/agent_flags.h>
#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/failure.h>
#include <client/cli/server_flags.h>
#include <client/cli/terminal_json.h>
#include <client/cli/terminal_questions.h>
#include <client/cli/terminal_text.h>
#include <client/model/foreign_json.h>

namespace fairlead::agent {
namespace {

/// What every command that talks to one server has.
struct Flags {
  ServerFlags server;
  double seconds = 60;
  bool json = false;
  std::string name;  ///< of a tool, prompt or resource
  std::string arguments;
  std::vector<std::string> values;
};

void print_json(const Json& json) {
  std::puts(terminal_json(json).c_str());
}

void print_line(const std::string& name, const std::string& about) {
  std::printf("%s  %s\n", one_line(name, 500).c_str(), one_line(about, 200).c_str());
}

/// A list as the protocol writes its items, or a line for each.
template <typename Item, typename Show>
void print_list(const Flags& flags, const std::vector<Item>& items, mcp::Revision revision,
                Show show) {
  if (!flags.json) {
    for (const Item& item : items) show(item);
    return;
  }
  Json out = Json::array();
  for (const Item& item : items) out.push_back(mcp::to_json(item, revision));
  print_json(out);
}

/// What a list function gives; nothing from a server without the capability, which does not know
/// the method.
template <typename List>
auto list_if_offered(List list) {
  try {
    return list();
  } catch (const mcp::CallError& error) {
    if (error.code() != mcp::error_code::method_not_found) throw;
    return decltype(list()){};
  }
}

class Session {
 public:
  Session(const Flags& flags, std::stop_token stop)
      : flags_(flags),
        runtime_(mcp::make_runtime()),
        client_(connect_server(*runtime_, flags.server.entry(), terminal_questions(),
                               {milliseconds_of(flags.seconds), stop})) {
    options_.stop = std::move(stop);
    options_.timeout = milliseconds_of(flags.seconds);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { client_.close(); }

  int tools() {
    print_list(flags_, list_if_offered([&] { return client_.list_tools(options_); }), revision(),
               [](const mcp::Tool& tool) { print_line(tool.name, tool.description); });
    return exit_code::ok;
  }

  int call() {
    Json arguments = Json::object();
    if (!flags_.arguments.empty()) {
      try {
        arguments = parse_foreign_json(flags_.arguments);
      } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError(std::string("the arguments are not JSON: ") + error.what());
      }
      if (!arguments.is_object()) {
        throw CLI::ValidationError("the arguments must be a JSON object");
      }
    }
    // The list tells the client the output schema, and what may be sent twice.
    client_.list_tools(options_);
    const mcp::ToolResult result = client_.call_tool(flags_.name, arguments, options_);
    if (flags_.json) {
      print_json(mcp::to_json(result, revision()));
    } else {
      print_contents(result.content);
    }
    return result.is_error ? exit_code::tool_error : exit_code::ok;
  }

  int resources() {
    const auto resources = list_if_offered([&] { return client_.list_resources(options_); });
    const auto templates =
        list_if_offered([&] { return client_.list_resource_templates(options_); });
    if (flags_.json) {
      Json out{{"resources", Json::array()}, {"resourceTemplates", Json::array()}};
      for (const auto& one : resources) out["resources"].push_back(mcp::to_json(one, revision()));
      for (const auto& one : templates)
        out["resourceTemplates"].push_back(mcp::to_json(one, revision()));
      print_json(out);
      return exit_code::ok;
    }
    for (const auto& one : resources) print_line(one.uri, one.description);
    for (const auto& one : templates) print_line(one.uri_template, one.description);
    return exit_code::ok;
  }

  int read() {
    const mcp::ReadResourceResult result = client_.read_resource(flags_.name, options_);
    if (flags_.json) {
      print_json(mcp::to_json(result, revision()));
      return exit_code::ok;
    }
    for (const mcp::ResourceContents& contents : result.contents) {
      if (contents.blob) {
        std::printf("[%s, %zu characters of Base64; see --json]\n",
                    one_line(contents.mime_type, 100).c_str(), contents.blob->size());
      } else {
        std::puts(printable(contents.text).c_str());
      }
    }
    return exit_code::ok;
  }

  int prompts() {
    const auto prompts = list_if_offered([&] { return client_.list_prompts(options_); });
    print_list(flags_, prompts, revision(), [](const mcp::Prompt& prompt) {
      std::string arguments;
      for (const mcp::PromptArgument& argument : prompt.arguments)
        arguments += " " + argument.name + (argument.required ? "=…" : "=[…]");
      print_line(prompt.name + arguments, prompt.description);
    });
    return exit_code::ok;
  }

  int prompt() {
    mcp::GetPromptParams params{flags_.name, {}};
    for (const std::string& value : flags_.values) {
      const std::size_t equals = value.find('=');
      if (equals == std::string::npos) {
        throw CLI::ValidationError("an argument is NAME=VALUE, not " + value);
      }
      params.arguments[value.substr(0, equals)] = value.substr(equals + 1);
    }
    const mcp::PromptResult result = client_.get_prompt(params, options_);
    if (flags_.json) {
      print_json(mcp::to_json(result, revision()));
      return exit_code::ok;
    }
    for (const mcp::PromptMessage& message : result.messages) {
      std::printf("%s:\n", message.role == mcp::Role::user ? "user" : "assistant");
      print_contents({message.content});
    }
    return exit_code::ok;
  }

 private:
  mcp::Revision revision() const { return client_.server().revision; }

  static void print_contents(const std::vector<mcp::Content>& contents) {
    for (const mcp::Content& content : contents) {
      std::puts(printable(mcp::to_text(content)).c_str());
    }
  }

  const Flags& flags_;
  std::unique_ptr<mcp::Runtime> runtime_;
  mcp::Client client_;
  mcp::CallOptions options_;
};

using Action = int (Session::*)();

CLI::App* add(CLI::App& app, CommandContext& context, const char* verb, const char* description,
              Action action, const std::shared_ptr<Flags>& flags) {
  auto* command = app.add_subcommand(verb, description);
  flags->server.add_to(*command);
  command
      ->add_option("--timeout", flags->seconds,
                   "Seconds for the server to start, and that it may be silent then")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "What the protocol says, as JSON");
  command->callback([flags, action, &context] {
    Session session(*flags, context.interrupt.begin_work());
    try {
      context.exit_code = (session.*action)();
    } catch (const mcp::CallError& error) {
      if (error.kind() == mcp::CallError::Kind::stopped) {
        context.exit_code = exit_code::cancelled;
        return;
      }
      context.exit_code = error.kind() == mcp::CallError::Kind::answered ? exit_code::tool_error
                                                                         : exit_code::server_failed;
      print_failure(error.what(), context.exit_code, flags->json);
    }
  });
  return command;
}

}  // namespace

void add_server_commands(CLI::App& app, CommandContext& context) {
  const auto flags = [] { return std::make_shared<Flags>(); };
  add(app, context, "tools", "List a server's tools", &Session::tools, flags());
  add(app, context, "resources", "List a server's resources and templates", &Session::resources,
      flags());
  add(app, context, "prompts", "List a server's prompts", &Session::prompts, flags());
  auto call = flags();
  auto* command = add(app, context, "call", "Call a tool", &Session::call, call);
  command->add_option("tool", call->name, "The tool's name")->required();
  command->add_option("arguments", call->arguments, "A JSON object");
  auto read = flags();
  add(app, context, "read", "Read a resource", &Session::read, read)
      ->add_option("uri", read->name, "The resource's URI")
      ->required();
  auto prompt = flags();
  command = add(app, context, "prompt", "Get a prompt", &Session::prompt, prompt);
  command->add_option("name", prompt->name, "The prompt's name")->required();
  command->add_option("values", prompt->values, "NAME=VALUE for each argument");
}

}  // namespace fairlead::agent
