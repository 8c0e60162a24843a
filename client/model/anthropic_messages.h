#pragma once

#include <memory>

#include <client/model/gateway.h>

namespace fairlead::agent {

/// The Anthropic "messages" wire format: `POST {base}/v1/messages`.
std::unique_ptr<Model> make_anthropic_messages(GatewayOptions options,
                                               ModelClock clock = ModelClock::system());

}  // namespace fairlead::agent
