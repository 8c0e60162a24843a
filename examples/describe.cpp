// Types that describe themselves: the schema of a struct, and what wrong calls are told.
//
//   describe schema | errors

#include <cstdio>
#include <string_view>

#include <mcp/schema/describe.h>

// [types]
enum class Units { celsius, fahrenheit };

struct Place {
  std::string city;
  std::string country = "FR";
  static constexpr mcp::About about[] = {
      {"city", "City name, e.g. Paris", {.min_length = 1}},
      {"country", "Two letters", {.pattern = "^[A-Z]{2}$"}},
  };
};

struct Forecast {
  Place place;
  int days = 3;                // a default makes it optional
  std::optional<Units> units;  // so does this
  std::vector<std::string> details;
  static constexpr mcp::About about[] = {
      {"days", "How far ahead", {.minimum = 1, .maximum = 14}},
      {"details", "What to add", {.max_length = 2, .optional = true}},
  };
};
// [end]

namespace {

void print_schema() {
  std::puts(mcp::describe<Forecast>().dump(2).c_str());
}

// [decode]
void read(const char* arguments) {
  const auto decoded = mcp::decode<Forecast>(mcp::Json::parse(arguments));
  if (const auto* forecast = std::get_if<Forecast>(&decoded)) {
    std::printf("%d days in %s\n", forecast->days, forecast->place.city.c_str());
  } else {
    for (const auto& error : std::get<1>(decoded)) std::puts(to_string(error).c_str());
  }
}
// [end]

void print_errors() {
  for (const char* arguments : {
           R"({"place": {"city": "Paris"}})",
           R"({"place": {"city": "Paris"}, "days": 20})",
           R"({"place": {"city": "Paris"}, "days": "3"})",
           R"({"place": {"city": "Paris"}, "units": "celcius"})",
           R"({"place": {"city": "", "country": "France"}})",
           R"({"place": {"town": "Paris"}})",
           R"({"days": 0, "details": ["wind", "rain", "snow"]})",
           R"([1])",
       }) {
    std::printf("> %s\n", arguments);
    read(arguments);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "schema") {
    print_schema();
  } else if (what == "errors") {
    print_errors();
  } else {
    std::fputs("usage: describe schema | errors\n", stderr);
    return 2;
  }
}
