#include "servers/filesystem/remembered_names.h"

#include <sys/stat.h>
#include <time.h>

#include <set>

#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

struct Reader {
  Folder folder;
  Sandbox sandbox = folder.sandbox();
  Watch watch = no_hurry();

  RememberedNames::Page page(RememberedNames& remembered, const std::string& after,
                             std::size_t count) const {
    return remembered.page(open_directory(sandbox.find(".")), after, count, watch);
  }
};

std::int64_t in_an_hour() {
  return ::time(nullptr) + 3'600;
}

std::vector<std::string> texts(const RememberedNames::Page& page) {
  std::vector<std::string> all;
  for (std::size_t at = page.first; at < page.names->size(); ++at) {
    all.emplace_back((*page.names)[at].text);
  }
  return all;
}

}  // namespace

TEST_CASE("what was listed is not read again as long as it has not changed") {
  Reader reader;
  for (const char* name : {"b", "a", "d", "c"}) reader.folder.write(name, "");
  RememberedNames remembered(100, in_an_hour);
  const auto first = reader.page(remembered, "", 2);
  CHECK(texts(first) == std::vector<std::string>{"a", "b", "c", "d"});
  const auto second = reader.page(remembered, "b", 2);
  CHECK(texts(second) == std::vector<std::string>{"c", "d"});
  CHECK(second.names == first.names);

  // Any change, also one that leaves as many names.
  struct stat before {};
  struct stat now {};
  REQUIRE(::stat(reader.folder.inside().c_str(), &before) == 0);
  do {  // as soon as the clock has moved on
    reader.folder.write("e", "");
    std::filesystem::remove(reader.folder.inside("e"));
    REQUIRE(::stat(reader.folder.inside().c_str(), &now) == 0);
  } while (before.st_mtim.tv_nsec == now.st_mtim.tv_nsec);
  std::filesystem::rename(reader.folder.inside("c"), reader.folder.inside("z"));
  const auto third = reader.page(remembered, "b", 2);
  CHECK(third.names != first.names);
  CHECK(texts(third) == std::vector<std::string>{"d", "z"});
}

TEST_CASE("a directory that was changed just now is read each time") {
  Reader reader;
  reader.folder.write("a", "");
  RememberedNames remembered;
  const auto first = reader.page(remembered, "", 10);
  CHECK(reader.page(remembered, "", 10).names != first.names);
}

TEST_CASE("pages of a large directory come from one reading and miss no name") {
  Reader reader;
  std::vector<std::string> all;
  for (int i = 1'000; i < 1'250; ++i) {
    all.push_back("entry-" + std::to_string(i));
    reader.folder.write(all.back(), "");
  }
  RememberedNames remembered(100, in_an_hour);
  std::vector<std::string> seen;
  std::set<std::shared_ptr<const DirectoryNames>> readings;
  for (;;) {
    const auto page = reader.page(remembered, seen.empty() ? "" : seen.back(), 10);
    readings.insert(page.names);
    const auto names = texts(page);
    if (names.empty()) break;
    seen.insert(
        seen.end(), names.begin(),
        names.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(names.size(), 10)));
  }
  CHECK(seen == all);
  CHECK(readings.size() == 3);
}

TEST_CASE("names are sorted by their bytes, whatever they begin with") {
  DirectoryNames names;
  const std::vector<std::string> sorted = {
      "A", "a", "a-long-name-1", "a-long-name-10", "a-long-name-2", "ab", "b", "\xc3\xa4", "\xff"};
  for (auto name = sorted.rbegin(); name != sorted.rend(); ++name) names.add(*name, Kind::file);
  names.sort(no_hurry());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < names.size(); ++i) out.emplace_back(names[i].text);
  CHECK(out == sorted);
  CHECK(names.after("a", false) == 2);
  CHECK(names.after("a", true) == 1);
  CHECK(names.after("zz", true) == 7);
  names.keep_first(3);
  CHECK(names.last() == "a-long-name-1");
}
