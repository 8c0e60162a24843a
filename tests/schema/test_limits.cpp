// No schema and no instance hangs, overflows the stack or grows without bound.

#include <string>

#include <doctest/doctest.h>

#include <mcp/base/number_text.h>
#include <mcp/schema/schema.h>

using mcp::Json;
using namespace mcp::schema;

namespace {

std::string refusal(const Json& schema, const CompileOptions& options = {}) {
  try {
    Schema::compile(schema, options);
  } catch (const SchemaError& error) {
    return error.what();
  }
  return "compiled";
}

Json nested(Json inner, int levels, const char* keyword) {
  for (int i = 0; i < levels; ++i) inner = Json{{keyword, std::move(inner)}};
  return inner;
}

Json nested_array(int levels) {
  Json value = 1;
  for (int i = 0; i < levels; ++i) value = Json::array({std::move(value)});
  return value;
}

}  // namespace

TEST_CASE("a schema that applies itself to the same value is refused") {
  const std::string loop =
      "the schema applies itself to the same value without end; a recursive reference must stand "
      "under a keyword that descends, such as properties or items";
  CHECK(refusal({{"$ref", "#"}}) == "invalid JSON Schema at its root: " + loop);
  CHECK(refusal(Json::parse(R"({"$ref": "#/$defs/a", "$defs": {
          "a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}})"))
            .find(loop) != std::string::npos);
}

