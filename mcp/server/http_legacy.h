#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include <mcp/server/gate.h>
#include <mcp/server/http_answer.h>

namespace mcp::server {

/// The transport of 2024-11-05: a GET whose stream carries everything that the server says, and
/// POSTs for what the client says. Loop only.
class LegacySessions {
 public:
  LegacySessions(std::shared_ptr<HttpShared> shared, std::string post_path)
      : shared_(std::move(shared)), post_path_(std::move(post_path)) {}
  ~LegacySessions() { close(); }
  LegacySessions(const LegacySessions&) = delete;
  LegacySessions& operator=(const LegacySessions&) = delete;

  void open(const HttpReplyTo& to, const std::string& principal);
  /// Answers the POST that brought `taken`.
  void post(const HttpRequest& request, const HttpReplyTo& to, const std::string& principal,
            Taken taken);
  std::size_t size() const { return sessions_.size(); }
  void tick(TimePoint now);
  void close();

 private:
  class Stream;
  struct Session {
    std::shared_ptr<Stream> stream;
    std::shared_ptr<Connection> connection;
    std::string principal;
  };

  void remove(const std::string& id);

  const std::shared_ptr<HttpShared> shared_;
  const std::string post_path_;
  std::unordered_map<std::string, Session> sessions_;
};

}  // namespace mcp::server
