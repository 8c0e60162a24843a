#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "servers/websearch/provider.h"
#include "servers/websearch/provider_gate.h"

namespace fairlead::websearch {

/// A search service that is set up.
struct ProviderOptions {
  std::string name;       ///< "brave"
  std::string key = {};   ///< empty where none is needed
  std::string base = {};  ///< where it is; empty: where the service always is
  std::string tool = {};  ///< the gateway's search tool
  ProviderGate::Limits limits = {};
};

/// Throws Failure for a name that is none, and for a base that is no http(s) URL.
std::unique_ptr<Provider> make_provider(const ProviderOptions& options);

/// Those that the environment sets up, in the order in which they are asked: SEARXNG_URL,
/// BRAVE_API_KEY, TAVILY_API_KEY, SERPER_API_KEY, EXA_API_KEY, KAGI_API_KEY, and
/// WEBSEARCH_GATEWAY_URL with WEBSEARCH_GATEWAY_KEY and WEBSEARCH_GATEWAY_TOOL ("web" without it).
std::vector<ProviderOptions> providers_of(
    const std::function<std::string(const char* name)>& read_environment);

/// Only the named ones, in that order. Throws Failure for one that is not there.
std::vector<ProviderOptions> in_order(std::vector<ProviderOptions> providers,
                                      const std::vector<std::string>& names);

}  // namespace fairlead::websearch
