#include <client/cli/probe_http_rules.h>

#include <string>

#include <client/cli/probe_http_post.h>
#include <client/cli/probe_wire.h>
#include <mcp/outbound/url.h>
#include <mcp/protocol/http_header.h>
#include <mcp/protocol/method.h>

namespace fairlead::agent {
namespace {

bool accepted(const Posted& posted) {
  return posted.status >= 200 && posted.status < 300;
}

class HttpRules {
 public:
  HttpRules(const ServerEntry& server, mcp::Revision revision, const mcp::HttpHeaders& headers,
            const std::stop_token& stop, ProbeReport& report)
      : server_(server), revision_(revision), headers_(headers), stop_(stop), report_(report) {}

  void check() {
    const Posted first = send(opening());
    if (accepted(first)) report_.transports.emplace_back("Streamable HTTP");
    if (gives_endpoint_stream(server_.url, headers_, stop_)) {
      report_.transports.emplace_back("HTTP+SSE");
    }
    if (!accepted(first)) return;
    origin();
    version();
    if (!first.session.empty()) session(first.session);
  }

 private:
  /// What a client begins with.
  const char* opening() const {
    return mcp::era(revision_) == mcp::Era::session ? mcp::method::initialize
                                                    : mcp::method::discover;
  }

  Posted send(const char* method, const mcp::HttpHeaders& more = {},
              const std::string& session = {}) const {
    Post post{server_.url, revision_, more, wire_request(revision_, "fairlead-rules", method),
              method};
    post.headers.insert(post.headers.end(), headers_.begin(), headers_.end());
    post.session = session;
    return send_post(post, stop_);
  }

  void origin() const {
    if (!accepted(send(opening(), {{"Origin", "http://fairlead-probe.example"}}))) return;
    const auto url = mcp::outbound::parse_http_url(server_.url);
    const bool loopback = url && mcp::outbound::is_loopback_host(url->host);
    report_.add(loopback ? Severity::warning : Severity::note, "origin", "",
                "it answers requests with the Origin of another site" +
                    std::string(loopback ? ": any web page that its user visits can use it" : ""));
  }

  void version() const {
    const char* method =
        mcp::era(revision_) == mcp::Era::session ? mcp::method::ping : mcp::method::discover;
    const Posted opened = send(opening());
    const Posted posted = send(
        method, {{std::string(mcp::http_header::protocol_version), "1999-01-01"}}, opened.session);
    if (accepted(posted)) {
      report_.add(Severity::note, "version-header", "",
                  "it answers a request whose MCP-Protocol-Version nobody knows (wanted: 400)");
    }
  }

  void session(const std::string& known) const {
    const Posted posted = send(mcp::method::ping, {}, known + "x");
    if (accepted(posted)) {
      report_.add(Severity::warning, "session", "",
                  "it answers a request with a session id that it never gave (wanted: 404)");
    } else if (posted.status != 404) {
      report_.add(Severity::warning, "session", "",
                  "a session that is gone gets HTTP " + std::to_string(posted.status) +
                      "; clients begin a new one after 404 only");
    }
  }

  const ServerEntry& server_;
  const mcp::Revision revision_;
  const mcp::HttpHeaders& headers_;
  const std::stop_token& stop_;
  ProbeReport& report_;
};

}  // namespace

void check_http(const ServerEntry& server, mcp::Revision revision, const mcp::HttpHeaders& headers,
                const std::stop_token& stop, ProbeReport& report) {
  HttpRules(server, revision, headers, stop, report).check();
}

}  // namespace fairlead::agent
