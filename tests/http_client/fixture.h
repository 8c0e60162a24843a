#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <mcp/client/client.h>
#include <mcp/client/http_target.h>

#include "raw_server.h"

/// A client of a server over HTTP, and what it was told.
struct HttpFixture {
  std::unique_ptr<mcp::Runtime> runtime = mcp::make_runtime();
  mcp::ClientOptions options = {};
  mcp::HttpClientOptions http = {};
  std::mutex mutex = {};
  std::vector<std::string> violations = {};

  mcp::Client connect(const std::string& url) {
    options.observer.on_violation = [this](const std::string& what) {
      const std::lock_guard lock(mutex);
      violations.push_back(what);
    };
    return mcp::Client::connect(*runtime, mcp::http_target(url, http), options);
  }
};

/// The error of a call that must fail.
template <class Call>
mcp::CallError failure(const Call& call) {
  try {
    call();
  } catch (const mcp::CallError& error) {
    return error;
  }
  return {mcp::CallError::Kind::answered, "(it did not fail)"};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::string text_of(const mcp::ToolResult& result) {
  return mcp::to_text(result.content.at(0));
}
