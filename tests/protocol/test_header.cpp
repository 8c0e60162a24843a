#include <doctest/doctest.h>

#include <mcp/protocol/header.h>

using mcp::Json;

namespace {

Json schema_with(const Json& property) {
  return {{"type", "object"}, {"properties", {{"p", property}}}};
}

std::string problem_of(const Json& schema) {
  auto result = mcp::header_parameters(schema);
  auto* problem = std::get_if<mcp::HeaderProblem>(&result);
  return problem ? problem->schema_path + ": " + problem->message : "";
}

mcp::HeaderParameter parameter(const char* name) {
  return {{"p"}, name};
}

}  // namespace

TEST_CASE("annotated properties are found by their path, nested ones too") {
  Json schema = Json::parse(R"({"type":"object","properties":{
    "region":{"type":"string","x-mcp-header":"Region"},
    "place":{"type":"object","properties":{"zone":{"type":["integer","null"],"x-mcp-header":"Zone"}}},
    "query":{"type":"string"}}})");
  auto found = std::get<0>(mcp::header_parameters(schema));
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == "Zone");
  CHECK(found[0].path == std::vector<std::string>{"place", "zone"});
  CHECK(found[1].name == "Region");
  CHECK(found[1].path == std::vector<std::string>{"region"});
}

TEST_CASE("an annotation that breaks a rule makes the tool invalid") {
  for (const char* name : {R"("")", "{}", "[]", "null", "1", R"("My Region")",
                           R"("Region:Primary")", R"("Région")", R"("Region\t1")", R"("a\r\nb")"}) {
    CAPTURE(name);
    CHECK(problem_of(schema_with({{"type", "string"}, {"x-mcp-header", Json::parse(name)}}))
              .starts_with("/properties/p/x-mcp-header: x-mcp-header "));
  }
  for (const char* type : {R"("number")", R"("object")", R"("array")", R"("null")",
                           R"(["string","number"])", R"(["null"])", "[]"}) {
    CAPTURE(type);
    CHECK(problem_of(schema_with({{"type", Json::parse(type)}, {"x-mcp-header", "P"}})) ==
          "/properties/p/x-mcp-header: x-mcp-header belongs on a property of type string, integer "
          "or boolean");
  }
  CHECK(problem_of(schema_with({{"x-mcp-header", "P"}})) != "");
}

TEST_CASE("names are unique whatever their letter case") {
  for (const char* second : {"Region", "REGION", "region"}) {
    Json schema = schema_with({{"type", "string"}, {"x-mcp-header", "Region"}});
    schema["properties"]["q"] = {{"type", "string"}, {"x-mcp-header", second}};
    CAPTURE(second);
    CHECK(problem_of(schema).starts_with("/properties/q/x-mcp-header: "));
  }
}

TEST_CASE("only properties reached by properties alone may be annotated") {
  Json annotated = {{"type", "string"}, {"x-mcp-header", "P"}};
  Json inside = {{"type", "object"}, {"properties", {{"x", annotated}}}};
  for (const char* keyword : {"items", "not", "if", "then", "else", "additionalProperties"}) {
    CAPTURE(keyword);
    CHECK(problem_of(schema_with({{"type", "object"}, {keyword, inside}})) != "");
  }
  for (const char* keyword : {"oneOf", "anyOf", "allOf", "prefixItems"}) {
    CAPTURE(keyword);
    CHECK(problem_of(schema_with({{keyword, Json::array({inside})}})) != "");
  }
  CHECK(problem_of({{"type", "object"}, {"$defs", {{"d", inside}}}}) ==
        "/$defs/d/properties/x/x-mcp-header: x-mcp-header belongs on a property that is reached "
        "from the root by \"properties\" alone");
  CHECK(problem_of({{"type", "string"}, {"x-mcp-header", "Root"}}) != "");
}

TEST_CASE("data and property names are no annotations") {
  CHECK(problem_of(schema_with({{"default", {{"x-mcp-header", 5}}}})).empty());
  CHECK(problem_of({{"type", "object"}, {"properties", {{"x-mcp-header", {{"type", "number"}}}}}})
            .empty());
  CHECK(problem_of(Json(true)).empty());
  CHECK(problem_of(Json("text")).empty());
}

TEST_CASE("a schema that is nested too deep is refused") {
  Json schema = {{"type", "object"}};
  for (int i = 0; i < 100; ++i) schema = schema_with(schema);
  CHECK(problem_of(schema) == "");  // as deep as a message may be
  for (int i = 0; i < 500; ++i) schema = schema_with(schema);
  CHECK(problem_of(schema) != "");
}

TEST_CASE("an annotation behind a reference is none of a property, wherever it leads") {
  const Json annotated = {{"type", "string"}, {"x-mcp-header", "A"}};
  Json schema = schema_with({{"$ref", "#/parts/one%20part"}});
  schema["parts"]["one part"] = annotated;
  CHECK(problem_of(schema).starts_with("/parts/one part/x-mcp-header: "));
  Json chain = schema_with({{"$ref", "#/parts/a"}});
  chain["parts"] = {{"a", {{"$ref", "#/parts/b"}}},
                    {"b", {{"anyOf", {{{"$ref", "#/parts/a"}}, annotated}}}}};
  CHECK(problem_of(chain).starts_with("/parts/b/anyOf/1/x-mcp-header: "));
  // Nobody refers to it: data, not a schema.
  Json unused = schema_with({{"$ref", "#/parts/none"}});
  unused["parts"]["a"] = annotated;
  CHECK(problem_of(unused) == "");
  for (const char* strange : {"#/%zz", "#/a~2", "#/properties/-", "#/properties/p/01", "#/"})
    CHECK(problem_of(schema_with({{"$ref", strange}})) == "");
}

