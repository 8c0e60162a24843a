#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "servers/websearch/deadline.h"
#include "servers/websearch/store_file.h"
#include "servers/websearch/web_client.h"

namespace fairlead::websearch {

/// How long a response may be used without asking again (RFC 9111), in seconds from when it came.
struct Freshness {
  bool store = false;            ///< it may be kept at all
  std::int64_t lifetime = 0;     ///< 0: ask first
  std::int64_t after_error = 0;  ///< beyond its lifetime, when the site can't be reached (RFC 5861)
};
/// Of what says nothing of itself: a tenth of its age when it has one, at least 5 minutes (so that
/// a page is read piece by piece from one copy), at most a day. `now`: seconds since 1970.
Freshness freshness_of(const mcp::outbound::Headers& headers, std::int64_t now);

/// Responses that were fetched, at most 200 MiB of them, in the file of the index. Any thread,
/// several processes.
class HttpCache {
 public:
  struct Kept {
    WebResponse response;
    std::int64_t fetched = 0;  ///< or confirmed, seconds since 1970
  };

  explicit HttpCache(StoreFile& file, std::int64_t max_bytes = std::int64_t{200} << 20U)
      : file_(file), max_bytes_(max_bytes) {}

  std::optional<Kept> find(const std::string& url);
  void keep(const std::string& url, const WebResponse& response, std::int64_t now);
  /// The site says that nothing has changed.
  void confirm(const std::string& url, const Kept& kept, std::int64_t now);
  void drop(const std::string& url);

 private:
  StoreFile& file_;
  const std::int64_t max_bytes_;
};

/// A web client that asks again only for what may have changed. Any thread.
class CachingClient {
 public:
  using Now = std::function<std::int64_t()>;

  CachingClient(WebClient& web, HttpCache& cache, Now now)
      : web_(web), cache_(cache), now_(std::move(now)) {}

  struct Answer {
    WebResponse response;
    std::string note = {};  ///< for the reader, when it is an old copy
  };
  /// As WebClient::get for a program; what a person asked for does not pass here, because
  /// robots.txt may not allow it to programs. `refresh`: asks the site whatever is kept.
  Answer get(const std::string& url, bool refresh, const Deadline& deadline);

 private:
  WebClient& web_;
  HttpCache& cache_;
  Now now_;
};

}  // namespace fairlead::websearch
