#include <mcp/protocol/lifecycle.h>

#include <mcp/protocol/meta.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

std::vector<std::string> supported_versions() {
  std::vector<std::string> dates;
  for (Revision revision : all_revisions) dates.emplace_back(to_string(revision));
  return dates;
}

Error unsupported_protocol_version(std::string_view requested) {
  std::string known;
  for (const std::string& date : supported_versions()) {
    known += (known.empty() ? "" : ", ") + date;
  }
  // The text came from outside: what is long is no date.
  std::string asked(requested.substr(0, 64));
  return Error(error_code::unsupported_protocol_version,
               "the protocol version \"" + asked + "\" is not supported; supported are " + known,
               {{"supported", supported_versions()}, {"requested", asked}});
}

Json to_json(const InitializeParams& params, Revision revision) {
  return ObjectWriter()
      .set("protocolVersion", params.protocol_version)
      .set("capabilities", to_json(params.capabilities, revision))
      .set("clientInfo", to_json(params.client_info, revision))
      .take();
}

Json to_json(const InitializeResult& result, Revision revision) {
  return ObjectWriter()
      .set("protocolVersion", result.protocol_version)
      .set("capabilities", to_json(result.capabilities, revision))
      .set("serverInfo", to_json(result.server_info, revision))
      .text("instructions", result.instructions)
      .meta(result.meta)
      .take();
}

Json to_json(const DiscoverResult& result, Revision revision) {
  Json json = ObjectWriter()
                  .set("supportedVersions", result.supported_versions)
                  .set("capabilities", to_json(result.capabilities, revision))
                  .text("instructions", result.instructions)
                  .meta(result.meta)
                  .take();
  add_cache_hints(json, result.cache, revision);
  add_result_type(json, ResultType::complete, revision);
  return json;
}

template <>
InitializeParams from_json<InitializeParams>(const Json& value) {
  ObjectReader in(value);
  return {.protocol_version = in.get<std::string>("protocolVersion"),
          .capabilities = in.get<ClientCapabilities>("capabilities"),
          .client_info = in.get<Implementation>("clientInfo")};
}

template <>
InitializeResult from_json<InitializeResult>(const Json& value) {
  ObjectReader in(value);
  return {.protocol_version = in.get<std::string>("protocolVersion"),
          .capabilities = in.get<ServerCapabilities>("capabilities"),
          .server_info = in.get<Implementation>("serverInfo"),
          .instructions = in.get_or<std::string>("instructions", {}),
          .meta = in.meta()};
}

template <>
DiscoverResult from_json<DiscoverResult>(const Json& value) {
  ObjectReader in(value);
  return {.supported_versions = in.list<std::string>("supportedVersions"),
          .capabilities = in.get<ServerCapabilities>("capabilities"),
          .instructions = in.get_or<std::string>("instructions", {}),
          .cache = read_cache_hints(value),
          .meta = in.meta()};
}

}  // namespace mcp
