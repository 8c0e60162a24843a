#include <cstdlib>

#include <client/config/config_document.h>
#include <client/config/json_file.h>
#include <client/model/foreign_json.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {
namespace {

constexpr std::size_t max_bytes = 1 << 20;

std::string in_words(const std::string& file, const std::vector<ConfigProblem>& problems) {
  std::string words;
  for (const ConfigProblem& problem : problems) {
    if (!words.empty()) words += '\n';
    words += file + ":" + std::to_string(problem.at.line) + ":" +
             std::to_string(problem.at.column) + ": ";
    if (!problem.path.empty()) words += problem.path + ": ";
    words += problem.message;
  }
  return words;
}

}  // namespace

ConfigError::ConfigError(const std::string& file, std::vector<ConfigProblem> problems)
    : std::runtime_error(in_words(file, problems)), problems_(std::move(problems)) {}

TextPosition ConfigDocument::position(std::string pointer) const {
  if (!json_text.empty()) return position_of(json_text, pointer);
  for (;;) {
    if (const auto found = positions.find(pointer); found != positions.end()) return found->second;
    if (pointer.empty()) return {};
    pointer.erase(pointer.rfind('/'));
  }
}

ConfigDocument read_config_document(const std::string& file, std::string_view text) {
  const auto refuse = [&](const std::string& message, TextPosition at = {}) {
    throw ConfigError(file, {{"", message, at}});
  };
  if (text.size() > max_bytes) refuse("larger than 1 MiB");
  if (!mcp::is_valid_utf8(text)) refuse("not UTF-8");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!file.ends_with(".json")) return read_yaml(file, text);
  ConfigDocument document;
  document.json_text = text;
  try {
    parse_config_json(text);  // says line and column
    document.value = parse_foreign_json(text);
  } catch (const std::invalid_argument& error) {
    TextPosition at;
    const std::string why = error.what();
    if (const std::size_t line = why.find("at line "); line != std::string::npos) {
      at.line = std::strtoull(why.c_str() + line + 8, nullptr, 10);
      if (const std::size_t column = why.find("column ", line); column != std::string::npos) {
        at.column = std::strtoull(why.c_str() + column + 7, nullptr, 10);
      }
    }
    refuse("no JSON: " + why, at);
  }
  return document;
}

}  // namespace fairlead::agent
