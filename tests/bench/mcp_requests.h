#pragma once

#include <string>

#include "http_connection.h"

// Requests as clients of the two eras send them.

enum class Era { session, stateless };

class Requests {
 public:
  Requests(Era era, int port, std::string path)
      : era_(era), host_("127.0.0.1:" + std::to_string(port)), path_(std::move(path)) {}

  Era era() const { return era_; }
  /// Opens a session; empty in the stateless era.
  std::string open_session(HttpConnection& connection) const;
  /// The 535-byte call that all of the project's measurements use, of `tool`.
  std::string call(long id, const std::string& tool, const std::string& session) const;
  /// A call with these arguments, a JSON text.
  std::string tool_call(long id, const std::string& tool, const std::string& arguments,
                        const std::string& session) const;
  /// `notifications/cancelled`, of a session.
  std::string cancelled(long id, const std::string& session) const;
  /// What `/metrics` says, without labels; throws when it says nothing.
  double metric(HttpConnection& connection, const std::string& name) const;
  /// The stream that tells of changes: `subscriptions/listen`, or the session's GET.
  std::string listen(long id, const std::string& session) const;
  /// A request that answers at once.
  std::string ping(long id, const std::string& session) const;

 private:
  std::string post(const std::string& body, const std::string& method, const std::string& name,
                   const std::string& session) const;

  Era era_;
  std::string host_;
  std::string path_;
};

/// The same call as a line of JSON, without the era's own `_meta`.
std::string call_body(long id, const std::string& tool, const std::string& meta = "");
