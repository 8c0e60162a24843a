#include <doctest/doctest.h>

#include <mcp/base/number_text.h>
#include <mcp/schema/describe.h>

using mcp::Json;
using namespace std::chrono_literals;

namespace {

struct Forecast {
  std::string city;
  int days = 3;
  std::optional<std::string> units;
  static constexpr mcp::About about[] = {
      {"city", "City name, e.g. Paris", {.min_length = 2, .example = "Paris"}},
      {"days", "How far ahead", {.minimum = 1, .maximum = 14}}};
};

enum class Color { red, green, dark_blue };
enum class Late : std::uint8_t { first = 100, second = 101 };

struct Point {
  double x = 0;
  double y = 0;
};

struct Everything {
  bool flag;
  std::int8_t small;
  std::uint64_t large;
  float ratio;
  std::string text;
  Color color = Color::green;
  std::optional<Color> other_color;
  Point point;
  std::vector<Point> points;
  std::array<int, 2> pair_of_int;
  std::tuple<int, std::string> tuple;
  std::map<std::string, std::int64_t> counts;
  std::variant<std::string, int> text_or_number;
  std::chrono::milliseconds wait;
  std::chrono::system_clock::time_point when;
  std::vector<std::byte> bytes;
  Json raw;
  std::optional<Json> optional_raw;
  std::vector<std::optional<int>> gaps;
};

Everything everything() {
  using namespace std::chrono;
  return {.flag = true,
          .small = -128,
          .large = 18446744073709551615u,
          .ratio = 0.5F,
          .text = "t",
          .color = Color::dark_blue,
          .other_color = Color::red,
          .point = {1, 2.5},
          .points = {{3, 4}},
          .pair_of_int = {7, 8},
          .tuple = {1, "one"},
          .counts = {{"a", -1}},
          .text_or_number = 5,
          .wait = 1500ms,
          .when = sys_days(2026y / July / 28) + 12h + 250ms,
          .bytes = {std::byte{0}, std::byte{255}},
          .raw = {{"k", {1, nullptr}}},
          .optional_raw = {},
          .gaps = {1, std::nullopt}};
}

struct Node {
  std::string name;
  std::vector<Node> children;
};

struct Circle {
  double radius;
  static constexpr mcp::Tag tag = {"kind", "circle"};
};
struct Square {
  double side;
  static constexpr mcp::Tag tag = {"kind", "square"};
};
struct Drawing {
  std::vector<std::variant<Circle, Square>> shapes;
};

struct Money {
  explicit Money(long c) : cents(c) {}
  Money() = default;
  long cents = 0;
};

struct Invoice {
  Money total;
  bool paid = false;
  std::string note;
  std::string currency = "EUR";
  static constexpr mcp::About about[] = {{"note", "", {.pattern = "^[a-z]*$", .optional = true}},
                                         {"paid", "Whether it was paid"}};
};

struct Address {
  std::string email;
  static constexpr mcp::About about[] = {{"email", "Where to write", {.format = "email"}}};
};

struct Nothing {};

/// The errors of a value that can't be read, as people see them.
template <class T>
std::vector<std::string> mistakes(const char* text) {
  std::vector<std::string> lines;
  auto result = mcp::decode<T>(Json::parse(text));
  if (auto* errors = std::get_if<1>(&result)) {
    for (const auto& error : *errors) lines.push_back(mcp::schema::to_string(error));
  }
  return lines;
}

}  // namespace

template <>
struct mcp::Described<Money> {
  static Json schema() { return {{"type", "string"}, {"description", "such as 3.50"}}; }
  static Money decode(const Json& value) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty()) throw std::invalid_argument("is empty; write an amount such as 3.50");
    return Money(static_cast<long>(std::stod(text) * 100 + 0.5));
  }
  static Json encode(const Money& value) { return std::to_string(value.cents / 100) + ".00"; }
};

template <>
struct mcp::EnumRange<Late> {
  static constexpr int first = 100;
  static constexpr int last = 110;
};

