#include <algorithm>
#include <stdexcept>

#include <client/config/configured_models.h>
#include <mcp/base/closest_match.h>

namespace fairlead::agent {
namespace {

using std::chrono::milliseconds;

milliseconds in_milliseconds(double seconds) {
  return milliseconds(static_cast<long long>(seconds * 1000));
}

milliseconds first_byte_time(Speed speed) {
  switch (speed) {
    case Speed::fast:
      return std::chrono::seconds(15);
    case Speed::complex:
      return std::chrono::seconds(180);
    case Speed::standard:
      break;
  }
  return std::chrono::seconds(60);
}

std::vector<DeployedModel> deployed(const ModelConfig& config, const ModelClock& clock) {
  const PolicyEntry& policy = config.policy;
  std::vector<DeployedModel> models;
  for (const auto& [name, entry] : config.models) {
    DeployedModel model;
    model.name = name;
    model.pool.balancing = entry.balancing;
    model.pool.breaker = {policy.breaker_failures, in_milliseconds(policy.breaker_open_seconds),
                          policy.breaker_probes};
    model.pool.cool_down = in_milliseconds(policy.cool_down_seconds);
    if (entry.try_seconds) model.try_time = in_milliseconds(*entry.try_seconds);
    for (const DeploymentEntry& place : entry.deployments) {
      const GatewayEntry& gateway = config.gateways.at(place.gateway);
      GatewayChoice choice;
      choice.api = gateway.api;
      choice.options.base_url = gateway.base_url;
      choice.options.api_key = gateway.key;
      choice.options.model = place.id;
      choice.options.http.headers_timeout = first_byte_time(entry.speed);
      model.deployments.push_back(
          {place.gateway + "/" + place.id, make_wire_model(choice, clock), place.weight});
    }
    models.push_back(std::move(model));
  }
  return models;
}

AccessOptions options_of(const PolicyEntry& policy) {
  AccessOptions options;
  options.retry = {policy.tries, in_milliseconds(policy.first_delay_seconds),
                   in_milliseconds(policy.max_delay_seconds)};
  options.total_time = in_milliseconds(policy.total_seconds);
  options.mid_stream = policy.mid_stream;
  options.max_in_flight = static_cast<std::size_t>(policy.max_in_flight);
  return options;
}

/// Chains in a list of models are opened up; a model stands once.
std::vector<std::string> opened(const ModelConfig& config, const std::vector<std::string>& names) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& name) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  };
  for (const std::string& name : names) {
    const auto chain = config.chains.find(name);
    if (chain == config.chains.end()) {
      add(name);
    } else {
      for (const std::string& model : chain->second) add(model);
    }
  }
  return out;
}

Router router_of(const ModelConfig& config) {
  std::vector<RouteRule> rules;
  const auto size = [](const std::optional<std::int64_t>& number) {
    return number ? std::optional(static_cast<std::size_t>(*number)) : std::nullopt;
  };
  for (const RouteEntry& entry : config.routes) {
    rules.push_back({entry.task, opened(config, entry.models), entry.keywords, entry.pattern,
                     entry.language, entry.tool, size(entry.min_characters),
                     size(entry.max_characters), entry.system, entry.temperature,
                     entry.max_tokens});
  }
  std::map<std::string, std::uint64_t> context;
  for (const auto& [name, model] : config.models)
    if (model.context_tokens) context[name] = static_cast<std::uint64_t>(*model.context_tokens);
  return Router(std::move(rules), std::move(context));
}

/// What the user said last decides for each turn; what the caller set holds against the route.
class RoutedModel : public Model {
 public:
  RoutedModel(std::shared_ptr<ConfiguredModels> models, std::string name)
      : models_(std::move(models)), name_(std::move(name)) {}

  ModelReply reply(const ModelRequest& request, ModelListener& listener,
                   std::stop_token stop) override {
    Route route;
    try {
      route = models_->route(name_, request);
    } catch (const std::invalid_argument& error) {
      throw ModelError(ModelError::Kind::bad_request, error.what());
    }
    ModelRequest routed = request;
    if (route.system) {
      routed.messages.insert(routed.messages.begin(), text_message(Role::system, *route.system));
    }
    if (!routed.temperature) routed.temperature = route.temperature;
    if (!routed.max_tokens) routed.max_tokens = route.max_tokens;
    return models_->access().reply(route.models, routed, listener, std::move(stop));
  }

  std::string name() const override { return name_; }

 private:
  std::shared_ptr<ConfiguredModels> models_;
  std::string name_;
};

}  // namespace

ConfiguredModels::ConfiguredModels(ModelConfig config, ModelClock clock)
    : config_(std::move(config)),
      access_(deployed(config_, clock), options_of(config_.policy), clock),
      router_(router_of(config_)) {}

std::unique_ptr<Model> ConfiguredModels::model(const std::string& name) {
  const std::string chosen = name.empty() ? config_.default_model : name;
  if (chosen == "auto" ? config_.routes.empty()
                       : !config_.models.contains(chosen) && !config_.chains.contains(chosen)) {
    std::vector<std::string> known;
    for (const auto& [model, entry] : config_.models) known.push_back(model);
    for (const auto& [chain, models] : config_.chains) known.push_back(chain);
    std::string message = "the configuration has no model or chain \"" + chosen + "\"";
    if (const auto near = mcp::closest_match(chosen, known)) {
      message += "; did you mean \"" + std::string(*near) + "\"?";
    }
    throw std::invalid_argument(message);
  }
  return std::make_unique<RoutedModel>(shared_from_this(), chosen);
}

Route ConfiguredModels::route(const std::string& name, const ModelRequest& request) const {
  const std::string& chosen = name.empty() ? config_.default_model : name;
  if (chosen == "auto") return router_.route(request);
  return router_.named(opened(config_, {chosen}), request);
}

}  // namespace fairlead::agent
