#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "raw_server.h"

/// A server that answers who shows its present token, and the authorization server that gives such
/// tokens, on one origin. Its secrets all contain "geheim".
class GuardedServer {
 public:
  /// `rest` answers what an authorized client asks.
  explicit GuardedServer(RawServer::Script rest);

  /// Refuses the token that it gave; the next one has another number.
  void expire() { ++generation_; }
  /// How many forms of that grant type came to the token endpoint.
  std::size_t grants(const std::string& type) const;
  /// The address that the browser of a user who agrees ends at; `page` is the authorization URL.
  static std::string agreed(const std::string& page);

  /// Forms at the token endpoint are answered with this status and their own body, when it is set.
  std::atomic<int> token_failure = 0;

 private:
  bool authorize(const RawServer::Request& request, RawServer::Connection& connection);

  std::atomic<int> generation_ = 1;
  RawServer::Script rest_;

 public:
  RawServer raw;
};
