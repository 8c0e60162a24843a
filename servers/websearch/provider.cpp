#include "servers/websearch/provider.h"

#include <mcp/base/uri.h>
#include <mcp/base/utf8.h>

#include "servers/websearch/character.h"
#include "servers/websearch/failure.h"
#include "servers/websearch/xml_reader.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_results = 100;
constexpr std::size_t max_snippet = 2'000;
constexpr std::size_t max_title = 500;
constexpr std::size_t max_url = 2'000;
constexpr std::size_t max_date = 100;

std::string text_member(const mcp::Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Services mark words they found with <strong> and the like.
std::string without_marks(std::string html, std::size_t most) {
  html = mcp::truncate_utf8(html, most * 4);
  std::string out;
  for (std::size_t i = 0; i < html.size(); ++i) {
    const bool tag =
        html[i] == '<' && i + 1 < html.size() && (is_letter(html[i + 1]) || html[i + 1] == '/');
    const std::size_t end = tag ? html.find('>', i) : std::string::npos;
    if (end != std::string::npos) {
      i = end;
    } else {
      out += html[i];
    }
  }
  return std::string(mcp::truncate_utf8(collapsed(decode_references(out)), most));
}

}  // namespace

std::string query_with_sites(const WebQuery& query) {
  std::string out = query.query;
  for (std::size_t i = 0; i < query.domains.size(); ++i) {
    out += (i == 0 ? " site:" : " OR site:") + query.domains[i];
  }
  for (const std::string& domain : query.without_domains) out += " -site:" + domain;
  return out;
}

std::string query_string(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += (out.empty() ? "" : "&") + name + "=" + mcp::percent_encode(value);
  }
  return out;
}

const mcp::Json& results_at(const mcp::Json& body, std::initializer_list<const char*> path) {
  static const mcp::Json none = mcp::Json::array();
  const mcp::Json* at = &body;
  for (const char* name : path) {
    if (!at->is_object()) throw Failure("its answer has another shape");
    const auto found = at->find(name);
    if (found == at->end() || found->is_null()) return none;
    at = &*found;
  }
  if (!at->is_array()) throw Failure("its answer has another shape");
  return *at;
}

void add_hit(std::vector<WebHit>& hits, const mcp::Json& result, const char* title, const char* url,
             const char* snippet, const char* published) {
  if (!result.is_object() || hits.size() >= max_results) return;
  WebHit hit{.title = without_marks(text_member(result, title), max_title),
             .url = text_member(result, url),
             .snippet = without_marks(text_member(result, snippet), max_snippet)};
  if (!hit.url.starts_with("http://") && !hit.url.starts_with("https://")) return;
  if (hit.url.size() > max_url) return;
  if (hit.title.empty()) hit.title = hit.url;
  if (*published != '\0') {
    hit.published = mcp::truncate_utf8(text_member(result, published), max_date);
  }
  hits.push_back(std::move(hit));
}

}  // namespace fairlead::websearch
