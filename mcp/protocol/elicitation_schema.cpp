// The restricted schema of forms: how it is built, and what it may hold.

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <mcp/base/json_pointer.h>
#include <mcp/base/number_text.h>
#include <mcp/base/utf8.h>
#include <mcp/protocol/elicitation.h>

namespace mcp {

namespace {

/// 30 rather than 30.0 for whoever reads the schema.
Json as_written(double value) {
  if (std::nearbyint(value) == value && std::abs(value) <= 9007199254740992.0) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

void set_number(Json& field, const char* keyword, const std::optional<double>& value) {
  if (value) field[keyword] = as_written(*value);
}

void set_size(Json& field, const char* keyword, const std::optional<std::size_t>& value) {
  if (value) field[keyword] = *value;
}

void set_number_limits(Json& field, const NumberLimits& limits) {
  set_number(field, "minimum", limits.minimum);
  set_number(field, "maximum", limits.maximum);
  set_number(field, "default", limits.default_value);
}

bool any_title(const std::vector<Choice>& choices) {
  return std::any_of(choices.begin(), choices.end(),
                     [](const Choice& choice) { return !choice.title.empty(); });
}

Json titled(const std::vector<Choice>& choices) {
  Json options = Json::array();
  for (const Choice& choice : choices) {
    options.push_back(
        {{"const", choice.value}, {"title", choice.title.empty() ? choice.value : choice.title}});
  }
  return options;
}

Json untitled(const std::vector<Choice>& choices) {
  Json values = Json::array();
  for (const Choice& choice : choices) values.push_back(choice.value);
  return values;
}

// --- What a form's schema may hold ---

bool is_text_list(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
}

bool is_titled_list(const Json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& option) {
           return option.is_object() && option.contains("const") && option["const"].is_string() &&
                  option.contains("title") && option["title"].is_string();
         });
}

bool is_format(const Json& value) {
  return value == "date" || value == "date-time" || value == "email" || value == "uri";
}

/// What a keyword's value has to be; others than these say nothing in a form.
struct Keyword {
  const char* name;
  bool (*fits)(const Json& value);
  const char* words;
};

bool is_text(const Json& value) {
  return value.is_string();
}
bool is_a_number(const Json& value) {
  return value.is_number() || is_number_text(value);
}
bool is_count(const Json& value) {
  if (value.is_number_integer()) return value >= 0;
  if (!value.is_number_float()) return false;
  const auto number = value.get<double>();  // 1.0 is an integer, too
  return number >= 0 && number <= 9007199254740992.0 && std::nearbyint(number) == number;
}
bool is_boolean(const Json& value) {
  return value.is_boolean();
}

constexpr Keyword for_all[] = {{"title", is_text, "a text"}, {"description", is_text, "a text"}};
constexpr Keyword for_text[] = {{"default", is_text, "a text"},
                                {"format", is_format, "email, uri, date or date-time"},
                                {"minLength", is_count, "a count"},
                                {"maxLength", is_count, "a count"},
                                {"pattern", is_text, "a text"},
                                {"enum", is_text_list, "a list of texts"},
                                {"enumNames", is_text_list, "a list of texts"},
                                {"oneOf", is_titled_list, "a list of {\"const\", \"title\"}"}};
constexpr Keyword for_number[] = {{"default", is_a_number, "a number"},
                                  {"minimum", is_a_number, "a number"},
                                  {"maximum", is_a_number, "a number"}};
constexpr Keyword for_boolean[] = {{"default", is_boolean, "true or false"}};
constexpr Keyword for_choices[] = {{"default", is_text_list, "a list of texts"},
                                   {"minItems", is_count, "a count"},
                                   {"maxItems", is_count, "a count"}};

constexpr std::array structural_keywords = {"$ref",
                                            "$dynamicRef",
                                            "properties",
                                            "patternProperties",
                                            "additionalProperties",
                                            "required",
                                            "prefixItems",
                                            "contains",
                                            "allOf",
                                            "anyOf",
                                            "not",
                                            "if",
                                            "then",
                                            "else",
                                            "dependentSchemas"};
// Around the fields; "additionalProperties" is often said, and changes nothing.
constexpr std::array structural_keywords_of_forms = {"$ref",  "$dynamicRef", "patternProperties",
                                                     "allOf", "anyOf",       "oneOf",
                                                     "not",   "if",          "dependentSchemas"};

template <std::size_t N>
std::string structure_problem(const Json& schema, const std::array<const char*, N>& keywords) {
  for (const char* keyword : keywords)
    if (schema.contains(keyword))
      return "\"" + std::string(keyword) + "\" is not allowed: forms are flat";
  return {};
}

std::string keywords_problem(const Json& field, std::span<const Keyword> keywords) {
  for (const Keyword& keyword : keywords) {
    const auto member = field.find(keyword.name);
    if (member != field.end() && !keyword.fits(*member))
      return "\"" + std::string(keyword.name) + "\" must be " + keyword.words;
  }
  return {};
}

/// The texts to choose from: `enum`, or the constants of a list with titles.
Json choices_of(const Json& schema, const char* titled_keyword) {
  if (const auto titles = schema.find(titled_keyword); titles != schema.end()) {
    Json texts = Json::array();
    for (const Json& option : *titles) texts.push_back(option["const"]);
    return texts;
  }
  return schema.value("enum", Json());
}

/// Whether `value` lies between what two keywords of the field say; each may be absent.
template <class Value>
bool is_between(const Json& field, const char* least, const char* most, const Value& value) {
  const auto low = field.find(least);
  const auto high = field.find(most);
  return (low == field.end() || low->get<Value>() <= value) &&
         (high == field.end() || value <= high->get<Value>());
}

std::string default_number_problem(const Json& field, bool whole) {
  const auto chosen = field.find("default");
  if (chosen == field.end() || !chosen->is_number()) return {};
  for (const char* limit : {"minimum", "maximum"})
    if (field.contains(limit) && !field[limit].is_number()) return {};  // past what double holds
  const auto value = chosen->get<double>();
  if (whole && std::nearbyint(value) != value) return "\"default\" must be an integer";
  return is_between(field, "minimum", "maximum", value) ? ""
                                                        : "\"default\" is not within its limits";
}

std::string default_problem(const Json& field, const Json& choices) {
  const auto chosen = field.find("default");
  if (chosen == field.end()) return {};
  const bool fits_size = chosen->is_array()
                             ? is_between(field, "minItems", "maxItems", chosen->size())
                             : is_between(field, "minLength", "maxLength",
                                          code_point_count(chosen->get_ref<const std::string&>()));
  if (!fits_size) return "\"default\" is not within its limits";
  if (choices.is_null()) return {};
  const auto is_choice = [&](const Json& text) {
    return std::find(choices.begin(), choices.end(), text) != choices.end();
  };
  const bool fits = chosen->is_array() ? std::all_of(chosen->begin(), chosen->end(), is_choice)
                                       : is_choice(*chosen);
  return fits ? "" : "\"default\" is none of the choices";
}

std::string multi_select_problem(const Json& field) {
  if (std::string problem = keywords_problem(field, for_choices); !problem.empty()) return problem;
  auto items = field.find("items");
  if (items == field.end() || !items->is_object()) return "a list needs \"items\" with its choices";
  if (items->contains("anyOf") ? !is_titled_list((*items)["anyOf"])
                               : items->value("type", Json()) != "string" ||
                                     !items->contains("enum") || !is_text_list((*items)["enum"]))
    return "a list's items must be choices: \"type\": \"string\" and \"enum\" with texts, or "
           "\"anyOf\" with {\"const\", \"title\"}";
  return default_problem(field, choices_of(*items, "anyOf"));
}

std::string field_problem(const Json& field) {
  if (!field.is_object()) return "a field must be an object";
  auto type = field.find("type");
  if (type == field.end() || !type->is_string()) return "a field needs one \"type\"";
  const auto& name = type->get_ref<const std::string&>();
  for (std::string problem :
       {structure_problem(field, structural_keywords), keywords_problem(field, for_all)})
    if (!problem.empty()) return problem;
  if (name == "array") return multi_select_problem(field);
  if (field.contains("items")) return "\"items\" belongs to a list";
  if (name == "string") {
    if (std::string problem = keywords_problem(field, for_text); !problem.empty()) return problem;
    return default_problem(field, choices_of(field, "oneOf"));
  }
  if (field.contains("oneOf") || field.contains("enum")) return "choices must be texts";
  if (name == "number" || name == "integer") {
    if (std::string problem = keywords_problem(field, for_number); !problem.empty()) return problem;
    return default_number_problem(field, name == "integer");
  }
  if (name == "boolean") return keywords_problem(field, for_boolean);
  return "a field's type is string, number, integer, boolean, or array for several choices";
}

}  // namespace

