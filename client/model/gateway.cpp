#include <algorithm>

#include <client/model/foreign_json.h>
#include <client/model/gateway.h>

namespace fairlead::agent {
namespace {

using mcp::outbound::HttpError;
using mcp::outbound::HttpResponse;

constexpr std::size_t max_error_body = 64 * 1024;

ModelError from_http(const HttpError& error) {
  using Kind = HttpError::Kind;
  switch (error.kind()) {
    case Kind::cancelled:
      return {ModelError::Kind::cancelled, "cancelled"};
    case Kind::timeout:
      return {ModelError::Kind::timeout, std::string("the gateway timed out: ") + error.what()};
    case Kind::too_large:
      return {ModelError::Kind::malformed, error.what()};
    case Kind::bad_request:
    case Kind::tls:  // a certificate does not become good by asking again
      return {ModelError::Kind::bad_request, error.what()};
    case Kind::connect:
    case Kind::broken:
      break;
  }
  return {ModelError::Kind::network, error.what()};
}

bool is_version(const std::string& segment) {
  return segment.size() >= 2 && segment[0] == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

class GatewayModel : public Model {
 public:
  GatewayModel(GatewayOptions options, ModelClock clock, const WireFormat& format)
      : gateway_(std::move(options), std::move(clock)),
        format_(format),
        url_(endpoint_url(gateway_.options().base_url, format.endpoint, format.path_default)) {}

  ModelReply reply(const ModelRequest& request, ModelListener& listener,
                   std::stop_token stop) override {
    const GatewayOptions& options = gateway_.options();
    const auto reader = format_.reader(listener, options.api_key);
    return gateway_.call(url_, format_.headers(options), format_.body(request, options.model),
                         *reader, request.max_time, std::move(stop));
  }

  std::string name() const override { return gateway_.options().model; }

 private:
  Gateway gateway_;
  WireFormat format_;
  std::string url_;
};

}  // namespace

mcp::outbound::HttpOptions GatewayOptions::default_http() {
  mcp::outbound::HttpOptions http;
  http.headers_timeout = std::chrono::seconds(300);
  http.idle_timeout = std::chrono::seconds(300);
  http.total_timeout = std::chrono::seconds(0);
  http.max_body_bytes = 64 * 1024 * 1024;
  return http;
}

Gateway::Gateway(GatewayOptions options, ModelClock clock)
    : options_(std::move(options)), clock_(std::move(clock)) {}

ModelReply Gateway::call(const std::string& url, mcp::outbound::Headers headers,
                         const Json& question, ReplyReader& reader,
                         std::optional<std::chrono::milliseconds> max_time, std::stop_token stop) {
  headers.emplace_back("Content-Type", "application/json");
  headers.emplace_back("Accept", "text/event-stream, application/json");
  headers.emplace_back("User-Agent", "fairlead");
  const mcp::outbound::HttpRequest request{"POST", url, std::move(headers), to_wire(question)};
  mcp::outbound::HttpOptions http = options_.http;
  if (max_time && (http.total_timeout.count() == 0 || *max_time < http.total_timeout)) {
    http.total_timeout = *max_time;
  }
  bool begun = false;
  mcp::EventStreamParser stream;
  std::string body;
  std::optional<ModelError> failure;
  const auto is_stream = [](const HttpResponse& head) {
    return head.header("content-type").value_or("").starts_with("text/event-stream");
  };
  const auto on_body = [&](const HttpResponse& head, std::string_view piece) {
    if (head.status < 200 || head.status > 299) {
      body.append(piece.substr(0, max_error_body - std::min(body.size(), max_error_body)));
      return body.size() < max_error_body;
    }
    begun = true;
    if (!is_stream(head)) {
      body.append(piece);
      return true;
    }
    // An exception may not cross the HTTP library.
    try {
      stream.feed(piece, [&](const mcp::StreamEvent& event) {
        if (!reader.ended()) reader.event(event);
      });
    } catch (const ModelError& error) {
      failure = error;
    } catch (const std::exception& error) {
      failure = ModelError(ModelError::Kind::malformed,
                           std::string("the gateway's stream can't be read: ") + error.what());
    }
    return !failure && !reader.ended();
  };

  HttpResponse head;
  bool streamed = false;
  try {
    const auto note_head = [&](const HttpResponse& response, std::string_view piece) {
      head.status = response.status;
      head.headers = response.headers;
      return on_body(response, piece);
    };
    head = mcp::outbound::http_call(request, http, stop, note_head);
    streamed = is_stream(head);
  } catch (const HttpError& error) {
    if (failure) throw *failure;
    const bool error_body_cut = head.status >= 300 && body.size() >= max_error_body;
    if (!reader.complete() && !reader.ended() && !error_body_cut) {
      ModelError mapped = from_http(error);
      if (begun && mapped.kind() == ModelError::Kind::network) {
        throw ModelError(mapped.kind(), "the answer broke off: " + std::string(error.what()));
      }
      throw mapped;
    }
    // Cut after the finish marker: the answer is whole. Unless somebody wants it no more.
    if (stop.stop_requested()) throw ModelError(ModelError::Kind::cancelled, "cancelled");
    streamed = reader.complete() || reader.ended();
  }
  if (head.status < 200 || head.status > 299) {
    head.body = std::move(body);
    throw error_of_response(head, options_.api_key, clock_.wall_clock());
  }
  if (streamed) {
    if (!reader.complete()) {
      throw ModelError(ModelError::Kind::network,
                       "the answer broke off: the stream ended before the finish marker");
    }
    return reader.take();
  }
  try {
    reader.whole(body);
  } catch (const std::invalid_argument& error) {
    throw ModelError(ModelError::Kind::malformed,
                     std::string("the gateway's answer is not JSON: ") + error.what());
  }
  return reader.take();
}

std::string endpoint_url(const std::string& base_url, const std::string& endpoint,
                         const std::string& path_default) {
  std::string base = base_url.substr(0, base_url.find('#'));
  std::string query;
  if (const std::size_t at = base.find('?'); at != std::string::npos) {
    query = base.substr(at);
    base.erase(at);
  }
  while (base.ends_with('/')) base.pop_back();
  if (base.ends_with("/" + endpoint)) return base + query;
  const std::size_t authority = base.find("://");
  const std::size_t path = base.find('/', authority == std::string::npos ? 0 : authority + 3);
  if (path == std::string::npos) {
    base += "/v1";
  } else if (!is_version(base.substr(base.rfind('/') + 1)) && !path_default.empty()) {
    base += "/" + path_default;
  }
  return base + "/" + endpoint + query;
}

std::unique_ptr<Model> make_gateway_model(GatewayOptions options, ModelClock clock,
                                          const WireFormat& format) {
  return std::make_unique<GatewayModel>(std::move(options), std::move(clock), format);
}

}  // namespace fairlead::agent
