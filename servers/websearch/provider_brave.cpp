#include <algorithm>

#include "servers/websearch/provider.h"

namespace fairlead::websearch {
namespace {

class Brave final : public Provider {
 public:
  Brave(std::string key, std::string base) : key_(std::move(key)), base_(std::move(base)) {}
  std::string name() const override { return "brave"; }
  mcp::outbound::HttpRequest request(const WebQuery& query) const override {
    std::vector<std::pair<std::string, std::string>> fields{
        {"q", query_with_sites(query)},
        {"count", std::to_string(std::min<std::size_t>(query.count, 20))},
        {"offset", std::to_string(std::min<std::size_t>(query.page - 1, 9))}};
    // pd, pw, pm, py
    if (!query.freshness.empty())
      fields.emplace_back("freshness", "p" + query.freshness.substr(0, 1));
    if (!query.language.empty()) fields.emplace_back("search_lang", query.language);
    return {.method = "GET",
            .url = base_ + "/res/v1/web/search?" + query_string(fields),
            .headers = {{"X-Subscription-Token", key_}, {"Accept", "application/json"}},
            .body = {}};
  }
  std::vector<WebHit> read(const mcp::Json& body) const override {
    std::vector<WebHit> hits;
    for (const auto& each : results_at(body, {"web", "results"})) {
      add_hit(hits, each, "title", "url", "description", "page_age");
    }
    return hits;
  }

 private:
  std::string key_;
  std::string base_;
};

}  // namespace

std::unique_ptr<Provider> make_brave(const std::string& key, const std::string& base) {
  return std::make_unique<Brave>(key, base);
}

}  // namespace fairlead::websearch
