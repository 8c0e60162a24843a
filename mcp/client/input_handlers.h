#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include <mcp/protocol/capabilities.h>
#include <mcp/protocol/elicitation.h>
#include <mcp/protocol/input_required.h>
#include <mcp/protocol/roots.h>
#include <mcp/protocol/sampling.h>

// What a server may ask of a client: one handler serves both eras. In the session era it answers
// the server's request, in the stateless era its answer travels with the repeated call.

namespace mcp {

/// Who asks, and when to stop asking.
struct InputContext {
  Implementation server;     ///< as it names itself: show it, do not trust it
  std::string server_label;  ///< as the user configured it (`ClientOptions::label`)
  std::stop_token stop;      ///< the question is moot: the call was given up, or the server is gone
};

/// Handlers run on the executor and may block (for a person, a model). An exception becomes an
/// error answer; `mcp::Error` keeps its code. A handler that is set declares the capability for it.
struct InputHandlers {
  /// Shows a form. An accepted `content` is completed by the schema's defaults and checked against
  /// the schema: what does not fit is an error, so the handler should check what people type.
  std::function<ElicitResult(const ElicitFormParams&, const InputContext&)> elicit_form = {};
  /// Asks for consent to open a page in the user's browser. Show the whole URL, its host and which
  /// server asks; never fetch it, never open it without an explicit yes. `accept` is consent only.
  std::function<ElicitAction(const ElicitUrlParams&, const InputContext&)> elicit_url = {};
  /// After consent, when the server refused a call until the page is done (-32042): blocks until
  /// the user says so. True: repeat the call; false: give it up. `context.stop` is requested when
  /// the server itself tells that the page is done. Not set: only the server's word counts.
  std::function<bool(const ElicitUrlParams&, const InputContext&)> url_finished = {};
  /// Asks the client's model. People should be able to see and refuse it.
  std::function<CreateMessageResult(const CreateMessageParams&, const InputContext&)> sample = {};
  /// `tools` and `toolChoice` of sampling are understood.
  bool sampling_tools = false;
  /// `includeContext` of sampling is understood.
  bool sampling_context = false;
  /// The folders that the server may work in.
  std::function<std::vector<Root>(const InputContext&)> roots = {};
};

/// What these handlers can do. `Roots::list_changed` is set with roots: see
/// `Client::roots_changed`.
ClientCapabilities capabilities_of(const InputHandlers& handlers);

/// Runs the handler for `request` and gives the result as the server's revision wants it. Blocks as
/// long as the handler does. Throws Error: -32601 when there is no handler, -32602 for an
/// elicitation mode that is not declared or a request that breaks the rules, else the handler's.
Json answer_input(const InputHandlers& handlers, const InputRequest& request,
                  const InputContext& context, Revision revision);

}  // namespace mcp
