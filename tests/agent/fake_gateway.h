#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// A gateway for tests that can misbehave in every way: it listens on 127.0.0.1, keeps what it was
/// sent, and answers the n-th connection with the n-th script, byte for byte as written.
class FakeGateway {
 public:
  struct Script {
    /// Sent one after the other, each in a write of its own. Then the connection is closed.
    std::vector<std::string> writes;
    /// Close with a reset instead of an end.
    bool reset = false;
    /// Stay silent after the writes until the other side goes away.
    bool hang = false;
    /// Do not read the request's body.
    bool ignore_body = false;
  };

  explicit FakeGateway(std::vector<Script> scripts);
  FakeGateway(const FakeGateway&) = delete;
  FakeGateway& operator=(const FakeGateway&) = delete;
  ~FakeGateway();

  /// "http://127.0.0.1:PORT"
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// The requests so far, head and body.
  std::vector<std::string> requests() const;
  /// The body of one of them.
  std::string body(std::size_t index) const;

 private:
  void serve();
  void answer(int connection, const Script& script);

  std::vector<Script> scripts_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

/// An HTTP answer with a Content-Length.
std::string http_answer(int status, const std::string& body, const std::string& more_headers = {});
/// The head of a streamed answer, which ends with the connection.
std::string stream_head();
