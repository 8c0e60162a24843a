#include <mcp/jsonrpc/envelope.h>

#include <limits>
#include <utility>

#include <mcp/base/error.h>
#include <mcp/base/json_memory.h>
#include <mcp/base/number_text.h>

namespace mcp::jsonrpc {
namespace {

bool present(const Json& member) {
  return !member.is_discarded();
}

// What a value is, for an error's text; the value itself may be large or secret.
std::string kind_of(const Json& value) {
  if (is_number_text(value)) return "a number";
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "an array";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "a boolean";
    case Json::value_t::number_float:
      return "a number with fraction or exponent";
    default:
      return "a number";
  }
}

struct Judge {
  Envelope envelope;
  std::optional<Id> id;
  bool is_response = false;

  BatchItem refuse(std::string what) const {
    return Refusal{id, {error_code::invalid_request, std::move(what), nullptr}, is_response};
  }

  BatchItem judge() {
    if (present(envelope.id)) id = Id::from_json(envelope.id);
    const bool has_result = present(envelope.result);
    const bool has_error = present(envelope.error);
    is_response = !present(envelope.method) && (has_result || has_error);
    if (!present(envelope.jsonrpc))
      return refuse("member \"jsonrpc\" is missing; it must be \"2.0\"");
    const auto* version = envelope.jsonrpc.get_ptr<const std::string*>();
    if (version == nullptr || *version != "2.0")
      return refuse("member \"jsonrpc\" is " +
                    (version != nullptr ? "another version" : kind_of(envelope.jsonrpc)) +
                    "; it must be \"2.0\"");
    if (is_response) return response(has_result && has_error);
    if (!present(envelope.method))
      return refuse(
          "member \"method\" is missing; a request or notification has \"method\", a response has "
          "\"result\" or \"error\"");
    if (has_result || has_error)
      return refuse(
          "members \"method\" and \"result\" or \"error\" exclude each other; a request has "
          "\"method\", a response has \"result\" or \"error\"");
    return call();
  }

  BatchItem call() {
    if (!envelope.method.is_string())
      return refuse("member \"method\" is " + kind_of(envelope.method) + "; it must be a string");
    if (present(envelope.id) && !id)
      return refuse("member \"id\" is " + kind_of(envelope.id) +
                    "; it must be a string or an integer (leave it out in a notification)");
    if (present(envelope.params) && !envelope.params.is_structured())
      return refuse("member \"params\" is " + kind_of(envelope.params) +
                    "; it must be an object (leave it out when there is none)");
    Json params = present(envelope.params) ? std::move(envelope.params) : Json();
    std::string method = std::move(envelope.method.get_ref<std::string&>());
    if (id) return Message(Request{*std::move(id), std::move(method), std::move(params)});
    return Message(Notification{std::move(method), std::move(params)});
  }

  BatchItem response(bool both) {
    if (both)
      return refuse(
          "members \"result\" and \"error\" exclude each other; a response has one of them");
    const bool null_id = envelope.id.is_null();
    if (present(envelope.id) && !null_id && !id)
      return refuse("member \"id\" is " + kind_of(envelope.id) +
                    "; it must be the id of the request that is answered");
    if (present(envelope.result)) {
      if (!id) return refuse("member \"id\" is missing or null; a result has its request's id");
      return Message(Response{std::move(id), std::move(envelope.result)});
    }
    return error_response(null_id);
  }

  BatchItem error_response(bool null_id) {
    Json& error = envelope.error;
    if (!error.is_object())
      return refuse("member \"error\" is " + kind_of(error) +
                    "; it must be an object with \"code\" and \"message\"");
    const auto code = error.find("code");
    const auto message = error.find("message");
    if (code == error.end() || !code->is_number_integer())
      return refuse("member \"error\" has no integer \"code\"");
    if (message == error.end() || !message->is_string())
      return refuse("member \"error\" has no string \"message\"");
    // An unsigned value past int64 wraps to a negative one, which is out of range too or a lie.
    const auto* natural = code->get_ptr<const Json::number_unsigned_t*>();
    const auto number = code->get<std::int64_t>();
    if ((natural != nullptr && *natural > std::numeric_limits<int>::max()) ||
        !std::in_range<int>(number))
      return refuse("member \"error\" has a \"code\" outside 32 bits");
    ErrorObject object{static_cast<int>(number), std::move(message->get_ref<std::string&>()),
                       nullptr};
    if (const auto data = error.find("data"); data != error.end()) object.data = std::move(*data);
    return Message(Response{std::move(id), std::move(object), null_id});
  }
};

}  // namespace

Json* Envelope::member(std::string_view name) {
  if (name == "jsonrpc") return &jsonrpc;
  if (name == "id") return &id;
  if (name == "method") return &method;
  if (name == "params") return &params;
  if (name == "result") return &result;
  if (name == "error") return &error;
  return nullptr;
}

void Envelope::release() noexcept {
  for (Json* one : {&jsonrpc, &id, &method, &params, &result, &error}) mcp::release(*one);
}

BatchItem to_message(Envelope envelope) {
  return Judge{std::move(envelope), {}}.judge();
}

}  // namespace mcp::jsonrpc
