#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

#include <client/model/message.h>
#include <client/model/model_error.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {
namespace {

using Kind = ModelError::Kind;

constexpr std::size_t excerpt_bytes = 500;

/// What a person reads of a foreign text: one line, bounded, without the key.
std::string excerpt(std::string text, std::string_view secret) {
  if (secret.size() >= 4) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
      text.replace(at, secret.size(), "[key]");
  }
  if (text.size() > excerpt_bytes) {
    text = std::string(mcp::truncate_utf8(text, excerpt_bytes)) + "…";
  }
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return text;
}

std::string string_member(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  if (found == object.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->is_number() ? found->dump() : std::string{};
}

struct Described {
  std::string message;
  std::string type;
  std::string code;
};

/// Both vendors answer {"error": {"message", "type", "code"?}}; many gateways {"error": "text"}.
Described describe(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return {std::string(body), {}, {}};
  const auto error = json.find("error");
  if (error != json.end() && error->is_string()) return {error->get<std::string>(), {}, {}};
  const Json& object = error != json.end() && error->is_object() ? *error : json;
  Described out{string_member(object, "message"), string_member(object, "type"),
                string_member(object, "code")};
  if (out.message.empty()) out.message = std::string(body);
  return out;
}

bool names_context_length(const Described& error) {
  if (error.code == "context_length_exceeded") return true;
  std::string text = error.message;
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const char* sign : {"context length", "context window", "prompt is too long",
                           "maximum context", "too many tokens"})
    if (text.find(sign) != std::string::npos) return true;
  return false;
}

Kind kind_of_status(int status) {
  if (status == 401 || status == 403) return Kind::auth;
  if (status == 408 || status == 504) return Kind::timeout;
  if (status == 429) return Kind::rate_limit;
  if (status == 503 || status == 529) return Kind::overloaded;
  if (status >= 500) return Kind::server;
  if (status >= 400) return Kind::bad_request;
  return Kind::malformed;
}

}  // namespace

const char* to_string(ModelError::Kind kind) {
  switch (kind) {
    case Kind::auth:
      return "auth";
    case Kind::rate_limit:
      return "rate_limit";
    case Kind::context_length:
      return "context_length";
    case Kind::bad_request:
      return "bad_request";
    case Kind::overloaded:
      return "overloaded";
    case Kind::server:
      return "server";
    case Kind::network:
      return "network";
    case Kind::timeout:
      return "timeout";
    case Kind::malformed:
      return "malformed";
    case Kind::budget:
      return "budget";
    case Kind::cancelled:
      break;
  }
  return "cancelled";
}

ModelError error_of_response(const mcp::outbound::HttpResponse& response, std::string_view secret,
                             std::chrono::system_clock::time_point now) {
  const Described described = describe(response.body);
  Kind kind = kind_of_status(response.status);
  if (kind == Kind::bad_request && names_context_length(described)) kind = Kind::context_length;
  std::string message = "the gateway answered HTTP " + std::to_string(response.status);
  if (kind == Kind::auth) message += " (check the API key)";
  if (response.status >= 300 && response.status < 400) {
    message += " (a redirect: give the address that it leads to, " +
               excerpt(response.header("location").value_or("?"), secret) + ")";
  }
  if (!described.message.empty()) message += ": " + excerpt(described.message, secret);
  ModelError error(kind, message, response.status);
  error.set_retry_after(retry_after_of(response, now));
  return error;
}

ModelError error_of_object(std::string_view json_text, std::string_view secret) {
  const Described described = describe(json_text);
  Kind kind = Kind::server;
  const std::string& sign = described.type.empty() ? described.code : described.type;
  if (names_context_length(described)) {
    kind = Kind::context_length;
  } else if (sign == "overloaded_error") {
    kind = Kind::overloaded;
  } else if (sign.find("rate_limit") != std::string::npos || described.code == "429") {
    kind = Kind::rate_limit;
  } else if (sign == "authentication_error" || sign == "permission_error") {
    kind = Kind::auth;
  } else if (sign == "invalid_request_error") {
    kind = Kind::bad_request;
  }
  return ModelError(kind, "the gateway reported an error: " + excerpt(described.message, secret));
}

std::optional<std::chrono::milliseconds> retry_after_of(const mcp::outbound::HttpResponse& response,
                                                        std::chrono::system_clock::time_point now) {
  using std::chrono::milliseconds;
  const auto number = [](const std::string& text) -> std::optional<double> {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (!std::isfinite(value) || value < 0) return std::nullopt;
    return std::min(value, 1e9);
  };
  if (const auto ms = response.header("retry-after-ms")) {
    if (const auto value = number(*ms)) return milliseconds(static_cast<long long>(*value));
  }
  const auto text = response.header("retry-after");
  if (!text) return std::nullopt;
  if (const auto seconds = number(*text)) {
    return milliseconds(static_cast<long long>(*seconds * 1000));
  }
  std::tm date{};
  std::istringstream in(*text);
  in.imbue(std::locale::classic());
  in >> std::get_time(&date, "%a, %d %b %Y %H:%M:%S");
  if (in.fail()) return std::nullopt;
  const auto then = std::chrono::system_clock::from_time_t(::timegm(&date));
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(then - now));
}

}  // namespace fairlead::agent
