#include <mcp/protocol/input_required.h>

#include <mcp/protocol/meta.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

bool may_require_input(std::string_view method) noexcept {
  return method == method::tools_call || method == method::prompts_get ||
         method == method::resources_read;
}

std::string_view method_of(const InputRequest& request) noexcept {
  if (std::holds_alternative<ElicitParams>(request)) return method::elicitation_create;
  if (std::holds_alternative<CreateMessageParams>(request)) return method::sampling_create_message;
  return method::roots_list;
}

Json to_json(const InputRequest& request, Revision revision) {
  return std::visit([&](const auto& params) { return to_json(params, revision); }, request);
}

Json to_json(const InputRequiredResult& result, Revision revision) {
  ObjectWriter out;
  if (!result.input_requests.empty()) {
    Json requests = Json::object();
    for (const auto& [key, request] : result.input_requests) {
      requests[key] = ObjectWriter()
                          .set("method", method_of(request))
                          .set("params", to_json(request, revision))
                          .take();
    }
    out.set("inputRequests", std::move(requests));
  }
  Json json = out.optional("requestState", result.request_state).meta(result.meta).take();
  add_result_type(json, ResultType::input_required, revision);
  return json;
}

void add_input_responses(Json& params, const InputResponseParams& responses) {
  if (!responses.input_responses.empty()) params["inputResponses"] = responses.input_responses;
  if (responses.request_state) params["requestState"] = *responses.request_state;
}

template <>
InputRequest from_json<InputRequest>(const Json& value) {
  ObjectReader in(value);
  auto name = in.get<std::string>("method");
  if (name == method::elicitation_create) return in.get<ElicitParams>("params");
  if (name == method::sampling_create_message) return in.get<CreateMessageParams>("params");
  if (name == method::roots_list) return in.get_or<ListRootsParams>("params", {});
  throw Malformed("/method",
                  "a server may ask elicitation/create, sampling/createMessage or roots/list");
}

template <>
InputRequiredResult from_json<InputRequiredResult>(const Json& value) {
  ObjectReader in(value);
  InputRequiredResult result{.request_state = in.optional<std::string>("requestState"),
                             .meta = in.meta()};
  if (const Json* requests = in.find("inputRequests")) {
    protocol::at("inputRequests", [&] {
      for (const auto& [key, request] : protocol::read_object(*requests).items()) {
        protocol::at(key, [&, &key = key, &request = request] {
          result.input_requests.emplace(key, from_json<InputRequest>(request));
        });
      }
    });
  }
  if (result.input_requests.empty() && !result.request_state) {
    throw Malformed("", "\"input_required\" needs inputRequests, requestState or both");
  }
  return result;
}

template <>
InputResponseParams from_json<InputResponseParams>(const Json& value) {
  InputResponseParams params;
  if (value.is_null()) return params;
  ObjectReader in(value);
  params.request_state = in.optional<std::string>("requestState");
  if (auto responses = value.find("inputResponses"); responses != value.end()) {
    protocol::at("inputResponses", [&] {
      for (const auto& [key, response] : protocol::read_object(*responses).items()) {
        params.input_responses.emplace(key, response);
      }
    });
  }
  return params;
}

}  // namespace mcp
