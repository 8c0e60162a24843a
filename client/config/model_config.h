#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <client/model/deployment_pool.h>
#include <client/model/gateway_choice.h>
#include <client/model/model_access.h>
#include <mcp/schema/describe.h>

/// The configuration of models as its file says it; `model_config_schema` is made from these types.
namespace fairlead::agent {

struct GatewayEntry {
  Api api = Api::openai;
  std::string base_url;
  std::string key;
  static constexpr mcp::About about[] = {
      {"api", "Its wire format", {.optional = true}},
      {"base_url", "As docs/agent.md says", {.format = "uri"}},
      {"key", "Best as ${NAME}, from the environment", {.optional = true}},
  };
};

struct DeploymentEntry {
  std::string gateway;
  std::string id;
  double weight = 1;
  static constexpr mcp::About about[] = {
      {"gateway", "One of `gateways`"},
      {"id", "The model's name there"},
      {"weight", "Its share with `balancing: weighted`", {.minimum = 0.001, .maximum = 1e6}},
  };
};

struct PriceEntry {
  double input = 0;
  double output = 0;
  static constexpr mcp::About about[] = {
      {"input", "USD for a million tokens", {.minimum = 0}},
      {"output", "USD for a million tokens", {.minimum = 0}},
  };
};

/// How long the first byte of an answer may take: 15, 60 or 180 s.
enum class Speed { fast, standard, complex };

struct ModelEntry {
  std::vector<DeploymentEntry> deployments;
  Balancing balancing = Balancing::round_robin;
  Speed speed = Speed::standard;
  std::optional<double> try_seconds;
  std::optional<PriceEntry> price;
  std::optional<std::int64_t> context_tokens;
  std::vector<std::string> capabilities;
  static constexpr mcp::About about[] = {
      {"deployments", "Where it can be called", {.min_length = 1, .max_length = 100}},
      {"balancing", "How calls are spread over them", {.optional = true}},
      {"speed", "First byte within 15, 60 or 180 s", {.optional = true}},
      {"try_seconds", "For one try in all", {.minimum = 0.001, .maximum = 86'400}},
      {"context_tokens", "Longer conversations go to another model", {.minimum = 1}},
      {"capabilities", "What it is good at", {.optional = true}},
  };
};

struct RouteEntry {
  std::string task;
  std::vector<std::string> models;
  std::vector<std::string> keywords;
  std::optional<std::string> pattern;
  std::optional<std::string> language;
  std::optional<std::string> tool;
  std::optional<std::int64_t> min_characters;
  std::optional<std::int64_t> max_characters;
  std::optional<std::string> system;
  std::optional<double> temperature;
  std::optional<int> max_tokens;
  static constexpr mcp::About about[] = {
      {"task", "Its name", {.min_length = 1}},
      {"models", "Models, or one chain, in the order of asking", {.min_length = 1}},
      {"keywords", "Whole words (of Chinese: anywhere), any of them", {.optional = true}},
      {"pattern", "A regular expression (RE2), found anywhere in the question"},
      {"language", "zh, ja, ko, ru, ar or latin, by the script of the question"},
      {"tool", "A text in the name of a tool that is offered"},
      {"min_characters", "Of the question", {.minimum = 0}},
      {"max_characters", "Of the question", {.minimum = 0}},
      {"system", "What the model is told before"},
      {"temperature", "", {.minimum = 0, .maximum = 2}},
      {"max_tokens", "Of the answer", {.minimum = 1, .maximum = 10'000'000}},
  };
};

struct PolicyEntry {
  int tries = 3;
  double first_delay_seconds = 1;
  double max_delay_seconds = 60;
  double total_seconds = 600;
  MidStream mid_stream = MidStream::stop;
  int breaker_failures = 5;
  double breaker_open_seconds = 30;
  int breaker_probes = 3;
  double cool_down_seconds = 5;
  int max_in_flight = 10;
  static constexpr mcp::About about[] = {
      {"tries", "Of one model", {.minimum = 1, .maximum = 100}},
      {"first_delay_seconds", "Doubled with each try, then random below", {.minimum = 0}},
      {"max_delay_seconds", "No wait is longer", {.minimum = 0, .maximum = 3'600}},
      {"total_seconds", "For one call with all its tries", {.minimum = 0.001, .maximum = 86'400}},
      {"mid_stream",
       "When an answer breaks off: stop, or restart where it can be taken back",
       {.optional = true}},
      {"breaker_failures", "In a row, then the breaker opens", {.minimum = 1}},
      {"breaker_open_seconds", "Then probes are let through", {.minimum = 0, .maximum = 86'400}},
      {"breaker_probes", "At the same time", {.minimum = 1, .maximum = 1'000}},
      {"cool_down_seconds", "Rest after 429", {.minimum = 0, .maximum = 86'400}},
      {"max_in_flight", "Calls at the same time", {.minimum = 1, .maximum = 10'000}},
  };
};

struct ModelConfig {
  std::map<std::string, GatewayEntry> gateways;
  std::map<std::string, ModelEntry> models;
  std::map<std::string, std::vector<std::string>> chains;
  std::vector<RouteEntry> routes;
  std::string default_model = "auto";
  PolicyEntry policy;
  static constexpr mcp::About about[] = {
      {"gateways", "Where models can be called, by name"},
      {"models", "By the name that everything else uses"},
      {"chains", "Models in the order of asking, by name", {.optional = true}},
      {"routes", "For the model `auto`; the first that fits is taken", {.optional = true}},
      {"default_model", "A model, a chain, or auto"},
      {"policy", "Tries, limits, breakers", {.optional = true}},
  };
};

/// The published schema: JSON Schema 2020-12; members that it does not name are refused.
Json model_config_schema();

/// Reads and checks a configuration. `${NAME}` in a text is the environment's variable,
/// `${NAME:-text}` gives what holds without it, `$${` is a plain "${".
/// Throws ConfigError with every problem, its line and column.
ModelConfig read_model_config(
    const std::string& file, std::string_view text,
    const std::function<std::optional<std::string>(const std::string&)>& environment);

}  // namespace fairlead::agent
