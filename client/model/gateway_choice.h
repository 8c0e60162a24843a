#pragma once

#include <functional>
#include <memory>
#include <string>

#include <client/model/gateway.h>

namespace fairlead::agent {

enum class Api { openai, anthropic };

/// What the command line says; what is empty comes from the environment.
struct GatewayFlags {
  std::string gateway;
  std::string api;
  std::string model;
};

struct GatewayChoice {
  Api api = Api::openai;
  GatewayOptions options;
};

/// Decides which gateway to call. Flags come first, then FAIRLEAD_GATEWAY, FAIRLEAD_API and
/// FAIRLEAD_MODEL, then the vendors' own variables: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL;
/// ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_MODEL. Keys come from
/// the environment only; FAIRLEAD_API_KEY serves either format.
/// Throws std::invalid_argument saying what to set.
GatewayChoice choose_gateway(const GatewayFlags& flags,
                             const std::function<std::string(const char* name)>& environment);

/// True when `choose_gateway` would find a gateway without any flag.
bool environment_names_gateway(const std::function<std::string(const char* name)>& environment);

/// One try a call.
std::unique_ptr<Model> make_wire_model(const GatewayChoice& choice,
                                       ModelClock clock = ModelClock::system());
/// The same behind the layer that tries again.
std::unique_ptr<Model> make_model(const GatewayChoice& choice);

}  // namespace fairlead::agent
