#include "servers/websearch/failure.h"
#include "servers/websearch/site.h"
#include "tests/websearch/client.h"

using namespace fairlead::websearch;
using namespace fairlead::websearch::testing;
using mcp::Json;

namespace {

std::string page(const std::string& title, const std::vector<std::string>& links) {
  std::string out = "<title>" + title + "</title><main><p>The words of " + title + ".</p>";
  for (const auto& link : links) out += "<p><a href=\"" + link + "\">a link</a></p>";
  return out + "</main>";
}

/// a.example: a start, a chain of three pages, and what does not belong.
void serve_site(TestInternet& internet) {
  internet.serve("a.example", [](const mcp::outbound::HttpRequest& request) {
    const std::string path = request.url.substr(std::string("http://a.example").size());
    if (path == "/robots.txt") {
      return answer(200, "text/plain",
                    "User-agent: *\nDisallow: /private\nSitemap: http://a.example/map.xml");
    }
    if (path == "/map.xml") {
      return answer(200, "application/xml",
                    "<urlset><url><loc>http://a.example/listed</loc></url>"
                    "<url><loc>http://other.example/x</loc></url></urlset>");
    }
    if (path == "/") {
      return answer(200, "text/html",
                    page("start", {"/one", "/private/x", "http://other.example/", "/picture.jpg",
                                   "/one#again", "//docs.a.example/", "/broken"}));
    }
    if (path == "/one") return answer(200, "text/html", page("one", {"/two", "/"}));
    if (path == "/two") return answer(200, "text/html", page("two", {"/three"}));
    if (path == "/three" || path == "/listed") return answer(200, "text/html", page("leaf", {}));
    return answer(path == "/broken" ? 500 : 404, "text/html", "");
  });
  internet.serve("docs.a.example", [](const mcp::outbound::HttpRequest& request) {
    return request.url.ends_with("robots.txt") ? answer(404, "", "")
                                               : answer(200, "text/html", page("docs", {}));
  });
}

std::string urls_of(const Json& pages) {
  std::string out;
  for (const Json& each : pages) {
    const std::string url =
        each.is_string() ? each.get<std::string>() : each["url"].get<std::string>();
    out += (out.empty() ? "" : " ") + url.substr(std::string("http://").size());
  }
  return out;
}

}  // namespace

TEST_CASE("a site is crawled: its sitemap, then its links, no further than it is wanted") {
  TestInternet internet;
  serve_site(internet);
  Client client(internet);
  const Json done =
      client.call("crawl", {{"url", "http://a.example/"}, {"max_depth", 2}})["structuredContent"];
  CHECK(urls_of(done["pages"]) == "a.example/ a.example/listed a.example/one a.example/two");
  CHECK(done["failed"].size() == 2);
  CHECK(std::string(done["failed"][0]["reason"]).starts_with("The robots.txt of http://a.example"));
  CHECK(done["failed"][1] ==
        Json{{"url", "http://a.example/broken"}, {"reason", "status code 500"}});
  CHECK(done["changed"] == 4);
  CHECK_FALSE(done.contains("cursor"));
  for (const auto& call : internet.called()) {
    CAPTURE(call);
    CHECK(call.find("other.example") == std::string::npos);
    CHECK(call.find(".jpg") == std::string::npos);
    CHECK(call.find("/private") == std::string::npos);
  }
  CHECK(client.call("search", {{"query", "words of two"},
                               {"provider", "local"}})["structuredContent"]["results"][0]["url"] ==
        "http://a.example/two");
  CHECK(client.call("list_sources", Json::object())["structuredContent"]["sources"][0]["kind"] ==
        "site");
}

TEST_CASE("a crawl goes on from its cursor, once") {
  TestInternet internet;
  serve_site(internet);
  Client client(internet);
  const Json first =
      client.call("crawl", {{"url", "http://a.example/"}, {"max_pages", 1}})["structuredContent"];
  CHECK(urls_of(first["pages"]) == "a.example/");
  CHECK(first["waiting"] == 4);
  const std::string cursor = first["cursor"];
  const Json rest = client.call("crawl", {{"cursor", cursor}})["structuredContent"];
  CHECK(urls_of(rest["pages"]) == "a.example/listed a.example/one a.example/two");
  CHECK_FALSE(rest.contains("cursor"));
  CHECK(client.text("crawl", {{"cursor", cursor}})
            .starts_with("This cursor is none, was used, or is older than a week"));
  CHECK(client.text("crawl", Json::object()) == "Give either url or cursor.");
}

