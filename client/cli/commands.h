#pragma once

#include <CLI/App.hpp>

#include <client/cli/interrupt.h>

namespace fairlead::agent {

/// What a command needs of `main`, and what it leaves there.
struct CommandContext {
  Interrupt& interrupt;
  int exit_code = 0;
};

/// Each adds one subcommand; its callback runs it and sets the exit code.
void add_run_command(CLI::App& app, CommandContext& context);
void add_chat_command(CLI::App& app, CommandContext& context);
void add_replay_gateway_command(CLI::App& app, CommandContext& context);
void add_install_command(CLI::App& app, CommandContext& context);
void add_uninstall_command(CLI::App& app, CommandContext& context);
/// config check, config schema: the configuration of models.
void add_config_command(CLI::App& app, CommandContext& context);
/// schema validate, schema lint.
void add_schema_command(CLI::App& app, CommandContext& context);
/// tools, call, resources, read, prompts, prompt: talk to any server.
void add_server_commands(CLI::App& app, CommandContext& context);
/// probe: what a server speaks, bears and offers.
void add_probe_command(CLI::App& app, CommandContext& context);
/// login, logout: tokens for servers at a URL.
void add_login_commands(CLI::App& app, CommandContext& context);

}  // namespace fairlead::agent
