#include <doctest/doctest.h>

#include "servers/websearch/failure.h"
#include "servers/websearch/provider_chain.h"
#include "servers/websearch/rank_fusion.h"
#include "tests/websearch/test_internet.h"

using namespace fairlead::websearch;
using namespace fairlead::websearch::testing;
using mcp::Json;

namespace {

constexpr const char* two_hits =
    R"({"results": [{"title": "One <b>x</b>", "url": "https://a.example/1", "content": "a &amp; b"},
                    {"title": "", "url": "https://a.example/2"}, {"url": "ftp://no"}, 7]})";

std::string status(const std::vector<ProviderReport>& reports) {
  std::string out;
  for (const auto& report : reports) {
    out += (out.empty() ? "" : "; ") + report.name + " " + name_of(report.status);
    if (!report.reason.empty()) out += " (" + report.reason + ")";
  }
  return out;
}

}  // namespace

TEST_CASE("each service is asked as it wants") {
  const WebQuery query{
      .query = "a b&c", .count = 30, .page = 2, .freshness = "week", .language = "de"};
  const auto searxng = make_searxng("http://s.example")->request(query);
  CHECK(searxng.url ==
        "http://s.example/search?q=a%20b%26c&format=json&pageno=2&time_range=week&language=de");
  const auto brave = make_brave("KEY")->request(query);
  CHECK(brave.url ==
        "https://api.search.brave.com/res/v1/web/search?q=a%20b%26c&count=20&offset=1&freshness=pw"
        "&search_lang=de");
  CHECK(sent(brave, "X-Subscription-Token") == "KEY");
  const auto tavily = make_tavily("KEY")->request(query);
  CHECK(tavily.url == "https://api.tavily.com/search");
  CHECK(sent(tavily, "Authorization") == "Bearer KEY");
  CHECK(Json::parse(tavily.body) ==
        Json{{"query", "a b&c"}, {"max_results", 20}, {"time_range", "week"}});
  const auto serper = make_serper("KEY")->request(query);
  CHECK(sent(serper, "X-API-KEY") == "KEY");
  CHECK(Json::parse(serper.body) ==
        Json{{"q", "a b&c"}, {"num", 30}, {"page", 2}, {"hl", "de"}, {"tbs", "qdr:w"}});
  const auto exa = make_exa("KEY")->request(query);
  CHECK(sent(exa, "x-api-key") == "KEY");
  CHECK(Json::parse(exa.body)["numResults"] == 30);
  const auto kagi = make_kagi("KEY")->request(query);
  CHECK(kagi.url == "https://kagi.com/api/v0/search?q=a%20b%26c&limit=30");
  CHECK(sent(kagi, "Authorization") == "Bot KEY");
  const auto gateway = make_gateway("http://g.example", "KEY", "tool")->request(query);
  CHECK(gateway.url == "http://g.example/v1/search/tool");
  CHECK(Json::parse(gateway.body) == Json{{"query", "a b&c"}, {"max_results", 30}});
}

TEST_CASE("each answer is read, and no shape ends the process") {
  const auto first = [](const std::unique_ptr<Provider>& provider, const char* body) {
    const auto hits = provider->read(Json::parse(body));
    return hits.empty() ? std::string("nothing")
                        : hits[0].title + "|" + hits[0].url + "|" + hits[0].snippet;
  };
  CHECK(first(make_searxng("http://s.example"), two_hits) == "One x|https://a.example/1|a & b");
  CHECK(make_searxng("http://s.example")->read(Json::parse(two_hits)).size() == 2);
  CHECK(first(make_brave("k"), R"({"web": {"results": [{"title": "T", "url": "https://a.example/",
              "description": "<strong>d</strong>"}]}})") == "T|https://a.example/|d");
  CHECK(first(make_brave("k"), R"({"type": "search"})") == "nothing");
  CHECK(first(make_serper("k"), R"({"organic": [{"title": "T", "link": "https://a.example/",
              "snippet": "s", "position": 1}]})") == "T|https://a.example/|s");
  CHECK(first(make_exa("k"), R"({"results": [{"title": "T", "url": "https://a.example/",
              "text": "t"}]})") == "T|https://a.example/|t");
  CHECK(first(make_kagi("k"), R"({"data": [{"t": 1, "list": []}, {"t": 0, "title": "T",
              "url": "https://a.example/", "snippet": "s"}]})") == "T|https://a.example/|s");
  for (const char* wrong : {"7", "[]", "{\"results\": 7}", "{\"results\": {}}"}) {
    CHECK_THROWS_AS(make_tavily("k")->read(Json::parse(wrong)), Failure);
  }
}