TEST_CASE("a struct gives its schema") {
  CHECK(mcp::describe<Forecast>() == Json::parse(R"({
    "type": "object",
    "properties": {
      "city": {"type": "string", "description": "City name, e.g. Paris", "minLength": 2,
               "examples": ["Paris"]},
      "days": {"type": "integer", "description": "How far ahead", "minimum": 1, "maximum": 14,
               "default": 3},
      "units": {"type": "string"}},
    "required": ["city"]})"));
  CHECK(mcp::describe<Nothing>() == Json{{"type", "object"}, {"properties", Json::object()}});
}

TEST_CASE("every type has its schema") {
  Json properties = mcp::describe<Everything>()["properties"];
  auto is = [&](const char* member, const char* schema) {
    CAPTURE(member);
    CHECK(properties[member] == Json::parse(schema));
  };
  is("flag", R"({"type":"boolean"})");
  is("small", R"({"type":"integer"})");
  is("large", R"({"type":"integer","minimum":0})");
  is("ratio", R"({"type":"number"})");
  is("color", R"({"type":"string","enum":["red","green","dark_blue"],"default":"green"})");
  is("other_color", R"({"type":"string","enum":["red","green","dark_blue"]})");
  is("point", R"({"type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"}},
                  "required":["x","y"]})");
  is("pair_of_int", R"({"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":2})");
  is("tuple", R"({"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],
                  "minItems":2,"maxItems":2})");
  is("counts", R"({"type":"object","additionalProperties":{"type":"integer"}})");
  is("text_or_number", R"({"oneOf":[{"type":"string"},{"type":"integer"}]})");
  is("wait", R"({"type":"integer","description":"in milliseconds"})");
  is("when", R"({"type":"string","format":"date-time"})");
  is("bytes", R"({"type":"string","contentEncoding":"base64"})");
  is("raw", "{}");
  is("gaps", R"({"type":"array","items":{"type":["integer","null"]}})");
  CHECK(mcp::describe<Late>() == Json{{"type", "string"}, {"enum", {"first", "second"}}});
}

TEST_CASE("what was written is read again, and fits its schema") {
  Json written = mcp::encode(everything());
  CHECK(written["large"] == 18446744073709551615u);
  CHECK(written["color"] == "dark_blue");
  CHECK(written["wait"] == 1500);
  CHECK(written["when"] == "2026-07-28T12:00:00.25Z");
  CHECK(written["bytes"] == "AP8=");
  CHECK_FALSE(written.contains("optional_raw"));
  CHECK(mcp::schema::Schema::compile(mcp::describe<Everything>()).valid(written));

  auto read = mcp::decode<Everything>(written);
  REQUIRE(std::holds_alternative<Everything>(read));
  CHECK(mcp::encode(std::get<0>(read)) == written);
  CHECK(std::get<0>(read).when == everything().when);
}

TEST_CASE("defaults stay when a member is left out; null is absence for an optional") {
  auto read = std::get<0>(mcp::decode<Forecast>({{"city", "Oslo"}, {"units", nullptr}}));
  CHECK(read.city == "Oslo");
  CHECK(read.days == 3);
  CHECK_FALSE(read.units);
  CHECK(std::get<0>(mcp::decode<Forecast>({{"city", "Oslo"}, {"more", 1}})).city == "Oslo");
  CHECK(std::get<0>(mcp::decode<Forecast>({{"city", "Oslo"}, {"days", 4.0}})).days == 4);
}

TEST_CASE("every mistake is told at once, with its path") {
  auto lines = mistakes<Forecast>(R"({"city":"X","days":20,"units":5})");
  REQUIRE(lines.size() == 3);
  for (const char* path : {"/city: ", "/days: ", "/units: "}) {
    CAPTURE(path);
    CHECK(std::count_if(lines.begin(), lines.end(),
                        [&](const auto& line) { return line.starts_with(path); }) == 1);
  }
  CHECK(mistakes<Forecast>("{}").size() == 1);
  CHECK(mistakes<Forecast>("[]").size() == 1);
  CHECK(mistakes<Forecast>("null").size() == 1);
  CHECK(mistakes<std::vector<Point>>(R"([{"x":1,"y":2},{"x":1,"y":"2"}])")
            .at(0)
            .starts_with("/1/y: "));
}

