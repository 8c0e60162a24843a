#include <stdexcept>

#include <client/model/anthropic_messages.h>
#include <client/model/gateway_choice.h>
#include <client/model/model_access.h>
#include <client/model/openai_chat.h>
#include <mcp/outbound/url.h>

namespace fairlead::agent {
namespace {

std::string first_of(std::initializer_list<std::string> values) {
  for (const std::string& value : values)
    if (!value.empty()) return value;
  return {};
}

}  // namespace

bool environment_names_gateway(const std::function<std::string(const char*)>& environment) {
  for (const char* name : {"FAIRLEAD_GATEWAY", "OPENAI_BASE_URL", "OPENAI_API_KEY",
                           "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"})
    if (!environment(name).empty()) return true;
  return false;
}

GatewayChoice choose_gateway(const GatewayFlags& flags,
                             const std::function<std::string(const char*)>& environment) {
  const auto env = [&](const char* name) { return environment(name); };
  const bool has_anthropic =
      !first_of({env("ANTHROPIC_BASE_URL"), env("ANTHROPIC_API_KEY"), env("ANTHROPIC_AUTH_TOKEN")})
           .empty();
  const bool has_openai = !first_of({env("OPENAI_BASE_URL"), env("OPENAI_API_KEY")}).empty();
  const std::string gateway = first_of({flags.gateway, env("FAIRLEAD_GATEWAY")});

  GatewayChoice choice;
  const std::string api = first_of({flags.api, env("FAIRLEAD_API")});
  if (api == "anthropic") {
    choice.api = Api::anthropic;
  } else if (api.empty()) {
    if (gateway.empty() && has_anthropic && !has_openai) choice.api = Api::anthropic;
  } else if (api != "openai") {
    throw std::invalid_argument("unknown wire format \"" + api +
                                "\": choose --api openai or --api anthropic");
  }
  if (gateway.empty() && !has_openai && !has_anthropic) {
    throw std::invalid_argument(
        "no gateway: give --gateway URL, or set OPENAI_API_KEY, ANTHROPIC_API_KEY or "
        "FAIRLEAD_GATEWAY");
  }

  GatewayOptions& options = choice.options;
  if (choice.api == Api::openai) {
    options.base_url = first_of({gateway, env("OPENAI_BASE_URL"), "https://api.openai.com/v1"});
    options.api_key = first_of({env("FAIRLEAD_API_KEY"), env("OPENAI_API_KEY")});
    options.model = first_of({flags.model, env("FAIRLEAD_MODEL"), env("OPENAI_MODEL")});
  } else {
    options.base_url = first_of({gateway, env("ANTHROPIC_BASE_URL"), "https://api.anthropic.com"});
    options.api_key = first_of({env("FAIRLEAD_API_KEY"), env("ANTHROPIC_API_KEY")});
    options.model = first_of({flags.model, env("FAIRLEAD_MODEL"), env("ANTHROPIC_MODEL")});
    if (options.api_key.empty()) {
      options.api_key = env("ANTHROPIC_AUTH_TOKEN");
      options.key_is_bearer = true;
    }
  }
  if (!mcp::outbound::parse_http_url(options.base_url)) {
    throw std::invalid_argument("the gateway is no http or https URL: " + options.base_url);
  }
  if (options.model.empty()) {
    throw std::invalid_argument("no model: give --model NAME, or set FAIRLEAD_MODEL");
  }
  return choice;
}

std::unique_ptr<Model> make_wire_model(const GatewayChoice& choice, ModelClock clock) {
  return choice.api == Api::openai ? make_openai_chat(choice.options, std::move(clock))
                                   : make_anthropic_messages(choice.options, std::move(clock));
}

std::unique_ptr<Model> make_model(const GatewayChoice& choice) {
  return make_single_model(make_wire_model(choice));
}

}  // namespace fairlead::agent
