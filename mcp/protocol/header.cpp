#include <mcp/protocol/header.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <set>
#include <unordered_set>

#include <mcp/base/ascii.h>
#include <mcp/base/base64.h>
#include <mcp/base/json_pointer.h>
#include <mcp/base/uri.h>
#include <mcp/base/utf8.h>

namespace mcp {

namespace {

constexpr const char* annotation = "x-mcp-header";
constexpr std::string_view encoded_prefix = "=?base64?";
constexpr std::string_view encoded_suffix = "?=";
/// Integers that JavaScript holds exactly.
constexpr std::int64_t largest_safe_integer = 9007199254740991;
/// A schema from a server may be nested as deep as a message; the walk stops far earlier.
constexpr std::size_t deepest = 512;  // deeper than any message

/// Keywords that hold one subschema, a list of them, or a map of them.
constexpr std::array single = {"items",
                               "additionalItems",
                               "contains",
                               "not",
                               "if",
                               "then",
                               "else",
                               "additionalProperties",
                               "propertyNames",
                               "unevaluatedItems",
                               "unevaluatedProperties",
                               "contentSchema"};
constexpr std::array lists = {"allOf", "anyOf", "oneOf", "prefixItems", "items"};
constexpr std::array maps = {"patternProperties", "dependentSchemas", "dependencies", "$defs",
                             "definitions"};

class Walk {
 public:
  std::variant<std::vector<HeaderParameter>, HeaderProblem> run(const Json& schema) {
    visit(schema, "", true, 0);
    // A reference may make a schema of what stands under a keyword that is none.
    for (std::size_t i = 0; i < references_.size() && !problem_; ++i) {
      const Json* target = value_at(schema, references_[i]);
      if (target != nullptr) visit(*target, references_[i], false, 0);
    }
    if (problem_) return *problem_;
    return std::move(found_);
  }

 private:
  /// `reachable`: reached by `properties` alone.
  void visit(const Json& schema, const std::string& pointer, bool reachable, std::size_t depth) {
    if (problem_ || !schema.is_object() || !visited_.insert(&schema).second) return;
    if (depth > deepest)
      return void(problem_ =
                      HeaderProblem{pointer, "the schema is nested too deep to be looked through"});
    if (schema.contains(annotation)) check(schema, pointer, reachable);
    if (auto reference = schema.find("$ref"); reference != schema.end() && reference->is_string())
      note_reference(reference->get_ref<const std::string&>());
    for (const char* keyword : single) visit_member(schema, keyword, pointer, depth);
    for (const char* keyword : lists) {
      auto list = schema.find(keyword);
      if (list == schema.end() || !list->is_array()) continue;
      for (std::size_t i = 0; i < list->size(); ++i) {
        visit((*list)[i], pointer + "/" + keyword + "/" + std::to_string(i), false, depth + 1);
      }
    }
    for (const char* keyword : maps) visit_map(schema, keyword, pointer, false, depth);
    visit_map(schema, "properties", pointer, reachable, depth);
  }

  void note_reference(const std::string& reference) {
    if (!reference.starts_with("#/")) return;
    if (auto pointer = percent_decode(std::string_view(reference).substr(1)))
      references_.push_back(std::move(*pointer));
  }

  static const Json* value_at(const Json& root, const std::string& pointer) {
    try {
      const Json::json_pointer parsed(pointer);
      return root.contains(parsed) ? &root[parsed] : nullptr;
    } catch (const Json::exception&) {
      return nullptr;
    }
  }

  void visit_member(const Json& schema, const char* keyword, const std::string& pointer,
                    std::size_t depth) {
    auto member = schema.find(keyword);
    if (member != schema.end()) visit(*member, pointer + "/" + keyword, false, depth + 1);
  }

  void visit_map(const Json& schema, const char* keyword, const std::string& pointer,
                 bool reachable, std::size_t depth) {
    auto map = schema.find(keyword);
    if (map == schema.end() || !map->is_object()) return;
    for (const auto& [name, subschema] : map->items()) {
      path_.push_back(name);
      visit(subschema, pointer + "/" + keyword + "/" + escape_json_pointer(name), reachable,
            depth + 1);
      path_.pop_back();
    }
  }

  void check(const Json& schema, const std::string& pointer, bool reachable) {
    const Json& value = schema[annotation];
    if (!value.is_string()) return refuse(pointer, "must be a text: the header's name");
    const auto& name = value.get_ref<const std::string&>();
    if (name.empty()) return refuse(pointer, "must not be empty");
    if (!std::all_of(name.begin(), name.end(), is_http_token_character)) {
      return refuse(pointer,
                    "may only hold the characters of a header's name: letters, digits and "
                    "!#$%&'*+-.^_`|~");
    }
    if (!reachable || path_.empty()) {
      return refuse(pointer,
                    "belongs on a property that is reached from the root by \"properties\" alone");
    }
    if (!has_primitive_type(schema)) {
      return refuse(pointer, "belongs on a property of type string, integer or boolean");
    }
    if (!names_.insert(ascii_lower(name)).second) {
      return refuse(pointer,
                    "the name \"" + name + "\" is used twice (letter case does not count)");
    }
    found_.push_back({path_, name});
  }

