#include "tests/websearch/client.h"
#include "tests/websearch/folder.h"

using namespace fairlead::websearch;
using namespace fairlead::websearch::testing;
using mcp::Json;

namespace {

Options reading(const Folder& folder) {
  Options options;
  options.ingest_folders = {folder.path()};
  return options;
}

}  // namespace

TEST_CASE("what was fetched is found, without a network") {
  TestInternet internet;
  internet.serve("a.example", [](const mcp::outbound::HttpRequest& request) {
    if (request.url.ends_with("robots.txt")) return answer(404, "", "");
    return answer(200, "text/html",
                  "<title>Harbour</title><p>The harbour was built in the year of the flood.");
  });
  Client client(internet);
  client.call("fetch", {{"url", "http://a.example/h"}});
  const std::size_t calls = internet.called().size();
  const Json result = client.call("search_web", {{"query", "harbour flood"}});
  const std::string text = result["content"][0]["text"];
  CHECK(text.find("\n### Harbour\nThe **harbour** was built in the year of the **flood**.\n"
                  "Link: http://a.example/h\n") != std::string::npos);
  const Json& structured = result["structuredContent"];
  CHECK(structured["results"][0]["url"] == "http://a.example/h");
  CHECK(structured["results"][0]["sources"] == Json::array({"local"}));
  CHECK(structured["providers"] ==
        Json::array({{{"name", "local"}, {"status", "answered"}, {"results", 1}}}));
  CHECK(structured["more"] == false);
  CHECK(internet.called().size() == calls);
  const std::string document = structured["results"][0]["document"];
  CHECK(client.ask("resources/read", {{"uri", document}})["result"]["contents"][0]["text"] ==
        "Harbour\nhttp://a.example/h\n\nThe harbour was built in the year of the flood.");
}

TEST_CASE("no results are an answer of their own") {
  TestInternet internet;
  Client client(internet);
  CHECK(
      client.text("search", {{"query", "x"}}) ==
      "No results for \"x\". The local index, which holds 0 documents, has nothing of it. Fill it "
      "with fetch and ingest.");
  CHECK(client.call("search", {{"query", ""}})["isError"] == true);
  CHECK(client.call("search", {{"query", "x"}, {"freshness", "soon"}})["isError"] == true);
}

TEST_CASE("hits are joined by lines, and pages go on") {
  const Folder folder;
  for (const char* name : {"a", "b", "c"})
    folder.write(std::string(name) + ".md", "# Same\n\nword");
  TestInternet internet;
  Client client(internet, reading(folder));
  client.call("ingest", {{"path", folder.path()}});
  const std::string text = client.text("search_web", {{"query", "word"}, {"max_results", 2}});
  CHECK(text.find("a.md\n---\n### Same\n") != std::string::npos);
  const Json second = client.call("search", {{"query", "word"}, {"count", 2}, {"page", 2}});
  CHECK(second["structuredContent"]["results"].size() == 1);
}

TEST_CASE("what services find is merged with the local index, and it is said who found it") {
  const Folder folder;
  folder.write("a.md", "# Local\n\nanchors");
  TestInternet internet;
  internet.serve("s.example", [](const auto&) {
    return answer(
        200, "application/json",
        R"({"results": [{"title": "Web", "url": "https://w.example/x", "content": "an anchor"},
                                  {"title": "No", "url": "https://no.example/x", "content": "anchor"}]})");
  });
  internet.serve("api.search.brave.com", [](const auto&) { return answer(403, "", ""); });
  Options options = reading(folder);
  options.providers = {{.name = "brave", .key = "SECRETKEY"},
                       {.name = "searxng", .base = "http://s.example"}};
  Client client(internet, options);
  client.call("ingest", {{"path", "."}});
  const Json result = client.call(
      "search", {{"query", "anchor"}, {"exclude_domains", Json::array({"no.example"})}});
  const Json& structured = result["structuredContent"];
  REQUIRE(structured["results"].size() == 2);
  CHECK(structured["results"][0]["title"] == "Local");
  CHECK(structured["results"][1]["title"] == "Web");
  CHECK(structured["results"][1]["sources"] == Json::array({"searxng"}));
  CHECK(structured["providers"] ==
        Json::array({{{"name", "local"}, {"status", "answered"}, {"results", 1}},
                     {{"name", "brave"},
                      {"status", "failed"},
                      {"reason", "it answered 403: its key is not accepted"}},
                     {{"name", "searxng"}, {"status", "answered"}, {"results", 1}}}));
  CHECK(std::string(result["content"][0]["text"])
            .ends_with("\nNot complete: brave failed (it answered 403: its key is not accepted)."));
  CHECK(result.dump().find("SECRETKEY") == std::string::npos);
  const Json local = client.call("search", {{"query", "anchor"}, {"provider", "local"}});
  CHECK(local["structuredContent"]["providers"].size() == 1);
  CHECK(client.call("search", {{"query", "anchor"}, {"provider", "none"}})["isError"] == true);
}

