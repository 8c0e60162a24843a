#include "servers/websearch/web_client.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include <mcp/base/version.h>
#include <mcp/outbound/ip_address.h>

#include "servers/websearch/character.h"
#include "servers/websearch/failure.h"
#include "servers/websearch/web_url.h"

namespace fairlead::websearch {
namespace {

using mcp::outbound::HttpError;
using mcp::outbound::HttpOptions;
using mcp::outbound::HttpRequest;
using mcp::outbound::HttpResponse;

constexpr std::string_view product = "mcp-server-websearch";

[[noreturn]] void fail(const HttpError& error, const std::string& host) {
  using Kind = HttpError::Kind;
  switch (error.kind()) {
    case Kind::cancelled:
      throw Failure("The call was cancelled.", Failure::Kind::cancelled);
    case Kind::timeout:
      throw Failure(host + ": " + error.what() + ".", Failure::Kind::timeout);
    case Kind::bad_request:
      throw Failure(std::string(error.what()) + ".", Failure::Kind::forbidden);
    default:
      throw Failure(std::string(error.what()) + ".", Failure::Kind::network);
  }
}

}  // namespace

std::string WebResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::string WebResponse::content_type() const {
  const std::string value = header("content-type");
  return to_lower(trimmed(std::string_view(value).substr(0, value.find(';'))));
}

std::string WebResponse::charset() const {
  const std::string value = header("content-type");
  const std::string lower = to_lower(value);
  const std::size_t at = lower.find("charset=");
  if (at == std::string::npos) return {};
  std::string_view charset = std::string_view(value).substr(at + 8);
  charset = trimmed(charset.substr(0, charset.find(';')));
  if (charset.size() > 1 && (charset.front() == '"' || charset.front() == '\'')) {
    charset = charset.substr(1, charset.find(charset.front(), 1) - 1);
  }
  return std::string(charset);
}

WebClient::WebClient(WebOptions options, Connector connector, Resolver resolver)
    : options_(std::move(options)),
      connector_(std::move(connector)),
      resolver_(std::move(resolver)) {
  if (!connector_) {
    connector_ = [](const HttpRequest& request, const HttpOptions& how, std::stop_token stop,
                    const mcp::outbound::BodyHandler& on_body) {
      return mcp::outbound::http_call(request, how, std::move(stop), on_body);
    };
  }
  if (!resolver_) resolver_ = mcp::outbound::resolve_host;
}

std::string WebClient::user_agent(Asker asker) const {
  if (!options_.user_agent.empty()) return options_.user_agent;
  return std::string(product) + "/" + mcp::version() +
         (asker == Asker::program ? " (autonomous)" : " (user-specified)");
}

// The address to connect to. Behind a proxy it is the proxy that resolves names, and there need be
// no resolver here; a name that is known to lead to a forbidden address is refused all the same.
std::string WebClient::permitted_address(const mcp::outbound::HttpUrl& url) const {
  const auto& rules = options_.rules;
  const bool proxied =
      mcp::outbound::proxy_for(url, rules, mcp::outbound::read_environment).has_value();
  std::vector<std::string> addresses;
  try {
    if (mcp::outbound::parse_ip_address(url.host)) {
      addresses.push_back(url.host);
    } else {
      addresses = resolver_(url.host);
    }
  } catch (const std::runtime_error& error) {
    if (proxied) return {};
    throw Failure(std::string(error.what()) + ".", Failure::Kind::network);
  }
  std::string problem = url.host + " has no address";
  for (const std::string& address : addresses) {
    problem = mcp::outbound::address_problem(address, url.host, rules);
    if (problem.empty()) return proxied ? std::string() : address;
  }
  throw Failure(problem + ".", Failure::Kind::forbidden);
}

WebResponse WebClient::hop(const HttpRequest& request, const Deadline& deadline) {
  const auto url = mcp::outbound::parse_http_url(request.url);
  if (!url) throw Failure("This is no http or https URL.", Failure::Kind::bad_url);
  if (const auto problem = mcp::outbound::url_problem(*url, options_.rules); !problem.empty()) {
    throw Failure(problem + ".", Failure::Kind::forbidden);
  }
  HttpOptions how;
  static_cast<mcp::outbound::ConnectionRules&>(how) = options_.rules;
  how.connect_timeout = std::min(options_.connect_timeout, deadline.left());
  how.headers_timeout = options_.headers_timeout;
  how.idle_timeout = options_.idle_timeout;
  how.total_timeout = std::max(deadline.left(), std::chrono::milliseconds(1));
  // The rules' bound is met by `take`, which keeps what came before it.
  how.max_body_bytes = options_.rules.max_body_bytes * 2 + 1024;
  WebResponse out{.url = request.url};
  const auto take = [&](const HttpResponse& head, std::string_view piece) {
    out.status = head.status;
    if (out.headers.empty()) out.headers = head.headers;
    const std::size_t room = options_.rules.max_body_bytes - out.body.size();
    out.body += piece.substr(0, room);
    out.truncated = piece.size() > room;
    return !out.truncated;
  };
  try {
    how.pinned_address = permitted_address(*url);
    const HttpResponse response = connector_(request, how, deadline.stop(), take);
    out.status = response.status;
    out.headers = response.headers;
  } catch (const HttpError& error) {
    if (!out.truncated) fail(error, url->host);
  } catch (const std::invalid_argument& error) {
    throw Failure(std::string(error.what()) + ".");
  }
  return out;
}

WebResponse WebClient::call(const HttpRequest& request, const Deadline& deadline) {
  return hop(request, deadline);
}

WebResponse WebClient::follow(const std::string& url, Asker asker, bool ask_robots,
                              const Deadline& deadline, const mcp::outbound::Headers& headers) {
  std::string at = url;
  std::vector<std::string> hops;
  for (std::size_t followed = 0;; ++followed) {
    const auto parsed = mcp::outbound::parse_http_url(at);
    if (!parsed) throw Failure("This is no http or https URL.", Failure::Kind::bad_url);
    if (const auto why = mcp::outbound::url_problem(*parsed, options_.rules); !why.empty()) {
      throw Failure(why + ".", Failure::Kind::forbidden);
    }
    std::chrono::milliseconds pause = options_.pause;
    if (ask_robots) {
      const RobotsRules rules = robots(at, deadline);
      if (!rules.allows(parsed->target)) {
        throw Failure("The robots.txt of " + origin_of(at) +
                          " does not allow programs to fetch this page (" + at +
                          "). A person may ask for it through the prompt fetch, or the server be "
                          "started with --ignore-robots.",
                      Failure::Kind::robots);
      }
      pause = std::max(pause, rules.delay());
    }
    deadline.check();
    HttpRequest request{.method = "GET", .url = at, .headers = headers, .body = {}};
    request.headers.emplace_back("User-Agent", user_agent(asker));
    request.headers.emplace_back("Accept-Encoding", "gzip, deflate, br");
    WebResponse response;
    {
      const auto turn = turns_.wait(parsed->host, pause, deadline);
      response = hop(request, deadline);
    }
    const std::string location = response.header("location");
    const bool redirects = response.status >= 301 && response.status <= 308 &&
                           response.status != 304 && response.status != 305 &&
                           response.status != 306 && !location.empty();
    if (!redirects) {
      response.hops = std::move(hops);
      return response;
    }
    auto next = mcp::outbound::redirect_target(at, "GET", response.status, location, followed,
                                               options_.rules);
    if (!next.problem.empty()) {
      throw Failure("The redirect from " + at + " is not followed: " + next.problem + ".",
                    Failure::Kind::forbidden);
    }
    hops.push_back(std::exchange(at, web_url(next.url)));
  }
}

RobotsRules WebClient::robots(const std::string& url, const Deadline& deadline) {
  const std::string origin = origin_of(url);
  if (auto known = robots_.find(origin, RobotsCache::Clock::now())) return *std::move(known);
  RobotsRules rules = RobotsRules::all(true);
  bool failed = false;
  try {
    const WebResponse response =
        follow(origin + "/robots.txt", Asker::program, false, deadline, {});
    if (response.status >= 200 && response.status < 300) {
      rules = RobotsRules::parse(response.body, product);
    } else if (response.status == 401 || response.status == 403 || response.status >= 500) {
      rules = RobotsRules::all(false);
      failed = response.status >= 500;
    }
  } catch (const Failure& failure) {
    // What can't be reached at all is told by the failure itself.
    if (failure.kind() == Failure::Kind::network || failure.kind() == Failure::Kind::timeout ||
        failure.kind() == Failure::Kind::cancelled) {
      throw;
    }
    if (failure.kind() != Failure::Kind::forbidden) throw;
    // The site itself may be forbidden, or only where its robots.txt redirects to.
    if (const auto parsed = mcp::outbound::parse_http_url(url)) permitted_address(*parsed);
    rules = RobotsRules::all(false);
    failed = true;
  }
  robots_.keep(origin, rules, failed, RobotsCache::Clock::now());
  return rules;
}

WebResponse WebClient::get(const std::string& url, Asker asker, const Deadline& deadline,
                           const mcp::outbound::Headers& headers) {
  const bool ask_robots = asker == Asker::program && !options_.ignore_robots;
  return follow(web_url(url), asker, ask_robots, deadline, headers);
}

}  // namespace fairlead::websearch
