#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <mcp/server/handlers.h>
#include <mcp/server/log.h>
#include <mcp/server/middleware.h>
#include <mcp/server/skill.h>
#include <mcp/server/typed_tool.h>
#include <mcp/store/store.h>
#include <mcp/store/task_store.h>

namespace mcp {

namespace server {
class Core;
}

/// How long clients may keep what they asked for (stateless era).
struct ListCaching {
  CacheHints tools = {};
  CacheHints resources = {};
  CacheHints resource_templates = {};
  CacheHints prompts = {};
  CacheHints discover = {};
  CacheHints skills = {};  ///< their lists, entries and files
};

/// Capabilities that are declared although nothing is registered yet: for features that come at run
/// time, or that middleware answers. What is registered is declared by itself, from then on. The
/// methods of a capability that is not declared are answered with "method not found".
struct DeclaredFeatures {
  bool tools = false;
  bool resources = false;
  bool prompts = false;
  bool completions = false;
  bool skills = false;
  bool logging = true;
};

/// What clients can cost. Past a bound a request is refused with an error that says so; the
/// connection lives on.
struct ServerLimits {
  std::size_t message_bytes = std::size_t{16} << 20U;  ///< of one message as it comes
  /// Arrays and objects within each other in a message; more than 128 counts as 128.
  std::size_t message_depth = 128;
  /// Values in a message: members, items, and what holds them.
  std::size_t message_values = 1'000'000;
  /// Messages of one batch (2025-03-26).
  std::size_t batch_items = 100;
  /// What all messages whose requests are being answered, and what clients watch, hold in memory;
  /// past it: refused.
  std::size_t in_flight_bytes = std::size_t{256} << 20U;
  /// Requests of one connection that are not answered yet, open subscriptions included.
  std::size_t calls_per_connection = 1024;
  /// Resources and tasks that one connection may watch: by `resources/subscribe`, and by all its
  /// `subscriptions/listen` together. What is watched counts towards `in_flight_bytes`.
  std::size_t watched_resources = 1024;
  /// Bytes of one URI or task id that is watched.
  std::size_t watched_uri_bytes = std::size_t{8} << 10U;
  /// Bytes of the `requestState` that answers and steps travel in (stateless era); a call whose
  /// state would be longer fails.
  std::size_t request_state_bytes = std::size_t{64} << 10U;
  /// How often one call may ask the client.
  int rounds = 32;
  /// Tasks whose handlers have not ended, of all clients; past it a call that would become one is
  /// refused.
  std::size_t running_tasks = 1024;
  /// The longest `ttl` of a task.
  std::chrono::milliseconds task_ttl = std::chrono::hours(24);
};

struct ServerOptions {
  std::string instructions = {};  ///< for the model: how to use this server
  std::size_t page_size = 0;      ///< items on one page of a list; 0: everything on one page
  ListCaching caching = {};
  DeclaredFeatures declare = {};
  Json experimental = nullptr;  ///< capabilities by name, an object
  Json extensions = nullptr;    ///< extension settings by identifier, an object
  /// How long a question to the client may stay open (session era).
  Duration ask_timeout = std::chrono::minutes(10);
  /// How long a call waits for the page of `elicit_url` before it asks again (stateless era).
  Duration url_wait = std::chrono::seconds(10);
  /// How long a round of questions may take (stateless era); `once_ever` remembers twice as long.
  std::chrono::seconds state_lifetime = std::chrono::minutes(15);
  /// Secrets of at least 32 characters that protect `requestState`. The first seals, all open (two
  /// while rotating). None: a random one, which other replicas do not know.
  std::vector<std::string> state_keys = {};
  std::shared_ptr<Store> store = {};      ///< for `once_ever`; none: in memory
  std::shared_ptr<TaskStore> tasks = {};  ///< none: in memory
  ServerLimits limits = {};
  Logger log = {};  ///< none: `stderr_logger()`
};

/// What a server offers: configuration, apart from the connections that use it. Give it to
/// `mcp::serve` (a process), `mcp::connect` (one transport) or `server::Engine` (your own loop).
///
/// Everything may be called from any thread, at any time: registration swaps an immutable snapshot,
/// calls in flight keep theirs, and clients that asked for it are told that a list has changed. The
/// same name again replaces. Connections keep what they need when the server is destroyed before
/// them.
class Server {
 public:
  /// `info` is what clients are told of this program (server/discover, initialize). Throws
  /// std::invalid_argument for a state key of less than 32 characters.
  explicit Server(Implementation info, ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // --- Tools (server/tools) ---
  // Arguments are checked against the input schema before the handler runs; what does not fit
  // becomes a result with `isError` and the path. A result that breaks the tool's own output schema
  // is the author's mistake: it is logged, and the call fails with "internal error".

  /// A typed tool: `handler` takes `(const In&, mcp::Context&)` or `(const In&)` and returns a
  /// described type, ToolResult, std::string or void. Schemas come from the types. It is copied in,
  /// and called on several threads at a time. Throws std::invalid_argument for a name that is
  /// empty, longer than 128 characters or not of letters, digits, `_`, `-`, `.`, and for a header
  /// annotation that breaks the rules.
  template <class F>
  void tool(std::string name, std::string description, F handler, ToolOptions options = {}) {
    HandlerOptions how{options.requires_capability, options.run_inline};
    auto raw = server::raw_tool(std::move(name), std::move(description), std::move(handler),
                                std::move(options));
    tool(std::move(raw.tool), std::move(raw.handler), std::move(how));
  }
  /// A raw tool: schemas as JSON, arguments as JSON. Throws as the typed form does, and
  /// schema::SchemaError for a schema that does not compile. The server is unchanged then.
  void tool(Tool tool, ToolHandler handler, HandlerOptions options = {});
  /// A raw tool that answers later, by its Responder. Throws as `tool` does.
  void deferred_tool(Tool tool, DeferredToolHandler handler, HandlerOptions options = {});
  /// False when there is none of that name. Calls in flight go on.
  bool remove_tool(const std::string& name);

  // --- Resources (server/resources) ---

  /// One resource; `handler` reads it. Throws std::invalid_argument for an empty uri.
  void resource(Resource resource, ResourceHandler handler, ResourceOptions options = {});
  /// A family of resources by an RFC 6570 template, whose variables `handler` gets decoded. A
  /// resource with that very URI goes before; of several templates the first that matches serves
  /// it. Throws std::invalid_argument for a wrong template.
  void resource_template(ResourceTemplate resource_template, ResourceHandler handler,
                         ResourceOptions options = {});
  /// False when there is none of that URI. Reads in flight go on.
  bool remove_resource(const std::string& uri);
  bool remove_resource_template(const std::string& uri_template);
  /// Tells clients that subscribed to `uri` that its contents have changed.
  void resource_updated(const std::string& uri);

  // --- Prompts (server/prompts) ---

  /// `handler` is called when all required arguments are there. Throws std::invalid_argument for an
  /// empty name.
  void prompt(Prompt prompt, PromptHandler handler, PromptOptions options = {});
  /// False when there is none of that name.
  bool remove_prompt(const std::string& name);

  // --- Skills (extension io.modelcontextprotocol/skills, SEP-2640) ---
  // Directories of instructions for the client's model. Their files are resources, in every
  // revision; from 2026-07-28 on the extension is declared, with `skills/list`, `skills/get` and
  // `resources/directory/read`. What is served is kept in memory, so that digests stay true.

  /// One skill. Throws std::invalid_argument, naming what is wrong: front matter that can't be read
  /// (see parse_front_matter) or lacks a fitting name or a description, a path that leaves the
  /// directory, more than `max_skill_files` or `max_skill_bytes`.
  void skill(SkillDirectory skill);
  /// Every skill below `folder`, as it is now: see read_skill_folder, which also says what this
  /// throws. What can't be served is logged and returned. Called again, it drops what is gone.
  std::vector<SkillProblem> skills(const std::filesystem::path& folder,
                                   const SkillFolderLimits& limits = {});
  /// By the URI of its SKILL.md. False when there is none. Files of skills within it, or around it,
  /// stay.
  bool remove_skill(const std::string& uri);

  // --- News for clients ---

  /// Tells clients that the list has changed although no registration did: for middleware that
  /// answers lists itself.
  void tools_changed();
  void resources_changed();
  void prompts_changed();
  /// The page of `Context::elicit_url` is done: the call goes on, and the client is told.
  void complete(const std::string& elicitation_id);

  // --- Middleware, and what the server is ---

  /// Adds middleware behind what was added before. Before the first connection, and not while
  /// another thread uses the server.
  void use(Middleware middleware);
  void use_outgoing(OutgoingMiddleware middleware);

  /// As it was given; the reference lives as long as the server.
  const Implementation& info() const;
  /// For the engine.
  const std::shared_ptr<server::Core>& core() const { return core_; }

 private:
  std::shared_ptr<server::Core> core_;
};

}  // namespace mcp
