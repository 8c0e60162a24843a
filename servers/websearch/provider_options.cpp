#include "servers/websearch/provider_options.h"

#include <algorithm>
#include <array>

#include "servers/websearch/failure.h"
#include "servers/websearch/web_url.h"

namespace fairlead::websearch {
namespace {

using Make = std::unique_ptr<Provider> (*)(const ProviderOptions& options);

template <std::unique_ptr<Provider> (*make)(const std::string& key, const std::string& base)>
std::unique_ptr<Provider> with_key(const ProviderOptions& options, const char* base) {
  return make(options.key, options.base.empty() ? base : options.base);
}

struct Known {
  const char* name;
  const char* key_variable;
  const char* base_variable;  // set: the service is wherever it says
  double calls_per_second;
  Make make;
};
constexpr std::array known_providers{
    Known{"searxng", nullptr, "SEARXNG_URL", 10,
          [](const ProviderOptions& options) { return make_searxng(options.base); }},
    // Its free plan allows one call a second.
    Known{"brave", "BRAVE_API_KEY", nullptr, 1,
          [](const ProviderOptions& options) {
            return with_key<make_brave>(options, "https://api.search.brave.com");
          }},
    Known{"tavily", "TAVILY_API_KEY", nullptr, 5,
          [](const ProviderOptions& options) {
            return with_key<make_tavily>(options, "https://api.tavily.com");
          }},
    Known{"serper", "SERPER_API_KEY", nullptr, 5,
          [](const ProviderOptions& options) {
            return with_key<make_serper>(options, "https://google.serper.dev");
          }},
    Known{"exa", "EXA_API_KEY", nullptr, 5,
          [](const ProviderOptions& options) {
            return with_key<make_exa>(options, "https://api.exa.ai");
          }},
    Known{"kagi", "KAGI_API_KEY", nullptr, 5,
          [](const ProviderOptions& options) {
            return with_key<make_kagi>(options, "https://kagi.com");
          }},
    Known{"gateway", "WEBSEARCH_GATEWAY_KEY", "WEBSEARCH_GATEWAY_URL", 10,
          [](const ProviderOptions& options) {
            return make_gateway(options.base, options.key,
                                options.tool.empty() ? "web" : options.tool);
          }},
};

}  // namespace

std::unique_ptr<Provider> make_provider(const ProviderOptions& options) {
  for (const Known& known : known_providers) {
    if (options.name != known.name) continue;
    if (options.base.empty() && known.base_variable == nullptr) return known.make(options);
    ProviderOptions clean = options;
    if (!clean.base.starts_with("http://") && !clean.base.starts_with("https://")) {
      throw Failure(options.name + " needs an address that begins with http:// or https://.");
    }
    clean.base = web_url(clean.base);
    while (clean.base.ends_with('/')) clean.base.pop_back();
    return known.make(clean);
  }
  throw Failure("There is no provider called " + options.name + ".");
}

std::vector<ProviderOptions> providers_of(
    const std::function<std::string(const char* name)>& read_environment) {
  std::vector<ProviderOptions> out;
  for (const Known& known : known_providers) {
    ProviderOptions options{.name = known.name};
    options.limits.calls_per_second = known.calls_per_second;
    if (known.key_variable != nullptr) options.key = read_environment(known.key_variable);
    if (known.base_variable != nullptr) options.base = read_environment(known.base_variable);
    if (options.name == "gateway") options.tool = read_environment("WEBSEARCH_GATEWAY_TOOL");
    const bool is_set =
        known.base_variable != nullptr ? !options.base.empty() : !options.key.empty();
    if (is_set) out.push_back(std::move(options));
  }
  return out;
}

std::vector<ProviderOptions> in_order(std::vector<ProviderOptions> providers,
                                      const std::vector<std::string>& names) {
  std::vector<ProviderOptions> out;
  for (const std::string& name : names) {
    const auto found = std::find_if(providers.begin(), providers.end(),
                                    [&](const auto& each) { return each.name == name; });
    if (found == providers.end()) {
      throw Failure("The provider " + name +
                    " is not set up: its key or address is missing in "
                    "the environment.");
    }
    out.push_back(*found);
  }
  return out;
}

}  // namespace fairlead::websearch
