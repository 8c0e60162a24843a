// What a person or a model reads when an instance is wrong.

#include <string>

#include <doctest/doctest.h>

#include <mcp/schema/schema.h>

using mcp::Json;
using namespace mcp::schema;

namespace {

std::string errors_of(const char* schema, const Json& instance) {
  return summary(Schema::compile(Json::parse(schema)).validate(instance), 100);
}

constexpr const char* forecast = R"({
  "type": "object",
  "properties": {
    "city": {"type": "string", "minLength": 2},
    "days": {"type": "integer", "minimum": 1, "maximum": 14},
    "units": {"enum": ["celsius", "fahrenheit"]}
  },
  "required": ["city"],
  "additionalProperties": false
})";

}  // namespace

TEST_CASE("a valid instance has no errors") {
  CHECK(errors_of(forecast, {{"city", "Paris"}, {"days", 3}, {"units", "celsius"}}) == "");
}

TEST_CASE("a number past its limit says both numbers") {
  CHECK(errors_of(forecast, {{"city", "Paris"}, {"days", 20}}) ==
        "/days: 20 is more than the maximum 14");
  CHECK(errors_of(forecast, {{"city", "Paris"}, {"days", 0}}) ==
        "/days: 0 is less than the minimum 1");
  CHECK(errors_of(R"({"exclusiveMinimum": 0, "exclusiveMaximum": 1})", 1) ==
        "1 is not less than 1");
  CHECK(errors_of(R"({"exclusiveMinimum": 0})", 0) == "0 is not more than 0");
  CHECK(errors_of(R"({"multipleOf": 0.5})", 0.75) == "0.75 is not a multiple of 0.5");
}

TEST_CASE("a wrong type says what was found and what would be right") {
  CHECK(errors_of(forecast, {{"city", 5}}) == "/city: must be string, not integer 5");
  CHECK(errors_of(forecast, {{"city", "Paris"}, {"days", "3"}}) ==
        "/days: must be integer, not string \"3\"; write it without quotes");
  CHECK(errors_of(forecast, {{"city", "Paris"}, {"days", 1.5}}) ==
        "/days: must be integer, not number 1.5");
  CHECK(errors_of(forecast, Json::array()) == "must be object, not array");
  CHECK(errors_of(R"({"type": ["string", "null"]})", true) ==
        "must be string or null, not boolean true");
}

TEST_CASE("a typo is answered with the word that was meant") {
  CHECK(errors_of(forecast, {{"citty", "Paris"}, {"city", "Paris"}}) ==
        "unknown property \"citty\"; did you mean \"city\"?");
  CHECK(errors_of(forecast, {{"city", "Paris"}, {"units", "celcius"}}) ==
        "/units: \"celcius\" is not one of \"celsius\", \"fahrenheit\"; did you mean \"celsius\"?");
  CHECK(errors_of(forecast, {{"city", "Paris"}, {"wind", 1}}) ==
        "unknown property \"wind\"; known are \"city\", \"days\" and \"units\"");
}

TEST_CASE("a missing property is named, and the one that looks like it") {
  CHECK(errors_of(forecast, Json::object()) == "the required property \"city\" is missing");
  CHECK(errors_of(R"({"required": ["city"]})", {{"City", "Paris"}}) ==
        "the required property \"city\" is missing; is it \"City\" that should be called so?");
  CHECK(errors_of(R"({"dependentRequired": {"card": ["address"]}})", {{"card", 1}}) ==
        "the property \"card\" needs \"address\" beside it, which is missing");
}

TEST_CASE("lengths and counts are told in their own unit") {
  CHECK(errors_of(forecast, {{"city", "P"}}) ==
        "/city: \"P\" has 1 character, fewer than the minimum 2");
  CHECK(errors_of(R"({"maxLength": 2})", "äöü") ==
        "\"äöü\" has 3 characters, more than the maximum 2");
  CHECK(errors_of(R"({"maxItems": 1})", Json::array({1, 2})) ==
        "the array has 2 items, more than the maximum 1");
  CHECK(errors_of(R"({"minProperties": 2})", Json::object()) ==
        "the object has 0 properties, fewer than the minimum 2");
  CHECK(errors_of(R"({"prefixItems": [true], "items": false})", Json::array({1, 2, 3})) ==
        "the array has 3 items, more than the maximum 1");
  CHECK(errors_of(R"({"uniqueItems": true})", Json::array({1, 2, 1.0})) ==
        "items 0 and 2 are equal; all must differ");
  CHECK(errors_of(R"({"contains": {"const": 1}})", Json::array({2})) ==
        "the array has 0 matching items, fewer than the minimum 1");
}

TEST_CASE("patterns, formats, names") {
  CHECK(errors_of(R"({"pattern": "^[a-z]+$"})", "A1") ==
        "\"A1\" does not match the pattern ^[a-z]+$");
  CHECK(errors_of(R"({"propertyNames": {"maxLength": 3}})", {{"long", 1}}) ==
        "the property name \"long\" is not allowed: \"long\" has 4 characters, more than the "
        "maximum 3");
  CompileOptions options;
  options.assert_format = true;
  const Schema date = Schema::compile({{"format", "date"}}, options);
  CHECK(summary(date.validate("2025-02-30")) ==
        "\"2025-02-30\" is not a valid date (such as 2025-12-31)");
}

