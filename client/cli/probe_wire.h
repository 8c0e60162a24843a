#pragma once

#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <client/config/mcp_servers.h>
#include <client/model/message.h>
#include <mcp/base/runtime.h>
#include <mcp/protocol/revision.h>
#include <mcp/transport/http_headers.h>

namespace fairlead::agent {

/// What a server made of bytes, and whether it answers an ordinary request afterwards.
struct WireReply {
  std::vector<Json> answers = {};  ///< messages that the bytes brought
  int status = 0;                  ///< of HTTP; 0 elsewhere, or when there was no response
  std::string failure = {};        ///< why there was no HTTP response
  std::string end = {};            ///< why the server is of no use any more; empty: it lives
};

/// A connection below the client: what is sent goes out as it is.
class Wire {
 public:
  virtual ~Wire() = default;
  /// `method` and `name` are what an HTTP request says in its headers (stateless era). After a
  /// reply with an `end` the next call connects anew.
  /// \throws std::runtime_error when there is no connection
  virtual WireReply send(std::string bytes, std::string_view method,
                         std::string_view name = {}) = 0;
  /// What an ended server wrote that is no message; only over stdio.
  virtual std::set<std::string> noise() const { return {}; }
  /// Ends the server in order: how long that took after its stdin was closed. Zero elsewhere.
  virtual mcp::Duration end() { return {}; }
};

/// A request as the wire's revision wants it.
std::string wire_request(mcp::Revision revision, const Json& id, const std::string& method,
                         Json params = Json::object());

/// How long one exchange may take.
inline constexpr mcp::Duration wire_patience = std::chrono::seconds(15);

/// To a server that is started for it, with a handshake of this revision.
std::unique_ptr<Wire> make_program_wire(mcp::Runtime& runtime, const ServerEntry& server,
                                        mcp::Revision revision, std::stop_token stop);
/// To a server at a URL. `headers` go with each request.
std::unique_ptr<Wire> make_http_wire(const ServerEntry& server, mcp::Revision revision,
                                     mcp::HttpHeaders headers, std::stop_token stop);

}  // namespace fairlead::agent