Json& ElicitSchema::field(const std::string& name, const char* type, const FieldOptions& options) {
  Json& field = schema_["properties"][name];
  field = {{"type", type}};
  if (!options.title.empty()) field["title"] = options.title;
  if (!options.description.empty()) field["description"] = options.description;
  if (options.required) schema_["required"].push_back(name);
  return field;
}

ElicitSchema& ElicitSchema::text(const std::string& name, const FieldOptions& options,
                                 const TextLimits& limits) {
  Json& text = field(name, "string", options);
  set_size(text, "minLength", limits.min_length);
  set_size(text, "maxLength", limits.max_length);
  if (!limits.format.empty()) text["format"] = limits.format;
  if (limits.default_value) text["default"] = *limits.default_value;
  return *this;
}

ElicitSchema& ElicitSchema::number(const std::string& name, const FieldOptions& options,
                                   const NumberLimits& limits) {
  set_number_limits(field(name, "number", options), limits);
  return *this;
}

ElicitSchema& ElicitSchema::integer(const std::string& name, const FieldOptions& options,
                                    const NumberLimits& limits) {
  set_number_limits(field(name, "integer", options), limits);
  return *this;
}

ElicitSchema& ElicitSchema::boolean(const std::string& name, const FieldOptions& options,
                                    std::optional<bool> default_value) {
  Json& flag = field(name, "boolean", options);
  if (default_value) flag["default"] = *default_value;
  return *this;
}

