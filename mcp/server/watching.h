#pragma once

#include <functional>
#include <string>

namespace mcp {

class Server;

/// For servers that have to do something to notice changes. Called on the loop, or on any other
/// thread, one after the other: they must not wait for anything, nor register or announce anything
/// themselves.
struct WatchHandlers {
  /// The first client watches the resource, by `resources/subscribe` or `subscriptions/listen`:
  /// from now on `Server::resource_updated` is wanted. The URI is the client's; there may be no
  /// such resource. The client is told that it watches after this has returned.
  std::function<void(const std::string& uri)> began = {};
  /// No client watches it any more.
  std::function<void(const std::string& uri)> ended = {};
};

/// Before the first connection of `server`, and not while another thread uses it.
void set_watch_handlers(Server& server, WatchHandlers handlers);

}  // namespace mcp
