#include "servers/websearch/dates.h"

#include <doctest/doctest.h>

#include "servers/websearch/failure.h"

using namespace fairlead::websearch;

TEST_CASE("dates are read as pages write them") {
  CHECK(read_date("2026-01-02") == 1'767'312'000);
  CHECK(read_date("2026-01-02T03:04:05Z") == 1'767'323'045);
  CHECK(read_date("2026-01-02T03:04:05.123+01:00") == 1'767'319'445);
  CHECK(read_date("Fri, 02 Jan 2026 03:04:05 GMT") == 1'767'323'045);
  CHECK(read_date("2 January 2026") == 1'767'312'000);
  CHECK(read_date("Jan 2, 2026") == 1'767'312'000);
  for (const char* wrong : {"", "soon", "2026-13-40", "99", "Jan", "0000-00-00"}) {
    CHECK(read_date(wrong) == 0);
  }
  CHECK(date_text(1'767'323'045) == "2026-01-02");
}

TEST_CASE("freshness is a word or a date") {
  CHECK(since("", 1'790'000'000) == 0);
  CHECK(since("day", 1'790'000'000) == 1'790'000'000 - 86'400);
  CHECK(since("2026-01-02", 1'790'000'000) == 1'767'312'000);
  CHECK_THROWS_AS(since("soon", 1'790'000'000), Failure);
}
