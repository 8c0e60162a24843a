#pragma once

#include <memory>

#include <client/model/gateway.h>

namespace fairlead::agent {

/// The OpenAI "chat completions" wire format: `POST {base}/chat/completions`.
std::unique_ptr<Model> make_openai_chat(GatewayOptions options,
                                        ModelClock clock = ModelClock::system());

}  // namespace fairlead::agent
