#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <mcp/server/server.h>

#include "servers/websearch/daily_calls.h"
#include "servers/websearch/document.h"
#include "servers/websearch/folder_reader.h"
#include "servers/websearch/http_cache.h"
#include "servers/websearch/index.h"
#include "servers/websearch/provider_chain.h"
#include "servers/websearch/server.h"
#include "servers/websearch/store_file.h"
#include "servers/websearch/web_client.h"

namespace fairlead::websearch {

/// What the tools share.
struct Services {
  Services(const Options& options, const Connector& connector, const Resolver& resolver);

  WebClient web;
  WebClient provider_web;
  ProviderChain providers;
  StoreFile file;
  DailyCalls daily_calls;
  Index index;
  HttpCache cache;
  CachingClient cached_web;
  FolderReader folder_reader;
  std::chrono::milliseconds timeout;  ///< of one call
};
using Shared = std::shared_ptr<Services>;

/// Fetches and reads a page, and keeps it in the index. `refresh`: also when a copy that is still
/// fresh is kept. Throws Failure, also for a status that is an error.
Document fetch_document(Services& services, const std::string& url, Asker asker, bool refresh,
                        const Deadline& deadline);

/// A handler whose Failures become results that the model reads.
template <typename Handler>
mcp::ToolHandler readable_failures(Handler handler) {
  return [handler = std::move(handler)](const mcp::Json& arguments,
                                        mcp::Context& context) -> mcp::ToolResult {
    try {
      return handler(arguments, context);
    } catch (const Failure& failure) {
      return mcp::error_text(failure.what());
    }
  };
}

mcp::Json input_schema(mcp::Json properties, mcp::Json required);
/// No properties beside these.
mcp::Json output_schema(mcp::Json properties, mcp::Json required);
mcp::Json text_property(const char* description);
mcp::Json texts_property(const char* description);
mcp::Json count_property(std::size_t least, std::size_t most, std::size_t usual,
                         const char* description);

void add_fetch(mcp::Server& server, const Shared& services);
void add_search(mcp::Server& server, const Shared& services);
void add_site_tools(mcp::Server& server, const Shared& services);
void add_index_tools(mcp::Server& server, const Shared& services);
void add_index_resources(mcp::Server& server, const Shared& services);

}  // namespace fairlead::websearch