ElicitSchema& ElicitSchema::choice(const std::string& name, const std::vector<Choice>& choices,
                                   const FieldOptions& options,
                                   std::optional<std::string> default_value) {
  Json& one = field(name, "string", options);
  if (any_title(choices)) {
    one["oneOf"] = titled(choices);
  } else {
    one["enum"] = untitled(choices);
  }
  if (default_value) one["default"] = *default_value;
  return *this;
}

ElicitSchema& ElicitSchema::choices(const std::string& name, const std::vector<Choice>& choices,
                                    const FieldOptions& options, const ChoicesLimits& limits) {
  Json& several = field(name, "array", options);
  if (any_title(choices)) {
    several["items"] = {{"anyOf", titled(choices)}};
  } else {
    several["items"] = {{"type", "string"}, {"enum", untitled(choices)}};
  }
  set_size(several, "minItems", limits.min_items);
  set_size(several, "maxItems", limits.max_items);
  if (!limits.default_value.empty()) several["default"] = limits.default_value;
  return *this;
}

std::string elicitation_schema_problem(const Json& schema) {
  if (!schema.is_object() || schema.value("type", Json()) != "object") {
    return "a form's schema must be an object with \"type\": \"object\"";
  }
  if (std::string problem = structure_problem(schema, structural_keywords_of_forms);
      !problem.empty()) {
    return problem;
  }
  auto fields = schema.find("properties");
  if (fields == schema.end() || !fields->is_object()) {
    return "a form's schema needs \"properties\"";
  }
  for (const auto& [name, field] : fields->items()) {
    std::string problem = field_problem(field);
    if (!problem.empty()) {
      return "/properties/" + escape_json_pointer(name) + ": " + problem;
    }
  }
  auto required = schema.find("required");
  if (required == schema.end()) return {};
  if (!is_text_list(*required)) return "/required: must be a list of names";
  for (const Json& name : *required) {
    if (!fields->contains(name.get_ref<const std::string&>())) {
      return "/required: names a field that is not there";
    }
  }
  return {};
}

}  // namespace mcp
