// A tool whose schema is only known at run time: JSON Schema in, JSON arguments in, a result out.

#include <mcp/mcp.h>

int main(int argc, char** argv) {
  mcp::Server server{{.name = "raw", .version = "1.0.0"}};
  // [raw]
  mcp::Tool repeat{.name = "repeat", .description = "Repeats a word"};
  repeat.input_schema = mcp::Json::parse(R"({
    "type": "object",
    "properties": {
      "word": {"type": "string", "minLength": 1},
      "times": {"type": "integer", "minimum": 1, "maximum": 5}
    },
    "required": ["word", "times"]
  })");
  server.tool(std::move(repeat), [](const mcp::Json& arguments, mcp::Context&) {
    std::string repeated;
    for (int count = 0; count < arguments["times"]; ++count) {
      repeated += arguments["word"].get<std::string>();
    }
    return mcp::text(repeated);
  });
  // [end]
  return mcp::serve(server, argc, argv);
}
