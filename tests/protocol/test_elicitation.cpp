#include <doctest/doctest.h>

#include "samples.h"

using mcp::Json;
using mcp::Revision;

TEST_CASE("a form's schema is built field by field") {
  Json schema = mcp::ElicitSchema()
                    .text("email", {.title = "E-mail"}, {.max_length = 50, .format = "email"})
                    .integer("age", {}, {.minimum = 0, .default_value = 30})
                    .number("score", {.required = false}, {.default_value = 95.5})
                    .boolean("ok", {.description = "Agreed?"})
                    .choice("size", {{"s", "Small"}, {"l"}}, {.required = false}, "s")
                    .choice("unit", {{"c"}, {"f"}})
                    .choices("tags", {{"a"}, {"b"}}, {.required = false}, {.min_items = 1});
  CHECK(schema == Json::parse(R"({
    "type": "object",
    "properties": {
      "email": {"type": "string", "title": "E-mail", "maxLength": 50, "format": "email"},
      "age": {"type": "integer", "minimum": 0, "default": 30},
      "score": {"type": "number", "default": 95.5},
      "ok": {"type": "boolean", "description": "Agreed?"},
      "size": {"type": "string", "default": "s",
               "oneOf": [{"const": "s", "title": "Small"}, {"const": "l", "title": "l"}]},
      "unit": {"type": "string", "enum": ["c", "f"]},
      "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "minItems": 1}},
    "required": ["email", "age", "ok", "unit"]})"));
  CHECK(mcp::elicitation_schema_problem(schema).empty());
}

TEST_CASE("what is not flat is no form") {
  auto problem = [](const char* field) {
    Json schema = {{"type", "object"}, {"properties", {{"a/b", Json::parse(field)}}}};
    return mcp::elicitation_schema_problem(schema);
  };
  CHECK(problem(R"({"type":"object","properties":{}})") ==
        "/properties/a~1b: \"properties\" is not allowed: forms are flat");
  CHECK(problem(R"({"type":"object"})") != "");
  CHECK(problem(R"({"type":["string","null"]})") == "/properties/a~1b: a field needs one \"type\"");
  CHECK(problem(R"({"$ref":"#/$defs/x"})") != "");
  CHECK(problem(R"({"type":"string","$ref":"#/$defs/x"})") != "");
  CHECK(problem(R"({"type":"array"})") != "");
  CHECK(problem(R"({"type":"array","items":{"type":"string"}})") != "");
  CHECK(problem(R"({"type":"array","items":{"type":"object"}})") != "");
  CHECK(problem(R"({"type":"array","items":{"anyOf":[{"const":1,"title":"x"}]}})") != "");
  CHECK(problem(R"({"type":"string","oneOf":[{"const":"a"}]})") != "");
  CHECK(problem(R"({"type":"string","enum":[1]})") != "");
  CHECK(problem(R"({"type":"integer","enum":[1]})") != "");
  CHECK(problem(R"({"type":"null"})") != "");
  CHECK(problem(R"({"type":"array","items":{"enum":["a"]}})") != "");
  CHECK(problem(R"({"type":"array","minItems":[],"items":{"type":"string","enum":["a"]}})") ==
        "/properties/a~1b: \"minItems\" must be a count");
  CHECK(problem(R"({"type":"array","default":["b"],"items":{"type":"string","enum":["a"]}})") ==
        "/properties/a~1b: \"default\" is none of the choices");
  CHECK(problem(R"({"type":"string","oneOf":[{"const":"a","title":"A"}],"default":"A"})") ==
        "/properties/a~1b: \"default\" is none of the choices");
  CHECK(problem(R"({"type":"string","title":1})") == "/properties/a~1b: \"title\" must be a text");
  CHECK(problem(R"({"type":"string","format":"ipv4"})") ==
        "/properties/a~1b: \"format\" must be email, uri, date or date-time");
  CHECK(problem(R"({"type":"number","maximum":""})") ==
        "/properties/a~1b: \"maximum\" must be a number");
  CHECK(problem(R"({"type":"boolean","default":1})") ==
        "/properties/a~1b: \"default\" must be true or false");
  CHECK(problem(R"({"type":"integer","default":1.5})") ==
        "/properties/a~1b: \"default\" must be an integer");
  const std::string limits = "/properties/a~1b: \"default\" is not within its limits";
  CHECK(problem(R"({"type":"number","default":3,"maximum":2.5})") == limits);
  CHECK(problem(R"({"type":"string","default":"\u00e4\u00e4","maxLength":1})") == limits);
  CHECK(problem(R"({"type":"string","default":"\u00e4","minLength":1,"maxLength":1})") == "");
  CHECK(problem(R"({"type":"string","default":"a","minLength":1.0})") == "");
  CHECK(problem(R"({"type":"string","minLength":1.5})") != "");
  CHECK(problem(R"({"type":"string","minLength":1e300,"default":"a"})") != "");
  CHECK(problem("true") == "/properties/a~1b: a field must be an object");
  CHECK(problem(R"({"type":"string","enum":["a"],"enumNames":["A"],"x-hint":1})").empty());

  CHECK(mcp::elicitation_schema_problem({{"type", "string"}}) != "");
  CHECK(mcp::elicitation_schema_problem({{"type", "object"}}) != "");
  CHECK(mcp::elicitation_schema_problem(
            {{"type", "object"}, {"properties", Json::object()}, {"required", {"x"}}}) ==
        "/required: names a field that is not there");
  CHECK(mcp::elicitation_schema_problem(Json::array()) != "");
  Json form = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  CHECK(mcp::elicitation_schema_problem(form) == "");
  form["allOf"] = Json::array({true});
  CHECK(mcp::elicitation_schema_problem(form) == "\"allOf\" is not allowed: forms are flat");
}

TEST_CASE("an older revision is asked what it can show") {
  Json shown = mcp::elicitation_schema_for(samples::form_schema(), Revision::v2025_06_18);
  const Json& fields = shown["properties"];
  CHECK(fields["size"] ==
        Json::parse(R"({"type":"string","enum":["s","l"],"enumNames":["Small","Large"]})"));
  CHECK(fields["ok"]["default"] == true);
  CHECK_FALSE(fields["name"].contains("default"));
  CHECK_FALSE(fields["age"].contains("default"));
  CHECK_FALSE(fields.contains("many"));
  CHECK_FALSE(fields.contains("some"));
  CHECK(mcp::elicitation_schema_for(samples::form_schema(), Revision::v2025_11_25) ==
        samples::form_schema());

  Json needs_many = mcp::ElicitSchema().choices("many", {{"x"}});
  CHECK_THROWS_WITH(mcp::elicitation_schema_for(needs_many, Revision::v2025_06_18),
                    "/properties/many: this client's revision of the protocol can not ask for "
                    "several choices; make the field optional or ask one choice");
}

TEST_CASE("defaults fill what a person leaves out") {
  Json content = {{"age", 31}};
  mcp::apply_elicitation_defaults(content, samples::form_schema());
  CHECK(content == Json::parse(R"({"age":31,"name":"a@b.c","ok":true,"size":"s"})"));
  Json nothing;
  mcp::apply_elicitation_defaults(nothing, samples::form_schema());
  CHECK(nothing["age"] == 30);
  Json text = "text";
  mcp::apply_elicitation_defaults(text, samples::form_schema());
  CHECK(text == "text");
}

TEST_CASE("a request to the user is read by its mode") {
  auto read = [](const char* text) { return mcp::from_json<mcp::ElicitParams>(Json::parse(text)); };
  CHECK(std::get<mcp::ElicitFormParams>(
            read(R"({"message":"m","requestedSchema":{"type":"object","properties":{}}})"))
            .message == "m");
  CHECK(std::get<mcp::ElicitUrlParams>(read(R"({"mode":"url","message":"m","url":"https://e.x"})"))
            .url == "https://e.x");
  CHECK_THROWS_WITH(read(R"({"mode":"voice","message":"m"})"),
                    "/mode: expected \"form\" or \"url\"");
  CHECK_THROWS_WITH(
      read(
          R"({"message":"m","requestedSchema":{"type":"object","properties":{"a":{"type":"object"}}}})"),
      "/requestedSchema: /properties/a: a field's type is string, number, integer, boolean, or "
      "array for several choices");
  CHECK_THROWS_AS(read(R"({"mode":"url","message":"m"})"), mcp::Malformed);
}
