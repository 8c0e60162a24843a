#include <mcp/base/uri_template.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <mcp/base/ascii.h>
#include <mcp/base/canonical_json.h>
#include <mcp/base/uri.h>
#include <mcp/base/utf8.h>

namespace mcp {
namespace {

constexpr std::size_t longest_matched_uri = 8192;
constexpr std::size_t most_variables = 100;
constexpr std::string_view reserved = ":/?#[]@!$&'()*+,;=";

// How an operator expands (RFC 6570, appendix A).
struct Style {
  std::string_view first;
  std::string_view separator;
  bool named;
  std::string_view if_empty;
  bool keeps_reserved;
};

Style style_of(char op) {
  switch (op) {
    case '+':
      return {"", ",", false, "", true};
    case '#':
      return {"#", ",", false, "", true};
    case '.':
      return {".", ".", false, "", false};
    case '/':
      return {"/", "/", false, "", false};
    case ';':
      return {";", ";", true, "", false};
    case '?':
      return {"?", "&", true, "=", false};
    case '&':
      return {"&", "&", true, "=", false};
    default:
      return {"", ",", false, "", false};
  }
}

// Encodes all but unreserved and reserved characters; what is encoded already stays.
std::string encode_keeping_reserved(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() == '%' && percent_decode(text.substr(0, 3))) {
      out += text.substr(0, 3);
      text.remove_prefix(3);
    } else {
      out += percent_encode(text.substr(0, 1), reserved);
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string encode(std::string_view text, const Style& style) {
  return style.keeps_reserved ? encode_keeping_reserved(text) : percent_encode(text);
}

std::string scalar_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : canonical_json(value);
}

bool is_defined(const Json& value) {
  return !value.is_null() && !(value.is_structured() && value.empty());
}

std::string_view first_code_points(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (count-- > 0 && at < text.size()) at += utf8_step(text.substr(at)).length;
  return text.substr(0, at);
}

// `name=value`, or as the operator writes an empty value.
std::string named(std::string_view name, const std::string& value, const Style& style) {
  return std::string(name) + (value.empty() ? std::string(style.if_empty) : "=" + value);
}

// One variable's part of an expression; empty optional when nothing of it is defined.
std::optional<std::string> expand_list(const Json& value, std::string_view name, bool explode,
                                       const Style& style) {
  std::string out;
  bool first = true;
  for (const auto& [key, element] : value.items()) {
    if (element.is_null()) continue;
    if (!first) out += explode ? style.separator : ",";
    first = false;
    const std::string text = encode(scalar_text(element), style);
    if (value.is_object()) {
      const std::string encoded_key = encode(key, style);
      if (!explode) {
        out += encoded_key + "," + text;
      } else {
        out += style.named ? named(encoded_key, text, style) : encoded_key + "=" + text;
      }
    } else {
      out += explode && style.named ? named(name, text, style) : text;
    }
  }
  if (first) return std::nullopt;
  return style.named && !explode ? named(name, out, style) : out;
}

bool is_varname(std::string_view name) {
  bool dot_allowed = false;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if (c == '.') {
      if (!dot_allowed) return false;
      dot_allowed = false;
      continue;
    }
    if (c == '%') {
      if (!percent_decode(name.substr(at, 3)) || at + 3 > name.size()) return false;
      at += 2;
    } else if (!(is_ascii_alphanumeric(c) || c == '_')) {
      return false;
    }
    dot_allowed = true;
  }
  return dot_allowed;
}

[[noreturn]] void refuse(std::string_view text, std::size_t at, const std::string& what) {
  throw std::invalid_argument("URI template \"" + std::string(truncate_utf8(text, 200)) +
                              "\": " + what + " at position " + std::to_string(at));
}

}  // namespace

UriTemplate::UriTemplate(std::string_view text) : text_(text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t brace = std::min(text.find_first_of("{}", at), text.size());
    if (brace > at) parts_.push_back({std::string(text.substr(at, brace - at)), '\0', {}});
    if (brace == text.size()) break;
    if (text[brace] == '}') refuse(text, brace, "'}' without '{'");
    const std::size_t end = text.find_first_of("{}", brace + 1);
    if (end == std::string_view::npos || text[end] == '{') refuse(text, brace, "'{' without '}'");
    parts_.push_back(parse_expression(text.substr(brace + 1, end - brace - 1), brace));
    for (const Variable& variable : parts_.back().variables)
      if (std::find(variables_.begin(), variables_.end(), variable.name) == variables_.end())
        variables_.push_back(variable.name);
    if (variables_.size() > most_variables)
      refuse(text, brace, "more than " + std::to_string(most_variables) + " variables");
    at = end + 1;
  }
}

