// A whole tool server. Try it: fairlead call build/bin/weather -- get_forecast '{"city": "Paris"}'

#include <mcp/mcp.h>

struct Forecast {
  std::string city;
  int days = 3;  // a default makes it optional
  std::optional<std::string> units;
  static constexpr mcp::About about[] = {
      {"city", "City name, e.g. Paris"},
      {"days", "How far ahead", {.minimum = 1, .maximum = 14}},
  };
};
struct Weather {
  double celsius;
  std::string summary;
};

int main(int argc, char** argv) {
  mcp::Server server{{.name = "weather", .version = "1.0.0"}};
  server.tool("get_forecast", "Forecast for a city", [](const Forecast& in, mcp::Context& ctx) {
    ctx.progress(0.5, "asking the provider");
    return Weather{21.5, "sunny in " + in.city};
  });
  return mcp::serve(server, argc, argv);
}
