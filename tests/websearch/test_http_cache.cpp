#include "servers/websearch/http_cache.h"

#include "servers/websearch/failure.h"
#include "tests/websearch/client.h"

using namespace fairlead::websearch;
using namespace fairlead::websearch::testing;
using mcp::Json;

namespace {

constexpr std::int64_t now = 1'790'000'000;  // Mon, 21 Sep 2026 14:13:20 GMT

/// A site with one page, and a client that keeps what it read.
struct Reader {
  Reader() : web(internet.client()), cache(file), client(web, cache, [this] { return time; }) {
    internet.serve("a.example", [this](const mcp::outbound::HttpRequest& request) {
      if (request.url.ends_with("robots.txt")) return answer(404, "", "");
      conditions = sent(request, "If-None-Match") + " " + sent(request, "If-Modified-Since");
      ++calls;
      return next;
    });
  }
  std::string read(bool refresh = false) {
    const auto got = client.get("http://a.example/", refresh, soon());
    return std::to_string(got.response.status) + " " + got.response.body +
           (got.note.empty() ? "" : " (" + got.note + ")");
  }

  TestInternet internet;
  WebClient web;
  StoreFile file{""};
  HttpCache cache;
  CachingClient client;
  mcp::outbound::HttpResponse next = answer(200, "text/plain", "one");
  std::int64_t time = now;
  int calls = 0;
  std::string conditions;
};

}  // namespace

