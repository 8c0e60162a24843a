#include "servers/websearch/index.h"

#include <thread>

#include "servers/websearch/failure.h"
#include "servers/websearch/index_query.h"
#include "servers/websearch/packed_text.h"
#include "tests/websearch/folder.h"

using namespace fairlead::websearch;
using namespace fairlead::websearch::testing;

namespace {

constexpr std::int64_t now = 1'790'000'000;

/// An index, and what a search finds in it: titles, joined by ", ".
struct Library {
  explicit Library(const std::string& path = {}) : file(path), index(file) {}

  void add(std::vector<IndexedDocument> documents) {
    index.add(index.source("test", "folder", "Test"), documents, now);
  }
  std::string find(const std::string& query, const IndexFilter& filter = {}, std::size_t offset = 0,
                   std::size_t count = 10) {
    std::string out;
    for (const auto& hit :
         index.search(query, filter, offset, count, Deadline(std::chrono::seconds(20))).hits) {
      out += (out.empty() ? "" : ", ") + hit.title;
    }
    return out;
  }

  StoreFile file;
  Index index;
};

IndexedDocument page(const std::string& title, const std::string& body,
                     const std::string& host = "a.example") {
  return {.url = "https://" + host + "/" + title, .title = title, .body = body};
}

std::string bytes_of(const Folder& folder) {
  std::string out;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::ifstream in(entry.path(), std::ios::binary);
    out.append(std::istreambuf_iterator<char>(in), {});
  }
  return out;
}

}  // namespace

TEST_CASE("words are found in any form, without accents and letter case") {
  Library library;
  library.add({page("one", "The harbours were built in Zürich."), page("two", "A boat.")});
  CHECK(library.find("HARBOUR") == "one");
  CHECK(library.find("zurich building") == "one");
  CHECK(library.find("nothing") == "");
  CHECK(library.find("the") == "one");
}

TEST_CASE("a word in the title counts more than one in the text") {
  Library library;
  library.add({page("first", "anchor " + std::string(40, 'x')),
               page("anchor", "text " + std::string(40, 'x'))});
  CHECK(library.find("anchor") == "anchor, first");
  CHECK(library.find("title:anchor") == "anchor");
}

TEST_CASE("documents with all words come before those with some") {
  Library library;
  library.add({page("red", "red red red red"), page("both", "red things and blue things and more"),
               page("blue", "blue")});
  CHECK(library.find("red blue").starts_with("both, "));
  CHECK(library.find("red blue").size() == std::string("both, red, blue").size());
  CHECK(library.find("red blue", {}, 0, 1) == "both");
  CHECK(library.find("red blue", {}, 1, 1) + library.find("red blue", {}, 2, 1) != "both");
  CHECK(library.find("red blue", {}, 3, 1) == "");
  CHECK(library.index.search("red blue", {}, 0, 2, Deadline(std::chrono::seconds(9))).more);
  CHECK_FALSE(library.index.search("red blue", {}, 0, 3, Deadline(std::chrono::seconds(9))).more);
}

TEST_CASE("phrases, beginnings and refusals") {
  Library library;
  library.add(
      {page("a", "the quick brown fox"), page("b", "brown the quick"), page("c", "quickest")});
  CHECK(library.find("\"quick brown\"") == "a");
  CHECK(library.find("quic*") == "c, b, a");
  CHECK(library.find("brown -fox") == "b");
}

TEST_CASE("Chinese, Japanese, Korean and Thai are found by any part of a sentence") {
  Library library;
  library.add({page("zh", "这座港口建于河流改道的那一年。"), page("ja", "港町の歴史を調べました。"),
               page("ko", "항구의 역사를 살펴봅니다."), page("th", "ประวัติศาสตร์ของท่าเรือ")});
  CHECK(library.find("港口") == "zh");
  CHECK(library.find("河流改道") == "zh");
  CHECK(library.find("河道") == "");
  CHECK(library.find("年") == "zh");
  CHECK(library.find("歴史") == "ja");
  CHECK(library.find("港") == "ja, zh");
  CHECK(library.find("역사") == "ko");
  CHECK(library.find("ท่าเรือ") == "th");
}

TEST_CASE("snippets show where the words are") {
  Library library;
  library.add({page(
      "a", std::string(2'000, 'x') + " before the anchor was raised " + std::string(2'000, 'y'))});
  const auto hits =
      library.index.search("anchor", {}, 0, 1, Deadline(std::chrono::seconds(9))).hits;
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].snippet.find("before the **anchor** was raised") != std::string::npos);
  library.add({page("b", "老城也随之迁移，没有人知道这是谁的主意。")});
  CHECK(library.index.search("谁的主意", {}, 0, 1, Deadline(std::chrono::seconds(9)))
            .hits.at(0)
            .snippet.find("**谁的**主意") != std::string::npos);
}

