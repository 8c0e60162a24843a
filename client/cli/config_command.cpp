#include <cstdio>
#include <memory>
#include <stdexcept>

#include <client/cli/agent_flags.h>
#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/terminal_json.h>
#include <client/cli/terminal_text.h>
#include <client/config/config_document.h>

namespace fairlead::agent {
namespace {

struct Flags {
  std::string file;
  bool json = false;
};

int check(const Flags& flags) {
  Json errors = Json::array();
  try {
    read_models(flags.file);
  } catch (const ConfigError& error) {
    for (const ConfigProblem& problem : error.problems()) {
      errors.push_back({{"line", problem.at.line},
                        {"column", problem.at.column},
                        {"path", problem.path},
                        {"error", problem.message}});
    }
    if (!flags.json) std::printf("%s\n", printable(error.what()).c_str());
  }
  const bool valid = errors.empty();
  if (flags.json) {
    Json out{{"valid", valid}};
    if (!valid) out["errors"] = std::move(errors);
    std::puts(terminal_json(out).c_str());
  } else if (valid) {
    std::printf("%s: valid\n", printable(flags.file).c_str());
  }
  return valid ? exit_code::ok : exit_code::tool_error;
}

}  // namespace

void add_config_command(CLI::App& app, CommandContext& context) {
  auto* config = app.add_subcommand("config", "Check a configuration of models");
  config->require_subcommand(1);
  auto flags = std::make_shared<Flags>();
  auto* check_command =
      config->add_subcommand("check", "Look for mistakes; exit status 1 when there are any");
  check_command->add_option("file", flags->file, "YAML, or JSON when it ends in .json")->required();
  check_command->add_flag("--json", flags->json, "What was found as JSON");
  check_command->callback([flags, &context] { context.exit_code = check(*flags); });
  auto* schema = config->add_subcommand("schema", "Print the JSON Schema of the configuration");
  schema->callback([] { std::puts(terminal_json(model_config_schema()).c_str()); });
}

}  // namespace fairlead::agent
