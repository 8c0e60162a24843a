#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <client/config/json_position.h>
#include <mcp/base/json.h>

namespace fairlead::agent {

using Json = mcp::Json;

/// A configuration's values and where each of them stands in the text.
struct ConfigDocument {
  Json value;
  /// Of YAML, by JSON pointer.
  std::map<std::string, TextPosition> positions;
  /// Of JSON, where positions are looked up when they are wanted.
  std::string json_text;

  /// Of the value, or of the last one on its way that is there.
  TextPosition position(std::string pointer) const;
};

/// Something wrong at a place of a configuration.
struct ConfigProblem {
  std::string path;  ///< JSON pointer
  std::string message;
  TextPosition at;
};

/// A configuration that can't be used; `what()` has a line `file:line:column: message` for each
/// problem.
class ConfigError : public std::runtime_error {
 public:
  ConfigError(const std::string& file, std::vector<ConfigProblem> problems);
  const std::vector<ConfigProblem>& problems() const noexcept { return problems_; }

 private:
  std::vector<ConfigProblem> problems_;
};

/// Reads YAML, or JSON when the name ends in ".json": at most 1 MiB, 64 levels, 100,000 values; a
/// key that stands twice in a mapping is refused. Throws ConfigError.
ConfigDocument read_config_document(const std::string& file, std::string_view text);

/// The same for YAML; aliases count as often as they are used. In yaml_file.cpp, the one place that
/// knows the library.
ConfigDocument read_yaml(const std::string& file, std::string_view text);

}  // namespace fairlead::agent
