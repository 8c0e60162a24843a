#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <client/model/model.h>
#include <client/model/model_clock.h>
#include <client/model/reply_reader.h>
#include <mcp/outbound/http_call.h>

namespace fairlead::agent {

struct GatewayOptions {
  /// With or without the version: `https://host` and `https://host/v1` are the same place.
  std::string base_url;
  /// Sent in the format's own header, never written anywhere. May be empty for local gateways.
  std::string api_key;
  /// Send the key as `Authorization: Bearer` although the format has a header of its own.
  bool key_is_bearer = false;
  std::string model;
  mcp::outbound::HttpOptions http = default_http();

  /// Connect 10 s, headers and silence between pieces 300 s, no limit in all, 64 MiB.
  static mcp::outbound::HttpOptions default_http();
};

/// Calls one endpoint of a gateway, once: HTTP and the stream's framing. It knows no wire format,
/// and whether to try again is not its business (see ModelAccess).
class Gateway {
 public:
  Gateway(GatewayOptions options, ModelClock clock);

  /// POSTs `question` and hands what comes to `reader`. `max_time` bounds the whole call.
  /// Throws ModelError.
  ModelReply call(const std::string& url, mcp::outbound::Headers headers, const Json& question,
                  ReplyReader& reader, std::optional<std::chrono::milliseconds> max_time,
                  std::stop_token stop);

  const GatewayOptions& options() const { return options_; }

 private:
  GatewayOptions options_;
  ModelClock clock_;
};

/// A vendor's wire format: what an endpoint is asked, and how its answer is read.
struct WireFormat {
  /// See endpoint_url.
  const char* endpoint;
  const char* path_default;
  /// Those that carry the key, and the vendor's own.
  mcp::outbound::Headers (*headers)(const GatewayOptions& options);
  Json (*body)(const ModelRequest& request, const std::string& model);
  /// `secret` is never shown in an error, and outlives the reader.
  std::unique_ptr<ReplyReader> (*reader)(ModelListener& listener, const std::string& secret);
};

std::unique_ptr<Model> make_gateway_model(GatewayOptions options, ModelClock clock,
                                          const WireFormat& format);

/// Where `endpoint` ("chat/completions", "messages") lies under a base URL. A base that ends in the
/// endpoint or in a version is taken at its word; a bare host gets "/v1"; a longer path gets
/// `path_default` ("" or "v1", what the vendor's own client adds). A query string is kept.
std::string endpoint_url(const std::string& base_url, const std::string& endpoint,
                         const std::string& path_default);

}  // namespace fairlead::agent
