#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <mcp/base/closest_match.h>

using mcp::closest_match;

TEST_CASE("a typo finds the word that was meant") {
  const std::vector<std::string> tables = {"customers", "orders", "products"};
  CHECK(closest_match("custmers", tables) == "customers");
  CHECK(closest_match("odrers", tables) == "orders");
  CHECK(closest_match("Product", tables) == "products");
  CHECK(closest_match("invoices", tables) == std::nullopt);
  CHECK(closest_match("", tables) == std::nullopt);
}

TEST_CASE("case and separators do not count") {
  const std::vector<std::string> names = {"tableName", "row_count"};
  CHECK(closest_match("table_name", names) == "tableName");
  CHECK(closest_match("rowCount", names) == "row_count");
}

TEST_CASE("short words are not guessed") {
  const std::vector<std::string> names = {"is", "to"};
  CHECK(closest_match("id", names) == std::nullopt);
}

TEST_CASE("the nearest wins, and the first of equals") {
  const std::vector<std::string> names = {"get_forecasts", "get_forecast", "set_forecast"};
  CHECK(closest_match("gett_forecast", names) == "get_forecast");
  const std::vector<std::string> equals = {"abcx", "abcy"};
  CHECK(closest_match("abcz", equals) == "abcx");
}

TEST_CASE("long words cost nothing and find nothing") {
  const std::vector<std::string> names = {std::string(100'000, 'a')};
  CHECK(closest_match(std::string(100'000, 'a'), names) == std::nullopt);
}
