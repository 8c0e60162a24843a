#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <mcp/base/json.h>
#include <mcp/outbound/http_call.h>

namespace fairlead::websearch {

/// What is asked of a search service.
struct WebQuery {
  std::string query;
  std::size_t count = 10;
  std::size_t page = 1;
  std::string freshness = {};             ///< empty, "day", "week", "month" or "year"
  std::string language = {};              ///< "en"; empty: any
  std::vector<std::string> domains = {};  ///< only these, with what is below them
  std::vector<std::string> without_domains = {};
};

struct WebHit {
  std::string title;
  std::string url;
  std::string snippet;         ///< text, without marks of HTML
  std::string published = {};  ///< as the service writes it
};

/// One search service: how it is asked and what its answer says. Any thread.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string name() const = 0;
  virtual mcp::outbound::HttpRequest request(const WebQuery& query) const = 0;
  /// `body` is the JSON of a response of status 200. Throws Failure when it is of another shape.
  virtual std::vector<WebHit> read(const mcp::Json& body) const = 0;
  /// What a status that is an error means there; empty: what it means anywhere.
  virtual std::string status_hint(int) const { return {}; }
};

/// `base`: where the service is, without a slash at its end; the services have their own defaults.
std::unique_ptr<Provider> make_searxng(const std::string& base);
std::unique_ptr<Provider> make_brave(const std::string& key,
                                     const std::string& base = "https://api.search.brave.com");
std::unique_ptr<Provider> make_tavily(const std::string& key,
                                      const std::string& base = "https://api.tavily.com");
std::unique_ptr<Provider> make_serper(const std::string& key,
                                      const std::string& base = "https://google.serper.dev");
std::unique_ptr<Provider> make_exa(const std::string& key,
                                   const std::string& base = "https://api.exa.ai");
std::unique_ptr<Provider> make_kagi(const std::string& key,
                                    const std::string& base = "https://kagi.com");
/// An LLM gateway's `/v1/search/{tool}`, as LiteLLM has it.
std::unique_ptr<Provider> make_gateway(const std::string& base, const std::string& key,
                                       const std::string& tool);

// What the adapters share.

/// The words with `site:` for the domains, as search engines take them.
std::string query_with_sites(const WebQuery& query);

/// `name=value` pairs of a query, encoded.
std::string query_string(const std::vector<std::pair<std::string, std::string>>& fields);
/// The array at `path` ("web", "results"). Missing at its last step: none. Throws Failure when it
/// is something else.
const mcp::Json& results_at(const mcp::Json& body, std::initializer_list<const char*> path);
/// A hit by the names of its members; nothing is added without a web address.
void add_hit(std::vector<WebHit>& hits, const mcp::Json& result, const char* title, const char* url,
             const char* snippet, const char* published = "");

}  // namespace fairlead::websearch