TEST_CASE("domains, languages and dates filter") {
  Library library;
  auto dated = page("dated", "anchor", "docs.b.example");
  dated.published = now - 86'400;
  dated.language = "en-GB";
  auto old = page("old", "anchor", "b.example");
  old.published = now - 400 * 86'400;
  old.language = "de";
  library.add({dated, old, page("other", "anchor", "notb.example")});
  CHECK(library.find("anchor", {.domains = {"b.example"}}).size() ==
        std::string("dated, old").size());
  CHECK(library.find("anchor", {.domains = {"docs.b.example"}}) == "dated");
  CHECK(library.find("anchor", {.without_domains = {"b.example"}}) == "other");
  CHECK(library.find("anchor", {.language = "en"}) == "dated");
  CHECK(library.find("anchor", {.domains = {"b.example"}, .since = now - 7 * 86'400}) == "dated");
}

TEST_CASE("whatever is asked is no syntax of the database") {
  Library library;
  library.add({page("a", "x AND y")});
  for (const char* query :
       {"",    " ",     "\"",    "\"\"",   "*",        "a*b*", "NEAR(a b)", "a AND",
        "OR",  "NOT x", "(",     "x:y",    "-",        "--",   "title:",    "title:\"",
        "{x}", "^x",    "x + y", "a'b;--", "\xFF\xFE", "x\0y", "😀"}) {
    CAPTURE(query);
    CHECK_NOTHROW(library.find(query));
  }
  CHECK_NOTHROW(library.find(std::string(100'000, 'x')));
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += "word" + std::to_string(i) + " ";
  CHECK_NOTHROW(library.find(many));
}

TEST_CASE("a page that is read again replaces itself") {
  Library library;
  library.add({page("a", "old words")});
  CHECK(library.index.add(library.index.source("test", "folder", "Test"), {page("a", "old words")},
                          now) == 0);
  library.add({page("a", "new words")});
  CHECK(library.find("old") == "");
  CHECK(library.find("new") == "a");
  CHECK(library.find("words") == "a");
}

TEST_CASE("what is forgotten is gone from the file, too") {
  const Folder folder;
  {
    Library library(folder / "index.db");
    library.add({page("a", "zanzibarsecret and other words"), page("b", "stays", "b.example")});
    REQUIRE(bytes_of(folder).find("zanzibarsecret") != std::string::npos);
    CHECK(library.index.forget({.url = "https://a.example/a?utm_source=x"}) == 1);
    CHECK(library.find("zanzibarsecret") == "");
    CHECK(library.find("stays") == "b");
    CHECK(bytes_of(folder).find("zanzibars") == std::string::npos);
    CHECK(library.index.forget({.domain = "b.example"}) == 1);
    CHECK(library.index.sources().empty());
  }
  CHECK(bytes_of(folder).find("zanzibars") == std::string::npos);
}

TEST_CASE("by source, by age, and everything") {
  Library library;
  library.add({page("a", "word"), page("b", "word")});
  library.index.add(library.index.source("other", "feed", "O"), {page("c", "word")}, now + 100);
  CHECK(library.index.sources().size() == 2);
  CHECK(library.index.sources()[0].documents == 2);
  CHECK(library.index.forget({.read_before = now + 1}) == 2);
  CHECK(library.find("word") == "c");
  CHECK(library.index.forget({.source = "other"}) == 1);
  library.add({page("a", "word")});
  CHECK(library.index.forget({.everything = true}) == 1);
  CHECK(library.index.forget({}) == 0);
}

TEST_CASE("several programs use one file at a time") {
  const Folder folder;
  Library one(folder / "index.db");
  Library two(folder / "index.db");
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&, n] {
      Library& mine = n % 2 == 0 ? one : two;
      for (int i = 0; i < 25; ++i) {
        mine.add({page("p" + std::to_string(n) + "-" + std::to_string(i), "shared words")});
        mine.index.search("shared", {}, 0, 3, Deadline(std::chrono::seconds(20)));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(one.index.sources().at(0).documents == 100);
  CHECK(two.index.search("shared", {}, 0, 200, Deadline(std::chrono::seconds(20))).hits.size() ==
        100);
}

TEST_CASE("texts are kept packed, and come out as they went in") {
  const std::string text = std::string(5'000, 'x') + " anchor";
  CHECK(packed(text).size() < 100);
  for (const std::string& each : {text, std::string("short"), std::string()}) {
    CHECK(unpacked(packed(each)) == each);
  }
  std::string wrong = packed(text);
  CHECK(unpacked(wrong.substr(0, wrong.size() - 1)).empty());
  wrong[4] = '\x7F';  // a length of gigabytes
  CHECK(unpacked(wrong).empty());
  CHECK(unpacked("\x07").empty());
  Library library;
  library.add({page("a", text)});
  CHECK(library.find("anchor") == "a");
  CHECK(library.index.document(1)->body == text);
}

TEST_CASE("a file of something else is refused") {
  const Folder folder;
  folder.write("index.db", "this is no database, and it is longer than a header of one is...");
  CHECK_THROWS_AS(StoreFile(folder / "index.db"), Failure);
}

TEST_CASE("an index is for its owner's eyes") {
  const Folder folder;
  const StoreFile file(folder / "index.db");
  CHECK((std::filesystem::status(folder / "index.db").permissions() &
         std::filesystem::perms(0077)) == std::filesystem::perms::none);
}
