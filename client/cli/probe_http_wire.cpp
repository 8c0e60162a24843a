#include <client/cli/probe_wire.h>

#include <stdexcept>
#include <utility>

#include <client/cli/probe_http_post.h>
#include <mcp/protocol/method.h>

namespace fairlead::agent {
namespace {

class HttpWire final : public Wire {
 public:
  HttpWire(const ServerEntry& server, mcp::Revision revision, mcp::HttpHeaders headers,
           std::stop_token stop)
      : url_(server.url),
        revision_(revision),
        headers_(std::move(headers)),
        stop_(std::move(stop)) {}

  WireReply send(std::string bytes, std::string_view method, std::string_view name) override {
    connect();
    Posted posted = post(std::move(bytes), method, name);
    WireReply reply{std::move(posted.messages), posted.status, std::move(posted.failure), {}};
    const Posted next = post(wire_request(revision_, "fairlead-next", ordinary()), ordinary(), {});
    if (next.status == 0 || next.status >= 500 || next.messages.empty()) {
      reply.end = next.status == 0 ? next.failure
                                   : "the next request got HTTP " + std::to_string(next.status);
      connected_ = false;
    }
    return reply;
  }

 private:
  const char* ordinary() const {
    return mcp::era(revision_) == mcp::Era::session ? mcp::method::ping : mcp::method::discover;
  }

  void connect() {
    if (std::exchange(connected_, true) || mcp::era(revision_) == mcp::Era::stateless) return;
    session_.clear();
    const Posted posted = post(wire_request(revision_, "fairlead-init", mcp::method::initialize),
                               mcp::method::initialize, {});
    if (posted.status != 200) {
      connected_ = false;
      throw std::runtime_error(
          "initialize by POST got " +
          (posted.status == 0 ? posted.failure : "HTTP " + std::to_string(posted.status)));
    }
    session_ = posted.session;
    post(wire_request(revision_, nullptr, mcp::method::initialized), mcp::method::initialized, {});
  }

  Posted post(std::string body, std::string_view method, std::string_view name) {
    return send_post({url_, revision_, headers_, std::move(body), std::string(method),
                      std::string(name), session_},
                     stop_);
  }

  const std::string url_;
  const mcp::Revision revision_;
  const mcp::HttpHeaders headers_;
  const std::stop_token stop_;
  std::string session_;
  bool connected_ = false;
};

}  // namespace

std::unique_ptr<Wire> make_http_wire(const ServerEntry& server, mcp::Revision revision,
                                     mcp::HttpHeaders headers, std::stop_token stop) {
  return std::make_unique<HttpWire>(server, revision, std::move(headers), std::move(stop));
}

}  // namespace fairlead::agent
