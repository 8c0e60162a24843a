#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mcp/client/call.h>
#include <mcp/client/client_options.h>
#include <mcp/client/subscription.h>
#include <mcp/client/target.h>
#include <mcp/protocol/completion.h>
#include <mcp/protocol/lifecycle.h>
#include <mcp/protocol/list.h>
#include <mcp/protocol/skill.h>

namespace mcp {

/// A connection to one server, of either era, for any number of callers at once.
///
///     auto runtime = mcp::make_runtime();
///     auto client = mcp::Client::connect(*runtime, mcp::Target::command({"mcp-server", "arg"}));
///     for (const mcp::Tool& tool : client.list_tools()) std::puts(tool.name.c_str());
///     mcp::ToolResult result = client.call_tool("echo", {{"text", "hello"}});
///
/// Every request has two forms. The first blocks until the outcome is known and throws CallError
/// (an mcp::Error); called on the loop's own thread it throws std::logic_error, for the loop could
/// never bring the answer. A ManualRuntime has no thread: whoever drives it uses the second form,
/// or waits for ever. The second takes a callback, which is called on the loop.
///
/// Threads: everything may be called from any thread. The runtime must outlive the client.
/// Several calls run at once; a slow one delays no other.
///
/// A server that died is started again by the next call (`RestartPolicy`), if the target can be
/// opened twice. What was in flight fails with `outcome_unknown`, except calls that change nothing:
/// lists, reads, and tools that say they are read-only or idempotent are sent once more.
class Client {
 public:
  /// Opens the target and waits until the server is known. Throws CallError when there is no server
  /// to talk to.
  static Client connect(Runtime& runtime, Target target, ClientOptions options = {});
  /// The same with the command line of a program, or an http or https URL. A URL needs
  /// fairlead::http, else CallError says so; see <mcp/client/http_target.h> for how HTTP
  /// connections are made.
  static Client connect(Runtime& runtime, const std::string& address, ClientOptions options = {});
  /// The same without waiting: calls may be made at once and go out when the server is known;
  /// `ready` receives the server. A program with a loop and pipes of its own gives it a
  /// ManualRuntime and one end of a memory pair, and carries messages to and from the other end.
  static Client open(Runtime& runtime, Target target, ClientOptions options = {},
                     Callback<ServerInfo> ready = {});

  /// A client made by `connect` is closed and waited for (bounded); one made by `open` is closed in
  /// the background, by the runtime.
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// Fails what is pending, ends subscriptions, closes the connection. The first form waits until
  /// the server is gone, 15 seconds at most, and throws std::logic_error on the loop; the second
  /// calls `closed` on the loop then.
  void close();
  void close(std::function<void()> closed);

  /// The server as it was last seen; throws CallError before it is known.
  ServerInfo server() const;

  // --- Tools ---
  /// All pages.
  std::vector<Tool> list_tools(const CallOptions& options = {});
  void list_tools(const CallOptions& options, Callback<std::vector<Tool>> done);
  /// One page: the first without `cursor`.
  ListToolsResult list_tools_page(const ListParams& params, const CallOptions& options = {});
  void list_tools_page(const ListParams& params, const CallOptions& options,
                       Callback<ListToolsResult> done);
  /// `arguments` is an object.
  ToolResult call_tool(const std::string& name, Json arguments = Json::object(),
                       const CallOptions& options = {});
  void call_tool(const std::string& name, Json arguments, const CallOptions& options,
                 Callback<ToolResult> done);

  // --- Resources ---
  std::vector<Resource> list_resources(const CallOptions& options = {});
  void list_resources(const CallOptions& options, Callback<std::vector<Resource>> done);
  ListResourcesResult list_resources_page(const ListParams& params,
                                          const CallOptions& options = {});
  void list_resources_page(const ListParams& params, const CallOptions& options,
                           Callback<ListResourcesResult> done);
  std::vector<ResourceTemplate> list_resource_templates(const CallOptions& options = {});
  void list_resource_templates(const CallOptions& options,
                               Callback<std::vector<ResourceTemplate>> done);
  ListResourceTemplatesResult list_resource_templates_page(const ListParams& params,
                                                           const CallOptions& options = {});
  void list_resource_templates_page(const ListParams& params, const CallOptions& options,
                                    Callback<ListResourceTemplatesResult> done);
  ReadResourceResult read_resource(const std::string& uri, const CallOptions& options = {});
  void read_resource(const std::string& uri, const CallOptions& options,
                     Callback<ReadResourceResult> done);