TEST_CASE("a dynamic loop ends at the depth limit, with a clear error") {
  const Schema schema =
      Schema::compile(Json::parse(R"({"$dynamicAnchor": "x", "allOf": [{"$dynamicRef": "#x"}]})"));
  CHECK_FALSE(schema.valid(1));
  CHECK(summary(schema.validate(1)) ==
        "validation was given up: subschemas were applied too deeply inside each other "
        "(max_validation_depth)");
}

TEST_CASE("recursion follows the instance down and no further") {
  const Schema tree =
      Schema::compile(Json::parse(R"({"type": ["array", "integer"], "items": {"$ref": "#"}})"));
  CHECK(tree.valid(nested_array(128)));
  CHECK_FALSE(tree.valid(nested_array(100'000)));
  CHECK(tree.validate(nested_array(100'000)).at(0).keyword == "");
  CompileOptions options;
  options.max_validation_depth = 8;
  const Schema shallow = Schema::compile({{"items", {{"items", {{"items", true}}}}}}, options);
  CHECK(shallow.valid(nested_array(3)));
}

TEST_CASE("a limit inside `not` does not turn into a success") {
  const Schema schema = Schema::compile(
      Json::parse(R"({"not": {"$dynamicAnchor": "x", "allOf": [{"$dynamicRef": "#x"}]}})"));
  CHECK_FALSE(schema.valid(1));
}

TEST_CASE("an exponential schema runs out of steps, not of time") {
  Json definitions = {{"level0", {{"type", "integer"}}}};
  for (int i = 1; i <= 60; ++i) {
    const Json below = {{"$ref", "#/$defs/level" + std::to_string(i - 1)}};
    definitions["level" + std::to_string(i)] = {{"oneOf", {below, below, below}}};
  }
  CompileOptions options;
  options.max_work = 100'000;
  const Schema schema =
      Schema::compile({{"$ref", "#/$defs/level60"}, {"$defs", definitions}}, options);
  CHECK_FALSE(schema.valid("x"));
  CHECK(summary(schema.validate("x")) ==
        "validation was given up: it took too many steps (max_work)");
}

TEST_CASE("comparing deep and large values is bounded too") {
  const Schema unique = Schema::compile({{"uniqueItems", true}});
  CHECK_FALSE(unique.valid(Json::array({nested_array(50'000), nested_array(50'000)})));
  CompileOptions options;
  options.max_work = 1000;
  const Schema few_steps = Schema::compile({{"uniqueItems", true}}, options);
  Json items = Json::array();
  for (int i = 0; i < 5000; ++i) items.push_back(i);
  CHECK(summary(few_steps.validate(items)) ==
        "validation was given up: it took too many steps (max_work)");
  CHECK(unique.valid(items));
  items.push_back(2500.0);
  CHECK(summary(unique.validate(items)) == "items 2500 and 5000 are equal; all must differ");
}

TEST_CASE("the depth and the number of subschemas are bounded") {
  CHECK(refusal(nested(true, 128, "not")) == "compiled");
  CHECK(
      refusal(nested(true, 129, "not"))
          .ends_with("subschemas stand more than 128 levels inside each other (max_schema_depth)"));
  CHECK(refusal(nested(true, 50'000, "not")).ends_with("(max_schema_depth)"));
  CompileOptions options;
  options.max_subschemas = 10;
  Json properties = Json::object();
  for (int i = 0; i < 10; ++i) properties[std::to_string(i)] = true;
  CHECK(refusal({{"properties", properties}}, options)
            .ends_with("more than 10 subschemas (max_subschemas)"));
}

TEST_CASE("what all patterns together are translated into is bounded") {
  CompileOptions options;
  options.max_pattern_steps = 3000;
  Json properties = Json::object();
  for (const char* pattern : {"\\p{L}1", "\\p{L}2"}) properties[pattern] = {{"pattern", pattern}};
  CHECK(refusal({{"properties", properties}}, options) == "compiled");
  // The same pattern is translated once.
  properties["again"] = {{"pattern", "\\p{L}1"}};
  CHECK(refusal({{"properties", properties}}, options) == "compiled");
  properties["one more"] = {{"pattern", "\\p{L}3"}};
  CHECK(refusal({{"properties", properties}}, options)
            .ends_with("/pattern: all patterns together need more than 3000 steps "
                       "(max_pattern_steps): use simpler patterns, shorter repeats"));
  for (int i = 0; i < 900; ++i) {
    const std::string pattern = "^[\\p{L}\\p{N}]{1,100}" + std::to_string(i);
    properties[pattern] = {{"pattern", pattern}};
  }
  CHECK(refusal({{"properties", properties}}).find("(max_pattern_steps)") != std::string::npos);
}

TEST_CASE("a deep constant is refused") {
  CHECK(refusal({{"const", nested_array(129)}}) ==
        "invalid JSON Schema at /const: arrays and objects stand more than 128 levels inside each "
        "other (max_schema_depth)");
}

TEST_CASE("a hostile pattern stays linear") {
  const Schema schema = Schema::compile({{"pattern", "^(a+)+$"}});
  CHECK_FALSE(schema.valid(std::string(100'000, 'a') + "b"));
}

TEST_CASE("what a pattern may cost counts as work") {
  const std::string given_up = "validation was given up: it took too many steps (max_work)";
  // As many steps for every character as the expression is long.
  const Schema long_pattern = Schema::compile({{"pattern", "^[abé]*a[ab]{900}c"}});
  CHECK(summary(long_pattern.validate(std::string(1'000'000, 'a'))) == given_up);
  CHECK(long_pattern.valid(std::string(950, 'a') + "c"));
  Json alternatives = Json::array();
  for (int i = 0; i < 100; ++i)
    alternatives.push_back({{"pattern", "^\\p{L}*" + std::to_string(i) + "$"}});
  Json many = {{"items", {{"anyOf", alternatives}}}};
  CompileOptions options;
  options.max_work = 1'000'000;
  const Schema schema = Schema::compile(many, options);
  CHECK(schema.valid(Json::array({"a99"})));
  CHECK(summary(schema.validate(Json(1000, "abcdefgh"))) == given_up);
}

TEST_CASE("nested alternatives with a tag are not tried one inside the other") {
  Json kinds = Json::array();
  for (const char* kind : {"a", "b", "c", "d", "e", "f", "g", "h"})
    kinds.push_back({{"properties", {{"kind", {{"const", kind}}}, {"inner", {{"$ref", "#"}}}}},
                     {"required", {"kind"}}});
  const Schema schema = Schema::compile({{"oneOf", kinds}});
  Json instance = {{"kind", "h"}};
  for (int i = 0; i < 30; ++i) instance = {{"kind", "h"}, {"inner", instance}};
  CHECK(schema.valid(instance));
  instance["inner"]["inner"]["inner"]["kind"] = "x";
  CHECK(schema.validate(instance).back().instance_path == "/inner/inner/inner/kind");
}

TEST_CASE("whatever a value or a schema makes long counts as work") {
  struct Row {
    std::string what;
    Json schema;
    Json instance;
  };
  const auto number = [](std::size_t digits) {
    return mcp::make_number_text(std::string(digits, '7'));
  };
  const auto texts = [](const char* name, int count) {
    Json all = Json::array();
    for (int i = 0; i < count; ++i) all.push_back(name + std::to_string(i));
    return all;
  };
  Json items(100, number(100'000));
  items.back() = mcp::make_number_text("8" + std::string(99'999, '7'));
  Json not_integers(100, {{"type", "number"}, {"not", {{"type", "integer"}}}});
  Json many = Json::object();
  for (const auto& name : texts("p", 1000)) many[name.get<std::string>()] = true;
  Json dependent = Json::object();
  for (const auto& name : texts("p", 1000)) dependent[name.get<std::string>()] = {"q"};
  const Json longest_name = {{std::string(1'000'000, 'n'), 1}};
  Json alternatives(50, {{"prefixItems", {true}}});
  const Row rows[] = {
      {"long numbers that differ at their ends", {{"uniqueItems", true}}, items},
      {"a long number beside others", {{"enum", Json(100, 5)}}, number(100'000)},
      {"whether a long number is an integer", {{"allOf", not_integers}}, number(100'000)},
      {"a limit that is long", {{"items", {{"maximum", number(1000)}}}}, Json(500, 1)},
      {"powers of ten in front of a long divisor",
       {{"items", {{"multipleOf", number(900)}}}},
       Json(20, 1e300)},
      {"properties that are left out",
       {{"items", {{"properties", many}}}},
       Json(2000, Json{{"z", 1}})},
      {"dependencies", {{"items", {{"dependentRequired", dependent}}}}, Json(100, Json::object())},
      {"long names", {{"allOf", Json(50, {{"propertyNames", true}})}}, longest_name},
      {"what is remembered for unevaluatedItems",
       {{"unevaluatedItems", false}, {"anyOf", alternatives}, {"items", true}},
       Json(100'000, 1)},
  };
  CompileOptions options;
  options.max_work = 100'000;
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(summary(Schema::compile(row.schema, options).validate(row.instance)) ==
          "validation was given up: it took too many steps (max_work)");
  }
}

TEST_CASE("the paths of errors do not take more memory than they tell") {
  const std::string name(1'000'000, 'n');
  const Schema schema =
      Schema::compile({{"additionalProperties", {{"items", {{"type", "string"}}}}}});
  const auto errors = schema.validate({{name, Json(300, 1)}});
  REQUIRE(errors.size() == 2);  // the first, and the one that goes past a mebibyte
  CHECK(errors[0].instance_path == "/" + name + "/0");
  CHECK(errors[0].message == "must be string, not integer 1");
}

TEST_CASE("compiling takes time and memory in proportion to the schema") {
  Json required = Json::array();
  for (int i = 200'000; i > 0; --i) required.push_back(std::to_string(i));
  CHECK(Schema::compile({{"required", required}}).valid(1));  // quadratic: minutes

  const std::string name(10'000, 'n');
  Json below = Json::object();
  for (int i = 0; i < 2000; ++i) below[std::to_string(i)] = true;
  CHECK(refusal({{"properties", {{name, {{"properties", below}}}}}})
            .ends_with("the locations of all subschemas take more than 16777216 bytes "
                       "(max_location_bytes): use shorter names and URIs"));

  Json shared = Json::array();
  for (int i = 0; i < 20'000; ++i) shared.push_back("text " + std::to_string(i));
  const Json schema = {
      {"$defs",
       {{"one", {{"required", {"kind"}}, {"properties", {{"kind", {{"enum", shared}}}}}}}}},
      {"anyOf", Json(5000, {{"$ref", "#/$defs/one"}})}};
  CHECK(Schema::compile(schema).valid({{"kind", "text 7"}}));  // a table of them all: 14 GB
}

TEST_CASE("what patterns keep while they are used is bounded") {
  Json patterns = Json::array();
  for (int i = 0; i < 100; ++i) {
    const std::string large = "^[\\p{L}\\p{N}]{1,9}" + std::to_string(i);
    patterns.push_back({{"pattern", large}});
  }
  CHECK(refusal({{"anyOf", patterns}}).find("too many large patterns before it") !=
        std::string::npos);
}

TEST_CASE("a host name that can only be too long is not looked at") {
  CompileOptions options;
  options.assert_format = true;
  const Schema schema = Schema::compile({{"format", "idn-hostname"}}, options);
  std::string dots;
  for (int i = 0; i < 1'000'000; ++i) dots += "\u3002";  // quadratic: minutes
  CHECK_FALSE(schema.valid(dots));
  CHECK(schema.valid("b\u00fccher\u3002example"));
}
