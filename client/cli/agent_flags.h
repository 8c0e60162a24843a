#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include <client/agent/agent.h>
#include <client/config/configured_models.h>
#include <client/config/mcp_servers.h>
#include <client/model/gateway_choice.h>

namespace fairlead::agent {

/// \param seconds as typed, not negative
std::chrono::milliseconds milliseconds_of(double seconds);

/// What `run` and `chat` share on the command line.
struct AgentFlags {
  GatewayFlags gateway;
  std::string models_file;
  std::string config_file;
  std::vector<std::string> servers;
  std::string system;
  std::string record_file;
  int max_turns = 25;
  double max_seconds = 600;
  double start_seconds = 60;
  std::size_t max_result_bytes = 80'000;
  int max_tokens = 0;
  double temperature = -1;
  bool no_stream = false;
  bool json = false;

  void add_to(CLI::App& command);
  AgentOptions agent_options() const;
  std::chrono::milliseconds start_timeout() const { return milliseconds_of(start_seconds); }
  /// The configuration file's servers, then those of the command line; a name that is taken already
  /// gets a number.
  /// Throws std::invalid_argument.
  std::vector<ServerEntry> server_entries() const;
};

/// The one server of a command: a command line or URL, or a name in the configuration file if there
/// is one.
/// \throws std::invalid_argument
ServerEntry one_server(const std::string& server, const std::string& config_file);

/// The variable, or empty.
std::string read_environment(const char* name);

/// The gateway that flags and environment name. Warns on stderr when a key would travel unencrypted
/// to another machine. Throws std::invalid_argument.
GatewayChoice gateway_of(const GatewayFlags& flags);

/// The configuration of models in this file. Throws std::invalid_argument, ConfigError.
std::shared_ptr<ConfiguredModels> read_models(const std::string& file);

/// Finds models by name: in --models FILE (or FAIRLEAD_MODELS), or else at the one gateway.
class ModelSource {
 public:
  /// Throws what `read_models` and `gateway_of` throw.
  explicit ModelSource(const AgentFlags& flags);

  /// Empty: the one of flags, environment or configuration.
  /// Throws std::invalid_argument for a model that the configuration does not have.
  std::unique_ptr<Model> model(const std::string& name = {}) const;

 private:
  std::shared_ptr<ConfiguredModels> models_;
  GatewayChoice choice_;
  std::string default_name_;
};

}  // namespace fairlead::agent