TEST_CASE("numbers that the C++ type can't hold are refused, not cut") {
  CHECK(mistakes<std::int8_t>("127").empty());
  CHECK(mistakes<std::int8_t>("128").size() == 1);
  CHECK(mistakes<std::int8_t>("-129").size() == 1);
  CHECK(mistakes<std::uint32_t>("-1").size() == 1);
  CHECK(mistakes<int>("2147483648").size() == 1);
  CHECK(mistakes<int>("1.5").size() == 1);
  CHECK(mistakes<std::int64_t>("9223372036854775807").empty());
  CHECK(mistakes<std::int64_t>("9223372036854775808").size() == 1);
  CHECK(mistakes<std::uint64_t>("18446744073709551615").empty());
  CHECK(mistakes<float>("1e39").size() == 1);
  for (const char* text : {"18446744073709551616", "1e400"}) {
    CAPTURE(text);
    Json number = mcp::make_number_text(text);
    CHECK(mcp::decode<std::uint64_t>(number).index() == 1);
    CHECK(std::get<0>(mcp::decode<Json>(number)) == number);
  }
  CHECK(mcp::decode<double>(mcp::make_number_text("-1e400")).index() == 1);
  CHECK(mcp::decode<float>(mcp::make_number_text("1e39")).index() == 1);
}

