#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "servers/websearch/web_client.h"

namespace fairlead::websearch::testing {

/// Hosts that answer inside the test. No packet leaves the loopback interface, even when the code
/// under test is wrong: what it asks to be connected is recorded, and only known addresses answer.
class TestInternet {
 public:
  using Handler = std::function<mcp::outbound::HttpResponse(const mcp::outbound::HttpRequest&)>;

  /// `host` has a public address of its own, and answers there.
  void serve(const std::string& host, Handler handler);
  /// The same, answered by a real HTTP server on this port of the loopback interface.
  void serve_by(const std::string& host, int port);
  /// It takes calls, and never answers.
  void hang(const std::string& host);
  /// What each look-up of `host` gives, in turn; the last one stays.
  void resolve(const std::string& host, std::vector<std::vector<std::string>> answers);

  WebOptions options() const;
  Connector connector();
  Resolver resolver();
  WebClient client() { return WebClient(options(), connector(), resolver()); }

  std::vector<std::string> called() const;     ///< "GET http://…", in order
  std::vector<std::string> forbidden() const;  ///< addresses that nobody may connect to

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> addresses_;  // by host
  std::map<std::string, Handler> handlers_;       // by host
  std::map<std::string, int> ports_;              // by host
  std::set<std::string> hanging_;
  std::map<std::string, std::vector<std::vector<std::string>>> answers_;
  std::vector<std::string> called_;
  std::vector<std::string> forbidden_;
};

mcp::outbound::HttpResponse answer(int status, const std::string& type, const std::string& body,
                                   mcp::outbound::Headers headers = {});
mcp::outbound::HttpResponse redirect(int status, const std::string& location);
/// As it was sent; "(none)" when it is absent.
std::string sent(const mcp::outbound::HttpRequest& request, const std::string& header);

inline Deadline soon(std::chrono::milliseconds time = std::chrono::seconds(20)) {
  return Deadline(time);
}

}  // namespace fairlead::websearch::testing
