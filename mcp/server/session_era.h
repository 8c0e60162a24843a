#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <mcp/protocol/lifecycle.h>
#include <mcp/server/call.h>

namespace mcp::server {

/// One connection's session (up to 2025-11-25): what `initialize` settled, and what the client set
/// since. Loop only.
class SessionEra {
 public:
  explicit SessionEra(Core& core) : core_(core) {}

  /// Whether `initialize` has been answered.
  bool negotiated() const { return negotiated_.has_value(); }
  Revision revision() const { return negotiated_->revision; }

  /// Whether the client says when its roots have changed.
  bool tells_of_roots() const;

  /// Answers `initialize`; tasks are listed for known callers only. Throws Error.
  Json initialize(const Json& params, bool caller_is_known);
  /// `notifications/initialized`: from now on the server may speak unasked.
  void initialized() { initialized_ = negotiated(); }
  /// Answers the session's own requests; nothing for other methods. Throws Error.
  std::optional<Json> answer(std::string_view method, const Json& params);
  /// Who sends `params`. Throws Error when there is no session, and for malformed `_meta`.
  Caller caller(const Json& params) const;
  /// What to tell the client about `change`; nothing when it is not interested.
  std::optional<jsonrpc::Notification> notification(const Change& change) const;

 private:
  struct Negotiated {
    Revision revision;
    std::shared_ptr<const Client> client;
    ServerCapabilities offered;
  };

  void subscribe(const std::string& uri);

  Core& core_;
  std::optional<Negotiated> negotiated_;
  bool initialized_ = false;
  // Until the client says what it wants to read.
  LoggingLevel log_level_ = LoggingLevel::info;
  struct Watched {
    Charge charge;
    std::shared_ptr<const void> watch;
  };
  std::map<std::string, Watched> watched_;
};

}  // namespace mcp::server
