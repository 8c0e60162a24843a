#include <mcp/schema/describe.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <mcp/base/base64.h>
#include <mcp/base/json_pointer.h>
#include <mcp/base/number_text.h>
#include <mcp/schema/number.h>

namespace mcp::described {

namespace {

/// 14 rather than 14.0 for whoever reads the schema.
Json as_written(double value) {
  if (std::abs(value) > 9007199254740992.0 || std::trunc(value) != value) return value;
  return static_cast<std::int64_t>(value);
}

/// An example is JSON text, or the text itself where a text is wanted.
Json example_value(const Json& schema, std::string_view example) {
  bool is_text = schema.value("type", Json()) == "string";
  if (is_text && !example.starts_with('"')) return example;
  Json value = Json::parse(example, nullptr, false);
  return value.is_discarded() ? Json(example) : value;
}

void add_about(Json& schema, const About& about) {
  if (!about.description.empty()) {
    std::string text(about.description);
    // The schema of a duration comes with a description: its unit.
    auto unit = schema.find("description");
    if (unit != schema.end()) text += " (" + unit->get<std::string>() + ")";
    schema["description"] = std::move(text);
  }
  const Limits& limits = about.limits;
  bool is_list = schema.value("type", Json()) == "array";
  // The C++ type's own bounds stay where they are the narrower ones.
  if (limits.minimum && schema.value("minimum", -HUGE_VAL) <= *limits.minimum) {
    schema["minimum"] = as_written(*limits.minimum);
  }
  if (limits.maximum && schema.value("maximum", HUGE_VAL) >= *limits.maximum) {
    schema["maximum"] = as_written(*limits.maximum);
  }
  if (limits.min_length) schema[is_list ? "minItems" : "minLength"] = *limits.min_length;
  if (limits.max_length) schema[is_list ? "maxItems" : "maxLength"] = *limits.max_length;
  if (!limits.pattern.empty()) schema["pattern"] = limits.pattern;
  if (!limits.format.empty()) schema["format"] = limits.format;
  if (!about.header.empty()) schema["x-mcp-header"] = about.header;
  if (!limits.example.empty()) {
    schema["examples"] = Json::array({example_value(schema, limits.example)});
  }
}

Json struct_schema(std::vector<MemberSchema> members, const Tag* tag, Purpose purpose) {
  Json properties = Json::object();
  Json required = Json::array();
  if (tag) {
    properties[std::string(tag->name)] = {{"type", "string"}, {"const", tag->value}};
    required.push_back(tag->name);
  }
  for (MemberSchema& member : members) {
    if (tag && member.name == tag->name)
      continue;  // a member may hold the tag; what it says stands
    if (member.about) add_about(member.schema, *member.about);
    if (member.is_optional && purpose == Purpose::check) {
      member.schema = nullable(std::move(member.schema));
    }
    bool may_be_absent =
        member.is_optional || member.initial || (member.about && member.about->limits.optional);
    if (!may_be_absent) required.push_back(member.name);
    if (member.initial) member.schema["default"] = std::move(*member.initial);
    properties[std::string(member.name)] = std::move(member.schema);
  }
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

/// Reads digits at `text[at]`; moves on. Nothing when there is another character.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    char c = text[at + i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  at += count;
  return value;
}

/// The magnitude of an integer that fits 64 bits.
std::uint64_t to_whole(const Decimal& decimal) {
  std::uint64_t value = 0;
  for (char c : decimal.digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  for (std::int64_t i = 0; i < decimal.exponent && value != 0; ++i) value *= 10;
  return value;
}

bool skip(std::string_view text, std::size_t& at, std::string_view any_of) {
  if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}

}  // namespace

std::optional<Json> Builder::enter(const void* type, std::string_view name) {
  auto reference = [](const std::string& definition) {
    return Json{{"$ref", "#/$defs/" + definition}};
  };
  if (auto known = defined_.find(type); known != defined_.end()) return reference(known->second);
  for (Open& open : open_) {
    if (open.type != type) continue;
    open.is_referenced = true;
    return reference(open.name);
  }
  std::string own(name);
  auto taken = [&](const std::string& candidate) {
    return definitions_.contains(candidate) ||
           std::any_of(open_.begin(), open_.end(),
                       [&](const Open& open) { return open.name == candidate; });
  };
  for (int i = 2; taken(own); ++i) own = std::string(name) + std::to_string(i);
  open_.push_back({type, std::move(own), false});
  return std::nullopt;
}

Json Builder::leave(std::vector<MemberSchema> members, const Tag* tag) {
  Json schema = struct_schema(std::move(members), tag, purpose_);
  Open open = std::move(open_.back());
  open_.pop_back();
  if (!open.is_referenced) return schema;
  defined_.emplace(open.type, open.name);
  definitions_[open.name] = schema;
  // The root says its type itself: a tool's schema must be `"type": "object"`.
  return open_.empty() ? schema : Json{{"$ref", "#/$defs/" + open.name}};
}

Json Builder::finish(Json root) {
  if (!definitions_.empty()) root["$defs"] = std::move(definitions_);
  return root;
}

void ValuePath::refuse(std::string keyword, std::string message) const {
  std::vector<const ValuePath*> steps;
  for (const ValuePath* step = this; step->up; step = step->up) steps.push_back(step);
  std::string path;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if ((*step)->name.data()) {
      append_json_pointer(path, (*step)->name);
    } else {
      append_json_pointer(path, (*step)->index);
    }
  }
  errors->push_back({.instance_path = std::move(path),
                     .schema_path = {},
                     .schema_location = {},
                     .keyword = std::move(keyword),
                     .message = std::move(message)});
}

Json integer_schema(Purpose purpose, std::int64_t lowest, std::uint64_t highest) {
  Json schema = {{"type", "integer"}};
  // What every reader should know is that a count is not negative; the rest is C++'s.
  bool show = lowest == 0;
  if (show || purpose == Purpose::check) schema["minimum"] = lowest;
  if (purpose == Purpose::check) schema["maximum"] = highest;
  return schema;
}

Json number_schema(Purpose purpose, double highest) {
  Json schema = {{"type", "number"}};
  if (purpose == Purpose::check) {
    schema["minimum"] = -highest;
    schema["maximum"] = highest;
  }
  return schema;
}

Json enum_schema(std::vector<std::string_view> names) {
  return {{"type", "string"}, {"enum", std::move(names)}};
}

Json nullable(Json schema) {
  if (schema.empty()) return schema;
  auto type = schema.find("type");
  if (type == schema.end() || schema.contains("const")) {
    return {{"anyOf", Json::array({std::move(schema), {{"type", "null"}}})}};
  }
  if (type->is_string()) *type = Json::array({*type, "null"});
  if (auto values = schema.find("enum"); values != schema.end()) values->push_back(nullptr);
  return schema;
}

Json alternatives_schema(std::vector<Json> alternatives, bool tagged) {
  // `oneOf` is right when no value fits two alternatives.
  std::set<std::string> types;
  bool apart = true;
  for (const Json& alternative : alternatives) {
    auto type = alternative.find("type");
    if (type == alternative.end() || !type->is_string()) {
      apart = false;
      continue;
    }
    std::string name = *type == "integer" ? "number" : type->get<std::string>();
    apart = types.insert(std::move(name)).second && apart;
  }
  return {{tagged || apart ? "oneOf" : "anyOf", std::move(alternatives)}};
}

Json duration_schema(bool whole, std::intmax_t numerator, std::intmax_t denominator) {
  struct Unit {
    std::intmax_t numerator, denominator;
    const char* name;
  };
  static constexpr std::array units = {Unit{1, 1, "seconds"},
                                       Unit{1, 1'000, "milliseconds"},
                                       Unit{1, 1'000'000, "microseconds"},
                                       Unit{1, 1'000'000'000, "nanoseconds"},
                                       Unit{60, 1, "minutes"},
                                       Unit{3600, 1, "hours"},
                                       Unit{86400, 1, "days"},
                                       Unit{604800, 1, "weeks"}};
  std::string name = std::to_string(numerator) + "/" + std::to_string(denominator) + " seconds";
  for (const Unit& unit : units) {
    if (unit.numerator == numerator && unit.denominator == denominator) name = unit.name;
  }
  return {{"type", whole ? "integer" : "number"}, {"description", "in " + name}};
}

schema::Schema compile(const Json& schema) {
  schema::CompileOptions options;
  options.assert_format = true;
  options.assert_content = true;
  return schema::Schema::compile(schema, options);
}

std::int64_t read_signed(const Json& value) {
  // 3.0 is an integer too, in whatever form; the schema has bounded it.
  if (value.is_number_float()) return static_cast<std::int64_t>(value.get<double>());
  if (!is_number_text(value)) return value.get<std::int64_t>();
  const Decimal decimal = schema::to_decimal(value);
  const std::uint64_t magnitude = to_whole(decimal);
  return static_cast<std::int64_t>(decimal.negative ? 0 - magnitude : magnitude);
}

std::uint64_t read_unsigned(const Json& value) {
  if (value.is_number_float()) return static_cast<std::uint64_t>(value.get<double>());
  return is_number_text(value) ? to_whole(schema::to_decimal(value)) : value.get<std::uint64_t>();
}

std::optional<double> read_double(const Json& value, double lowest, double highest) {
  const double number = schema::to_double(value);
  if (!(number >= lowest && number <= highest)) return std::nullopt;
  return number;
}

Json write_bytes(const std::vector<std::byte>& bytes) {
  return base64_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::optional<std::vector<std::byte>> read_bytes(const std::string& text) {
  auto decoded = base64_decode(text);
  if (!decoded) return std::nullopt;
  std::vector<std::byte> bytes(decoded->size());
  std::transform(decoded->begin(), decoded->end(), bytes.begin(),
                 [](std::uint8_t byte) { return std::byte{byte}; });
  return bytes;
}

std::optional<DateTime> read_date_time(std::string_view text) {
  using namespace std::chrono;
  std::size_t at = 0;
  auto year_number = digits(text, at, 4);
  if (!year_number || !skip(text, at, "-")) return std::nullopt;
  auto month_number = digits(text, at, 2);
  if (!month_number || !skip(text, at, "-")) return std::nullopt;
  auto day_number = digits(text, at, 2);
  if (!day_number || !skip(text, at, "Tt ")) return std::nullopt;
  year_month_day date{year(*year_number), month(static_cast<unsigned>(*month_number)),
                      day(static_cast<unsigned>(*day_number))};
  auto hour = digits(text, at, 2);
  if (!date.ok() || !hour || *hour > 23 || !skip(text, at, ":")) return std::nullopt;
  auto minute = digits(text, at, 2);
  if (!minute || *minute > 59 || !skip(text, at, ":")) return std::nullopt;
  auto second = digits(text, at, 2);
  if (!second || *second > 60) return std::nullopt;

  DateTime time{sys_seconds(sys_days(date)) + hours(*hour) + minutes(*minute) + seconds(*second),
                nanoseconds(0)};
  if (skip(text, at, ".")) {
    std::size_t begin = at;
    nanoseconds unit = milliseconds(100);
    while (auto digit = digits(text, at, 1)) {
      time.fraction += unit * *digit;
      unit /= 10;
    }
    if (at == begin) return std::nullopt;
  }
  if (!skip(text, at, "Zz")) {
    bool east = at < text.size() && text[at] == '+';
    if (!skip(text, at, "+-")) return std::nullopt;
    auto offset_hours = digits(text, at, 2);
    if (!offset_hours || *offset_hours > 23 || !skip(text, at, ":")) return std::nullopt;
    auto offset_minutes = digits(text, at, 2);
    if (!offset_minutes || *offset_minutes > 59) return std::nullopt;
    auto offset = hours(*offset_hours) + minutes(*offset_minutes);
    time.seconds += east ? -offset : offset;
  }
  if (at != text.size()) return std::nullopt;
  // An offset or a leap second may lead out of the years that can be written.
  const auto year_in_utc = year_month_day(floor<days>(time.seconds)).year();
  if (year_in_utc < year(0) || year_in_utc > year(9999)) return std::nullopt;
  return time;
}

std::string write_date_time(const DateTime& time) {
  using namespace std::chrono;
  auto day = floor<days>(time.seconds);
  year_month_day date(day);
  int year_number = static_cast<int>(date.year());
  if (year_number < 0 || year_number > 9999) {
    throw std::invalid_argument("a time of the year " + std::to_string(year_number) +
                                " can not be written: the years are 0 to 9999");
  }
  hh_mm_ss clock(time.seconds - day);
  auto padded = [](auto number, std::size_t width) {
    std::string text = std::to_string(number);
    return std::string(width - std::min(width, text.size()), '0') + text;
  };
  std::string text = padded(year_number, 4) + "-" + padded(static_cast<unsigned>(date.month()), 2) +
                     "-" + padded(static_cast<unsigned>(date.day()), 2) + "T" +
                     padded(clock.hours().count(), 2) + ":" + padded(clock.minutes().count(), 2) +
                     ":" + padded(clock.seconds().count(), 2);
  if (time.fraction.count() != 0) {
    std::string fraction = padded(time.fraction.count(), 9);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + "Z";
}

}  // namespace mcp::described
