#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <client/model/message.h>
#include <mcp/protocol/revision.h>
#include <mcp/transport/http_headers.h>

namespace fairlead::agent {

/// One POST to a server.
struct Post {
  std::string url;
  mcp::Revision revision;
  mcp::HttpHeaders headers;  ///< beside those of the protocol, which they replace
  std::string body;
  std::string method;  ///< of the message; for the headers of the stateless era
  std::string name = {};
  std::string session = {};
};

/// What came of it. A status of 0 means no response.
struct Posted {
  int status = 0;
  std::vector<Json> messages = {};
  std::string session = {};
  std::string failure = {};
};

/// Sends it and waits, `wire_patience` at most, for the first message of the response.
Posted send_post(const Post& post, const std::stop_token& stop);

/// Whether a GET gives the stream of HTTP+SSE (2024-11-05), which names its own endpoint.
bool gives_endpoint_stream(const std::string& url, const mcp::HttpHeaders& headers,
                           const std::stop_token& stop);

}  // namespace fairlead::agent
