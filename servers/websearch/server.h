#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <mcp/server/server.h>

#include "servers/websearch/web_client.h"

namespace fairlead::websearch {

struct Options {
  WebOptions web = {};
  std::chrono::milliseconds timeout{30'000};  ///< of one call
  /// SQLite file of the index; empty: a temporary one.
  std::string index_file = {};
  /// Folders that `ingest` may read.
  std::vector<std::string> ingest_folders = {};
};

/// The server with its tools. Empty functions: the real network. Throws Failure for an index or a
/// folder that can't be used.
std::unique_ptr<mcp::Server> make_server(const Options& options = {}, Connector connector = {},
                                         Resolver resolver = {});

}  // namespace fairlead::websearch
