#include <cstdio>
#include <memory>
#include <stdexcept>

#include <client/agent/mcp_toolbox.h>
#include <client/cli/agent_flags.h>
#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/printer.h>
#include <client/cli/terminal_json.h>
#include <client/cli/terminal_text.h>
#include <client/config/text_file.h>
#include <client/replay/recorder.h>

namespace fairlead::agent {
namespace {

struct Flags : AgentFlags {
  std::string question;
  bool explain_route = false;
};

/// Which models the question is for, and why; nothing is asked.
int explain_route(const Flags& flags) {
  const std::string file =
      flags.models_file.empty() ? read_environment("FAIRLEAD_MODELS") : flags.models_file;
  if (file.empty()) throw std::invalid_argument("--explain-route needs --models FILE");
  ModelRequest request;
  if (!flags.system.empty()) request.messages.push_back(text_message(Role::system, flags.system));
  request.messages.push_back(text_message(Role::user, flags.question));
  const auto models = read_models(file);
  models->model(flags.gateway.model);  // the name must be there
  const Route route = models->route(flags.gateway.model, request);
  if (flags.json) {
    std::puts(terminal_json_line({{"event", "route"},
                                  {"task", route.task},
                                  {"models", route.models},
                                  {"reasons", route.reasons}})
                  .c_str());
    return exit_code::ok;
  }
  for (const std::string& reason : route.reasons) std::printf("%s\n", printable(reason).c_str());
  std::string line = "models:";
  for (const std::string& model : route.models) line += " " + model;
  std::printf("%s\n", printable(line).c_str());
  return exit_code::ok;
}

int run(const Flags& flags, Interrupt& interrupt) {
  if (flags.explain_route) return explain_route(flags);
  const auto model = ModelSource(flags).model();
  const auto stop = interrupt.begin_work();
  const auto toolbox =
      open_mcp_toolbox(flags.server_entries(), declining_handlers(), {flags.start_timeout(), stop});
  Recorder recorder(*model);
  Agent agent(recorder, *toolbox, flags.agent_options());
  const auto printer = flags.json ? make_json_printer() : make_text_printer();
  const Outcome outcome = agent.ask(flags.question, *printer, stop);
  const int signalled = interrupt.exit_code();
  const int exit_code = signalled != 0 ? signalled : exit_code_of(outcome.end);
  printer->end(outcome, exit_code);
  if (!flags.record_file.empty()) {
    replace_text_file(flags.record_file, write_recording(recorder.recording()));
  }
  return exit_code;
}

}  // namespace

void add_run_command(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("run", "Answer one question and end");
  auto flags = std::make_shared<Flags>();
  command->add_option("question", flags->question, "What to ask")->required();
  flags->add_to(*command);
  command->add_flag("--explain-route", flags->explain_route,
                    "Print which models of --models the question is for, and why; ask nothing");
  command->callback([flags, &context] { context.exit_code = run(*flags, context.interrupt); });
}

}  // namespace fairlead::agent