TEST_CASE("a crawl may be of a part of a site, or of its subdomains, too") {
  TestInternet internet;
  serve_site(internet);
  Client client(internet);
  CHECK(urls_of(client.call(
            "crawl", {{"url", "http://a.example/"},
                      {"paths", Json::array({"/one", "/two"})}})["structuredContent"]["pages"]) ==
        "a.example/ a.example/one a.example/two");
  CHECK(urls_of(client.call("crawl", {{"url", "http://a.example/"},
                                      {"max_depth", 1},
                                      {"subdomains", true}})["structuredContent"]["pages"])
            .find("docs.a.example/") != std::string::npos);
}

TEST_CASE("time that is up leaves what was not read") {
  TestInternet internet;
  serve_site(internet);
  internet.hang("slow.example");
  Options options;
  options.timeout = std::chrono::milliseconds(200);
  Client client(internet, options);
  const Json cut = client.call("crawl", {{"url", "http://slow.example/"}})["structuredContent"];
  CHECK(cut["pages"].empty());
  CHECK(cut["failed"].empty());
  CHECK(cut["waiting"] == 1);
  CHECK(cut.contains("cursor"));
}

TEST_CASE("a site's addresses are listed without reading them into the index") {
  TestInternet internet;
  serve_site(internet);
  Client client(internet);
  const Json mapped = client.call("map", {{"url", "http://a.example/"}})["structuredContent"];
  CHECK(urls_of(mapped["urls"]) ==
        "a.example/listed a.example/ a.example/one a.example/private/x a.example/broken");
  CHECK(mapped["total"] == 5);
  const Json part =
      client.call("map", {{"url", "http://a.example/"}, {"limit", 2}})["structuredContent"];
  CHECK(part["urls"].size() == 2);
  CHECK(part["next_start_index"] == 2);
  CHECK(urls_of(client.call("map", {{"url", "http://a.example/"},
                                    {"limit", 2},
                                    {"start_index", 4}})["structuredContent"]["urls"]) ==
        "a.example/broken");
  CHECK(urls_of(client.call("map", {{"url", "http://a.example/"},
                                    {"max_depth", 0}})["structuredContent"]["urls"]) ==
        "a.example/listed");
  CHECK(urls_of(client.call("map", {{"url", "http://a.example/"},
                                    {"contains", "one"}})["structuredContent"]["urls"]) ==
        "a.example/one");
  CHECK(client.text("list_sources", Json::object()) == "The index is empty.");
  CHECK(client.call("map", {{"url", "http://none.example/"}})["isError"] == true);
}

TEST_CASE("a crawl without end is bounded, and survives being put away") {
  Crawl crawl("http://a.example/", scope_of("http://www.a.example/", false, {}), 10'000);
  for (int i = 0; i < 20'000; ++i) crawl.add("http://a.example/" + std::to_string(i), 1);
  CHECK(crawl.waiting() == 5'000);
  const auto again = Crawl::of_text(crawl.to_text());
  REQUIRE(again.has_value());
  CHECK(again->waiting() == 5'000);
  CHECK(again->to_text() == crawl.to_text());
  CHECK_FALSE(Crawl::of_text("{\"start\": 7}").has_value());
}

TEST_CASE("what a crawl knows of a site stays small, however long its addresses are") {
  const std::string begin = "http://a.example/" + std::string(1'900, 'x');
  Crawl crawl("http://a.example/", scope_of("http://a.example/", false, {}), 10);
  for (int i = 0; i < 10'000; ++i) {
    crawl.add(begin + std::to_string(i), 1);
    crawl.go_on(1, Deadline(std::chrono::seconds(60)),
                [](const auto&) { return std::vector<Link>{}; });
  }
  crawl.go_on(10, Deadline(std::chrono::seconds(60)),
              [](const auto&) { return std::vector<Link>{}; });
  CHECK(crawl.waiting() == 0);
  CHECK(crawl.to_text().size() < 250'000);
}

TEST_CASE("several pages are fetched in one call, and one that fails does not spoil the rest") {
  TestInternet internet;
  serve_site(internet);
  Client client(internet);
  const Json done = client.call(
      "fetch_many",
      {{"urls", Json::array({"http://a.example/one", "http://a.example/none", "http://10.0.0.1/",
                             "http://a.example/two", "http://docs.a.example/"})},
       {"max_length", 12}});
  const Json& results = done["structuredContent"]["results"];
  REQUIRE(results.size() == 5);
  CHECK(results[0]["content"] == "The words of");
  CHECK(results[0]["next_start_index"] == 12);
  CHECK(std::string(results[1]["error"]).find("status code 404") != std::string::npos);
  CHECK(std::string(results[2]["error"]).find("is no public address") != std::string::npos);
  CHECK(results[3]["title"] == "two");
  CHECK(results[4]["title"] == "docs");
  CHECK_FALSE(done.value("isError", false));
  CHECK(client.call("fetch_many", {{"urls", Json::array({"http://10.0.0.1/"})}})["isError"] ==
        true);
  CHECK(internet.forbidden().empty());
}
