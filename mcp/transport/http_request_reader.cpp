#include <mcp/transport/http_request_reader.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <mcp/base/ascii.h>
#include <mcp/transport/http_status.h>

namespace mcp {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastText = boost::beast::string_view;

std::string text(BeastText view) {
  return {view.data(), view.size()};
}

}  // namespace

/// Beast's parser, which calls us for each part.
class HttpRequestReader::Parser final : public http::basic_parser<true> {
 public:
  Parser(HttpRequest& request, const HttpServerLimits& limits)
      : request_(request), limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    body_limit(limits.body_bytes);
  }

  bool expects_continue = false;
  bool unknown_coding = false;  ///< of the body: nobody can tell where it ends
  int version = 11;

 private:
  void on_request_impl(http::verb, BeastText method, BeastText target, int http_version,
                       error_code&) override {
    request_.method = text(method);
    version = http_version;
    // To a proxy; whoever forwards it unchanged is to be understood all the same (RFC 9112, 3.2.2).
    for (const BeastText scheme : {"http://", "https://"}) {
      if (!target.starts_with(scheme)) continue;
      target.remove_prefix(scheme.size());
      const auto path = std::min(target.find('/'), target.size());
      authority_ = text(target.substr(0, path));
      target = path == target.size() ? BeastText("/") : target.substr(path);
      break;
    }
    const auto query = target.find('?');
    request_.path = text(target.substr(0, query));
    if (query != BeastText::npos) request_.query = text(target.substr(query + 1));
  }
  void on_response_impl(int, BeastText, int, error_code&) override {}
  void on_field_impl(http::field field, BeastText name, BeastText value,
                     error_code& error) override {
    if (request_.headers.size() >= limits_.header_fields) {
      error = http::error::header_limit;
      return;
    }
    if (field == http::field::expect && boost::beast::iequals(value, "100-continue"))
      expects_continue = true;
    if (field == http::field::transfer_encoding &&
        (version < 11 || !boost::beast::iequals(value, "chunked")))
      unknown_coding = true;
    auto& [key, content] = request_.headers.emplace_back();
    key.assign(name.data(), name.size());
    for (char& c : key) c = ascii_lower(c);
    content.assign(value.data(), value.size());
  }
  void on_header_impl(error_code&) override {
    if (authority_.empty()) return;
    for (auto& [name, value] : request_.headers) {
      if (name == "host") value = authority_;
    }
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    // Not all that was announced: it may never come.
    constexpr std::uint64_t at_first = 64U << 10U;
    if (length) request_.body.reserve(static_cast<std::size_t>(std::min(*length, at_first)));
  }
  std::size_t on_body_impl(BeastText body, error_code&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, BeastText, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastText body, error_code&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  HttpRequest& request_;
  const HttpServerLimits& limits_;
  std::string authority_;  ///< of a target that is a whole URL: counts instead of `Host`
};

HttpRequestReader::HttpRequestReader(const HttpServerLimits& limits) : limits_(limits) {}
HttpRequestReader::~HttpRequestReader() = default;

bool HttpRequestReader::begun() const {
  return parser_ && parser_->got_some();
}

std::size_t HttpRequestReader::read(std::string_view bytes) {
  if (!parser_) parser_ = std::make_unique<Parser>(request_, limits_);
  std::size_t used = 0;
  while (state_ == State::head || state_ == State::accepted) {
    error_code error;
    const bool had_head = parser_->is_header_done();
    const std::size_t now =
        parser_->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    used += now;
    if (parser_->unknown_coding && parser_->is_header_done()) {
      fail(501, "the body's Transfer-Encoding is not chunked alone");
      break;
    }
    if (error == http::error::need_more) {
      // Also a chunk's extensions are headers of a kind: whatever waits for its end is bounded.
      if (bytes.size() - used > limits_.header_bytes)
        fail(431, "the headers are longer than " + std::to_string(limits_.header_bytes) + " bytes");
      break;
    }
    if (error == http::error::header_limit) {
      fail(431, "the headers are longer than " + std::to_string(limits_.header_bytes) +
                    " bytes or more than " + std::to_string(limits_.header_fields));
    } else if (error == http::error::body_limit) {
      fail(413, "the body is longer than " + std::to_string(limits_.body_bytes) + " bytes");
    } else if (error) {
      fail(error == http::error::bad_version ? 505 : 400,
           "this is no HTTP/1.1 request: " + error.message());
    } else if (parser_->is_done()) {
      // A request without a body is complete with its headers; who reads sees both states at once.
      state_ = State::complete;
    } else if (!had_head && parser_->is_header_done()) {
      state_ = State::accepted;
      break;
    }
    if (now == 0) break;
  }
  return used;
}

bool HttpRequestReader::expects_continue() const {
  return parser_->expects_continue && parser_->version >= 11;
}

bool HttpRequestReader::keep_alive() const {
  return parser_ && parser_->keep_alive();
}

bool HttpRequestReader::knows_chunks() const {
  return parser_ && parser_->version >= 11;
}

HttpRequest HttpRequestReader::take() {
  HttpRequest taken = std::move(request_);
  request_ = {};
  parser_.reset();
  state_ = State::head;
  return taken;
}

void HttpRequestReader::fail(int status, std::string why) {
  state_ = State::failed;
  refusal_ = plain_response(status, std::move(why));
}

}  // namespace mcp
