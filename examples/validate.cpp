// The validator alone: a schema, a document that it refers to, and what a wrong instance is told.

// [program]
#include <mcp/schema/schema.h>

#include <cstdio>

int main() try {
  using mcp::Json;
  mcp::schema::Registry documents;  // nothing is ever fetched: what $ref may name is registered
  documents.add("urn:shop:amount", Json::parse(R"({"type": "integer", "minimum": 1})"));
  mcp::schema::CompileOptions options;
  options.documents = &documents;
  const auto order = mcp::schema::Schema::compile(Json::parse(R"({
    "type": "object",
    "properties": {"color": {"enum": ["red", "green"]}, "amount": {"$ref": "urn:shop:amount"}},
    "required": ["color"]})"),
                                                  options);

  const Json wrong = Json::parse(R"({"color": "gren", "amount": 0})");
  if (!order.valid(wrong))  // allocates nothing
    for (const auto& error : order.validate(wrong)) std::puts(to_string(error).c_str());
} catch (const mcp::schema::SchemaError& error) {
  std::puts(error.what());
  return 1;
}
// [end]
