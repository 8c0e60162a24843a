#include <mcp/server/http_routing.h>

#include <algorithm>
#include <vector>

#include <mcp/base/ascii.h>
#include <mcp/protocol/header.h>
#include <mcp/protocol/http_header.h>
#include <mcp/protocol/meta.h>

namespace mcp::server {
namespace {

/// A header that may come once.
struct Single {
  const std::string* value = nullptr;
  bool repeated = false;
};

Single single(const HttpHeaders& headers, std::string_view name) {
  Single found;
  const std::string wanted = ascii_lower(name);
  for (const auto& [key, value] : headers) {
    if (key != wanted) continue;
    found.repeated = found.value != nullptr;
    if (found.repeated) break;
    found.value = &value;
  }
  return found;
}

std::string missing(std::string_view name) {
  return "the header " + std::string(name) + " is missing";
}
std::string repeated(std::string_view name) {
  return "the header " + std::string(name) + " comes more than once";
}
std::string different(std::string_view name, const std::string& value, const std::string& body) {
  return "the header " + std::string(name) + " says '" + value + "', but the body says '" + body +
         "'";
}

const std::string* text_of(const Json& object, const char* member) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>()
                                                     : nullptr;
}

std::string named_problem(const HttpHeaders& headers, const jsonrpc::Request& request) {
  const char* member = http_header::named_member(request.method);
  if (member == nullptr) return {};
  const Single name = single(headers, http_header::routed_name);
  if (name.repeated) return repeated(http_header::routed_name);
  const std::string* body = text_of(request.params, member);
  if (name.value == nullptr) return missing(http_header::routed_name);
  const auto decoded = decode_header_value(*name.value);
  if (!decoded)
    return "the header " + std::string(http_header::routed_name) + " is not encoded as it must be";
  if (body != nullptr && *decoded != *body)
    return different(http_header::routed_name, *decoded, *body);
  return {};
}

std::string parameter_problem(const HttpHeaders& headers, const jsonrpc::Request& request,
                              const Snapshot& snapshot) {
  if (request.method != method::tools_call) return {};
  const std::string* name = text_of(request.params, "name");
  const auto tool = name != nullptr ? snapshot.features.tools.find(*name) : nullptr;
  if (!tool || tool->header_parameters.empty()) return {};
  static const Json none = Json::object();
  const auto arguments = request.params.find("arguments");
  const Json& given =
      arguments != request.params.end() && arguments->is_object() ? *arguments : none;
  for (const HeaderParameter& parameter : tool->header_parameters) {
    const std::string header = std::string(http_header::parameter_prefix) + parameter.name;
    const Single value = single(headers, header);
    if (value.repeated) return repeated(header);
    std::optional<std::string_view> text;
    if (value.value != nullptr) text = *value.value;
    if (std::string problem = header_mismatch(parameter, given, text); !problem.empty())
      return problem;
  }
  return {};
}

}  // namespace

std::string routing_problem(const HttpHeaders& headers, const jsonrpc::Request& request,
                            const Snapshot& snapshot) {
  const Single version = single(headers, http_header::protocol_version);
  if (version.repeated) return repeated(http_header::protocol_version);
  if (version.value == nullptr) return missing(http_header::protocol_version);
  const std::string* in_body = text_of(meta_of(request.params), meta_key::protocol_version);
  if (in_body != nullptr && *in_body != *version.value)
    return different(http_header::protocol_version, *version.value, *in_body);
  const Single method = single(headers, http_header::routed_method);
  if (method.repeated) return repeated(http_header::routed_method);
  if (method.value == nullptr) return missing(http_header::routed_method);
  if (*method.value != request.method)
    return different(http_header::routed_method, *method.value, request.method);
  if (std::string problem = named_problem(headers, request); !problem.empty()) return problem;
  return parameter_problem(headers, request, snapshot);
}

}  // namespace mcp::server
