// What can't be compiled, and how the author hears of it; dialects and references.

#include <string>

#include <doctest/doctest.h>

#include <mcp/schema/schema.h>

using mcp::Json;
using namespace mcp::schema;

namespace {

std::string refusal(const char* schema, const CompileOptions& options = {}) {
  try {
    Schema::compile(Json::parse(schema), options);
  } catch (const SchemaError& error) {
    return error.what();
  }
  return "compiled";
}

}  // namespace

TEST_CASE("an unknown dialect is refused by name") {
  CHECK(refusal(R"({"$schema": "http://json-schema.org/draft-04/schema#"})") ==
        "invalid JSON Schema at /$schema: dialect not supported: "
        "\"http://json-schema.org/draft-04/schema#\"; supported are "
        "https://json-schema.org/draft/2020-12/schema, http://json-schema.org/draft-07/schema# and "
        "registered meta-schemas written in one of them");
}

TEST_CASE("a mistake is told with its place") {
  CHECK(
      refusal(R"({"properties": {"a/b": {"type": "int"}}})") ==
      "invalid JSON Schema at /properties/a~1b/type: \"int\" is no type; there are null, boolean, "
      "integer, number, string, array and object");
  CHECK(refusal(R"({"minLength": -1})") ==
        "invalid JSON Schema at /minLength: must be an integer of at least 0, not -1");
  CHECK(
      refusal(R"({"items": [{"type": "string"}]})") ==
      "invalid JSON Schema at /items: must be a schema (an object or a boolean), not an array of 1 "
      "item; a list of schemas by position is prefixItems");
  CHECK(refusal(R"({"required": true})") ==
        "invalid JSON Schema at /required: must be an array of names, not true");
  CHECK(refusal(R"({"multipleOf": 0})") ==
        "invalid JSON Schema at /multipleOf: must be more than 0, not 0");
  CHECK(
      refusal(R"([])") ==
      "invalid JSON Schema at its root: must be a schema (an object or a boolean), not an array of "
      "0 items");
  CHECK(
      refusal(R"({"$defs": {"unused": {"pattern": "("}}})") ==
      "invalid JSON Schema at /$defs/unused/pattern: the pattern \"(\" can't be used: at character "
      "2, missing ')'");
}

TEST_CASE("a pattern that can't be matched in linear time is refused with its position") {
  CHECK(refusal(R"s({"pattern": "a(?!b)"})s") ==
        "invalid JSON Schema at /pattern: the pattern \"a(?!b)\" can't be used: at character 2, a "
        "lookahead can't be matched in linear time and is not supported");
  CHECK(
      refusal(R"({"pattern": "(a)\\1"})") ==
      "invalid JSON Schema at /pattern: the pattern \"(a)\\\\1\" can't be used: at character 4, a "
      "back-reference can't be matched in linear time and is not supported");
}

TEST_CASE("an unresolved reference is an error of the schema; nothing is fetched") {
  CHECK(refusal(R"({"$ref": "#/$defs/none"})") ==
        "invalid JSON Schema at /$ref: \"#/$defs/none\" leads nowhere: there is no \"$defs\" at "
        "\"\"");
  CHECK(refusal(R"({"$ref": "#nowhere"})") ==
        "invalid JSON Schema at /$ref: there is no anchor \"nowhere\" for \"#nowhere\"");
  CHECK(refusal(R"({"$ref": "https://example.com/a.json"})") ==
        "invalid JSON Schema at /$ref: the document of \"https://example.com/a.json\" "
        "(\"https://example.com/a.json\") is not known; register it (nothing is fetched)");
}

TEST_CASE("a registered document is found by reference") {
  Registry registry;
  registry.add("https://example.com/a.json", {{"$defs", {{"small", {{"maximum", 9}}}}}});
  CompileOptions options;
  options.documents = &registry;
  options.base_uri = "https://example.com/main.json";
  const Schema schema = Schema::compile({{"$ref", "a.json#/$defs/small"}}, options);
  CHECK(schema.valid(9));
  CHECK(schema.validate(10).at(0).schema_location ==
        "https://example.com/a.json#/$defs/small/maximum");
}

TEST_CASE("a mistake in a registered document names the document") {
  Registry registry;
  registry.add("https://example.com/a.json",
               Json::parse(R"({"properties": {"p": {"minLength": "x"}}})"));
  registry.add("https://example.com/b.json", {{"$anchor", "1"}});
  registry.add("https://example.com/c.json",
               Json::parse(R"({"$defs": {"d": {"$id": "inner", "$ref": "#/none"}}})"));
  CompileOptions options;
  options.documents = &registry;
  const auto mistake = [&options](const Json& schema) {
    try {
      Schema::compile(schema, options);
    } catch (const SchemaError& error) {
      return error;
    }
    return SchemaError("", "it compiles");
  };
  const SchemaError keyword = mistake({{"$ref", "https://example.com/a.json"}});
  CHECK(keyword.document() == "https://example.com/a.json");
  CHECK(keyword.schema_path() == "/properties/p/minLength");
  CHECK(std::string(keyword.what()) ==
        std::string("invalid JSON Schema at https://example.com/a.json#/properties/p/minLength: "
                    "must be an integer of at least 0, not \"x\""));
  const SchemaError anchor = mistake({{"$ref", "https://example.com/b.json"}});
  CHECK(anchor.document() == "https://example.com/b.json");
  CHECK(anchor.schema_path() == "/$anchor");
  const SchemaError inner = mistake({{"$ref", "https://example.com/c.json"}});
  CHECK(inner.document() == "https://example.com/c.json");
  CHECK(inner.schema_path() == "/$defs/d/$ref");
  const SchemaError own =
      mistake({{"$ref", "https://example.com/none.json"}, {"$id", "https://example.com/main"}});
  CHECK(own.document() == "");
  CHECK(own.schema_path() == "/$ref");
}

TEST_CASE("a schema that applies itself without end is found where the document has it") {
  CHECK(refusal(R"({"properties": {"p": {"$id": "https://example.com/inner",
                    "properties": {"q": {"$ref": "#/properties/q"}}}}})")
            .starts_with("invalid JSON Schema at /properties/p/properties/q: "));
}

TEST_CASE("schemas check schemas: the meta-schemas are built in") {
  const Schema modern = Schema::compile({{"$ref", "https://json-schema.org/draft/2020-12/schema"}});
  CHECK(modern.valid({{"type", "string"}, {"properties", {{"a", true}}}}));
  CHECK_FALSE(modern.valid({{"properties", {{"a", {{"type", 1}}}}}}));
  const Schema older = Schema::compile({{"$ref", "http://json-schema.org/draft-07/schema#"}});
  CHECK(older.valid({{"definitions", {{"a", {{"minLength", 1}}}}}}));
  CHECK_FALSE(older.valid({{"definitions", {{"a", {{"minLength", -1}}}}}}));
}

TEST_CASE("draft-07 keeps its own rules") {
  const Schema tuple = Schema::compile(Json::parse(R"({
    "$schema": "http://json-schema.org/draft-07/schema#",
    "items": [{"type": "string"}], "additionalItems": {"type": "integer"}})"));
  CHECK(tuple.valid(Json::array({"a", 1, 2})));
  CHECK_FALSE(tuple.valid(Json::array({"a", "b"})));
  const Schema reference = Schema::compile(Json::parse(R"({
    "$schema": "http://json-schema.org/draft-07/schema#",
    "properties": {"a": {"$ref": "#/definitions/text", "maxLength": 1}},
    "definitions": {"text": {"type": "string"}}})"));
  CHECK(reference.valid({{"a", "longer"}}));
  const Schema dependencies = Schema::compile(Json::parse(R"({
    "$schema": "http://json-schema.org/draft-07/schema#",
    "dependencies": {"a": ["b"], "c": {"required": ["d"]}},
    "dependentRequired": {"x": ["y"]}, "prefixItems": [false]})"));
  CHECK_FALSE(dependencies.valid({{"a", 1}}));
  CHECK_FALSE(dependencies.valid({{"c", 1}}));
  CHECK(dependencies.valid({{"a", 1}, {"b", 1}, {"x", 1}}));
  CompileOptions options;
  options.default_dialect = Dialect::draft_07;
  CHECK(Schema::compile({{"prefixItems", {false}}}, options).valid(Json::array({1})));
}

TEST_CASE("a meta-schema of one's own chooses vocabularies") {
  Registry registry;
  registry.add("https://example.com/meta", Json::parse(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$vocabulary": {"https://json-schema.org/draft/2020-12/vocab/core": true,
                    "https://json-schema.org/draft/2020-12/vocab/validation": true,
                    "https://json-schema.org/draft/2020-12/vocab/format-assertion": false,
                    "https://example.com/units": false}})"));
  registry.add("https://example.com/strange", Json::parse(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$vocabulary": {"https://example.com/units": true}})"));
  CompileOptions options;
  options.documents = &registry;
  const Schema schema =
      Schema::compile(Json::parse(R"({"$schema": "https://example.com/meta", "format": "ipv4",
                      "maxLength": 20, "anyOf": [false]})"),
                      options);
  CHECK(schema.valid("192.0.2.1"));
  CHECK_FALSE(schema.valid("192.0.2.256"));
  CHECK(refusal(R"({"$schema": "https://example.com/strange"})", options) ==
        "invalid JSON Schema at /$schema: the meta-schema requires a vocabulary that is not "
        "supported: \"https://example.com/units\"");
}

TEST_CASE("a compiled schema outlives everything it was compiled from") {
  auto source = std::make_unique<Json>(Json{{"enum", {"a", {{"b", 1}}}}, {"pattern", "a"}});
  const Schema schema = Schema::compile(*source);
  source.reset();
  const Schema copy = schema;
  CHECK(copy.valid("a"));
  CHECK(copy.valid({{"b", 1.0}}));
}

TEST_CASE("alternatives told apart by a required property mean what they say") {
  const Schema schema = Schema::compile(Json::parse(R"({
    "oneOf": [
      {"$ref": "#/$defs/circle"},
      {"properties": {"kind": {"enum": ["square", "rectangle"]}}, "required": ["kind", "side"]},
      {"type": "null"},
      {"type": "object", "properties": {"kind": {"const": "square root"}}, "required": ["kind"]}
    ],
    "unevaluatedProperties": false,
    "$defs": {"circle": {"properties": {"kind": {"const": "circle"}, "radius": {}},
                         "required": ["kind"]}}
  })"));
  CHECK(schema.valid({{"kind", "circle"}}));
  CHECK(schema.valid({{"kind", "circle"}, {"radius", 1}}));
  CHECK_FALSE(schema.valid({{"kind", "circle"}, {"side", 1}}));
  CHECK_FALSE(schema.valid({{"kind", "square"}}));
  CHECK(schema.valid({{"kind", "square root"}}));
  CHECK_FALSE(schema.valid({{"kind", "squar"}}));
  CHECK_FALSE(schema.valid({{"kind", 1}}));
  CHECK_FALSE(schema.valid(Json::object()));
  // The first two alternatives say nothing about what is no object.
  CHECK_FALSE(schema.valid(nullptr));
  CHECK_FALSE(schema.valid("circle"));

  const auto errors = schema.validate({{"kind", "square"}});
  CHECK(summary(errors) ==
        "an object matches none of the 4 alternatives; the required property \"side\" is missing");
}

TEST_CASE("alternatives that share a text are all tried") {
  const Schema schema = Schema::compile(Json::parse(R"({"oneOf": [
    {"properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"]},
    {"properties": {"kind": {"enum": ["b", "c"]}}, "required": ["kind"]}]})"));
  CHECK(schema.valid({{"kind", "a"}}));
  CHECK_FALSE(schema.valid({{"kind", "b"}}));
  CHECK(schema.valid({{"kind", "c"}}));
}

TEST_CASE("mistakes are found where nothing applies them, too") {
  const std::string nowhere = "\"#/nope\" leads nowhere: there is no \"nope\" at \"\"";
  CHECK(refusal(R"({"$defs": {"w": {"$defs": {"v": {"$ref": "#/nope"}}}}})") ==
        "invalid JSON Schema at /$defs/w/$defs/v/$ref: " + nowhere);
  CHECK(refusal(R"({"properties": {"a": {"contentSchema": {"$ref": "#/nope"}}}})") ==
        "invalid JSON Schema at /properties/a/contentSchema/$ref: " + nowhere);
  CHECK(refusal(R"({"minContains": "x"})") ==
        "invalid JSON Schema at /minContains: must be an integer of at least 0, not \"x\"");
  CHECK(refusal(R"({"type": []})") == "invalid JSON Schema at /type: must hold at least one type");
  CHECK(refusal(R"({"$defs": {"a": {"$id": "urn:a"}, "b": {"$id": "urn:a"}}})") ==
        "invalid JSON Schema at /$defs/b/$id: another schema has the same identifier, \"urn:a\"");
  CHECK(refusal(R"({"$anchor": "1a b"})") ==
        "invalid JSON Schema at /$anchor: must be a letter or _, then letters, digits, -, _ or ., "
        "unlike \"1a b\"");
}