TEST_CASE("a number that came as its text is read as the nearest that the type holds") {
  auto number = [](const char* text) { return mcp::make_number_text(text); };
  CHECK(std::get<0>(mcp::decode<double>(number("3.14159265358979323846"))) == 3.141592653589793);
  CHECK(std::get<0>(mcp::decode<double>(number("18446744073709551616"))) == 18446744073709551616.0);
  CHECK(std::get<0>(mcp::decode<double>(number("1e-400"))) == 0.0);
  CHECK(std::get<0>(mcp::decode<float>(number("0.10000000000000000001"))) == 0.1F);
  CHECK(std::get<0>(mcp::decode<std::int64_t>(number("-9007199254740993.0"))) == -9007199254740993);
  CHECK(std::get<0>(mcp::decode<std::int64_t>(number("-9223372036854775808.0"))) ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(std::get<0>(mcp::decode<std::uint64_t>(number("1844674407370955161.50e1"))) ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK(mcp::decode<std::int64_t>(number("9223372036854775808.0")).index() == 1);
  CHECK(mcp::decode<std::int64_t>(number("9007199254740993.5")).index() == 1);
}

TEST_CASE("enums are told by their names") {
  CHECK(std::get<0>(mcp::decode<Color>("dark_blue")) == Color::dark_blue);
  CHECK(mcp::encode(Late::second) == "second");
  auto lines = mistakes<Color>(R"("grean")");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("green") != std::string::npos);
  CHECK(mistakes<Color>("1").size() == 1);
  CHECK_THROWS_AS(mcp::encode(static_cast<Color>(9)), std::invalid_argument);
}

TEST_CASE("a struct may hold structs of its own type") {
  Json schema = mcp::describe<Node>();
  CHECK(schema["type"] == "object");
  CHECK(schema["properties"]["children"] ==
        Json{{"type", "array"}, {"items", {{"$ref", "#/$defs/Node"}}}});
  CHECK(schema["$defs"]["Node"]["required"] == Json{"name", "children"});

  Json tree = Json::parse(R"({"name":"a","children":[{"name":"b","children":[]}]})");
  CHECK(std::get<0>(mcp::decode<Node>(tree)).children.at(0).name == "b");
  CHECK(mistakes<Node>(R"({"name":"a","children":[{"name":5,"children":[]}]})")
            .at(0)
            .starts_with("/children/0/name: "));
  Json list = mcp::describe<std::vector<Node>>();
  CHECK(list["$defs"].contains("Node"));
  CHECK(mcp::schema::Schema::compile(list).valid(Json::array({tree})));
}

TEST_CASE("variants are told apart by their tag, else by what fits first") {
  Json schema = mcp::describe<Drawing>();
  const Json& one_of = schema["properties"]["shapes"]["items"]["oneOf"];
  REQUIRE(one_of.size() == 2);
  CHECK(one_of[0]["properties"]["kind"] == Json{{"type", "string"}, {"const", "circle"}});
  CHECK(one_of[0]["required"] == Json{"kind", "radius"});

  Json drawing =
      Json::parse(R"({"shapes":[{"kind":"square","side":2},{"kind":"circle","radius":1}]})");
  auto read = std::get<0>(mcp::decode<Drawing>(drawing));
  CHECK(std::get<Square>(read.shapes.at(0)).side == 2);
  CHECK(mcp::encode(read) == drawing);
  CHECK_FALSE(mistakes<Drawing>(R"({"shapes":[{"kind":"line"}]})").empty());

  using Number = std::variant<int, double, std::monostate>;
  CHECK(mcp::describe<Number>().contains("anyOf"));
  CHECK(std::get<0>(std::get<0>(mcp::decode<Number>(3))) == 3);
  CHECK(std::get<1>(std::get<0>(mcp::decode<Number>(3.5))) == 3.5);
  CHECK(std::get<0>(mcp::decode<Number>(nullptr)).index() == 2);
}

TEST_CASE("types of one's own are described by a specialisation") {
  Json schema = mcp::describe<Invoice>();
  CHECK(schema["properties"]["total"] == Json{{"type", "string"}, {"description", "such as 3.50"}});
  CHECK(schema["properties"]["currency"] == Json{{"type", "string"}, {"default", "EUR"}});
  CHECK(schema["required"] == Json{"total", "paid"});
  auto read = std::get<0>(mcp::decode<Invoice>({{"total", "3.50"}, {"paid", true}}));
  CHECK(read.total.cents == 350);
  CHECK(mistakes<Invoice>(R"({"total":"","paid":true})") ==
        std::vector<std::string>{"/total: is empty; write an amount such as 3.50"});
}

TEST_CASE("patterns and formats of the table are checked") {
  CHECK(mistakes<Invoice>(R"({"total":"1","paid":true,"note":"ok"})").empty());
  CHECK(mistakes<Invoice>(R"({"total":"1","paid":true,"note":"NO"})").size() == 1);
  CHECK(mistakes<Address>(R"({"email":"a@example.com"})").empty());
  CHECK(mistakes<Address>(R"({"email":"nobody"})").size() == 1);
}

TEST_CASE("times are read with their zone, and refused when they are none") {
  using Time = std::chrono::sys_seconds;
  auto read = [](const char* text) { return std::get<0>(mcp::decode<Time>(text)); };
  CHECK(mcp::encode(read("2026-07-28T12:00:00+02:00")) == "2026-07-28T10:00:00Z");
  CHECK(mcp::encode(read("1969-12-31T23:59:59.5Z")) == "1969-12-31T23:59:59Z");
  CHECK(mcp::encode(std::chrono::sys_time<std::chrono::milliseconds>(-1ms)) ==
        "1969-12-31T23:59:59.999Z");
  // The offset leads before the year 0, which nobody can write.
  CHECK(mistakes<Time>(R"("0000-01-01T00:00:00+01:00")").size() == 1);
  for (const char* text : {R"("2026-02-30T00:00:00Z")", R"("2026-07-28")", R"("12:00")", R"("")",
                           R"("2026-07-28T25:00:00Z")", R"("2026-07-28T12:00:00")"}) {
    CAPTURE(text);
    CHECK(mistakes<Time>(text).size() == 1);
  }
  CHECK(mistakes<std::chrono::system_clock::time_point>(R"("9999-01-01T00:00:00Z")").size() == 1);
}

TEST_CASE("bytes must be Base64") {
  CHECK(mistakes<std::vector<std::byte>>(R"("AP8")") ==
        std::vector<std::string>{"\"AP8\" is not Base64 (RFC 4648, with padding)"});
}

namespace {
struct Parcel {
  std::vector<std::byte> data;
  int count;
  float weight;
};
}  // namespace

TEST_CASE("what does not fit its C++ type is told in the same pass") {
  CHECK(mistakes<Parcel>(R"({"data": "!!", "count": "x", "weight": 1e39})") ==
        std::vector<std::string>{"/count: must be integer, not string \"x\"",
                                 "/data: \"!!\" is not Base64 (RFC 4648, with padding)",
                                 "/weight: 1e+39 is more than the maximum 3.4028234663852886e+38"});
  using Number = std::variant<float, double>;
  CHECK(std::get<double>(std::get<0>(mcp::decode<Number>(1e39))) == 1e39);
  using Text = std::variant<std::vector<std::byte>, std::string>;
  CHECK(std::get<std::string>(std::get<0>(mcp::decode<Text>("hello!"))) == "hello!");
  CHECK(mistakes<std::chrono::sys_seconds>(R"("9999-12-31T23:59:60Z")").size() == 1);
  using Hours = std::chrono::sys_time<std::chrono::hours>;
  CHECK(mcp::encode(std::get<0>(mcp::decode<Hours>("1969-12-31T23:30:00Z"))) ==
        "1969-12-31T23:00:00Z");
}

namespace {
struct Appointment {
  std::chrono::sys_time<std::chrono::nanoseconds> at;
};
}  // namespace

TEST_CASE("of alternatives without a tag, the first that holds the value is taken") {
  using Entry = std::variant<Appointment, Json>;
  const Json late = {{"at", "9000-01-01T00:00:00Z"}};
  CHECK(std::get<Json>(std::get<0>(mcp::decode<Entry>(late))) == late);
  CHECK(std::get<0>(mcp::decode<Entry>({{"at", "2026-07-28T12:00:00Z"}})).index() == 0);
  using OnlyTimes = std::variant<Appointment, std::chrono::sys_time<std::chrono::nanoseconds>>;
  CHECK(mistakes<OnlyTimes>(R"({"at":"9000-01-01T00:00:00Z"})") ==
        std::vector<std::string>{"/at: is too far away to be held"});
}

TEST_CASE("a time is held up to the last second of its type") {
  using Seconds = std::chrono::sys_time<std::chrono::duration<std::int32_t>>;
  CHECK(mcp::encode(std::get<0>(mcp::decode<Seconds>("2038-01-19T03:14:07Z"))) ==
        "2038-01-19T03:14:07Z");
  CHECK(mistakes<Seconds>(R"("2038-01-19T03:14:08Z")").size() == 1);
  CHECK(mcp::encode(std::get<0>(mcp::decode<Seconds>("1901-12-13T20:45:52Z"))) ==
        "1901-12-13T20:45:52Z");
  CHECK(mistakes<Seconds>(R"("1901-12-13T20:45:51Z")").size() == 1);
  using Fine = std::chrono::sys_time<std::chrono::nanoseconds>;
  CHECK(mcp::encode(std::get<0>(mcp::decode<Fine>("2262-04-11T23:47:16.854775807Z"))) ==
        "2262-04-11T23:47:16.854775807Z");
  CHECK(mistakes<Fine>(R"("2262-04-11T23:47:16.854775808Z")").size() == 1);
}

TEST_CASE("an empty tuple is an empty list") {
  CHECK(mcp::describe<std::tuple<>>() == Json{{"type", "array"}, {"minItems", 0}, {"maxItems", 0}});
  CHECK(mcp::decode<std::tuple<>>(Json::array()).index() == 0);
  CHECK(mistakes<std::tuple<>>("[1]").size() == 1);
  CHECK(mcp::encode(std::tuple<>()) == Json::array());
}

TEST_CASE("a tool's arguments are an object") {
  CHECK(mcp::is_described_object<Forecast>);
  CHECK_FALSE(mcp::is_described_object<std::vector<int>>);
}

namespace {

struct Routed {
  std::string region;
  std::optional<int> priority;
  static constexpr mcp::About about[] = {{.name = "region", .header = "Region"},
                                         {"priority", "0 first", {.minimum = 0}, "Priority"}};
};

}  // namespace

TEST_CASE("a member can be mirrored into a header") {
  const Json schema = mcp::describe<Routed>();
  CHECK(schema["properties"]["region"] ==
        Json::parse(R"({"type":"string","x-mcp-header":"Region"})"));
  CHECK(schema["properties"]["priority"]["x-mcp-header"] == "Priority");
}

namespace {
struct Labelled {
  static constexpr mcp::Tag tag{"kind", "labelled"};
  std::string kind;
  int count;
};
}  // namespace

TEST_CASE("a member may hold the tag of its struct") {
  const Json schema = mcp::describe<Labelled>();
  CHECK(schema["properties"]["kind"] == Json{{"type", "string"}, {"const", "labelled"}});
  CHECK(schema["required"] == Json{"kind", "count"});
}
