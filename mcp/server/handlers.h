#pragma once

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp/protocol/completion.h>
#include <mcp/protocol/prompt.h>
#include <mcp/protocol/resource.h>
#include <mcp/protocol/tool.h>
#include <mcp/server/context.h>

// What a server's author writes: handlers, and what is said about them at registration. Handlers
// run on the executor, several at once, and may block.

namespace mcp {

/// `arguments` is an object that fits the tool's input schema. Throw ToolError (or return
/// `error_text`) for a failure that the model should read, Error for a protocol error.
using ToolHandler = std::function<ToolResult(const Json& arguments, Context& context)>;

namespace server {
/// A question whose answer the next run of the handler reads.
struct OpenQuestion {
  std::string key;
  InputRequest request;
};
}  // namespace server

/// Answers a call later, from any thread: for tools that wait for something without holding a
/// worker. Copies answer the same call; the first answer counts, and goes out when the handler has
/// returned. When the last copy goes without an answer, the call fails.
class Responder {
 public:
  explicit Responder(std::shared_ptr<server::Run> run) : run_(std::move(run)) {}

  void finish(ToolResult result) const;
  /// As if the handler had thrown it.
  void fail(std::exception_ptr error) const;
  /// Ends this run; the handler starts again when all questions are answered.
  template <class... Answers>
  void ask(const Question<Answers>&... questions) const {
    ask_all({{questions.key, questions.request}...});
  }
  void progress(double progress, std::string_view message = {}) const;
  void log(LoggingLevel level, Json data, std::string logger = {}) const;
  std::stop_token stop_token() const;

 private:
  void ask_all(std::vector<server::OpenQuestion> questions) const;

  std::shared_ptr<server::Run> run_;
};

/// Begins a call and returns; `context` is valid only until then.
using DeferredToolHandler =
    std::function<void(const Json& arguments, Context& context, Responder responder)>;

struct ResourceRequest {
  std::string uri;
  std::map<std::string, std::string> variables = {};  ///< of the template, decoded
};
/// Throw Error(`resource_not_found`, …) when a template's resource does not exist: the code is
/// turned into the revision's own.
using ResourceHandler =
    std::function<ReadResourceResult(const ResourceRequest& request, Context& context)>;

using PromptArguments = std::map<std::string, std::string>;
/// Required arguments are present.
using PromptHandler =
    std::function<PromptResult(const PromptArguments& arguments, Context& context)>;

struct CompletionRequest {
  std::string value;                                ///< what was typed so far
  std::map<std::string, std::string> context = {};  ///< arguments that are settled already
};
using CompletionHandler =
    std::function<CompleteResult(const CompletionRequest& request, CallContext& context)>;

/// How a raw tool is run.
struct HandlerOptions {
  /// Refuse the call before it runs when the client lacks one of these.
  std::vector<ClientFeature> requires_capability = {};
  /// Run on the loop itself: only for handlers that take microseconds and never block.
  bool run_inline = false;
};

/// What is said about a typed tool besides its types.
struct ToolOptions {
  std::string title = {};
  ToolAnnotations annotations = {};
  std::vector<Icon> icons = {};
  Json meta = nullptr;
  std::optional<TaskSupport> task_support = {};         ///< see Context::continue_as_task
  std::vector<ClientFeature> requires_capability = {};  ///< see HandlerOptions
  bool run_inline = false;                              ///< see HandlerOptions
};

/// What is said about a resource or template besides itself; the first two as in HandlerOptions.
struct ResourceOptions {
  std::vector<ClientFeature> requires_capability = {};
  bool run_inline = false;
  /// How long a read may be kept (stateless era), unless the result says more.
  CacheHints cache = {};
  /// By the template's variable.
  std::map<std::string, CompletionHandler> complete = {};
};

/// What is said about a prompt besides itself; the first two as in HandlerOptions.
struct PromptOptions {
  std::vector<ClientFeature> requires_capability = {};
  bool run_inline = false;
  /// By the argument's name.
  std::map<std::string, CompletionHandler> complete = {};
};

}  // namespace mcp