  // --- Prompts and completion ---
  std::vector<Prompt> list_prompts(const CallOptions& options = {});
  void list_prompts(const CallOptions& options, Callback<std::vector<Prompt>> done);
  ListPromptsResult list_prompts_page(const ListParams& params, const CallOptions& options = {});
  void list_prompts_page(const ListParams& params, const CallOptions& options,
                         Callback<ListPromptsResult> done);
  PromptResult get_prompt(const GetPromptParams& params, const CallOptions& options = {});
  void get_prompt(const GetPromptParams& params, const CallOptions& options,
                  Callback<PromptResult> done);
  CompleteResult complete(const CompleteParams& params, const CallOptions& options = {});
  void complete(const CompleteParams& params, const CallOptions& options,
                Callback<CompleteResult> done);

  // --- Skills (extension io.modelcontextprotocol/skills, SEP-2640) ---
  // A skill is text of a stranger that tells a model what to do: show people whose it is, and ask
  // before it is used. `unsupported` when the server does not declare the extension.
  /// All pages; reads no file. Names may repeat: it is the server and the URI that name a skill.
  std::vector<Skill> list_skills(const CallOptions& options = {});
  void list_skills(const CallOptions& options, Callback<std::vector<Skill>> done);
  /// One skill by the URI of its SKILL.md, listed or not.
  Skill get_skill(const std::string& uri, const CallOptions& options = {});
  void get_skill(const std::string& uri, const CallOptions& options, Callback<Skill> done);
  /// A file of `skill`: the bytes, checked against size and digest, and for SKILL.md field by field
  /// against the front matter. `invalid_result` when anything differs, or when the entry itself
  /// breaks the rules or names no such file: the skill has changed, or was changed, and must not be
  /// used; `get_skill` gives the current one, which needs the user's approval anew.
  std::string read_skill_file(const Skill& skill, const std::string& uri,
                              const CallOptions& options = {});
  void read_skill_file(const Skill& skill, const std::string& uri, const CallOptions& options,
                       Callback<std::string> done);
  /// What lies directly in a directory, all pages; directories have the type
  /// `directory_mime_type`. What it names besides a skill's own files belongs to no skill that was
  /// approved.
  std::vector<Resource> read_directory(const std::string& uri, const CallOptions& options = {});
  void read_directory(const std::string& uri, const CallOptions& options,
                      Callback<std::vector<Resource>> done);

  // --- The rest ---
  /// Session era; `unsupported` in the stateless one.
  void ping(const CallOptions& options = {});
  void ping(const CallOptions& options, Callback<Done> done);
  /// From which level on the server's log messages are wanted (`ClientObserver::on_log`). Session
  /// era: tells the server. Stateless era: every later call asks for it.
  void set_logging_level(LoggingLevel level, const CallOptions& options = {});
  void set_logging_level(LoggingLevel level, const CallOptions& options, Callback<Done> done);
  /// Wants to hear of changes. `on_change` is called on the loop and must not block.
  Subscription subscribe(const SubscriptionFilter& filter,
                         std::function<void(const Change&)> on_change,
                         const CallOptions& options = {});
  void subscribe(const SubscriptionFilter& filter, std::function<void(const Change&)> on_change,
                 const CallOptions& options, Callback<Subscription> done);
  /// Any request, and its result as it came. `params` is an object or null.
  Json request(const std::string& method, Json params = nullptr, const CallOptions& options = {});
  void request(const std::string& method, Json params, const CallOptions& options,
               Callback<Json> done);
  /// Any notification; dropped when there is no connection.
  void notify(const std::string& method, Json params = nullptr);
  /// `handlers.roots` would answer differently now. Tells a server of the session era.
  void roots_changed();

 private:
  explicit Client(std::shared_ptr<client::Core> core);
  std::shared_ptr<client::Core> core_;
  bool wait_when_destroyed_ = false;
};

}  // namespace mcp