TEST_CASE("the next service is asked when one fails or finds nothing") {
  TestInternet internet;
  int calls = 0;
  internet.serve("s.example", [&](const auto&) {
    ++calls;
    return answer(500, "", "");
  });
  internet.serve("api.search.brave.com", [](const auto&) { return answer(200, "", "{}"); });
  internet.serve("api.tavily.com", [](const auto&) { return answer(200, "", two_hits); });
  auto web = internet.client();
  ProviderChain chain(web);
  chain.add(make_searxng("http://s.example"));
  chain.add(make_brave("KEY"));
  chain.add(make_tavily("KEY"));
  chain.add(make_kagi("KEY"));
  CHECK(status(chain.search({.query = "x"}, "", soon())) ==
        "searxng failed (it answered 500); brave answered; tavily answered; kagi skipped (one "
        "before it had results)");
  for (int i = 0; i < 6; ++i) chain.search({.query = "x"}, "", soon());
  CHECK(calls == 5);
  CHECK(status(chain.search({.query = "x"}, "searxng", soon()))
            .starts_with("searxng skipped (it failed 5 times in a row; it is tried again in "));
  CHECK_THROWS_AS(chain.search({.query = "x"}, "none", soon()), Failure);
  CHECK(internet.forbidden().empty());
}

TEST_CASE("a service that wants fewer calls is left alone as long as it says") {
  TestInternet internet;
  internet.serve("api.search.brave.com", [](const auto&) {
    return answer(429, "", "", {{"retry-after", "60"}});
  });
  internet.serve("kagi.com", [](const auto&) { return answer(200, "", "no json"); });
  internet.serve("google.serper.dev", [](const auto&) { return answer(401, "", ""); });
  auto web = internet.client();
  ProviderChain chain(web);
  chain.add(make_brave("KEY"));
  chain.add(make_kagi("KEY"));
  chain.add(make_serper("KEY"));
  CHECK(status(chain.search({.query = "x"}, "", soon())) ==
        "brave failed (it has had too many calls (429)); kagi failed (its answer is no JSON); "
        "serper failed (it answered 401: its key is not accepted)");
  CHECK(status(chain.search({.query = "x"}, "brave", soon())) ==
        "brave skipped (it asked for no calls for another 60 s)");
  CHECK(internet.called().size() == 3);
}

TEST_CASE("calls wait for their turn, and a queue that is too long is said") {
  ProviderGate gate({.calls_per_second = 2, .calls_per_day = 4});
  const ProviderGate::Time now{std::chrono::hours(1000)};
  const std::chrono::milliseconds patience(1'000);
  CHECK(gate.admit(now, patience).wait == std::chrono::milliseconds(0));
  CHECK(gate.admit(now, patience).wait == std::chrono::milliseconds(500));
  CHECK(gate.admit(now, patience).wait == std::chrono::milliseconds(1'000));
  CHECK(gate.admit(now, patience).reason == "its queue is 2 s long");
  CHECK(gate.admit(now + std::chrono::seconds(5), patience).admitted);
  CHECK(gate.admit(now + std::chrono::seconds(9), patience).reason ==
        "its 4 calls of today are used up");
  CHECK(gate.admit(now + std::chrono::hours(25), patience).admitted);
}

TEST_CASE("after five failures it is closed, then three calls try") {
  ProviderGate gate({.calls_per_second = 1'000});
  const ProviderGate::Time now{std::chrono::hours(1000)};
  const std::chrono::milliseconds patience(1'000);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(gate.admit(now, patience).admitted);
    gate.failed(now);
  }
  CHECK_FALSE(gate.admit(now + std::chrono::seconds(29), patience).admitted);
  const auto later = now + std::chrono::seconds(30);
  for (int i = 0; i < 3; ++i) CHECK(gate.admit(later, patience).admitted);
  CHECK(gate.admit(later, patience).reason ==
        "it failed before, and is being tried by other calls");
  gate.succeeded();
  gate.succeeded();
  CHECK_FALSE(gate.admit(later, patience).admitted);
  gate.succeeded();
  CHECK(gate.admit(later, patience).admitted);
  gate.succeeded();
  for (int i = 0; i < 5; ++i) gate.failed(later);
  const auto again = later + std::chrono::seconds(30);
  CHECK(gate.admit(again, patience).admitted);
  gate.failed(again);
  CHECK_FALSE(gate.admit(again, patience).admitted);
}

TEST_CASE("lists are fused by rank, and a page is there once") {
  const auto hit = [](const char* url, const char* snippet = "") {
    return WebHit{.title = url, .url = url, .snippet = snippet};
  };
  const auto fused =
      fuse({{"one", {hit("https://a.example/x", "s"), hit("https://b.example/")}},
            {"two",
             {hit("https://c.example/"), hit("http://www.a.example/x/?utm_source=z", "longer"),
              hit("https://a.example/x")}}});
  REQUIRE(fused.size() == 3);
  CHECK(fused[0].hit.url == "https://a.example/x");
  CHECK(fused[0].hit.snippet == "longer");
  CHECK(fused[0].sources == std::vector<std::string>{"one", "two"});
  CHECK(fused[1].hit.url == "https://c.example/");
}
