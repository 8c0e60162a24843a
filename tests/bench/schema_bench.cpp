// What validating costs, in nanoseconds a validation, with schemas compiled once; the best of many
// short rounds.
//
//   schema_bench [--dump FILE]
//
// --dump writes the same schemas and instances for ajv_bench.mjs.

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <mcp/base/json.h>
#include <mcp/schema/describe.h>
#include <mcp/schema/schema.h>

namespace {

using mcp::Json;

struct Case {
  std::string name;
  Json schema;
  Json instance;
};

Case tool_call() {
  return {"typical tool call", Json::parse(R"({
            "type": "object",
            "properties": {
              "city": {"type": "string", "minLength": 1, "maxLength": 100},
              "days": {"type": "integer", "minimum": 1, "maximum": 14},
              "units": {"type": "string", "enum": ["celsius", "fahrenheit", "kelvin"]},
              "language": {"type": "string", "pattern": "^[a-z]{2}(-[A-Z]{2})?$"},
              "details": {"type": "array", "items": {"type": "string"}, "maxItems": 10},
              "alerts": {"type": "boolean"}
            },
            "required": ["city"],
            "additionalProperties": false})"),
          Json::parse(R"({"city": "Paris", "days": 5, "units": "celsius", "language": "fr-FR",
                          "details": ["wind", "humidity"], "alerts": true})")};
}

Case array_of_objects() {
  Json items = Json::array();
  for (int i = 0; items.dump().size() < 100'000; ++i)
    items.push_back({{"id", i},
                     {"name", "Customer number " + std::to_string(i)},
                     {"balance", i * 0.25},
                     {"active", i % 3 == 0},
                     {"tags", {"gold", "eu"}}});
  return {"100 KB array of objects", Json::parse(R"({
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "id": {"type": "integer", "minimum": 0},
                "name": {"type": "string", "maxLength": 200},
                "balance": {"type": "number"},
                "active": {"type": "boolean"},
                "tags": {"type": "array", "items": {"type": "string"}}
              },
              "required": ["id", "name"],
              "additionalProperties": false
            }})"),
          items};
}

// Every level is a choice of eight kinds, told apart by a tag; the instance goes twelve levels
// down and always takes the last kind.
Case deep_one_of() {
  Json kinds = Json::array();
  for (int i = 0; i < 8; ++i)
    kinds.push_back({{"type", "object"},
                     {"properties",
                      {{"kind", {{"const", "kind" + std::to_string(i)}}},
                       {"next", {{"$ref", "#/$defs/node"}}}}},
                     {"required", {"kind"}}});
  Json instance = {{"kind", "kind7"}};
  for (int i = 0; i < 12; ++i) instance = {{"kind", "kind7"}, {"next", instance}};
  return {"deep oneOf",
          {{"$ref", "#/$defs/node"}, {"$defs", {{"node", {{"oneOf", kinds}}}}}},
          instance};
}

// The typical call as a handler gets it: checked, and read into a struct.
enum class Units { celsius, fahrenheit, kelvin };
struct Forecast {
  std::string city;
  int days = 3;
  std::optional<Units> units;
  std::string language = "en";
  std::vector<std::string> details;
  bool alerts = false;
  static constexpr mcp::About about[] = {
      {"city", "City name", {.min_length = 1, .max_length = 100}},
      {"days", "How far ahead", {.minimum = 1, .maximum = 14}},
      {"language", "", {.pattern = "^[a-z]{2}(-[A-Z]{2})?$"}},
      {"details", "", {.max_length = 10}}};
};

template <typename Work>
double nanoseconds(Work work) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int round = 0; round < 60; ++round) {
    std::size_t runs = 0;
    const auto start = Clock::now();
    Clock::duration spent{};
    do {
      for (int i = 0; i < 256; ++i) runs += work() ? 1U : 0U;
      spent = Clock::now() - start;
    } while (spent < std::chrono::milliseconds(10));
    const double each =
        std::chrono::duration<double, std::nano>(spent).count() / static_cast<double>(runs);
    if (round == 0 || each < best) best = each;
  }
  return best;
}

void print_row(const std::string& name, double each) {
  std::printf("%-34s %10.0f ns\n", name.c_str(), each);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Case> cases = {tool_call(), array_of_objects(), deep_one_of()};
  if (argc == 3 && std::strcmp(argv[1], "--dump") == 0) {
    Json dump = Json::array();
    for (const Case& one : cases)
      dump.push_back({{"name", one.name}, {"schema", one.schema}, {"instance", one.instance}});
    std::ofstream(argv[2]) << dump << "\n";
    return 0;
  }
  for (const Case& one : cases) {
    const auto schema = mcp::schema::Schema::compile(one.schema);
    if (!schema.valid(one.instance)) {
      std::printf("%s: the instance is not valid: %s\n", one.name.c_str(),
                  summary(schema.validate(one.instance)).c_str());
      return 1;
    }
    print_row(one.name, nanoseconds([&] { return schema.valid(one.instance); }));
  }
  const Json call = tool_call().instance;
  print_row("typical tool call, into a struct",
            nanoseconds([&] { return mcp::decode<Forecast>(call).index() == 0; }));
}
