#include <algorithm>
#include <functional>

#include "servers/websearch/provider.h"

// The services that are asked by a JSON body: Tavily, Serper, Exa and a gateway.

namespace fairlead::websearch {
namespace {

using mcp::Json;

/// What one of them expects and answers.
struct Shape {
  std::string name;
  std::string url;
  mcp::outbound::Headers headers;
  std::function<Json(const WebQuery& query)> body;
  const char* results;
  const char* title;
  const char* link;
  const char* snippet;
  const char* published;
};

class Posted final : public Provider {
 public:
  explicit Posted(Shape shape) : shape_(std::move(shape)) {}
  std::string name() const override { return shape_.name; }
  mcp::outbound::HttpRequest request(const WebQuery& query) const override {
    mcp::outbound::HttpRequest request{.method = "POST",
                                       .url = shape_.url,
                                       .headers = shape_.headers,
                                       .body = shape_.body(query).dump()};
    request.headers.emplace_back("Content-Type", "application/json");
    return request;
  }
  std::vector<WebHit> read(const Json& body) const override {
    std::vector<WebHit> hits;
    for (const auto& each : results_at(body, {shape_.results})) {
      add_hit(hits, each, shape_.title, shape_.link, shape_.snippet, shape_.published);
    }
    return hits;
  }

 private:
  Shape shape_;
};

}  // namespace

std::unique_ptr<Provider> make_tavily(const std::string& key, const std::string& base) {
  return std::make_unique<Posted>(
      Shape{.name = "tavily",
            .url = base + "/search",
            .headers = {{"Authorization", "Bearer " + key}},
            .body =
                [](const WebQuery& query) {
                  Json body = {{"query", query.query},
                               {"max_results", std::min<std::size_t>(query.count, 20)}};
                  if (!query.freshness.empty()) body["time_range"] = query.freshness;
                  if (!query.domains.empty()) body["include_domains"] = query.domains;
                  if (!query.without_domains.empty()) {
                    body["exclude_domains"] = query.without_domains;
                  }
                  return body;
                },
            .results = "results",
            .title = "title",
            .link = "url",
            .snippet = "content",
            .published = "published_date"});
}

std::unique_ptr<Provider> make_serper(const std::string& key, const std::string& base) {
  return std::make_unique<Posted>(Shape{.name = "serper",
                                        .url = base + "/search",
                                        .headers = {{"X-API-KEY", key}},
                                        .body =
                                            [](const WebQuery& query) {
                                              Json body = {{"q", query_with_sites(query)},
                                                           {"num", query.count},
                                                           {"page", query.page}};
                                              if (!query.language.empty())
                                                body["hl"] = query.language;
                                              // qdr:d, qdr:w, qdr:m, qdr:y
                                              if (!query.freshness.empty()) {
                                                body["tbs"] = "qdr:" + query.freshness.substr(0, 1);
                                              }
                                              return body;
                                            },
                                        .results = "organic",
                                        .title = "title",
                                        .link = "link",
                                        .snippet = "snippet",
                                        .published = "date"});
}

std::unique_ptr<Provider> make_exa(const std::string& key, const std::string& base) {
  return std::make_unique<Posted>(
      Shape{.name = "exa",
            .url = base + "/search",
            .headers = {{"x-api-key", key}},
            .body =
                [](const WebQuery& query) {
                  Json body = {{"query", query.query},
                               {"numResults", query.count},
                               {"contents", {{"text", {{"maxCharacters", 500}}}}}};
                  if (!query.domains.empty()) body["includeDomains"] = query.domains;
                  if (!query.without_domains.empty()) {
                    body["excludeDomains"] = query.without_domains;
                  }
                  return body;
                },
            .results = "results",
            .title = "title",
            .link = "url",
            .snippet = "text",
            .published = "publishedDate"});
}

std::unique_ptr<Provider> make_gateway(const std::string& base, const std::string& key,
                                       const std::string& tool) {
  return std::make_unique<Posted>(
      Shape{.name = "gateway",
            .url = base + "/v1/search/" + tool,
            .headers = key.empty() ? mcp::outbound::Headers{}
                                   : mcp::outbound::Headers{{"Authorization", "Bearer " + key}},
            .body =
                [](const WebQuery& query) {
                  return Json{{"query", query_with_sites(query)}, {"max_results", query.count}};
                },
            .results = "results",
            .title = "title",
            .link = "url",
            .snippet = "snippet",
            .published = "date"});
}

}  // namespace fairlead::websearch
