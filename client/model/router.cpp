#include <re2/re2.h>

#include <algorithm>
#include <stdexcept>

#include <client/model/foreign_json.h>
#include <client/model/router.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {
namespace {

/// About four bytes of English are a token.
constexpr std::size_t bytes_per_token = 4;

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// Both in lower case.
bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    std::size_t end = at + word.size();
    if (!is_word_byte(word.back())) return true;  // a script without blanks, or a sign
    if (end < text.size() && text[end] == 's') ++end;
    const bool begins = at == 0 || !is_word_byte(text[at - 1]);
    if (begins && (end >= text.size() || !is_word_byte(text[end]))) return true;
  }
  return false;
}

std::string question_of(const ModelRequest& request) {
  for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
    if (message->role != Role::user) continue;
    if (std::string text = text_of(*message); !text.empty()) return text;
  }
  return {};
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::size_t tokens_of(const ModelRequest& request) {
  std::size_t bytes = 0;
  for (const Message& message : request.messages) {
    for (const Part& part : message.parts) {
      if (const auto* text = std::get_if<Text>(&part)) bytes += text->text.size();
      if (const auto* call = std::get_if<ToolCall>(&part)) bytes += call->arguments.size();
      if (const auto* result = std::get_if<ToolResult>(&part)) {
        for (const ResultContent& content : result->content)
          if (const auto* text = std::get_if<Text>(&content)) bytes += text->text.size();
      }
    }
  }
  for (const ToolSchema& tool : request.tools)
    bytes += tool.description.size() + tool.input_schema.dump().size();
  return bytes / bytes_per_token;
}

}  // namespace

std::string language_of(std::string_view text) {
  std::size_t han = 0;
  std::size_t kana = 0;
  std::size_t hangul = 0;
  std::size_t cyrillic = 0;
  std::size_t arabic = 0;
  std::size_t latin = 0;
  const std::string valid = mcp::replace_invalid_utf8(text);
  for (std::size_t i = 0; i < valid.size();) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    char32_t code = length == 1 ? byte : byte & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k)
      code = (code << 6) | (static_cast<unsigned char>(valid[i + k]) & 0x3FU);
    i += length;
    if ((code >= 0x4E00 && code <= 0x9FFF) || (code >= 0x3400 && code <= 0x4DBF)) ++han;
    if (code >= 0x3040 && code <= 0x30FF) ++kana;
    if (code >= 0xAC00 && code <= 0xD7AF) ++hangul;
    if (code >= 0x0400 && code <= 0x04FF) ++cyrillic;
    if (code >= 0x0600 && code <= 0x06FF) ++arabic;
    if ((code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z')) ++latin;
  }
  // A sign of Chinese says as much as some four letters.
  const std::size_t signs = 4 * (han + kana);
  if (signs > 0 && signs >= std::max({hangul, cyrillic, arabic, latin})) {
    return kana > 0 ? "ja" : "zh";
  }
  if (hangul > std::max({cyrillic, arabic, latin})) return "ko";
  if (cyrillic > std::max(arabic, latin)) return "ru";
  return arabic > latin ? "ar" : "latin";
}

struct Router::CompiledRule {
  RouteRule rule;
  std::unique_ptr<re2::RE2> pattern;
};

Router::Router(std::vector<RouteRule> rules, std::map<std::string, std::uint64_t> context_tokens)
    : context_tokens_(std::move(context_tokens)) {
  for (RouteRule& rule : rules) {
    auto compiled = std::make_unique<CompiledRule>();
    if (rule.pattern) {
      compiled->pattern = std::make_unique<re2::RE2>(*rule.pattern, re2::RE2::Quiet);
      if (!compiled->pattern->ok()) {
        throw std::invalid_argument("the route " + rule.task +
                                    " has no regular expression: " + compiled->pattern->error());
      }
    }
    for (std::string& keyword : rule.keywords) keyword = lower_case(keyword);
    std::erase(rule.keywords, "");
    compiled->rule = std::move(rule);
    rules_.push_back(std::move(compiled));
  }
}

Router::~Router() = default;

std::optional<std::string> Router::fits(const CompiledRule& compiled, const std::string& question,
                                        const ModelRequest& request, std::string& why_not) {
  const RouteRule& rule = compiled.rule;
  std::string why;
  const auto because = [&](const std::string& reason) {
    why += (why.empty() ? "" : ", ") + reason;
  };
  const auto no = [&](const std::string& reason) {
    why_not = reason;
    return std::nullopt;
  };
  if (!rule.keywords.empty()) {
    const std::string text = lower_case(question);
    const auto found = std::find_if(rule.keywords.begin(), rule.keywords.end(),
                                    [&](const std::string& word) { return has_word(text, word); });
    if (found == rule.keywords.end()) return no("none of its keywords");
    because("the keyword \"" + *found + "\"");
  }
  if (compiled.pattern) {
    if (!re2::RE2::PartialMatch(question, *compiled.pattern)) return no("its pattern is not there");
    because("its pattern");
  }
  if (rule.language) {
    const std::string language = language_of(question);
    if (language != *rule.language) return no("the language is " + language);
    because("the language " + language);
  }
  if (rule.tool) {
    const auto found = std::find_if(
        request.tools.begin(), request.tools.end(),
        [&](const ToolSchema& tool) { return tool.name.find(*rule.tool) != std::string::npos; });
    if (found == request.tools.end()) return no("no tool of that kind");
    because("the tool " + found->name);
  }
  const std::size_t characters = characters_of(question);
  const std::string length = std::to_string(characters) + " characters";
  if (rule.min_characters || rule.max_characters) {
    if (characters < rule.min_characters.value_or(0)) return no("only " + length);
    if (rule.max_characters && characters > *rule.max_characters) return no(length);
    because(length);
  }
  return why.empty() ? "it has no conditions" : why;
}

void Router::leave_out_small(Route& route, const ModelRequest& request) const {
  if (context_tokens_.empty()) return;
  const std::size_t tokens = tokens_of(request);
  std::vector<std::string> fitting;
  std::vector<std::string> reasons;
  for (const std::string& model : route.models) {
    const auto bound = context_tokens_.find(model);
    if (bound == context_tokens_.end() || tokens <= bound->second) {
      fitting.push_back(model);
    } else {
      reasons.push_back("without " + model + ": about " + std::to_string(tokens) +
                        " tokens, its context has " + std::to_string(bound->second));
    }
  }
  // The estimate is rough: rather a model that may refuse than none.
  if (fitting.empty()) return;
  route.models = std::move(fitting);
  route.reasons.insert(route.reasons.end(), reasons.begin(), reasons.end());
}

Route Router::route(const ModelRequest& request) const {
  const std::string question = question_of(request);
  Route route;
  for (const auto& compiled : rules_) {
    const RouteRule& rule = compiled->rule;
    std::string why_not;
    const auto why = fits(*compiled, question, request, why_not);
    if (!why) {
      route.reasons.push_back("not " + rule.task + ": " + why_not);
      continue;
    }
    route.reasons.push_back(rule.task + ": " + *why);
    route.task = rule.task;
    route.models = rule.models;
    route.system = rule.system;
    route.temperature = rule.temperature;
    route.max_tokens = rule.max_tokens;
    leave_out_small(route, request);
    return route;
  }
  throw std::invalid_argument("no route fits the question: add one without conditions at the end");
}

Route Router::named(const std::vector<std::string>& models, const ModelRequest& request) const {
  Route route;
  route.models = models;
  route.reasons.push_back("asked for by name");
  leave_out_small(route, request);
  return route;
}

}  // namespace fairlead::agent
