#include <exception>

#include <CLI/CLI.hpp>

#include <client/agent/connect_server.h>
#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/failure.h>
#include <mcp/base/version.h>

namespace {

/// Whether the command that was called was told --json.
bool wants_json(const CLI::App& command) {
  for (const CLI::App* called : command.get_subcommands())
    if (wants_json(*called)) return true;
  const CLI::Option* flag = command.get_option_no_throw("--json");
  return flag != nullptr && flag->count() > 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace fairlead::agent;
  Interrupt interrupt;
  CommandContext context{interrupt};
  CLI::App app("Ask a model that uses MCP servers, and manage those servers", "fairlead");
  app.require_subcommand(1);
  app.set_version_flag("--version", mcp::version());
  add_run_command(app, context);
  add_chat_command(app, context);
  add_replay_gateway_command(app, context);
  add_install_command(app, context);
  add_uninstall_command(app, context);
  add_server_commands(app, context);
  add_probe_command(app, context);
#ifdef FAIRLEAD_WITH_LOGIN
  add_login_commands(app, context);
#endif
  add_config_command(app, context);
  add_schema_command(app, context);
  // A signal explains the end better than what came of it.
  const auto exit_status = [&](int code) {
    const int signalled = interrupt.exit_code();
    return signalled != 0 ? signalled : code;
  };
  const auto fail = [&](const std::exception& error, int code) {
    const int status = exit_status(code);
    print_failure(error.what(), status, wants_json(app));
    return status;
  };
  try {
    app.parse(argc, argv);
    return exit_status(context.exit_code);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_code::ok : exit_code::usage;
  } catch (const ServerFailed& error) {
    return fail(error, exit_code::server_failed);
  } catch (const std::exception& error) {
    return fail(error, exit_code::configuration);
  }
}
