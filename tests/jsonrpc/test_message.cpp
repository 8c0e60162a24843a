#include <doctest/doctest.h>

#include <unordered_map>

#include <mcp/base/number_text.h>
#include <mcp/jsonrpc/message.h>

using mcp::Json;
using mcp::jsonrpc::Id;

TEST_CASE("an id goes to JSON and back") {
  for (const Id& id :
       {Id(0), Id(-1), Id(""), Id("a"), Id::from_number_text("18446744073709551616")})
    CHECK(Id::from_json(id.to_json()) == id);
  CHECK(Id(5).to_json() == 5);
  CHECK(Id("5").to_json() == "5");
}

TEST_CASE("an integer that fits is the same id, however it was read") {
  CHECK(Id::from_number_text("5") == Id(5));
  CHECK(Id::from_json(Json(5u)) == Id(5));
  CHECK(Id::from_json(mcp::make_number_text("9223372036854775807")) ==
        Id(std::int64_t{9223372036854775807}));
}

TEST_CASE("a number without a fractional part is an integer, however it was written") {
  CHECK(Id::from_json(Json(4.0)) == Id(4));
  CHECK(Id::from_json(Json(-0.0)) == Id(0));
  CHECK(Id::from_json(Json(-9007199254740991.0)) == Id(std::int64_t{-9007199254740991}));
  // From here on a double stands for several integers.
  CHECK(Id::from_json(Json(9007199254740992.0)) == std::nullopt);
  CHECK(Id::from_json(Json(1e300)) == std::nullopt);
}

TEST_CASE("other values are no ids") {
  for (const Json& value : {Json(), Json(4.5), Json(true), Json::array(), Json::object()})
    CHECK(Id::from_json(value) == std::nullopt);
  CHECK(Id::from_json(mcp::make_number_text("1e400")) == std::nullopt);
}

TEST_CASE("ids are keys of hash tables, kinds kept apart") {
  std::unordered_map<Id, int> calls{{Id(1), 10}, {Id("1"), 20}};
  CHECK(calls.at(Id(1)) == 10);
  CHECK(calls.at(Id("1")) == 20);
}
