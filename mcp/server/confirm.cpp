#include <mcp/server/confirm.h>

#include <string_view>

#include <mcp/base/canonical_json.h>
#include <mcp/base/digest.h>
#include <mcp/base/utf8.h>
#include <mcp/server/run.h>

namespace mcp {
namespace {

constexpr const char* token_argument = "confirm_token";
constexpr std::size_t shown_bytes = 4096;

/// As much of it as people read. What is left out still counts: its digest is part of the question.
std::string shown(const std::string& preview) {
  if (preview.size() <= shown_bytes) return preview;
  const std::string_view begin = truncate_utf8(preview, shown_bytes);
  return std::string(begin) + "\n… " + std::to_string(preview.size() - begin.size()) +
         " bytes more (" + sha256_hex(preview).substr(0, 8) + ")";
}

/// What a token belongs to: the call without it, who makes it, and what was shown.
std::string bound_to(const server::Call& call, const std::string& preview) {
  Json arguments = Json::object();
  if (const auto found = call.params.find("arguments");
      found != call.params.end() && found->is_object())
    arguments = *found;
  arguments.erase(token_argument);
  return canonical_json({"confirm", call.subject, sha256_hex(canonical_json(arguments)),
                         call.caller.principal, sha256_hex(preview)});
}

std::string token_of(const server::Call& call) {
  const auto arguments = call.params.find("arguments");
  if (arguments == call.params.end() || !arguments->is_object()) return {};
  const auto token = arguments->find(token_argument);
  return token != arguments->end() && token->is_string() ? token->get<std::string>() : "";
}

}  // namespace

void add_confirm_token(Json& input_schema) {
  input_schema["properties"][token_argument] = {
      {"type", "string"},
      {"description", "Only from an earlier answer to this very call, when the user agrees to it"}};
}

std::optional<std::string> unless_confirmed(Context& context, const std::string& preview) {
  server::Call& call = server::run_of(context).call();
  if (context.client_can(ClientFeature::elicit_form)) {
    static const Json nothing_to_fill_in = {{"type", "object"}, {"properties", Json::object()}};
    const auto answer = context.elicit("confirm", shown(preview), nothing_to_fill_in);
    if (answer.accepted()) return std::nullopt;
    return answer.declined() ? "The user declined. Nothing was done."
                             : "The user gave no answer. Nothing was done.";
  }
  const std::string binding = bound_to(call, preview);
  const std::string token = token_of(call);
  std::string why;
  if (!token.empty()) {
    bool fits = true;
    try {
      call.core->sealer.open(token, binding, call.runtime.environment());
    } catch (const Error&) {
      fits = false;
    }
    if (fits) {
      const bool is_first = context.once("confirm_token", [&] {
        return !call.core->store->insert("confirmed/" + sha256_hex(token), "yes",
                                         2 * call.core->options().state_lifetime);
      });
      if (is_first) return std::nullopt;
      why = "The confirm_token was used before. ";
    } else {
      why = "The confirm_token is not for this call as it is now, or has expired. ";
    }
  }
  return why + "Nothing was done yet. This is what would be done:\n\n" + shown(preview) +
         "\n\nIf the user agrees, call " + call.subject +
         " again with the same arguments and confirm_token \"" +
         call.core->seal(nullptr, binding, call.runtime.environment()) + "\".";
}

}  // namespace mcp