TEST_CASE("nothing found and nobody to ask are different answers") {
  TestInternet internet;
  internet.serve("s.example", [](const mcp::outbound::HttpRequest& request) {
    if (request.url.find("blocked") != std::string::npos)
      return answer(429, "", "", {{"retry-after", "600"}});
    return answer(200, "application/json", R"({"results": []})");
  });
  Options options;
  options.providers = {{.name = "searxng", .base = "http://s.example"}};
  Client client(internet, options);
  CHECK(client.text("search_web", {{"query", "x"}}) ==
        "No results for \"x\". Asked: searxng. The local index, which holds 0 documents, has "
        "nothing of it. Fill it with fetch and ingest.");
  CHECK(client.text("search_web", {{"query", "blocked"}}) ==
        "The web could not be searched for \"blocked\": searxng failed (it has had too many calls "
        "(429)). The local index, which holds 0 documents, has nothing of it. Fill it with fetch "
        "and ingest.");
  CHECK(client.text("search", {{"query", "x"}, {"provider", "searxng"}}) ==
        "The web could not be searched for \"x\": not asked: searxng (it asked for no calls for "
        "another 600 s).");
}

TEST_CASE("a folder is ingested, and only what may be read") {
  const Folder folder;
  folder.write("in/guide.md", "# Guide\n\nanchors and chains");
  folder.write("in/page.html", "<title>Page</title><p>ropes of hemp, twisted by hand");
  folder.write("in/notes.txt", "lanterns");
  folder.write("in/.hidden/x.md", "hiddenword");
  folder.write("in/picture.png", "\x89PNG");
  folder.write("out/secret.md", "secretword");
  std::filesystem::create_symlink(folder / "out", folder / "in/link");
  Options options;
  options.ingest_folders = {folder / "in"};
  TestInternet internet;
  Client client(internet, options);
  const Json done = client.call("ingest", {{"path", "."}})["structuredContent"];
  CHECK(done == Json{{"source", folder / "in"}, {"read", 3}, {"changed", 3}, {"left_out", 1}});
  CHECK(client.call("search", {{"query", "chains"}})["structuredContent"]["results"][0]["title"] ==
        "Guide");
  CHECK(client.call("search", {{"query", "hemp"}})["structuredContent"]["results"][0]["url"] ==
        "file://" + (folder / "in/page.html"));
  for (const char* word : {"hiddenword", "secretword"}) {
    CHECK(client.call("search", {{"query", word}})["structuredContent"]["results"].empty());
  }
  for (const std::string& path : {folder / "out", folder / "in/link", std::string("../out"),
                                  std::string("/etc/passwd"), std::string("none")}) {
    CAPTURE(path);
    const Json refused = client.call("ingest", {{"path", path}});
    CHECK(refused["isError"] == true);
  }
  CHECK(client.call("ingest", {{"path", "."}})["structuredContent"]["changed"] == 0);
}

TEST_CASE("without a folder that is allowed none is read") {
  TestInternet internet;
  Client client(internet);
  CHECK(client.text("ingest", {{"path", "/"}})
            .starts_with("No folder may be read: start the "
                         "server with --ingest-dir"));
  CHECK(client.text("ingest", Json::object()) == "Give either path or url.");
}

TEST_CASE("feeds and sitemaps are ingested from the web") {
  TestInternet internet;
  internet.serve("a.example", [](const mcp::outbound::HttpRequest& request) {
    if (request.url.ends_with("robots.txt")) {
      return answer(200, "text/plain", "User-agent: *\nDisallow: /no");
    }
    if (request.url.ends_with("/feed")) {
      return answer(200, "application/rss+xml",
                    "<rss><channel><title>News</title><item><title>One</title><link>/1</link>"
                    "<description>lighthouse</description><pubDate>Fri, 02 Jan 2026 10:00:00 GMT"
                    "</pubDate></item></channel></rss>");
    }
    if (request.url.ends_with("/sitemap.xml")) {
      return answer(200, "application/xml",
                    "<urlset><url><loc>http://a.example/p1</loc></url><url><loc>/no</loc></url>"
                    "<url><loc>/p3</loc></url></urlset>");
    }
    return answer(200, "text/html", "<title>" + request.url + "</title><p>buoys");
  });
  Client client(internet);
  CHECK(client.call("ingest", {{"url", "http://a.example/feed"}})["structuredContent"]["read"] ==
        1);
  const Json entry =
      client.call("search", {{"query", "lighthouse"}})["structuredContent"]["results"][0];
  CHECK(entry["url"] == "http://a.example/1");
  CHECK(entry["published"] == "2026-01-02");
  const Json first = client.call(
      "ingest", {{"url", "http://a.example/sitemap.xml"}, {"max_pages", 2}})["structuredContent"];
  CHECK(first["read"] == 1);
  CHECK(first["left_out"] == 1);
  CHECK(first["cursor"] == "2");
  const Json rest = client.call(
      "ingest", {{"url", "http://a.example/sitemap.xml"}, {"cursor", "2"}})["structuredContent"];
  CHECK(rest["read"] == 1);
  CHECK_FALSE(rest.contains("cursor"));
  CHECK(client.call("search", {{"query", "buoys"}})["structuredContent"]["results"].size() == 2);
  const Json sources = client.call("list_sources", Json::object())["structuredContent"]["sources"];
  CHECK(sources.size() == 2);
  CHECK(sources[0]["kind"] == "feed");
  CHECK(sources[1]["documents"] == 2);
}

