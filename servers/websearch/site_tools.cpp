#include "servers/websearch/dates.h"
#include "servers/websearch/indexing.h"
#include "servers/websearch/services.h"
#include "servers/websearch/site.h"
#include "servers/websearch/web_url.h"

// The tools `crawl` and `map`.

namespace fairlead::websearch {
namespace {

using mcp::Json;

constexpr std::size_t usual_pages = 20;
constexpr std::size_t most_pages = 1'000;
constexpr std::size_t usual_depth = 2;
constexpr std::size_t most_depth = 10;
constexpr std::size_t usual_urls = 200;
constexpr std::size_t most_urls = 5'000;
constexpr std::size_t map_visits = 20;
constexpr auto time_of_page = std::chrono::seconds(15);
constexpr auto time_of_task = std::chrono::minutes(10);

SiteScope wanted_scope(const Json& arguments, const std::string& url) {
  return scope_of(url, arguments.value("subdomains", false),
                  arguments.value("paths", std::vector<std::string>{}));
}

/// What a crawl did.
struct Crawled {
  Json pages = Json::array();
  Json failed = Json::array();
  std::size_t changed = 0;
};

// One page into the index; its links.
std::vector<Link> visit_page(Services& services, std::int64_t source, const Crawl::Page& page,
                             const Deadline& deadline, Crawled& out) {
  const Deadline own(std::min<std::chrono::milliseconds>(time_of_page, deadline.left()),
                     deadline.stop());
  try {
    const auto answer = services.cached_web.get(page.url, false, own);
    if (answer.response.status != 200) {
      throw Failure("status code " + std::to_string(answer.response.status), Failure::Kind::status);
    }
    const Document document = read_document(answer.response, own);
    if (!document.page.text.empty()) {
      out.changed += services.index.add(source, {to_indexed(document)}, now_seconds());
    }
    out.pages.push_back(
        {{"url", document.url}, {"title", document.page.metadata.title}, {"depth", page.depth}});
    return document.page.links;
  } catch (const Failure& failure) {
    deadline.check();
    if (!deadline.passed()) {
      out.failed.push_back({{"url", page.url}, {"reason", failure.what()}});
    }
    return {};
  }
}

mcp::ToolResult crawl(Services& services, const Json& arguments, mcp::Context& context) {
  const std::string cursor = arguments.value("cursor", "");
  const bool in_task = context.continue_as_task();
  const Deadline deadline(in_task ? std::chrono::milliseconds(time_of_task) : services.timeout,
                          context.stop_token());
  const std::size_t most = arguments.value("max_pages", usual_pages);
  const auto begin = [&] {
    if (!cursor.empty()) return take_crawl(services.file, cursor);
    const std::string url = web_url(arguments.at("url").get<std::string>());
    Crawl started(url, wanted_scope(arguments, url), arguments.value("max_depth", usual_depth));
    for (const auto& each : sitemap_pages(services, url, started.scope(), most_urls, deadline)) {
      started.add(each, 1);
    }
    return started;
  };
  Crawl crawl = begin();
  const std::int64_t source = services.index.source(crawl.start(), "site", crawl.start());
  Crawled out;
  crawl.go_on(most, deadline, [&](const Crawl::Page& page) {
    auto links = visit_page(services, source, page, deadline, out);
    context.progress(static_cast<double>(out.pages.size() + out.failed.size()),
                     static_cast<double>(most), page.url);
    return links;
  });
  std::string text = "Read " + std::to_string(out.pages.size()) + " pages of " +
                     crawl.scope().host + " into the index, " + std::to_string(out.changed) +
                     " of them new or changed; " + std::to_string(out.failed.size()) +
                     " could not be read. Use search to find what they say.";
  for (const Json& page : out.pages) text += "\n" + page["url"].get<std::string>();
  for (const Json& each : out.failed) {
    text += "\n" + each["url"].get<std::string>() + ": " + each["reason"].get<std::string>();
  }
  Json structured = {{"site", crawl.scope().host},
                     {"pages", std::move(out.pages)},
                     {"failed", std::move(out.failed)},
                     {"changed", out.changed}};
  if (!crawl.ended()) {
    structured["waiting"] = crawl.waiting();
    structured["cursor"] = keep_crawl(services.file, crawl, now_seconds());
    text += "\n" + std::to_string(crawl.waiting()) + " more are known: call again with cursor \"" +
            structured["cursor"].get<std::string>() + "\".";
  }
  mcp::ToolResult result = mcp::text(std::move(text));
  result.structured_content = std::move(structured);
  return result;
}

// What the sitemaps list, and what the pages near the start link to.
std::vector<std::string> urls_of_site(Services& services, const std::string& url,
                                      const SiteScope& scope, std::size_t max_depth,
                                      const Deadline& deadline, mcp::Context& context) {
  std::vector<std::string> urls = sitemap_pages(services, url, scope, most_urls, deadline);
  std::set<std::string> keys;
  for (const auto& each : urls) keys.insert(page_key(each));
  const auto found = [&](const std::string& each) {
    if (urls.size() < most_urls && scope.holds(each) && keys.insert(page_key(each)).second) {
      urls.push_back(each);
    }
  };
  if (max_depth == 0) return urls;
  Crawl crawl(url, scope, max_depth - 1);
  std::size_t done = 0;
  std::string problem;
  crawl.go_on(map_visits, deadline, [&](const Crawl::Page& page) -> std::vector<Link> {
    context.progress(static_cast<double>(++done), static_cast<double>(map_visits), page.url);
    try {
      const auto answer = services.cached_web.get(page.url, false, deadline);
      if (answer.response.status != 200) return {};
      found(answer.response.url);
      const auto links = read_document(answer.response, deadline).page.links;
      for (const Link& link : links) found(link.url);
      return links;
    } catch (const Failure& failure) {
      deadline.check();
      if (problem.empty()) problem = failure.what();
      return {};
    }
  });
  if (urls.empty() && !problem.empty()) throw Failure(problem);
  return urls;
}

mcp::ToolResult map_site(Services& services, const Json& arguments, mcp::Context& context) {
  const Deadline deadline(services.timeout, context.stop_token());
  const std::string url = web_url(arguments.at("url").get<std::string>());
  auto urls = urls_of_site(services, url, wanted_scope(arguments, url),
                           arguments.value("max_depth", std::size_t{1}), deadline, context);
  const std::string words = arguments.value("contains", "");
  if (!words.empty()) {
    std::erase_if(urls,
                  [&](const std::string& each) { return each.find(words) == std::string::npos; });
  }
  const std::size_t begin = std::min(arguments.value("start_index", std::size_t{0}), urls.size());
  const std::size_t end = std::min(urls.size(), begin + arguments.value("limit", usual_urls));
  Json listed = Json::array();
  std::string text = std::to_string(urls.size()) + " pages are known of " + host_of(url) + ".";
  for (std::size_t i = begin; i < end; ++i) {
    listed.push_back(urls[i]);
    text += "\n" + urls[i];
  }
  Json structured = {{"urls", std::move(listed)}, {"total", urls.size()}};
  if (end < urls.size()) {
    structured["next_start_index"] = end;
    text += "\nMore with a start_index of " + std::to_string(end) + ".";
  }
  mcp::ToolResult result = mcp::text(std::move(text));
  result.structured_content = std::move(structured);
  return result;
}

Json number(std::size_t least) {
  return {{"type", "integer"}, {"minimum", least}};
}

Json objects(Json properties, Json required) {
  return {{"type", "array"}, {"items", output_schema(std::move(properties), std::move(required))}};
}

void add_crawl(mcp::Server& server, const Shared& services) {
  const Json text = {{"type", "string"}};
  server.tool(
      {.name = "crawl",
       .title = "Crawl a site",
       .description =
           "Reads the pages of a site into the local index, for search: those of its sitemap "
           "first, then what they link to, on the same site only. Goes by robots.txt, one page at "
           "a time. Ends at max_pages or the time limit with a cursor to go on from.",
       .input_schema = input_schema(
           {{"url", text_property("Where to begin; not with a cursor")},
            {"max_pages", count_property(1, most_pages, usual_pages, "Pages in this call")},
            {"max_depth", count_property(0, most_depth, usual_depth, "Links from the start")},
            {"paths", texts_property("Only pages whose path begins with one of these, e.g. "
                                     "/docs/")},
            {"subdomains",
             {{"type", "boolean"}, {"default", false}, {"description", "Those of it, too"}}},
            {"cursor", text_property("To go on: the cursor of the last answer")}},
           Json::array()),
       .output_schema =
           output_schema({{"site", text},
                          {"pages", objects({{"url", text}, {"title", text}, {"depth", number(0)}},
                                            {"url", "title", "depth"})},
                          {"failed", objects({{"url", text}, {"reason", text}}, {"url", "reason"})},
                          {"changed", number(0)},
                          {"waiting", number(0)},
                          {"cursor", text}},
                         {"site", "pages", "failed", "changed"}),
       .annotations = {.read_only_hint = false,
                       .destructive_hint = false,
                       .idempotent_hint = false,
                       .open_world_hint = true},
       .task_support = mcp::TaskSupport::optional},
      readable_failures([services](const Json& arguments, mcp::Context& context) {
        if (arguments.contains("url") == arguments.contains("cursor")) {
          throw Failure("Give either url or cursor.");
        }
        return crawl(*services, arguments, context);
      }));
}

void add_map(mcp::Server& server, const Shared& services) {
  server.tool(
      {.name = "map",
       .title = "List the pages of a site",
       .description = "Lists addresses of a site: what its sitemaps name, and what the pages near "
                      "the start link to. Reads nothing into the index.",
       .input_schema = input_schema(
           {{"url", {{"type", "string"}, {"minLength", 1}, {"description", "A page of it"}}},
            {"limit", count_property(1, most_urls, usual_urls, "Addresses in one answer")},
            {"start_index", count_property(0, most_urls, 0, "Where in the list to begin")},
            {"max_depth",
             count_property(0, most_depth, 1,
                            "Links from the start that are followed; 0: sitemaps only")},
            {"contains", text_property("Only addresses with this in them")},
            {"paths", texts_property("Only pages whose path begins with one of these")},
            {"subdomains",
             {{"type", "boolean"}, {"default", false}, {"description", "Those of it, too"}}}},
           {"url"}),
       .output_schema =
           output_schema({{"urls", {{"type", "array"}, {"items", {{"type", "string"}}}}},
                          {"total", number(0)},
                          {"next_start_index", number(0)}},
                         {"urls", "total"}),
       .annotations = {.read_only_hint = true, .open_world_hint = true}},
      readable_failures([services](const Json& arguments, mcp::Context& context) {
        return map_site(*services, arguments, context);
      }));
}

}  // namespace

void add_site_tools(mcp::Server& server, const Shared& services) {
  add_crawl(server, services);
  add_map(server, services);
}

}  // namespace fairlead::websearch
