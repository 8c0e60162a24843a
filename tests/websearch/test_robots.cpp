#include <doctest/doctest.h>

#include "servers/websearch/robots.h"

using fairlead::websearch::RobotsCache;
using fairlead::websearch::RobotsRules;

namespace {
RobotsRules rules(const char* text) {
  return RobotsRules::parse(text, "mcp-server-websearch");
}
}  // namespace

TEST_CASE("the longest rule decides, and allow wins a tie") {
  const auto each =
      rules("User-Agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /c$\nAllow: /d\nDisallow: /d");
  CHECK_FALSE(each.allows("/a"));
  CHECK_FALSE(each.allows("/ax"));
  CHECK(each.allows("/a/b/c"));
  CHECK_FALSE(each.allows("/c"));
  CHECK(each.allows("/cd"));
  CHECK(each.allows("/d"));
  CHECK(each.allows("/"));
}

TEST_CASE("stars stand for anything") {
  const auto each = rules("user-agent: *\ndisallow: /*.pdf$\ndisallow: /x/*/y\ndisallow: /*?s=");
  CHECK_FALSE(each.allows("/a/b.pdf"));
  CHECK(each.allows("/a/b.pdf?x"));
  CHECK_FALSE(each.allows("/x/1/2/y/z"));
  CHECK(each.allows("/x/y"));
  CHECK_FALSE(each.allows("/q?s=1"));
  CHECK_FALSE(rules("User-agent: *\nDisallow: /a*b*c$").allows("/a-b-b-c"));
  CHECK(rules("User-agent: *\nDisallow: /a*b*c$").allows("/a-b-c-d"));
}

TEST_CASE("a group that names us goes before the one for everybody") {
  const auto each = rules(
      "User-agent: *\nDisallow: /\n\nUser-agent: Other\nUser-agent: MCP-Server-WebSearch/2\n"
      "Disallow: /no\nCrawl-delay: 2.5\n\nSitemap: https://a.example/map.xml");
  CHECK(each.allows("/x"));
  CHECK_FALSE(each.allows("/no"));
  CHECK(each.delay() == std::chrono::milliseconds(2500));
  CHECK(each.sitemaps() == std::vector<std::string>{"https://a.example/map.xml"});
  CHECK(rules("User-agent: other\nDisallow: /").allows("/x"));
}

TEST_CASE("encodings, comments and odd files are understood") {
  CHECK_FALSE(
      rules("\xEF\xBB\xBFUser-agent: * # all\r\nDisallow: /a%7eb # x\r\n").allows("/a~b/c"));
  CHECK_FALSE(rules("User-agent: *\nDisallow: /ä").allows("/%C3%A4"));
  CHECK(rules("User-agent: *\nDisallow:\n").allows("/x"));
  CHECK(rules("<html>not found</html>").allows("/x"));
  CHECK(rules("Disallow: /").allows("/x"));  // of no group
  CHECK(rules("User-agent: *\nDisallow: /").allows("/robots.txt"));
  CHECK(rules("User-agent: *\nCrawl-delay: 99999").delay() == std::chrono::seconds(30));
}

TEST_CASE("a robots.txt is read up to 500 KiB, 5,000 rules and 100 sitemaps") {
  const std::string begin = "User-agent: *\nDisallow: /early\n";
  const std::string filler = "# " + std::string(500 * 1024 - begin.size() - 3, 'x') + "\n";
  const std::string late = "Disallow: /late\n";
  CHECK_FALSE(rules((begin + filler.substr(0, 1000) + "\n" + late).c_str()).allows("/late"));
  const auto cut = rules((begin + filler + late).c_str());
  CHECK_FALSE(cut.allows("/early"));
  CHECK(cut.allows("/late"));
  std::string many = "User-agent: *\n";
  for (int i = 0; i < 5'001; ++i) many += "Disallow: /" + std::to_string(10'000 + i) + "$\n";
  for (int i = 0; i < 101; ++i) many += "Sitemap: http://a.example/" + std::to_string(i) + "\n";
  const auto bounded = rules(many.c_str());
  CHECK_FALSE(bounded.allows("/14999"));
  CHECK(bounded.allows("/15000"));
  CHECK(bounded.sitemaps().size() == 100);
}

TEST_CASE("rules are kept for a day, failures for five minutes") {
  RobotsCache cache;
  const RobotsCache::Clock::time_point now{std::chrono::hours(100)};
  cache.keep("https://a.example", RobotsRules::all(false), false, now);
  cache.keep("https://b.example", RobotsRules::all(false), true, now);
  CHECK(cache.find("https://a.example", now + std::chrono::hours(23)).has_value());
  CHECK_FALSE(cache.find("https://a.example", now + std::chrono::hours(24)).has_value());
  CHECK(cache.find("https://b.example", now + std::chrono::minutes(4)).has_value());
  CHECK_FALSE(cache.find("https://b.example", now + std::chrono::minutes(5)).has_value());
  CHECK_FALSE(cache.find("https://c.example", now).has_value());
}
