#include "servers/websearch/provider.h"

namespace fairlead::websearch {
namespace {

class SearXng final : public Provider {
 public:
  explicit SearXng(std::string base) : base_(std::move(base)) {}
  std::string name() const override { return "searxng"; }
  mcp::outbound::HttpRequest request(const WebQuery& query) const override {
    std::vector<std::pair<std::string, std::string>> fields{
        {"q", query_with_sites(query)}, {"format", "json"}, {"pageno", std::to_string(query.page)}};
    if (!query.freshness.empty()) fields.emplace_back("time_range", query.freshness);
    if (!query.language.empty()) fields.emplace_back("language", query.language);
    return {.method = "GET",
            .url = base_ + "/search?" + query_string(fields),
            .headers = {},
            .body = {}};
  }
  std::vector<WebHit> read(const mcp::Json& body) const override {
    std::vector<WebHit> hits;
    for (const auto& each : results_at(body, {"results"})) {
      add_hit(hits, each, "title", "url", "content", "publishedDate");
    }
    return hits;
  }
  std::string status_hint(int status) const override {
    return status == 403 ? "its settings.yml must list json under search.formats" : "";
  }

 private:
  std::string base_;
};

}  // namespace

std::unique_ptr<Provider> make_searxng(const std::string& base) {
  return std::make_unique<SearXng>(base);
}

}  // namespace fairlead::websearch