TEST_CASE("an annotation on what a name depends on is none of a property") {
  CHECK(problem_of({{"type", "object"},
                    {"dependencies", {{"a", {{"x-mcp-header", "A"}, {"type", "string"}}}}}}) != "");
}

TEST_CASE("values travel as they are when a header can hold them, else in Base64") {
  CHECK(mcp::encode_header_value("us-west1") == "us-west1");
  CHECK(mcp::encode_header_value("us west 1") == "us west 1");
  CHECK(mcp::encode_header_value("") == "");
  CHECK(mcp::encode_header_value("Hello, 世界") == "=?base64?SGVsbG8sIOS4lueVjA==?=");
  CHECK(mcp::encode_header_value(" padded ") == "=?base64?IHBhZGRlZCA=?=");
  CHECK(mcp::encode_header_value("line1\nline2") == "=?base64?bGluZTEKbGluZTI=?=");
  CHECK(mcp::encode_header_value("\tindented") == "=?base64?CWluZGVudGVk?=");
  CHECK(mcp::encode_header_value("a\tb") == "=?base64?YQli?=");
  CHECK(mcp::encode_header_value("=?base64?literal?=") == "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=");
}

TEST_CASE("what was encoded is decoded, strictly") {
  for (const char* text : {"us-west1", "", "Hello, 世界", " padded ", "a\r\nb", "=?base64?x?="}) {
    CAPTURE(text);
    CHECK(mcp::decode_header_value(mcp::encode_header_value(text)) == text);
  }
  CHECK(mcp::decode_header_value("=?base64?SGVsbG8=?=") == "Hello");
  CHECK(mcp::decode_header_value("  trimmed\t") == "trimmed");
  CHECK(mcp::decode_header_value("SGVsbG8=") == "SGVsbG8=");
  CHECK(mcp::decode_header_value("=?base64?SGVsbG8=") == "=?base64?SGVsbG8=");
  CHECK(mcp::decode_header_value("=?BASE64?SGVsbG8=?=") == "=?BASE64?SGVsbG8=?=");
  CHECK_FALSE(mcp::decode_header_value("=?base64?SGVsbG8?="));      // padding is missing
  CHECK_FALSE(mcp::decode_header_value("=?base64?SGVs!!!bG8=?="));  // not the alphabet
  CHECK_FALSE(mcp::decode_header_value("=?base64?/w==?="));         // 0xff is no UTF-8
  CHECK_FALSE(mcp::decode_header_value("caf\xc3\xa9"));
  CHECK_FALSE(mcp::decode_header_value("a\x01z"));
}

TEST_CASE("arguments become headers by their type") {
  auto p = parameter("P");
  CHECK(mcp::header_value(p, {{"p", 42}}) == "42");
  CHECK(mcp::header_value(p, {{"p", -7}}) == "-7");
  CHECK(mcp::header_value(p, {{"p", 42.0}}) == "42");
  CHECK(mcp::header_value(p, {{"p", false}}) == "false");
  CHECK(mcp::header_value(p, {{"p", ""}}) == "");
  CHECK(mcp::header_value(p, {{"p", nullptr}}) == std::nullopt);
  CHECK(mcp::header_value(p, Json::object()) == std::nullopt);
  CHECK(mcp::header_value(p, {{"p", Json::array()}}) == std::nullopt);
  CHECK(mcp::header_value(p, {{"p", 9007199254740992}}) == std::nullopt);
  CHECK(mcp::header_value({{"a", "b"}, "P"}, {{"a", {{"b", "deep"}}}}) == "deep");
  CHECK(mcp::header_value({{"a", "b"}, "P"}, {{"a", 5}}) == std::nullopt);
}

TEST_CASE("a header must match the argument") {
  auto p = parameter("P");
  CHECK(mcp::header_mismatch(p, {{"p", "Hello"}}, "=?base64?SGVsbG8=?=").empty());
  CHECK(mcp::header_mismatch(p, {{"p", "SGVsbG8="}}, "SGVsbG8=").empty());
  CHECK(mcp::header_mismatch(p, {{"p", 42}}, "42.0").empty());
  CHECK(mcp::header_mismatch(p, {{"p", true}}, "true").empty());
  CHECK(mcp::header_mismatch(p, {{"p", ""}}, "").empty());
  CHECK(mcp::header_mismatch(p, {{"p", nullptr}}, std::nullopt).empty());
  CHECK(mcp::header_mismatch(p, Json::object(), std::nullopt).empty());

  CHECK(mcp::header_mismatch(p, {{"p", "test-value"}}, std::nullopt) ==
        "the header Mcp-Param-P is missing, but the call has the argument");
  CHECK(mcp::header_mismatch(p, {{"p", "a"}}, "A") ==
        "the header Mcp-Param-P does not match the call's argument");
  CHECK(mcp::header_mismatch(p, {{"p", true}}, "True") != "");
  CHECK(mcp::header_mismatch(p, {{"p", 42}}, "42x") != "");
  CHECK(mcp::header_mismatch(p, {{"p", "Hello"}}, "=?base64?SGVsbG8?=") != "");
  CHECK(mcp::header_mismatch(p, Json::object(), "x") ==
        "the header Mcp-Param-P is there, but the call has no such argument");
  CHECK(mcp::header_mismatch(p, {{"p", 9007199254740993}}, "9007199254740992") != "");
  CHECK(mcp::header_mismatch(p, {{"p", 9007199254740993}}, std::nullopt) != "");
}
