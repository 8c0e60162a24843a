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
  /// No call takes longer; the model's own limits hold beside it.
  std::optional<std::chrono::milliseconds> max_time;
  /// False: the answer comes in one piece, and the listener hears of it at its end.
  bool stream = true;
};

/// A try that gave no answer.
struct FailedTry {
  std::string model;       ///< as the configuration names it
  std::string deployment;  ///< empty when none could be asked
  ModelError::Kind kind = ModelError::Kind::network;
  std::string message;
};

struct ModelReply {
  Message message;  ///< role assistant
  FinishReason finish = FinishReason::other;
  Usage usage;
  std::string model;  ///< as the gateway names it
  /// Which of the configured models gave the answer, and where; empty when there was no choice.
  std::string served_by = {};
  std::string deployment = {};
  /// Why others did not, in the order in which they were asked.
  std::vector<FailedTry> failures = {};
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
  /// The call failed and is repeated after `delay`.
  virtual void retrying(int /*attempt*/, std::chrono::milliseconds /*delay*/,
                        const ModelError& /*error*/) {}
  /// The model `from` gave no answer, `to` is asked next.
  virtual void falling_back(const std::string& /*from*/, const std::string& /*to*/,
                            const ModelError& /*error*/) {}
  /// The answer broke off after some of it was heard. True: all of that is forgotten, the answer
  /// may be asked for again from its beginning. False: it can't be taken back.
  virtual bool take_back(const ModelError& /*error*/) { return false; }
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
