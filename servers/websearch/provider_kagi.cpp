#include "servers/websearch/provider.h"

namespace fairlead::websearch {
namespace {

class Kagi final : public Provider {
 public:
  Kagi(std::string key, std::string base) : key_(std::move(key)), base_(std::move(base)) {}
  std::string name() const override { return "kagi"; }
  mcp::outbound::HttpRequest request(const WebQuery& query) const override {
    return {.method = "GET",
            .url = base_ + "/api/v0/search?" +
                   query_string(
                       {{"q", query_with_sites(query)}, {"limit", std::to_string(query.count)}}),
            .headers = {{"Authorization", "Bot " + key_}},
            .body = {}};
  }
  std::vector<WebHit> read(const mcp::Json& body) const override {
    std::vector<WebHit> hits;
    for (const auto& each : results_at(body, {"data"})) {
      // t: 0 is a result, 1 a list of related searches.
      if (each.is_object() && each.value("t", mcp::Json(0)) == 0) {
        add_hit(hits, each, "title", "url", "snippet", "published");
      }
    }
    return hits;
  }

 private:
  std::string key_;
  std::string base_;
};

}  // namespace

std::unique_ptr<Provider> make_kagi(const std::string& key, const std::string& base) {
  return std::make_unique<Kagi>(key, base);
}

}  // namespace fairlead::websearch
