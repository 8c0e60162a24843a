#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <client/model/message.h>
#include <client/model/model_error.h>

namespace fairlead::agent {

struct ModelRequest {
  std::vector<Message> messages;
  std::vector<ToolSchema> tools;
  /// Of the answer. Formats that require a number send 4096 when there is none.
  std::optional<int> max_tokens;
  std::optional<double> temperature;
  /// False: the answer comes in one piece, and the listener hears of it at its end.
  bool stream = true;
};

struct ModelReply {
  Message message;  ///< role assistant
  FinishReason finish = FinishReason::other;
  Usage usage;
  std::string model;  ///< as the gateway names it
};

/// Hears an answer while it arrives, on the thread that called `Model::reply`.
class ModelListener {
 public:
  virtual ~ModelListener() = default;
  virtual void text(std::string_view /*delta*/) {}
  virtual void thinking(std::string_view /*delta*/) {}
  virtual void tool_call_started(const std::string& /*id*/, const std::string& /*name*/) {}
  virtual void tool_call_arguments(const std::string& /*id*/, std::string_view /*delta*/) {}
  virtual void tool_call_finished(const ToolCall& /*call*/) {}
  virtual void usage(const Usage& /*usage*/) {}
  virtual void finished(FinishReason /*reason*/) {}
  /// The call failed before anything of the answer was heard and is repeated after `delay`.
  virtual void retrying(int /*attempt*/, std::chrono::milliseconds /*delay*/,
                        const ModelError& /*error*/) {}
};

/// Something that answers a conversation. Implementations may be called from several threads.
class Model {
 public:
  virtual ~Model() = default;
  /// Blocks until the answer is complete.
  /// Throws ModelError when there is none; `cancelled` after a stop request.
  virtual ModelReply reply(const ModelRequest& request, ModelListener& listener,
                           std::stop_token stop) = 0;
  virtual std::string name() const = 0;
};

}  // namespace fairlead::agent
