#include <doctest/doctest.h>

#include "servers/websearch/feed.h"
#include "servers/websearch/xml_reader.h"

using namespace fairlead::websearch;

TEST_CASE("an RSS feed is read") {
  const std::string rss =
      "\xEF\xBB\xBF<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x 'y'>]><rss version=\"2.0\" "
      "xmlns:dc=\"d\" xmlns:content=\"c\"><channel><title>News &amp; more</title>"
      "<link>https://a.example/</link><item><title><![CDATA[One <b>]]></title><link>/1</link>"
      "<pubDate>Mon, 02 Jan 2026 10:00:00 GMT</pubDate><dc:creator>Ada</dc:creator>"
      "<description>short</description><content:encoded><![CDATA[<p>The <b>whole</b> text</p>]]>"
      "</content:encoded></item><item><title>Two</title><guid>https://a.example/2</guid></item>"
      "</channel></rss>";
  REQUIRE(is_feed(rss));
  const Feed feed = parse_feed(rss, "https://a.example/feed.xml");
  CHECK(feed.title == "News & more");
  REQUIRE(feed.entries.size() == 2);
  CHECK(feed.entries[0].title == "One <b>");
  CHECK(feed.entries[0].url == "https://a.example/1");
  CHECK(feed.entries[0].published == "Mon, 02 Jan 2026 10:00:00 GMT");
  CHECK(feed.entries[0].author == "Ada");
  CHECK(feed.entries[0].html == "<p>The <b>whole</b> text</p>");
  CHECK(feed.entries[1].url == "https://a.example/2");
  CHECK(to_markdown(feed) ==
        "# News & more\n\n## [One <b>](https://a.example/1)\n\nMon, 02 Jan 2026 10:00:00 GMT · Ada"
        "\n\nThe **whole** text\n\n## [Two](https://a.example/2)\n");
}

TEST_CASE("an Atom feed is read") {
  const std::string atom =
      "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><title>E</title>"
      "<link rel='self' href='/self'/><link href='/e'/><updated>2026-01-02</updated>"
      "<author><name>Bo</name></author><summary>s &lt;i&gt;x&lt;/i&gt;</summary></entry></feed>";
  REQUIRE(is_feed(atom));
  const Feed feed = parse_feed(atom, "https://a.example/");
  REQUIRE(feed.entries.size() == 1);
  CHECK(feed.entries[0].url == "https://a.example/e");
  CHECK(feed.entries[0].published == "2026-01-02");
  CHECK(feed.entries[0].author == "Bo");
  CHECK(feed.entries[0].html == "s <i>x</i>");
}

TEST_CASE("sitemaps list pages and further sitemaps") {
  CHECK(is_sitemap("<urlset><url><loc>x</loc></url></urlset>"));
  CHECK_FALSE(is_sitemap("<html><body>"));
  const auto map = parse_sitemap(
      "<urlset><url><loc> https://a.example/1?a=1&amp;b=2 </loc></url><url><loc>/2</loc>"
      "<image:image><image:loc>/i.png</image:loc></image:image></url></urlset>",
      "https://a.example/sitemap.xml");
  CHECK(map.pages[0] == "https://a.example/1?a=1&b=2");
  CHECK(map.pages[1] == "https://a.example/2");
  const auto index = parse_sitemap(
      "<sitemapindex><sitemap><loc>https://a.example/s1.xml</loc></sitemap></sitemapindex>",
      "https://a.example/");
  CHECK(index.pages.empty());
  CHECK(index.sitemaps == std::vector<std::string>{"https://a.example/s1.xml"});
}

TEST_CASE("malformed XML is taken as it comes, and opens nothing") {
  CHECK_FALSE(is_feed(""));
  CHECK_FALSE(is_feed("hello <rss>"));
  CHECK(parse_feed("<rss><item><title>cut", "https://a.example/").entries.empty());
  CHECK(
      parse_feed("<rss><item><title>a</title></item><item", "https://a.example/").entries.size() ==
      1);
  std::string deep;
  for (int i = 0; i < 300'000; ++i) deep += "<a>";
  CHECK(parse_feed(deep, "https://a.example/").entries.empty());
  CHECK(decode_references("&amp;&#65;&#x42;&none;&#xFFFFFFFF;& a") == "&AB&none;\uFFFD& a");
}

TEST_CASE("an address of a byte can't stand for thousands") {
  const std::string base = "http://a.example/" + std::string(7'000, 'x') + "/";
  CHECK(
      parse_sitemap("<urlset><url><loc>a</loc></url><url><loc>http://a.example/b</loc></url>", base)
          .pages == std::vector<std::string>{"http://a.example/b"});
  const Feed feed = parse_feed(
      "<rss><item><title>" + std::string(9'000, 'x') + "</title><link>a</link></item></rss>", base);
  REQUIRE(feed.entries.size() == 1);
  CHECK(feed.entries[0].url.empty());
  CHECK(feed.entries[0].title.size() == 1'000);
}
