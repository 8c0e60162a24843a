#include <mcp/server/error_answer.h>

namespace mcp::server {
namespace {

// Of the codes that the specification reserves, only those of the revision go out.
int permitted_code(int code, Revision revision) {
  if (code < -32768 || code > -32000) return code;
  switch (code) {
    case error_code::parse_error:
    case error_code::invalid_request:
    case error_code::method_not_found:
    case error_code::invalid_params:
    case error_code::internal_error:
      return code;
    case error_code::resource_not_found:
      return resource_not_found_code(revision);
    case error_code::url_elicitation_required:
      return has_url_elicitation_error(revision) ? code : error_code::internal_error;
    case error_code::header_mismatch:
    case error_code::missing_client_capability:
    case error_code::unsupported_protocol_version:
      return era(revision) == Era::stateless ? code : error_code::internal_error;
    default:
      return error_code::internal_error;
  }
}

jsonrpc::ErrorObject internal(Core& core, const std::string& title, const std::string& details) {
  const auto reference = core.log_reference(title + ": " + details);
  return {error_code::internal_error, "internal error, reference " + std::to_string(reference),
          nullptr};
}

}  // namespace

jsonrpc::ErrorObject error_answer(const std::exception_ptr& error, Revision revision, Core& core,
                                  const std::string& title) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    return {permitted_code(known.code(), revision), known.what(), known.data()};
  } catch (const ToolError& known) {
    return {error_code::internal_error, known.what(), nullptr};
  } catch (const std::exception& unexpected) {
    return internal(core, title, unexpected.what());
  } catch (...) {
    return internal(core, title, "threw what is no std::exception");
  }
}

jsonrpc::ErrorObject to_object(const Error& error) {
  return {error.code(), error.what(), error.data()};
}

Error overloaded(const char* what) {
  return {error_code::internal_error,
          std::string(what) + ": try again later",
          {{"retryAfterMs", 1000}}};
}

Error too_many_calls(std::size_t per_minute, Duration wait) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return {error_code::internal_error,
          "more than " + std::to_string(per_minute) +
              " tool calls in a minute, this server's limit for one caller: try again in " +
              std::to_string((milliseconds + 999) / 1000) + " s",
          {{"retryAfterMs", milliseconds}, {"callsPerMinute", per_minute}}};
}

}  // namespace mcp::server
