#include <client/cli/probe_http_post.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <variant>

#include <client/cli/probe_wire.h>
#include <mcp/base/event_stream.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/outbound/http_call.h>
#include <mcp/protocol/header.h>
#include <mcp/protocol/http_header.h>
#include <mcp/protocol/method.h>

namespace fairlead::agent {
namespace {

using mcp::outbound::HttpError;
using mcp::outbound::HttpResponse;

mcp::outbound::HttpOptions bounded() {
  mcp::outbound::HttpOptions options;
  options.total_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(wire_patience);
  return options;
}

bool is_event_stream(const HttpResponse& head) {
  return head.header("content-type").value_or("").starts_with("text/event-stream");
}

void add_message(std::string_view text, std::vector<Json>& messages) {
  auto decoded = mcp::jsonrpc::Decoder().decode_value(text);
  if (auto* value = std::get_if<Json>(&decoded)) messages.push_back(std::move(*value));
}

bool same_header(const std::string& a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

mcp::outbound::Headers headers_of(const Post& post) {
  mcp::outbound::Headers headers(post.headers.begin(), post.headers.end());
  const auto add = [&](std::string_view name, std::string value) {
    const bool there = std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
      return same_header(header.first, name);
    });
    if (!there) headers.emplace_back(name, std::move(value));
  };
  add("Content-Type", "application/json");
  add("Accept", "application/json, text/event-stream");
  if (mcp::has_version_header(post.revision) && post.method != mcp::method::initialize) {
    add(mcp::http_header::protocol_version, std::string(mcp::to_string(post.revision)));
  }
  if (mcp::has_routing_headers(post.revision)) {
    add(mcp::http_header::routed_method, post.method);
    if (!post.name.empty()) {
      add(mcp::http_header::routed_name, mcp::encode_header_value(post.name));
    }
  }
  if (!post.session.empty()) add(mcp::http_header::session_id, post.session);
  return headers;
}

}  // namespace

Posted send_post(const Post& post, const std::stop_token& stop) {
  Posted posted;
  std::string plain;
  mcp::EventStreamParser events;
  const auto note_head = [&](const HttpResponse& head) {
    posted.status = head.status;
    if (const auto session = head.header("mcp-session-id")) posted.session = *session;
  };
  const auto read = [&](const HttpResponse& head, std::string_view piece) {
    note_head(head);
    if (is_event_stream(head)) {
      events.feed(piece,
                  [&](const mcp::StreamEvent& event) { add_message(event.data, posted.messages); });
    } else {
      plain += piece;
    }
    // A stream may go on although the answer has come.
    return posted.messages.empty();
  };
  try {
    note_head(mcp::outbound::http_call({"POST", post.url, headers_of(post), post.body}, bounded(),
                                       stop, read));
  } catch (const HttpError& error) {
    if (posted.messages.empty()) posted.failure = error.what();
  } catch (const std::length_error& error) {
    posted.failure = error.what();
  }
  if (!plain.empty()) add_message(plain, posted.messages);
  return posted;
}

bool gives_endpoint_stream(const std::string& url, const mcp::HttpHeaders& headers,
                           const std::stop_token& stop) {
  mcp::outbound::HttpRequest request{"GET", url, {headers.begin(), headers.end()}, {}};
  request.headers.emplace_back("Accept", "text/event-stream");
  mcp::outbound::HttpOptions options = bounded();
  options.total_timeout = std::chrono::seconds(1);
  bool found = false;
  bool undecided = true;
  mcp::EventStreamParser events;
  try {
    mcp::outbound::http_call(request, options, stop,
                             [&](const HttpResponse& head, std::string_view piece) {
                               if (head.status != 200 || !is_event_stream(head)) return false;
                               events.feed(piece, [&](const mcp::StreamEvent& event) {
                                 if (std::exchange(undecided, false))
                                   found = event.type == "endpoint";
                               });
                               return undecided;
                             });
  } catch (const std::exception&) {
    return found;  // ended by us, or no such stream
  }
  return found;
}

}  // namespace fairlead::agent
