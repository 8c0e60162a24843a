#include <doctest/doctest.h>

#include "servers/websearch/sections.h"

using namespace fairlead::websearch;

namespace {
constexpr const char* guide =
    "# Guide\n\nIntro.\n\n## Install\n\nRun it.\n\n```\n# no heading\n```\n\n### On *Linux*\n\n"
    "apt.\n\n## [Use](https://a.example/use)\n\nNow.";
}

TEST_CASE("headings are listed, those in code are none") {
  const auto headings = headings_of(guide);
  REQUIRE(headings.size() == 4);
  CHECK(headings[0].text == "Guide");
  CHECK(headings[2].level == 3);
  CHECK(headings[2].text == "On Linux");
  CHECK(headings[3].text == "Use");
}

TEST_CASE("a section goes to the next heading of its level") {
  CHECK(*section_of(guide, "install") ==
        "## Install\n\nRun it.\n\n```\n# no heading\n```\n\n### On *Linux*\n\napt.");
  CHECK(*section_of(guide, "On Linux") == "### On *Linux*\n\napt.");
  CHECK(*section_of(guide, "linux") == "### On *Linux*\n\napt.");
  CHECK(*section_of(guide, "#4") == "## [Use](https://a.example/use)\n\nNow.");
  CHECK_FALSE(section_of(guide, "#5"));
  CHECK_FALSE(section_of(guide, "no heading"));
  CHECK_FALSE(section_of(guide, ""));
}

TEST_CASE("pieces are counted in characters, not in bytes") {
  const auto first = piece_of("äöü€x", 0, 3);
  CHECK(first.text == "äöü");
  CHECK(first.total == 5);
  CHECK(first.next == 3);
  const auto last = piece_of("äöü€x", 3, 3);
  CHECK(last.text == "€x");
  CHECK_FALSE(last.next);
  CHECK(piece_of("abc", 3, 5).text.empty());
  CHECK(piece_of("abc", 99, 5).text.empty());
}
