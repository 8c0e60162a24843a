#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <client/agent/toolbox.h>
#include <client/model/model.h>

namespace fairlead::agent {

struct AgentOptions {
  /// Answers of the model per question, the last included.
  int max_turns = 25;
  /// For one question, tools included; zero means no limit.
  std::chrono::milliseconds max_time{600'000};
  /// Text of one tool result, about 20,000 tokens; what is longer is cut with a note.
  std::size_t max_result_bytes = 80'000;
  /// Tools of one turn that run at the same time.
  std::size_t max_parallel_calls = 8;
  std::string system = {};
  bool stream = true;
  std::optional<int> max_tokens = {};
  std::optional<double> temperature = {};
};

/// How a question ended.
enum class End {
  answered,
  incomplete,     ///< the answer was cut by the token limit or withheld
  model_error,    ///< the gateway gave no answer
  server_failed,  ///< the toolbox could not say what tools there are
  turn_limit,
  time_limit,
  cancelled,
};

const char* to_string(End end);

struct Outcome {
  End end = End::answered;
  /// What the model said last; empty when it said nothing.
  std::string text;
  /// Why it ended, in a sentence; empty when it was answered.
  std::string message;
  Usage usage;  ///< of all turns
  /// Which of the configured models gave the last answer.
  std::string served_by = {};
  int turns = 0;
  int tool_calls = 0;
};

/// Hears what happens. Never two calls at once; tool events come from other threads.
class AgentObserver : public ModelListener {
 public:
  virtual void turn_started(int /*turn*/) {}
  /// `arguments` as the model wrote them.
  virtual void tool_started(const ToolCall& /*call*/) {}
  virtual void tool_ended(const ToolCall& /*call*/, const ToolResult& /*result*/,
                          std::chrono::milliseconds /*time*/) {}
};

/// A conversation between a person, a model and tools. One question at a time; the history stays
/// valid however a question ends, so the next one can follow.
class Agent {
 public:
  /// Waits, false when stopped; see ModelClock.
  using Wait = std::function<bool(std::chrono::milliseconds delay, std::stop_token stop)>;

  /// `model` and `toolbox` must outlive the agent.
  Agent(Model& model, Toolbox& toolbox, AgentOptions options = {}, Wait wait = {});

  /// Blocks until the question has ended; it never throws for what a model or a tool does.
  Outcome ask(const std::string& question, AgentObserver& observer, std::stop_token stop = {});

  /// Forgets the conversation.
  void clear() { history_.clear(); }
  const std::vector<Message>& history() const { return history_; }

 private:
  Outcome converse(AgentObserver& observer, std::stop_token stop);
  Message run_calls(const std::vector<ToolCall>& calls, const class ToolNames& names,
                    AgentObserver& observer, std::stop_token stop) const;

  Model& model_;
  Toolbox& toolbox_;
  AgentOptions options_;
  Wait wait_;
  std::vector<Message> history_;
};

}  // namespace fairlead::agent
