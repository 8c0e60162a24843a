#include <cstdio>
#include <memory>

#include <client/agent/mcp_toolbox.h>
#include <client/cli/agent_flags.h>
#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/printer.h>
#include <client/config/text_file.h>
#include <client/replay/recorder.h>

namespace fairlead::agent {
namespace {

struct Flags : AgentFlags {
  std::string question;
};

int run(const Flags& flags, Interrupt& interrupt) {
  const auto model = make_model(gateway_of(flags.gateway));
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
  command->callback([flags, &context] { context.exit_code = run(*flags, context.interrupt); });
}

}  // namespace fairlead::agent
