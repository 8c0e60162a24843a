#include "servers/filesystem/glob.h"

#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

TEST_CASE("globs match relative paths") {
  const auto matches = [](const char* pattern, const char* path) {
    return Glob(pattern).matches(path);
  };
  CHECK(matches("*.txt", "a.txt"));
  CHECK(matches("*.txt", ".hidden.txt"));
  CHECK_FALSE(matches("*.txt", "d/a.txt"));
  CHECK_FALSE(matches("a.txt", "d/a.txt"));
  CHECK(matches("**/*.txt", "a.txt"));
  CHECK(matches("**/*.txt", "d/e/a.txt"));
  CHECK(matches("d/**", "d/e/a.txt"));
  CHECK(matches("d/**/a.txt", "d/a.txt"));
  CHECK_FALSE(matches("d/**", "d"));
  CHECK(matches("?.txt", "\u00e9.txt"));
  CHECK_FALSE(matches("?.txt", "ab.txt"));
  CHECK(matches("[a-c].txt", "b.txt"));
  CHECK_FALSE(matches("[!a-c].txt", "b.txt"));
  CHECK(matches("{a,b/{c,d}}.txt", "b/d.txt"));
  CHECK_FALSE(matches("{a,b}.txt", "c.txt"));
  CHECK(matches("{a}.txt", "{a}.txt"));
  CHECK(matches("\\*.txt", "*.txt"));
  CHECK_FALSE(matches("\\*.txt", "a.txt"));
  CHECK(matches("!*.txt", "a.md"));
  CHECK_FALSE(matches("!*.txt", "a.txt"));
  CHECK_FALSE(matches("#*", "#a"));
  CHECK(matches("**", "a/b/c"));
  CHECK(matches("[a", "[a"));
}

TEST_CASE("no pattern takes long") {
  const std::string name(250, 'a');
  CHECK_FALSE(Glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b").matches(name));
  std::string deep;
  std::string stars;
  for (int i = 0; i < 100; ++i) deep += "a/";
  for (int i = 0; i < 100; ++i) stars += "**/";
  CHECK_FALSE(Glob(stars + "b").matches(deep + "a"));
  std::string braces;
  for (int i = 0; i < 20; ++i) braces += "{a,b}";
  CHECK(failure_of([&] { Glob glob(braces); }) ==
        "The pattern has more than 256 alternatives in braces.");
  CHECK(failure_of([] { Glob glob(std::string(5'000, '{')); }) ==
        "The pattern is longer than 1024 bytes.");
}
