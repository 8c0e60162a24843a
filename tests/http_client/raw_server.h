#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <mcp/base/json.h>

/// An HTTP server on the loopback interface that says, byte for byte, what a test wants: broken
/// responses too. A thread for each connection. What our client sends to it is checked against the
/// official schema of its revision.
class RawServer {
 public:
  struct Request {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    int connection = 0;  ///< counts from 1

    mcp::Json json() const { return mcp::Json::parse(body, nullptr, false); }
    /// The method of the JSON-RPC message, or `GET` and the like.
    std::string what() const;
    std::string header(const std::string& name) const;  ///< "(none)" when it is absent
  };

  class Connection {
   public:
    Connection(RawServer& server, int socket) : server_(server), socket_(socket) {}
    /// False when the client is gone.
    bool send(const std::string& bytes);
    /// A whole response.
    void respond(int status, const std::string& type = "", const std::string& body = "",
                 const std::string& headers = "");
    /// The JSON-RPC result of `request`.
    void answer(const Request& request, const mcp::Json& result, const std::string& headers = "");
    /// The head of an event stream that ends with the connection.
    void begin_stream(const std::string& headers = "");
    void event(const mcp::Json& message, const std::string& id = "");
    /// Blocks until the client closes its side.
    void wait_until_closed();
    /// No more requests on this connection.
    void close() { open = false; }

    bool open = true;

   private:
    RawServer& server_;
    int socket_;
  };

  using Script = std::function<void(const Request& request, Connection& connection)>;

  /// `checked`: what comes is held against the official schemas.
  explicit RawServer(Script script, bool checked = true);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path = "/mcp") const;
  /// What came so far.
  std::vector<Request> requests() const;
  /// The requests of this kind; see Request::what.
  std::vector<Request> requests(const std::string& what) const;
  /// Blocks until that many of this kind have come; false after 10 s.
  bool wait_for(const std::string& what, std::size_t count = 1);

 private:
  void accept_all();
  void serve(int socket, int number);
  void check(const Request& request) const;

  Script script_;
  const bool checked_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> asked_;  // the methods of what was asked of the client, by id
  std::vector<Request> requests_;
  std::list<std::thread> threads_;
  std::vector<int> sockets_;
  std::atomic<bool> stopping_ = false;
  std::thread acceptor_;
};

/// The result of `server/discover` for a server that offers everything.
mcp::Json discovered();
/// The result of `initialize`.
mcp::Json initialized();
/// A complete result with one text.
mcp::Json text_result(const std::string& text);
