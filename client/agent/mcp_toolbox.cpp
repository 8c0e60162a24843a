#include <algorithm>
#include <exception>
#include <optional>
#include <thread>

#include <client/agent/mcp_toolbox.h>
#include <mcp/transport/child_process.h>

namespace fairlead::agent {
namespace {

struct Server {
  std::string name;
  mcp::Client client;
};

/// Whether one of the texts is the structured content itself, as servers send it for clients that
/// do not know structured content. Other texts only tell about it: a model then needs both.
bool repeats(const std::vector<mcp::Content>& content, const Json& structured) {
  return std::any_of(content.begin(), content.end(), [&](const mcp::Content& block) {
    const auto* text = std::get_if<mcp::TextContent>(&block);
    return text != nullptr && Json::parse(text->text, nullptr, false) == structured;
  });
}

ToolOutcome outcome_of(const mcp::ToolResult& result) {
  ToolOutcome outcome;
  outcome.is_error = result.is_error;
  for (const mcp::Content& content : result.content) {
    if (const auto* text = std::get_if<mcp::TextContent>(&content)) {
      outcome.content.emplace_back(Text{text->text});
    } else if (const auto* image = std::get_if<mcp::ImageContent>(&content)) {
      outcome.content.emplace_back(Image{image->mime_type, image->data});
    } else {
      outcome.content.emplace_back(Text{mcp::to_text(content)});
    }
  }
  if (result.structured_content && !repeats(result.content, *result.structured_content)) {
    outcome.content.emplace_back(
        Text{result.structured_content->dump(-1, ' ', false, Json::error_handler_t::replace)});
  }
  return outcome;
}

class McpToolbox : public Toolbox {
 public:
  McpToolbox(const std::vector<ServerEntry>& entries, const mcp::InputHandlers& handlers,
             const std::stop_token& stop)
      : runtime_(mcp::make_runtime()) {
    std::vector<std::optional<mcp::Client>> clients(entries.size());
    std::vector<std::exception_ptr> failures(entries.size());
    {
      std::vector<std::jthread> starts;
      for (std::size_t i = 0; i < entries.size(); ++i) {
        starts.emplace_back([&, i] {
          try {
            clients[i] = connect_server(*runtime_, entries[i], handlers);
          } catch (...) {
            failures[i] = std::current_exception();
          }
        });
      }
    }
    for (const std::exception_ptr& failure : failures)
      if (failure) std::rethrow_exception(failure);
    if (stop.stop_requested()) throw ServerFailed("cancelled while the servers started");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      servers_.push_back({entries[i].name, std::move(*clients[i])});
    }
  }

  std::vector<Tool> tools() override {
    std::vector<Tool> out;
    for (Server& server : servers_) {
      // A server that has no tools at all refuses the request.
      if (!server.client.server().capabilities.tools) continue;
      for (const mcp::Tool& tool : server.client.list_tools()) {
        out.push_back({server.name, tool.name, tool.description, tool.input_schema});
      }
    }
    return out;
  }

  ToolOutcome call(const Tool& tool, const Json& arguments, std::stop_token stop) override {
    for (Server& server : servers_) {
      if (server.name != tool.server) continue;
      mcp::CallOptions options;
      options.stop = std::move(stop);
      return outcome_of(server.client.call_tool(tool.name, arguments, options));
    }
    return {{Text{"the server " + tool.server + " is gone"}}, true};
  }

 private:
  std::unique_ptr<mcp::Runtime> runtime_;
  std::vector<Server> servers_;
};

}  // namespace

mcp::Client connect_server(mcp::Runtime& runtime, const ServerEntry& server,
                           const mcp::InputHandlers& handlers) {
  if (!server.url.empty()) {
    throw ServerFailed(server.name + ": servers over HTTP can't be reached by this version");
  }
  mcp::ChildProcessOptions child;
  child.command = server.command;
  child.arguments = server.arguments;
  child.environment = server.environment;
  child.working_directory = server.directory;
  mcp::ClientOptions options;
  options.label = server.name;
  options.handlers = handlers;
  try {
    return mcp::Client::connect(runtime, std::move(child), std::move(options));
  } catch (const std::exception& error) {
    throw ServerFailed("the server \"" + server.name + "\" did not start: " + error.what());
  }
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

std::unique_ptr<Toolbox> open_mcp_toolbox(const std::vector<ServerEntry>& servers,
                                          const mcp::InputHandlers& handlers,
                                          std::stop_token stop) {
  return std::make_unique<McpToolbox>(servers, handlers, stop);
}

}  // namespace fairlead::agent
