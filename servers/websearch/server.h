#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <mcp/server/server.h>

#include "servers/websearch/provider_chain.h"
#include "servers/websearch/provider_options.h"
#include "servers/websearch/web_client.h"

namespace fairlead::websearch {

struct Options {
  WebOptions web = {};
  std::chrono::milliseconds timeout{30'000};  ///< of one call
  /// SQLite file of the index; empty: a temporary one.
  std::string index_file = {};
  /// Folders that `ingest` may read.
  std::vector<std::string> ingest_folders = {};
  /// Search services, in the order in which they are asked.
  std::vector<ProviderOptions> providers = {};
  ProviderChain::Times provider_times = {};
  /// Seconds since 1970; empty: the clock's.
  std::function<std::int64_t()> now = {};
};

/// The server with its tools. Empty functions: the real network. Throws Failure for an index or a
/// folder that can't be used.
std::unique_ptr<mcp::Server> make_server(const Options& options = {},
                                         const Connector& connector = {},
                                         const Resolver& resolver = {});

}  // namespace fairlead::websearch