TEST_CASE("what tells alternatives apart is explained before any of them") {
  constexpr const char* shapes = R"({"oneOf": [
    {"properties": {"kind": {"const": "circle"}}, "required": ["kind"]},
    {"properties": {"kind": {"const": "square"}}, "required": ["kind"]}]})";
  CHECK(errors_of(shapes, {{"kind", "circl"}}) ==
        "/kind: \"circl\" is not one of \"circle\", \"square\"; did you mean \"circle\"?");
  CHECK(errors_of(shapes, {{"kind", 5}}) == "/kind: 5 is not one of \"circle\", \"square\"");
  CHECK(errors_of(shapes, Json::object()) ==
        "the required property \"kind\" is missing, which tells the alternatives apart: "
        "\"circle\" or \"square\"");
  CHECK(errors_of(R"({"enum": []})", 1) == "no value is allowed here");
}

TEST_CASE("of several alternatives the closest explains") {
  constexpr const char* shapes = R"({"oneOf": [
    {"properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}},
     "required": ["kind", "radius"]},
    {"properties": {"kind": {"const": "square"}, "side": {"type": "number"}},
     "required": ["kind", "side"]}]})";
  CHECK(errors_of(shapes, {{"kind", "square"}, {"side", "2"}}) ==
        "an object matches none of the 2 alternatives; "
        "/side: must be number, not string \"2\"; write it without quotes");
  CHECK(errors_of(R"({"anyOf": [{"type": "string"}, {"type": "null"}]})", 5) ==
        "must be string or null, not integer 5");
  CHECK(errors_of(R"({"oneOf": [{"const": "red", "title": "Red"}, {"const": "blue"}]})", "bleu") ==
        "\"bleu\" is not one of \"red\", \"blue\"; did you mean \"blue\"?");
  CHECK(errors_of(R"({"oneOf": [{"minimum": 1}, {"minimum": 2}]})", 3) ==
        "3 matches both alternative 0 and 1; it must match exactly one");
  CHECK(errors_of(R"({"not": {"type": "string"}})", "a") ==
        "\"a\" matches a schema that it must not match");
}

TEST_CASE("every error has its paths") {
  const Schema schema = Schema::compile(Json::parse(R"({
    "$id": "https://example.com/order",
    "properties": {"lines": {"items": {"$ref": "#/$defs/line"}}},
    "$defs": {"line": {"properties": {"a/b": {"minimum": 1}}}}
  })"));
  const auto errors = schema.validate(Json::parse(R"({"lines": [{"a/b": 1}, {"a/b": 0}]})"));
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].instance_path == "/lines/1/a~1b");
  CHECK(errors[0].schema_path == "/properties/lines/items/$ref/properties/a~1b/minimum");
  CHECK(errors[0].schema_location ==
        "https://example.com/order#/$defs/line/properties/a~1b/minimum");
  CHECK(errors[0].keyword == "minimum");
}

TEST_CASE("all errors in one pass, or the first alone") {
  const Schema schema = Schema::compile(Json::parse(forecast));
  const Json wrong = {{"city", 1}, {"days", 99}, {"units", "kelvin"}};
  CHECK(schema.validate(wrong).size() == 3);
  CHECK(schema.validate(wrong, Collect::first).size() == 1);
  CHECK(summary(schema.validate(wrong), 1) == "/city: must be string, not integer 1; and 2 more");
}

TEST_CASE("the standard's output formats") {
  const Schema schema = Schema::compile(
      {{"$id", "https://example.com/n"}, {"properties", {{"n", {{"minimum", 1}}}}}});
  CHECK(schema.flag_output({{"n", 0}}) == Json{{"valid", false}});
  CHECK(schema.basic_output({{"n", 1}}) == Json{{"valid", true}});
  CHECK(schema.basic_output({{"n", 0}}) == Json::parse(R"({"valid": false, "errors": [{
    "keywordLocation": "/properties/n/minimum",
    "absoluteKeywordLocation": "https://example.com/n#/properties/n/minimum",
    "instanceLocation": "/n",
    "error": "0 is less than the minimum 1"}]})"));
}

TEST_CASE("the number of errors is bounded") {
  const Schema schema = Schema::compile({{"items", {{"type", "string"}}}});
  CHECK(schema.validate(Json(std::vector<int>(10'000, 1))).size() == 256);
}

TEST_CASE("text of any kind is quoted safely") {
  CHECK(errors_of(R"({"type": "integer"})", "\xff") ==
        "must be integer, not string \"\xEF\xBF\xBD\"");
  CHECK(errors_of(R"({"const": 1})", std::string(100, 'x')) ==
        "\"" + std::string(60, 'x') + "…\" is not 1, the only value allowed");
  CHECK(errors_of(R"({"const": 1})", "a\nb") == "\"a\\nb\" is not 1, the only value allowed");
}

TEST_CASE("an alternative that says its constant twice does not hide the others") {
  CHECK(errors_of(R"({"oneOf": [{"const": "a", "enum": ["a"]},
                     {"type": "object", "required": ["b"]}]})",
                  Json::object()) ==
        "an object matches none of the 2 alternatives; the required property \"b\" is missing");
}
