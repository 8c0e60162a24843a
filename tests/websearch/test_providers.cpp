#include <doctest/doctest.h>

#include <atomic>
#include <stop_token>
#include <thread>

#include "servers/websearch/daily_calls.h"
#include "servers/websearch/failure.h"
#include "servers/websearch/provider_chain.h"
#include "servers/websearch/provider_options.h"
#include "servers/websearch/rank_fusion.h"
#include "tests/websearch/client.h"
#include "tests/websearch/folder.h"
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

TEST_CASE("a slow service is not waited for") {
  TestInternet internet;
  internet.hang("s.example");
  internet.serve("api.tavily.com", [](const auto&) { return answer(200, "", two_hits); });
  auto web = internet.client();
  ProviderChain chain(web, {.hedge = std::chrono::milliseconds(20)});
  chain.add(make_searxng("http://s.example"));
  chain.add(make_tavily("KEY"));
  CHECK(status(chain.search({.query = "x"}, "", soon())) ==
        "searxng skipped (another one answered first); tavily answered");
  // That it was cancelled says nothing of it.
  for (int i = 0; i < 6; ++i) chain.search({.query = "x"}, "", soon());
  CHECK(internet.called().size() == 14);
}

TEST_CASE("all services that fail take no longer than the budget") {
  TestInternet internet;
  internet.hang("s.example");
  internet.hang("kagi.com");
  internet.serve("api.exa.ai", [](const auto&) { return answer(200, "", "{\"results\": 7}"); });
  auto web = internet.client();
  ProviderChain chain(web, {.call = std::chrono::hours(1),
                            .budget = std::chrono::milliseconds(2'000),
                            .hedge = std::chrono::milliseconds(20)});
  chain.add(make_searxng("http://s.example"));
  chain.add(make_exa("KEY"));
  chain.add(make_kagi("KEY"));
  const Deadline whole = soon();
  CHECK(status(chain.search({.query = "x"}, "", whole)) ==
        "searxng failed (s.example: no answer in time.); exa failed (its answer has another "
        "shape); kagi failed (kagi.com: no answer in time.)");
  CHECK(whole.left() > std::chrono::seconds(5));  // not what the caller would wait
}

TEST_CASE("a service has its time, and then the next is asked") {
  TestInternet internet;
  internet.hang("s.example");
  internet.serve("api.tavily.com", [](const auto&) { return answer(200, "", two_hits); });
  auto web = internet.client();
  ProviderChain chain(web, {.call = std::chrono::milliseconds(1'000),
                            .budget = std::chrono::hours(1),
                            .hedge = std::chrono::hours(1)});
  chain.add(make_searxng("http://s.example"));
  chain.add(make_tavily("KEY"));
  const Deadline whole = soon();
  CHECK(status(chain.search({.query = "x"}, "", whole)) ==
        "searxng failed (s.example: no answer in time.); tavily answered");
  CHECK(whole.left() > std::chrono::seconds(5));  // not what the caller would wait
}

TEST_CASE("a call that is cancelled ends at once") {
  TestInternet internet;
  internet.hang("s.example");
  auto web = internet.client();
  ProviderChain chain(web);
  chain.add(make_searxng("http://s.example"));
  std::stop_source source;
  std::jthread cancelling([&] {
    while (internet.called().empty()) std::this_thread::yield();
    source.request_stop();
  });
  CHECK_THROWS_WITH_AS(
      chain.search({.query = "x"}, "", Deadline(std::chrono::seconds(20), source.get_token())),
      "The call was cancelled.", Failure);
}

TEST_CASE("with nobody else to ask, a call waits as long as it was told to, and is made again") {
  TestInternet internet;
  std::atomic<int> calls = 0;
  internet.serve("api.search.brave.com", [&](const auto&) {
    if (++calls == 1) return answer(429, "", "", {{"retry-after", "1"}});
    return answer(200, "",
                  R"({"web": {"results": [{"title": "T", "url": "https://a.example/"}]}})");
  });
  auto web = internet.client();
  ProviderChain chain(web);
  chain.add(make_brave("KEY"), {.calls_per_second = 1'000});
  CHECK(status(chain.search({.query = "x"}, "", soon())) == "brave answered");
  CHECK(calls == 2);
}

TEST_CASE("200 searches at a time queue instead of failing") {
  TestInternet internet;
  internet.serve("api.tavily.com", [](const auto&) { return answer(200, "", two_hits); });
  auto web = internet.client();
  ProviderChain chain(web, {.queue = std::chrono::milliseconds(50)});
  chain.add(make_tavily("KEY"), {.calls_per_second = 400});
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 200; ++i) {
      threads.emplace_back([&] {
        const auto reports = chain.search({.query = "x"}, "", soon());
        if (reports.at(0).status == ProviderReport::Status::answered) ++answered;
      });
    }
  }
  CHECK(answered == 200);
  CHECK(internet.called().size() == 200);
}

TEST_CASE("an answer that is nested without end is refused") {
  TestInternet internet;
  internet.serve("api.exa.ai",
                 [](const auto&) { return answer(200, "", std::string(100'000, '[')); });
  auto web = internet.client();
  ProviderChain chain(web);
  chain.add(make_exa("KEY"));
  CHECK(status(chain.search({.query = "x"}, "", soon())) ==
        "exa failed (its answer is nested too deeply)");
}

TEST_CASE("a result is no longer than one") {
  const std::string endless(500'000, '<');
  std::string tags;
  while (tags.size() < 500'000) tags += "<a";
  const Json body = {{"results",
                      {{{"title", tags}, {"url", "http://a.example/"}, {"content", endless}},
                       {{"title", "x"}, {"url", "http://a.example/" + std::string(3'000, 'x')}}}}};
  const auto hits = make_searxng("http://s.example")->read(body);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].title.size() <= 500);
  CHECK(hits[0].snippet.size() <= 2'000);
}

TEST_CASE("domains go to the services in their own words") {
  const WebQuery query{
      .query = "x", .domains = {"a.example", "b.example"}, .without_domains = {"c.example"}};
  CHECK(make_kagi("KEY")->request(query).url ==
        "https://kagi.com/api/v0/search?q=x%20site%3Aa.example%20OR%20site%3Ab.example%20-site%3A"
        "c.example&limit=10");
  const Json tavily = Json::parse(make_tavily("KEY")->request(query).body);
  CHECK(tavily["include_domains"] == Json::array({"a.example", "b.example"}));
  CHECK(tavily["exclude_domains"] == Json::array({"c.example"}));
}

TEST_CASE("the environment sets services up, and people their order") {
  const auto environment = [](const char* name) {
    const std::string variable = name;
    if (variable == "BRAVE_API_KEY") return std::string("B");
    if (variable == "SEARXNG_URL") return std::string("http://127.0.0.1:8888/");
    if (variable == "WEBSEARCH_GATEWAY_URL") return std::string("https://g.example/llm");
    return std::string();
  };
  const auto providers = providers_of(environment);
  std::string names;
  for (const auto& each : providers) names += each.name + " ";
  CHECK(names == "searxng brave gateway ");
  CHECK(make_provider(providers[0])->request({.query = "x"}).url ==
        "http://127.0.0.1:8888/search?q=x&format=json&pageno=1");
  CHECK(make_provider(providers[2])->request({.query = "x"}).url ==
        "https://g.example/llm/v1/search/web");
  CHECK(in_order(providers, {"gateway", "brave"}).at(0).name == "gateway");
  CHECK_THROWS_AS(in_order(providers, {"kagi"}), Failure);
  CHECK_THROWS_AS(make_provider({.name = "searxng", .base = "file:///etc"}), Failure);
  CHECK_THROWS_AS(make_provider({.name = "bing"}), Failure);
}

TEST_CASE("calls wait for their turn, and a queue that is too long is said") {
  int left = 4;
  ProviderGate gate({.calls_per_second = 2, .calls_per_day = 4},
                    [&left] { return left > 0 && left-- > 0; });
  const ProviderGate::Time now{std::chrono::hours(1000)};
  const std::chrono::milliseconds patience(1'000);
  CHECK(gate.admit(now, patience).wait == std::chrono::milliseconds(0));
  CHECK(gate.admit(now, patience).wait == std::chrono::milliseconds(500));
  CHECK(gate.admit(now, patience).wait == std::chrono::milliseconds(1'000));
  CHECK(gate.admit(now, patience).reason == "its queue is 2 s long");
  CHECK(gate.admit(now + std::chrono::seconds(5), patience).admitted);
  CHECK(gate.admit(now + std::chrono::seconds(9), patience).reason ==
        "its 4 calls of today are used up");
}

TEST_CASE("calls of today stay counted over restarts, and are shared by those on the same file") {
  const Folder folder;
  std::int64_t now = 1'000'000;
  const auto clock = [&now] { return now; };
  {
    StoreFile file(folder.path() + "/index.db");
    DailyCalls calls(file, clock);
    CHECK(calls.take("brave", 2));
    now += 86'399;
    CHECK(calls.take("brave", 2));
    CHECK_FALSE(calls.take("brave", 2));
    CHECK(calls.take("kagi", 2));
  }
  StoreFile file(folder.path() + "/index.db");
  DailyCalls calls(file, clock);
  StoreFile same_file(folder.path() + "/index.db");
  DailyCalls others(same_file, clock);
  CHECK_FALSE(calls.take("brave", 2));
  CHECK(calls.take("brave", 3));
  CHECK_FALSE(others.take("brave", 3));
  // A clock that is set back gives no new ones, a day that ends does.
  now -= 86'399 + 3'600;
  CHECK_FALSE(calls.take("brave", 3));
  now += 86'400 + 3'600;
  CHECK(calls.take("brave", 1));
  CHECK_FALSE(others.take("brave", 1));
}

TEST_CASE("a server that is started again does not ask a service beyond its day") {
  const Folder folder;
  TestInternet internet;
  int asked = 0;
  internet.serve("s.example", [&asked](const auto&) {
    ++asked;
    return answer(200, "", R"({"results": []})");
  });
  Options options;
  options.index_file = folder.path() + "/index.db";
  options.providers = {{.name = "searxng", .base = "http://s.example"}};
  options.providers.front().limits.calls_per_day = 2;
  std::string reason;
  for (int start = 0; start < 2; ++start) {
    Client client(internet, options);
    for (int i = 0; i < 2; ++i) {
      const Json result = client.call("search", {{"query", "x"}, {"provider", "searxng"}});
      reason = result["structuredContent"]["providers"][0].value("reason", "");
    }
    CHECK(asked == 2);
    CHECK(reason == (start == 0 ? "" : "its 2 calls of today are used up"));
  }
}

TEST_CASE("after five failures it is closed, then three calls try") {
  ProviderGate gate({.calls_per_second = 1'000});
  const ProviderGate::Time now{std::chrono::hours(1000)};
  const std::chrono::milliseconds patience(1'000);
  const auto early = gate.admit(now, patience);
  for (int i = 0; i < 5; ++i) {
    const auto call = gate.admit(now, patience);
    REQUIRE(call.admitted);
    gate.failed(call, now);
  }
  CHECK_FALSE(gate.admit(now + std::chrono::seconds(29), patience).admitted);
  const auto later = now + std::chrono::seconds(30);
  std::vector<ProviderGate::Admission> probes;
  for (int i = 0; i < 3; ++i) probes.push_back(gate.admit(later, patience));
  for (const auto& probe : probes) CHECK(probe.admitted);
  CHECK(gate.admit(later, patience).reason ==
        "it failed before, and is being tried by other calls");
  gate.succeeded(early);  // says nothing of now
  gate.succeeded(probes[0]);
  gate.succeeded(probes[1]);
  CHECK_FALSE(gate.admit(later, patience).admitted);
  gate.succeeded(probes[2]);
  const auto open = gate.admit(later, patience);
  CHECK(open.admitted);
  gate.succeeded(open);
  for (int i = 0; i < 5; ++i) gate.failed(open, later);
  const auto again = later + std::chrono::seconds(30);
  const auto probe = gate.admit(again, patience);
  CHECK(probe.admitted);
  gate.failed(probe, again);
  CHECK_FALSE(gate.admit(again, patience).admitted);
}

TEST_CASE("a probe that was cancelled may be made by another call") {
  ProviderGate gate({.calls_per_second = 1'000, .failures = 1, .probes = 1});
  const ProviderGate::Time now{std::chrono::hours(1000)};
  gate.failed(gate.admit(now, std::chrono::seconds(1)), now);
  const auto later = now + std::chrono::seconds(30);
  const auto probe = gate.admit(later, std::chrono::seconds(1));
  CHECK_FALSE(gate.admit(later, std::chrono::seconds(1)).admitted);
  gate.abandoned(probe);
  CHECK(gate.admit(later, std::chrono::seconds(1)).admitted);
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
