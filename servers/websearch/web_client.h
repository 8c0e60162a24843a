#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/outbound/http_call.h>

#include "servers/websearch/deadline.h"
#include "servers/websearch/host_turns.h"
#include "servers/websearch/robots.h"

namespace fairlead::websearch {

/// Makes one HTTP call as `outbound::http_call` does. It is only asked for connections that the
/// policy allows, with the judged address in `options.pinned_address`.
using Connector = std::function<mcp::outbound::HttpResponse(
    const mcp::outbound::HttpRequest& request, const mcp::outbound::HttpOptions& options,
    std::stop_token stop, const mcp::outbound::BodyHandler& on_body)>;

/// The IP addresses of a host name; throws std::runtime_error when it has none.
using Resolver = std::function<std::vector<std::string>(const std::string& host)>;

/// What may be called, and how much it may take.
struct WebOptions {
  /// No loopback, no private networks, the ports of the web, redirects wherever they lead (each hop
  /// is judged), 5 MiB of a body after it is decompressed.
  mcp::outbound::ConnectionRules rules = {.max_body_bytes = std::size_t{5} << 20U,
                                          .redirects_leave_origin = true,
                                          .allow_loopback = false,
                                          .allow_private = false,
                                          .allowed_ports = {80, 443, 8080, 8443}};
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds headers_timeout{20'000};
  std::chrono::milliseconds idle_timeout{15'000};
  /// Between two calls to one host.
  std::chrono::milliseconds pause{250};
  /// Empty: "mcp-server-websearch/<version>", and whether a person asked for it.
  std::string user_agent = {};
  bool ignore_robots = false;
};

/// Who wants a page: a program (then robots.txt counts) or a person.
enum class Asker { program, person };

struct WebResponse {
  std::string url;                     ///< of the last hop
  std::vector<std::string> hops = {};  ///< the URLs before it
  int status = 0;
  mcp::outbound::Headers headers = {};  ///< names in lower case
  std::string body = {};
  bool truncated = false;  ///< the body was longer than the rules allow

  std::string header(std::string_view name) const;  ///< empty when it is absent
  /// `text/html`, in lower case.
  std::string content_type() const;
  /// The charset parameter; empty when there is none.
  std::string charset() const;
};

/// Fetches from the web, politely and within a policy. Every hop is judged: scheme, port, address
/// (resolved here, once, and connected to), robots.txt. Any thread; blocks.
class WebClient {
 public:
  /// Empty functions: the real network.
  explicit WebClient(WebOptions options, Connector connector = {}, Resolver resolver = {});

  /// Any status is a response. Throws Failure. `url` is one of web_url().
  WebResponse get(const std::string& url, Asker asker, const Deadline& deadline,
                  const mcp::outbound::Headers& headers = {});
  /// One call without redirects and robots.txt, for programs' interfaces; `headers` may hold keys.
  WebResponse call(const mcp::outbound::HttpRequest& request, const Deadline& deadline);

  /// The rules of the site, fetched unless they are known.
  RobotsRules robots(const std::string& url, const Deadline& deadline);

  const WebOptions& options() const { return options_; }

 private:
  WebResponse hop(const mcp::outbound::HttpRequest& request, const Deadline& deadline);
  WebResponse follow(const std::string& url, Asker asker, bool ask_robots, const Deadline& deadline,
                     const mcp::outbound::Headers& headers);
  std::string permitted_address(const mcp::outbound::HttpUrl& url) const;
  std::string user_agent(Asker asker) const;

  WebOptions options_;
  Connector connector_;
  Resolver resolver_;
  RobotsCache robots_;
  HostTurns turns_;
};

}  // namespace fairlead::websearch
