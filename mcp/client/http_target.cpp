#include <mcp/client/http_target.h>

#include <stdexcept>
#include <utility>

#include <mcp/client/http_reaching.h>
#include <mcp/transport/command_line.h>

namespace mcp {

Target http_target(const std::string& url, HttpClientOptions options) {
  const auto parsed = outbound::parse_http_url(url);
  if (!parsed) {
    throw std::invalid_argument("\"" + outbound::redacted_url(url) + "\" is no http or https URL");
  }
  // What a query holds may be secret; which era the server speaks does not depend on it.
  std::string key = (parsed->secure ? "https://" : "http://") + outbound::authority_of(*parsed) +
                    parsed->target.substr(0, parsed->target.find('?'));
  return Target(std::move(key), [url, options = std::move(options)](Runtime& runtime, const auto&) {
    return make_http_client_transport(runtime, url, options);
  });
}

Target target_at(const std::string& address, const HttpClientOptions& options) {
  if (client::names_url(address)) return http_target(address, options);
  return Target::command(split_command_line(address));
}

}  // namespace mcp

// The link options of fairlead::http ask for this symbol, so that this file is part of every
// program that links the library, and `Client::connect` finds it.
extern "C" const bool fairlead_reaches_http;
const bool fairlead_reaches_http = [] {
  mcp::client::http_reaching() = [](const std::string& url) { return mcp::http_target(url); };
  return true;
}();
