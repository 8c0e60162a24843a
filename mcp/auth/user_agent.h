#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace mcp::auth {

/// Sends a user to the authorization server and receives what comes back. One authorization at a
/// time; the calls block, on a worker.
class UserAgent {
 public:
  virtual ~UserAgent() = default;
  /// Gets ready, and tells where the browser is to be sent back to: a loopback or https URI.
  /// `registered` is where it was the last time; the same again saves a registration.
  virtual std::string redirect_uri(const std::optional<std::string>& registered) = 0;
  /// Shows the user `url` and waits for the redirect: the whole URI that the browser was sent to,
  /// or its query. The caller judges it.
  /// Throws AuthError when none comes.
  virtual std::string authorize(const std::string& url, std::stop_token stop) = 0;
};

struct LoopbackUserAgentOptions {
  /// Where to listen on 127.0.0.1 when no earlier port is free; 0: anywhere.
  int port = 0;
  /// How long the user may take.
  std::chrono::seconds timeout{300};
  /// Shows the page; empty: the system's browser, and the URL on stderr for who has none.
  std::function<void(const std::string& url)> open = {};
};

/// Opens the browser, and listens for its redirect on 127.0.0.1. Requests that do not carry the
/// authorization's own `state` are turned away and change nothing.
std::shared_ptr<UserAgent> make_loopback_user_agent(LoopbackUserAgentOptions options = {});

/// For a user whose browser runs on another machine (headless mode): `show` prints the URL,
/// `read_line` returns the address that the browser ended at, pasted by the user; nothing when the
/// input ended. Nothing listens.
std::shared_ptr<UserAgent> make_pasting_user_agent(
    std::function<void(const std::string& text)> show,
    std::function<std::optional<std::string>()> read_line);

/// Opens `url` (http or https only) in the user's browser. False when no program for it can be
/// started.
bool open_browser(const std::string& url);

}  // namespace mcp::auth
