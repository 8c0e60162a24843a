#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <stdexcept>

#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/config/text_file.h>
#include <client/model/foreign_json.h>
#include <client/replay/replay_gateway.h>

namespace fairlead::agent {
namespace {

struct Flags {
  std::string file;
  int port = 0;
  bool json = false;
};

int serve(const Flags& flags, Interrupt& interrupt) {
  const auto text = read_text_file(flags.file);
  if (!text) throw std::invalid_argument("there is no file " + flags.file);
  const auto stop = interrupt.begin_work();
  const ReplayGateway gateway(read_recording(*text), flags.port);
  // The only line on stdout: scripts read the address from it.
  const Json listening{{"event", "listening"}, {"url", gateway.url()}, {"port", gateway.port()}};
  std::puts(flags.json ? to_wire(listening).c_str() : gateway.url().c_str());
  std::fflush(stdout);
  std::fprintf(stderr, "Replaying the model's turns of %s; Ctrl-C ends.\n", flags.file.c_str());
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
  return exit_code::ok;
}

}  // namespace

void add_replay_gateway_command(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand(
      "replay-gateway", "Serve recorded turns of a model as an LLM gateway on this machine");
  auto flags = std::make_shared<Flags>();
  command->add_option("file", flags->file, "The recording, see run --record")->required();
  command->add_option("--port", flags->port, "0: any free port")->check(CLI::Range(0, 65535));
  command->add_flag("--json", flags->json, "The address as a JSON object");
  command->callback([flags, &context] { context.exit_code = serve(*flags, context.interrupt); });
}

}  // namespace fairlead::agent