UriTemplate::Part UriTemplate::parse_expression(std::string_view expression, std::size_t at) const {
  Part part;
  if (!expression.empty()) {
    if (std::string_view("+#./;?&").find(expression.front()) != std::string_view::npos) {
      part.op = expression.front();
      expression.remove_prefix(1);
    } else if (std::string_view("=,!@|").find(expression.front()) != std::string_view::npos) {
      refuse(text_, at,
             std::string("the operator '") + expression.front() + "', which is reserved,");
    }
  }
  while (true) {
    const std::size_t comma = std::min(expression.find(','), expression.size());
    std::string_view spec = expression.substr(0, comma);
    Variable variable;
    if (spec.ends_with('*')) {
      variable.explode = true;
      spec.remove_suffix(1);
    } else if (const std::size_t colon = spec.find(':'); colon != std::string_view::npos) {
      const std::string_view digits = spec.substr(colon + 1);
      const auto parsed =
          std::from_chars(digits.data(), digits.data() + digits.size(), variable.prefix);
      if (digits.empty() || parsed.ptr != digits.data() + digits.size() || variable.prefix == 0 ||
          variable.prefix > 9999)
        refuse(text_, at, "a prefix length that is not 1 to 9999");
      spec = spec.substr(0, colon);
    }
    if (!is_varname(spec))
      refuse(text_, at,
             "the variable name \"" + std::string(truncate_utf8(spec, 40)) +
                 "\", which is not made of letters, digits, '_' and inner dots,");
    variable.name = std::string(spec);
    part.variables.push_back(std::move(variable));
    if (comma == expression.size()) return part;
    expression.remove_prefix(comma + 1);
  }
}

std::string UriTemplate::expand(const Json& values) const {
  std::string out;
  for (const Part& part : parts_) {
    if (part.variables.empty()) {
      out += encode_keeping_reserved(part.literal);
      continue;
    }
    const Style style = style_of(part.op);
    bool first = true;
    for (const Variable& variable : part.variables) {
      const auto found = values.find(variable.name);
      if (found == values.end() || !is_defined(*found)) continue;
      std::optional<std::string> text;
      if (found->is_structured()) {
        text = expand_list(*found, variable.name, variable.explode, style);
      } else {
        std::string whole = scalar_text(*found);
        std::string value =
            encode(variable.prefix != 0 ? first_code_points(whole, variable.prefix) : whole, style);
        text = style.named ? named(variable.name, value, style) : std::move(value);
      }
      if (!text) continue;
      out += first ? style.first : style.separator;
      out += *text;
      first = false;
    }
  }
  return out;
}

std::vector<UriTemplate::Step> UriTemplate::steps() const {
  std::vector<Step> steps;
  for (const Part& part : parts_) {
    if (part.variables.empty()) {
      steps.push_back({encode_keeping_reserved(part.literal), false, nullptr, nullptr, "", true});
      continue;
    }
    const Style style = style_of(part.op);
    if (part.op == '?' || part.op == '&') {
      steps.push_back({std::string(style.first), true, &part, nullptr, "#", false});
      continue;
    }
    bool first = true;
    for (const Variable& variable : part.variables) {
      Step step{
          std::string(first ? style.first : style.separator), true, &part, &variable, "", false};
      switch (part.op) {
        case '\0':
          // A comma separates values only where there can be several.
          step.stop = part.variables.size() > 1 && !variable.explode ? "/?#," : "/?#";
          step.optional = !first;
          break;
        case '+':
          step.optional = !first;
          step.may_be_empty = true;
          break;
        case '#':
          step.may_be_empty = true;
          break;
        case '.':
          step.stop = variable.explode ? "/?#" : "/?#.";
          break;
        case '/':
          step.stop = variable.explode ? "?#" : "/?#";
          break;
        default:  // ;name or ;name=value
          step.begin += variable.name;
          step.stop = variable.explode ? "/?#" : "/?#;";
          step.may_be_empty = true;
          break;
      }
      step.follows = !first && part.op != ';';
      steps.push_back(std::move(step));
      first = false;
    }
  }
  return steps;
}