  static bool has_primitive_type(const Json& schema) {
    auto type = schema.find("type");
    if (type == schema.end()) return false;
    auto primitive = [](const Json& value) {
      return value == "string" || value == "integer" || value == "boolean";
    };
    if (!type->is_array()) return primitive(*type);
    // `["string", "null"]` says the same of the header as `"string"`: null sends none.
    bool any = std::any_of(type->begin(), type->end(), primitive);
    return any && std::all_of(type->begin(), type->end(), [&](const Json& value) {
             return primitive(value) || value == "null";
           });
  }

  void refuse(const std::string& pointer, const std::string& message) {
    problem_ = HeaderProblem{pointer + "/" + annotation, "x-mcp-header " + message};
  }

  std::vector<HeaderParameter> found_;
  std::optional<HeaderProblem> problem_;
  std::vector<std::string> path_;
  std::set<std::string> names_;
  std::deque<std::string> references_;  // JSON pointers; more come while one is followed
  std::unordered_set<const Json*> visited_;
};

const Json* argument_at(const HeaderParameter& parameter, const Json& arguments) {
  const Json* value = &arguments;
  for (const std::string& name : parameter.path) {
    if (!value->is_object()) return nullptr;
    auto member = value->find(name);
    if (member == value->end()) return nullptr;
    value = &*member;
  }
  return value->is_null() ? nullptr : value;
}

std::optional<std::int64_t> safe_integer(const Json& value) {
  double number = 0;
  if (value.is_number_unsigned()) {
    auto exact = value.get<std::uint64_t>();
    if (exact > static_cast<std::uint64_t>(largest_safe_integer)) return std::nullopt;
    return static_cast<std::int64_t>(exact);
  }
  if (value.is_number_integer()) {
    auto exact = value.get<std::int64_t>();
    if (exact < -largest_safe_integer || exact > largest_safe_integer) return std::nullopt;
    return exact;
  }
  if (!value.is_number_float()) return std::nullopt;
  number = value.get<double>();
  if (!(number >= -9007199254740991.0 && number <= 9007199254740991.0)) return std::nullopt;
  auto whole = static_cast<std::int64_t>(number);
  if (static_cast<double>(whole) != number) return std::nullopt;
  return whole;
}

/// Reads `42`, `-7`, `42.0`, `4.2e1` as the integer that it is.
std::optional<std::int64_t> integer_in(std::string_view text) {
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return safe_integer(Json(number));
}

std::optional<std::string> plain_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (auto number = safe_integer(value)) return std::to_string(*number);
  return std::nullopt;
}

bool looks_encoded(std::string_view text) {
  return text.size() >= encoded_prefix.size() + encoded_suffix.size() &&
         text.starts_with(encoded_prefix) && text.ends_with(encoded_suffix);
}

bool is_visible(char c) {
  return c > 0x20 && c < 0x7f;
}

}  // namespace

std::variant<std::vector<HeaderParameter>, HeaderProblem> header_parameters(
    const Json& input_schema) {
  return Walk().run(input_schema);
}

std::optional<std::string> header_value(const HeaderParameter& parameter, const Json& arguments) {
  const Json* value = argument_at(parameter, arguments);
  if (!value) return std::nullopt;
  auto text = plain_text(*value);
  if (!text) return std::nullopt;
  return encode_header_value(*text);
}

std::string encode_header_value(std::string_view text) {
  bool plain = !looks_encoded(text) &&
               (text.empty() || (is_visible(text.front()) && is_visible(text.back())));
  for (char c : text) plain = plain && (is_visible(c) || c == ' ');
  if (plain) return std::string(text);
  return std::string(encoded_prefix) + base64_encode(text) + std::string(encoded_suffix);
}

std::optional<std::string> decode_header_value(std::string_view value) {
  auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!value.empty() && blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && blank(value.back())) value.remove_suffix(1);
  for (char c : value) {
    if (!is_visible(c) && !blank(c)) return std::nullopt;
  }
  if (!looks_encoded(value)) return std::string(value);
  value.remove_prefix(encoded_prefix.size());
  value.remove_suffix(encoded_suffix.size());
  auto bytes = base64_decode(value);
  if (!bytes) return std::nullopt;
  std::string text(bytes->begin(), bytes->end());
  if (!is_valid_utf8(text)) return std::nullopt;
  return text;
}

std::string header_mismatch(const HeaderParameter& parameter, const Json& arguments,
                            std::optional<std::string_view> value) {
  const std::string name = "Mcp-Param-" + parameter.name;
  const Json* argument = argument_at(parameter, arguments);
  if (!argument) {
    return value ? "the header " + name + " is there, but the call has no such argument" : "";
  }
  auto wanted = plain_text(*argument);
  if (!wanted) {
    if (!value && !argument->is_number_integer()) return {};  // the input schema refuses its type
    return "the call's argument can not be carried by the header " + name +
           ": it must be a text, a boolean or an integer of at most 53 bits";
  }
  if (!value) return "the header " + name + " is missing, but the call has the argument";
  auto text = decode_header_value(*value);
  if (!text) {
    return "the header " + name +
           " can not be read: it must be printable ASCII, or =?base64?...?= with padded Base64 of "
           "UTF-8";
  }
  bool same = *text == *wanted;
  if (!same && argument->is_number()) {
    auto number = integer_in(*text);
    same = number && number == safe_integer(*argument);
  }
  return same ? "" : "the header " + name + " does not match the call's argument";
}

}  // namespace mcp
