#include <mcp/client/input_handlers.h>

#include <mcp/base/error.h>
#include <mcp/schema/schema.h>

namespace mcp {
namespace {

Error undeclared(const char* what) {
  return Error(error_code::invalid_params, std::string("this client did not declare ") + what);
}

Json answer_form(const InputHandlers& handlers, const ElicitFormParams& params,
                 const InputContext& context, Revision revision) {
  if (!handlers.elicit_form) throw undeclared("elicitation.form");
  std::optional<schema::Schema> form;
  try {
    form = schema::Schema::compile(params.requested_schema);
  } catch (const schema::SchemaError& error) {
    throw Error(error_code::invalid_params,
                std::string("requestedSchema can't be used: ") + error.what());
  }
  ElicitResult result = handlers.elicit_form(params, context);
  if (result.action != ElicitAction::accept) {
    result.content = nullptr;
    return to_json(result, revision);
  }
  if (result.content.is_null()) result.content = Json::object();
  apply_elicitation_defaults(result.content, params.requested_schema);
  if (auto errors = form->validate(result.content); !errors.empty()) {
    throw Error(error_code::internal_error,
                "the user's answer does not fit the form: " + schema::summary(errors));
  }
  return to_json(result, revision);
}

Json answer_url(const InputHandlers& handlers, const ElicitUrlParams& params,
                const InputContext& context, Revision revision) {
  if (!handlers.elicit_url) throw undeclared("elicitation.url");
  return to_json(ElicitResult{.action = handlers.elicit_url(params, context)}, revision);
}

Json answer_sampling(const InputHandlers& handlers, const CreateMessageParams& params,
                     const InputContext& context, Revision revision) {
  if (!handlers.sample) throw Error(error_code::method_not_found, "this client has no sampling");
  if ((!params.tools.empty() || params.tool_choice) && !handlers.sampling_tools) {
    throw undeclared("sampling.tools");
  }
  if (std::string problem = sampling_problem(params.messages); !problem.empty()) {
    throw Error(error_code::invalid_params, problem);
  }
  return to_json(handlers.sample(params, context), revision);
}

}  // namespace

ClientCapabilities capabilities_of(const InputHandlers& handlers) {
  ClientCapabilities capabilities;
  if (handlers.elicit_form || handlers.elicit_url) {
    capabilities.elicitation = {.form = handlers.elicit_form != nullptr,
                                .url = handlers.elicit_url != nullptr};
  }
  if (handlers.sample) {
    capabilities.sampling = {.context = handlers.sampling_context,
                             .tools = handlers.sampling_tools};
  }
  if (handlers.roots) capabilities.roots = {.list_changed = true};
  return capabilities;
}

Json answer_input(const InputHandlers& handlers, const InputRequest& request,
                  const InputContext& context, Revision revision) {
  if (const auto* elicit = std::get_if<ElicitParams>(&request)) {
    if (!handlers.elicit_form && !handlers.elicit_url) {
      throw Error(error_code::method_not_found, "this client has no elicitation");
    }
    if (const auto* form = std::get_if<ElicitFormParams>(elicit)) {
      return answer_form(handlers, *form, context, revision);
    }
    return answer_url(handlers, std::get<ElicitUrlParams>(*elicit), context, revision);
  }
  if (const auto* sampling = std::get_if<CreateMessageParams>(&request)) {
    return answer_sampling(handlers, *sampling, context, revision);
  }
  if (!handlers.roots) throw Error(error_code::method_not_found, "this client has no roots");
  return to_json(ListRootsResult{.roots = handlers.roots(context)}, revision);
}

}  // namespace mcp
