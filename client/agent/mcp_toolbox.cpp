#include <algorithm>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>

#include <client/agent/mcp_toolbox.h>
#include <client/model/foreign_json.h>
#include <mcp/jsonrpc/codec.h>

namespace fairlead::agent {
namespace {

struct Server {
  std::string name;
  mcp::Client client;
};

/// Whether one of the texts is the structured content itself, as servers send it for clients that
/// do not know structured content. Other texts only tell about it, or of a part of it: a model then
/// needs both.
bool repeats(const std::vector<mcp::Content>& content, const Json& structured) {
  // Indented, the same JSON takes some times the bytes; what takes more is not worth reading.
  const std::size_t most_bytes = 1024 + 8 * to_wire(structured).size();
  mcp::jsonrpc::Decoder decoder;
  return std::any_of(content.begin(), content.end(), [&](const mcp::Content& block) {
    const auto* text = std::get_if<mcp::TextContent>(&block);
    if (text == nullptr || text->text.size() > most_bytes) return false;
    const auto value = decoder.decode_value(text->text);
    const auto* json = std::get_if<Json>(&value);
    return json != nullptr && *json == structured;
  });
}

/// What the texts leave out: many servers give a text as a member of the structured content, too,
/// and a model need not read it twice.
Json left_out(const std::vector<mcp::Content>& content, Json structured) {
  if (!structured.is_object()) return structured;
  const auto is_told = [&content](const Json& member) {
    const auto* told = member.get_ptr<const std::string*>();
    return told != nullptr && std::any_of(content.begin(), content.end(), [&](const auto& block) {
             const auto* text = std::get_if<mcp::TextContent>(&block);
             return text != nullptr && text->text == *told;
           });
  };
  for (auto member = structured.begin(); member != structured.end();) {
    member = is_told(*member) ? structured.erase(member) : std::next(member);
  }
  return structured;
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
    const Json rest = left_out(result.content, *result.structured_content);
    if (!rest.empty()) outcome.content.emplace_back(Text{to_wire(rest)});
  }
  return outcome;
}

class McpToolbox : public Toolbox {
 public:
  McpToolbox(const std::vector<ServerEntry>& entries, const mcp::InputHandlers& handlers,
             const StartLimits& limits)
      : runtime_(mcp::make_runtime()) {
    start(entries, handlers, limits);
  }
  McpToolbox(const McpToolbox&) = delete;
  McpToolbox& operator=(const McpToolbox&) = delete;
  ~McpToolbox() override { close(); }

  std::vector<Tool> tools(std::stop_token stop) override {
    mcp::CallOptions options;
    options.stop = std::move(stop);
    std::vector<Tool> out;
    for (Server& server : servers_) {
      // A server that has no tools at all refuses the request.
      if (!server.client.server().capabilities.tools) continue;
      try {
        for (const mcp::Tool& tool : server.client.list_tools(options)) {
          out.push_back({server.name, tool.name, tool.description, tool.input_schema});
        }
      } catch (const mcp::CallError& error) {
        throw ServerFailed("the server \"" + server.name +
                           "\" did not list its tools: " + error.what());
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
  /// All at the same time; when one fails the others are not waited for.
  void start(const std::vector<ServerEntry>& entries, const mcp::InputHandlers& handlers,
             const StartLimits& limits) {
    std::vector<std::optional<mcp::Client>> clients(entries.size());
    std::mutex mutex;
    std::exception_ptr failure;
    std::stop_source starts;
    {
      const std::stop_callback pass_on(limits.stop, [&] { starts.request_stop(); });
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < entries.size(); ++i) {
        threads.emplace_back([&, i] {
          try {
            clients[i] = connect_server(*runtime_, entries[i], handlers,
                                        {limits.timeout, starts.get_token()});
          } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
            starts.request_stop();
          }
        });
      }
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (clients[i]) servers_.push_back({entries[i].name, std::move(*clients[i])});
    }
    if (!failure) return;
    close();
    std::rethrow_exception(failure);
  }

  /// Ends all servers at the same time and waits until they have ended.
  void close() {
    for (Server& server : servers_) server.client.close(nullptr);
    for (Server& server : servers_) server.client.close();
  }

  std::unique_ptr<mcp::Runtime> runtime_;
  std::vector<Server> servers_;
};

}  // namespace

std::unique_ptr<Toolbox> open_mcp_toolbox(const std::vector<ServerEntry>& servers,
                                          const mcp::InputHandlers& handlers,
                                          const StartLimits& limits) {
  return std::make_unique<McpToolbox>(servers, handlers, limits);
}

}  // namespace fairlead::agent