namespace {

// Adds a decoded value; false when it can not be one or contradicts an earlier value.
bool add_value(UriTemplate::Values& values, const std::string& name, std::string_view encoded,
               bool append) {
  std::optional<std::string> value = percent_decode(encoded);
  if (!value || !is_valid_utf8(*value) || value->find('\0') != std::string::npos) return false;
  const auto [entry, inserted] = values.try_emplace(name, *value);
  if (inserted) return true;
  if (append) {
    entry->second += "," + *value;
    return true;
  }
  return entry->second == *value;
}

}  // namespace

bool UriTemplate::take(const Step& step, std::string_view captured, Values& values,
                       Values& prefixes) {
  if (step.part == nullptr) return true;
  const auto add = [&](const Variable& variable, std::string_view value, bool again) {
    Values& where = variable.prefix != 0 ? prefixes : values;
    return add_value(where, variable.name, value, again && variable.explode);
  };
  if (step.variable != nullptr) {
    if (step.part->op == ';' && !captured.empty()) {
      if (captured.front() != '=') return false;
      captured.remove_prefix(1);
    }
    return add(*step.variable, captured, false);
  }
  while (true) {
    const std::size_t end = std::min(captured.find('&'), captured.size());
    const std::string_view pair = captured.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto& variables = step.part->variables;
    const auto variable = std::find_if(variables.begin(), variables.end(), [&](const Variable& v) {
      return v.name == pair.substr(0, equals);
    });
    if (variable == variables.end()) return false;
    const std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : "";
    if (!add(*variable, value, true)) return false;
    if (end == captured.size()) return true;
    captured.remove_prefix(end + 1);
  }
}

// First forward: which places of the URI can be reached after each step. Then backward: the way
// that leads to the end, where each step takes as little as possible. No place is tried twice, so
// no template and no URI costs more than (steps × length).
std::optional<UriTemplate::Values> UriTemplate::match(std::string_view uri) const {
  if (uri.size() > longest_matched_uri) return std::nullopt;
  const std::vector<Step> all = steps();
  const std::size_t length = uri.size();
  using Places = std::vector<bool>;
  std::vector<Places> reached(all.size() + 1, Places(length + 1, false));
  // Where the captured run of a step may start.
  std::vector<Places> starts(all.size(), Places(length + 1, false));
  reached[0][0] = true;
  Places taken_before;  // what the step before reached without being skipped
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Step& step = all[i];
    const Places& before = step.follows ? taken_before : reached[i];
    for (std::size_t at = 0; at <= length; ++at)
      if (before[at] && uri.substr(at).starts_with(step.begin))
        starts[i][at + step.begin.size()] = true;
    Places taken(length + 1, false);
    bool open = false;
    for (std::size_t at = 0; at <= length; ++at) {
      if (open) taken[at] = true;
      if (starts[i][at]) {
        open = step.part != nullptr;
        if (step.part == nullptr || step.may_be_empty) taken[at] = true;
      }
      if (at < length && step.stop.find(uri[at]) != std::string_view::npos) open = false;
      reached[i + 1][at] = taken[at] || (step.optional && reached[i][at]);
    }
    taken_before = std::move(taken);
  }
  if (!reached[all.size()][length]) return std::nullopt;

  Values values, prefixes;
  std::size_t end = length;
  for (std::size_t i = all.size(); i-- > 0;) {
    const Step& step = all[i];
    const bool can_be_empty = step.part == nullptr || step.may_be_empty;
    std::optional<std::size_t> start;
    if (can_be_empty && starts[i][end]) start = end;
    for (std::size_t at = end; !start && step.part != nullptr && at-- > 0;) {
      if (step.stop.find(uri[at]) != std::string_view::npos) break;
      if (starts[i][at]) start = at;
    }
    if (!start) continue;  // skipped: then `end` was reached before this optional step
    if (!take(step, uri.substr(*start, end - *start), values, prefixes)) return std::nullopt;
    end = *start - step.begin.size();
  }
  for (const auto& [name, prefix] : prefixes)
    if (const auto [whole, inserted] = values.try_emplace(name, prefix);
        !inserted && !whole->second.starts_with(prefix))
      return std::nullopt;
  return values;
}

}  // namespace mcp
