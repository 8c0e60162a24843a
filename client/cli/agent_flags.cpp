#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>

#include <client/cli/agent_flags.h>
#include <client/config/text_file.h>
#include <mcp/outbound/url.h>

namespace fairlead::agent {

namespace {

/// Tools are told apart by the names of their servers: two of one program need two names.
void add_unique(std::vector<ServerEntry>& entries, ServerEntry entry) {
  const std::string name = entry.name;
  const auto is_taken = [&](const ServerEntry& other) { return other.name == entry.name; };
  for (int number = 2; std::any_of(entries.begin(), entries.end(), is_taken); ++number) {
    entry.name = name + "_" + std::to_string(number);
  }
  entries.push_back(std::move(entry));
}

}  // namespace

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<long long>(seconds * 1000));
}

void AgentFlags::add_to(CLI::App& command) {
  command.add_option("--gateway", gateway.gateway,
                     "Address of the LLM gateway (or FAIRLEAD_GATEWAY, OPENAI_BASE_URL, "
                     "ANTHROPIC_BASE_URL)");
  command.add_option("--api", gateway.api, "Its wire format: openai or anthropic");
  command.add_option("--model", gateway.model, "The model's name (or FAIRLEAD_MODEL)");
  command.add_option("--models", models_file,
                     "A file with models, chains and routes (or FAIRLEAD_MODELS); --model is then "
                     "one of its names, or auto");
  command.add_option("--config", config_file, "A file with \"mcpServers\", as Claude Desktop has");
  command.add_option("--server", servers,
                     "A server's command and arguments, or its URL; may be repeated");
  command.add_option("--system", system, "What the model is told before the question");
  command.add_option("--record", record_file, "Write the model's turns to this file for replays");
  command.add_option("--max-turns", max_turns, "Answers of the model per question")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("--max-seconds", max_seconds, "Time for one question; 0: no limit")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  command.add_option("--start-seconds", start_seconds, "Time for the servers to start")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
  command.add_option("--max-result-bytes", max_result_bytes, "Text of one tool result")
      ->capture_default_str();
  command
      .add_option("--max-tokens", max_tokens,
                  "Of one answer; default: the gateway's, with --api anthropic 4096")
      ->check(CLI::Range(1, 10'000'000));
  command.add_option("--temperature", temperature, "0 to 2; default: the gateway's")
      ->check(CLI::Range(0.0, 2.0));
  command.add_flag("--no-stream", no_stream, "Take each answer in one piece");
  command.add_flag("--json", json, "One JSON object a line, the last one is the result");
}

AgentOptions AgentFlags::agent_options() const {
  AgentOptions options;
  options.max_turns = max_turns;
  options.max_time = milliseconds_of(max_seconds);
  options.max_result_bytes = max_result_bytes;
  options.system = system;
  options.stream = !no_stream;
  if (max_tokens > 0) options.max_tokens = max_tokens;
  if (temperature >= 0) options.temperature = temperature;
  return options;
}

std::vector<ServerEntry> AgentFlags::server_entries() const {
  std::vector<ServerEntry> entries;
  if (!config_file.empty()) {
    const auto text = read_text_file(config_file);
    if (!text) throw std::invalid_argument("there is no file " + config_file);
    try {
      entries = read_mcp_servers(*text);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(config_file + ": " + error.what());
    }
  }
  for (const std::string& command : servers) {
    try {
      add_unique(entries, server_at(command));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("--server " + command + ": " + error.what());
    }
  }
  return entries;
}

ServerEntry one_server(const std::string& server, const std::string& config_file) {
  AgentFlags source;
  source.config_file = config_file;
  if (config_file.empty()) source.servers = {server};
  for (const ServerEntry& entry : source.server_entries())
    if (config_file.empty() || entry.name == server) return entry;
  throw std::invalid_argument(config_file + " has no server \"" + server + "\"");
}

std::string read_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string(value);
}

GatewayChoice gateway_of(const GatewayFlags& flags) {
  GatewayChoice choice = choose_gateway(flags, read_environment);
  const auto url = mcp::outbound::parse_http_url(choice.options.base_url);
  if (!choice.options.api_key.empty() && url && !url->secure &&
      !mcp::outbound::is_loopback_host(url->host)) {
    std::fprintf(stderr, "fairlead: warning: the API key goes to %s unencrypted (http)\n",
                 url->host.c_str());
  }
  return choice;
}

std::shared_ptr<ConfiguredModels> read_models(const std::string& file) {
  const auto text = read_text_file(file);
  if (!text) throw std::invalid_argument("there is no file " + file);
  const auto environment = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  return std::make_shared<ConfiguredModels>(read_model_config(file, *text, environment));
}

ModelSource::ModelSource(const AgentFlags& flags) {
  const bool names_gateway = !flags.gateway.gateway.empty() || !flags.gateway.api.empty();
  if (names_gateway && !flags.models_file.empty()) {
    throw std::invalid_argument("--models names the gateways: leave --gateway and --api out");
  }
  std::string file = flags.models_file;
  if (file.empty() && !names_gateway) file = read_environment("FAIRLEAD_MODELS");
  if (file.empty()) {
    choice_ = gateway_of(flags.gateway);
  } else {
    models_ = read_models(file);
    default_name_ = flags.gateway.model;
  }
}

std::unique_ptr<Model> ModelSource::model(const std::string& name) const {
  if (models_) return models_->model(name.empty() ? default_name_ : name);
  GatewayChoice choice = choice_;
  if (!name.empty()) choice.options.model = name;
  return make_model(choice);
}

}  // namespace fairlead::agent