TEST_CASE("documents are forgotten by exactly one description") {
  const Folder folder;
  folder.write("a.md", "word");
  TestInternet internet;
  Client client(internet, reading(folder));
  client.call("ingest", {{"path", "."}});
  CHECK(client.call("forget", Json::object())["isError"] == true);
  CHECK(client.call("forget", {{"everything", true}, {"domain", "a.example"}})["isError"] == true);
  CHECK(client.text("forget", {{"source", folder.path()}}) == "Forgot 1 documents.");
  CHECK(client.text("list_sources", Json::object()) == "The index is empty.");
}

TEST_CASE("everything is forgotten only when that is confirmed") {
  const Folder folder;
  folder.write("a.md", "word");
  TestInternet internet;
  Client client(internet, reading(folder));
  client.call("ingest", {{"path", "."}});
  const std::string asked = client.text("forget", {{"everything", true}});
  CHECK(asked.find("Forget all 1 documents of the index") != std::string::npos);
  CHECK(client.text("list_sources", Json::object()).find("1 documents") != std::string::npos);
  const std::size_t token = asked.find("confirm_token \"") + 15;
  CHECK(client.text("forget",
                    {{"everything", true},
                     {"confirm_token", asked.substr(token, asked.find('"', token) - token)}}) ==
        "Forgot 1 documents.");
  CHECK(client.text("list_sources", Json::object()) == "The index is empty.");
}

TEST_CASE("Markdown has its title from its front matter or its first heading") {
  const Folder folder;
  folder.write("a.md",
               "---\ntitle: Tides\ndate: 2026-01-02\nlang: en\n---\n\n## Ebb\n\nwater falls");
  folder.write("b.md", "# Moon\n\nit pulls the water");
  folder.write("c.md", "---\n: [ no front matter\n---\nwater boils");
  TestInternet internet;
  Client client(internet, reading(folder));
  client.call("ingest", {{"path", "."}});
  const auto hit = [&](const char* query) {
    return client.call("search", {{"query", query}})["structuredContent"]["results"][0];
  };
  CHECK(hit("falls")["title"] == "Tides");
  CHECK(hit("falls")["snippet"] == "Ebb water **falls**");
  CHECK(hit("falls")["published"] == "2026-01-02");
  CHECK(hit("pulls")["title"] == "Moon");
  CHECK(hit("boils")["url"] == "file://" + (folder / "c.md"));
}

TEST_CASE("hosts are completed, and a domain's documents are listed") {
  TestInternet internet;
  for (const char* host : {"docs.a.example", "b.example"}) {
    internet.serve(host, [](const mcp::outbound::HttpRequest& request) {
      return request.url.ends_with("robots.txt") ? answer(404, "", "")
                                                 : answer(200, "text/plain", "Title line\nwords");
    });
  }
  Client client(internet);
  client.call("fetch", {{"url", "http://docs.a.example/x"}});
  client.call("fetch", {{"url", "http://b.example/y"}});
  const Json completed =
      client.ask("completion/complete",
                 {{"ref", {{"type", "ref/resource"}, {"uri", "websearch://domains/{domain}"}}},
                  {"argument", {{"name", "domain"}, {"value", "do"}}}});
  CHECK(completed["result"]["completion"]["values"] == Json::array({"docs.a.example"}));
  CHECK(client.ask("resources/read",
                   {{"uri", "websearch://domains/a.example"}})["result"]["contents"][0]["text"] ==
        "Title line\nhttp://docs.a.example/x\n\n");
  CHECK(client.ask("resources/read", {{"uri", "websearch://documents/999"}}).contains("error"));
  CHECK(client.ask("resources/read", {{"uri", "websearch://documents/x"}}).contains("error"));
}