TEST_CASE("how long a response stays fresh") {
  const auto lifetime = [](const mcp::outbound::Headers& headers) {
    const Freshness found = freshness_of(headers, now);
    return found.store ? found.lifetime : -1;
  };
  CHECK(lifetime({}) == 300);
  CHECK(lifetime({{"cache-control", "public, max-age=60"}}) == 60);
  CHECK(lifetime({{"cache-control", "Max-Age=\"60\""}, {"age", "50"}}) == 10);
  CHECK(lifetime({{"cache-control", "max-age=60"}, {"age", "90"}}) == 0);
  CHECK(lifetime({{"cache-control", "max-age=99999999999999999999"}}) == 30 * 86'400);
  CHECK(lifetime({{"cache-control", "max-age=soon"}}) == 0);
  CHECK(lifetime({{"cache-control", "no-cache, max-age=60"}}) == 0);
  CHECK(lifetime({{"cache-control", "private, no-store"}}) == -1);
  CHECK(lifetime({{"vary", "*"}}) == -1);
  CHECK(lifetime({{"expires", "Mon, 21 Sep 2026 14:14:20 GMT"}}) == 60);
  CHECK(lifetime({{"expires", "0"}}) == 0);
  CHECK(lifetime({{"last-modified", "Mon, 21 Sep 2026 02:13:20 GMT"}}) == 4'320);
  CHECK(lifetime({{"last-modified", "Mon, 21 Sep 2020 02:13:20 GMT"}}) == 86'400);
  CHECK(freshness_of({}, now).after_error == 86'400);
  CHECK(freshness_of({{"cache-control", "must-revalidate"}}, now).after_error == 0);
  CHECK(freshness_of({{"cache-control", "stale-if-error=70"}}, now).after_error == 70);
}

TEST_CASE("what is fresh is not fetched again, unless that is wanted") {
  Reader reader;
  CHECK(reader.read() == "200 one");
  reader.next = answer(200, "text/plain", "two");
  reader.time += 299;
  CHECK(reader.read() == "200 one");
  CHECK(reader.calls == 1);
  CHECK(reader.read(true) == "200 two");
  reader.time += 301;
  CHECK(reader.read() == "200 two");
  CHECK(reader.calls == 3);
}

TEST_CASE("what has not changed is not sent again") {
  Reader reader;
  reader.next =
      answer(200, "text/plain", "one", {{"etag", "\"v1\""}, {"cache-control", "no-cache"}});
  reader.read();
  CHECK(reader.conditions == "(none) (none)");
  reader.next = answer(304, "", "", {{"cache-control", "max-age=1000"}});
  CHECK(reader.read() == "200 one");
  CHECK(reader.conditions == "\"v1\" (none)");
  reader.time += 999;
  CHECK(reader.read() == "200 one");
  CHECK(reader.calls == 2);
  Reader dated;
  dated.next =
      answer(200, "text/plain", "one",
             {{"last-modified", "Mon, 21 Sep 2026 02:13:20 GMT"}, {"cache-control", "max-age=0"}});
  dated.read();
  dated.next = answer(304, "", "");
  CHECK(dated.read() == "200 one");
  CHECK(dated.conditions == "(none) Mon, 21 Sep 2026 02:13:20 GMT");
}

TEST_CASE("an old copy is better than a site's trouble, for a day") {
  Reader reader;
  reader.read();
  reader.next = answer(503, "", "");
  reader.time += 3'600;
  CHECK(reader.read() ==
        "200 one (The site can't be read now (status code 503): this is the copy of 2026-09-21.)");
  reader.internet.resolve("a.example", {{"93.184.216.99"}});  // nobody is there
  CHECK(reader.read().starts_with("200 one (The site can't be read now (this would have been"));
  reader.time += 90'000;
  CHECK_THROWS_AS(reader.read(), Failure);
}

TEST_CASE("what is gone, or may not be kept, is not kept") {
  Reader reader;
  reader.read();
  reader.time += 301;
  reader.next = answer(404, "", "");
  CHECK(reader.read() == "404 ");
  CHECK_FALSE(reader.cache.find("http://a.example/").has_value());
  reader.next = answer(200, "text/plain", "x", {{"cache-control", "no-store"}});
  reader.read();
  CHECK_FALSE(reader.cache.find("http://a.example/").has_value());
}

TEST_CASE("the oldest copies make room, and cookies are not kept") {
  StoreFile file("");
  HttpCache cache(file, 25);
  const auto response = [](const std::string& url) {
    return WebResponse{.url = url,
                       .status = 200,
                       .headers = {{"set-cookie", "x"}, {"etag", "e"}},
                       .body = std::string(10, 'x')};
  };
  for (int i = 0; i < 4; ++i) {
    const std::string url = "http://a.example/" + std::to_string(i);
    cache.keep(url, response(url), now + i);
  }
  CHECK_FALSE(cache.find("http://a.example/1").has_value());
  CHECK(cache.find("http://a.example/2").has_value());
  CHECK(cache.find("http://a.example/3")->response.headers ==
        mcp::outbound::Headers{{"etag", "e"}});
  auto large = response("http://a.example/l");
  large.body.assign(26, 'x');
  cache.keep(large.url, large, now + 9);
  CHECK_FALSE(cache.find(large.url).has_value());
}

TEST_CASE("a page is read piece by piece from one copy, and forgotten with it") {
  TestInternet internet;
  int calls = 0;
  internet.serve("a.example", [&](const mcp::outbound::HttpRequest& request) {
    if (request.url.ends_with("robots.txt")) return answer(404, "", "");
    ++calls;
    return answer(200, "text/plain", "some long text");
  });
  Client client(internet);
  const auto piece = [&](int start) {
    return client.call("fetch", {{"url", "a.example/"}, {"start_index", start}, {"max_length", 5}});
  };
  piece(0);
  piece(5);
  CHECK(calls == 1);
  client.call("fetch", {{"url", "a.example"}, {"refresh", true}});
  CHECK(calls == 2);
  client.call("forget", {{"domain", "a.example"}});
  piece(0);
  CHECK(calls == 3);
}

TEST_CASE("what a person read despite robots.txt is not given to programs") {
  TestInternet internet;
  internet.serve("a.example", [](const mcp::outbound::HttpRequest& request) {
    if (request.url.ends_with("robots.txt")) {
      return answer(200, "text/plain", "User-agent: *\nDisallow: /");
    }
    return answer(200, "text/plain", "text");
  });
  Client client(internet);
  client.ask("prompts/get", {{"name", "fetch"}, {"arguments", {{"url", "http://a.example/"}}}});
  CHECK(client.text("fetch", {{"url", "http://a.example/"}}).starts_with("The robots.txt of "));
}
