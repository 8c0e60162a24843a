#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <mcp/base/json.h>

/// A conversation of which our own side is checked, message by message, against the official JSON
/// schema of the revision that was agreed on: requests and notifications by their method, results
/// by the request that they answer. Without the schemas nothing is found (see `schemas_are_here`).
class Conversation {
 public:
  Conversation();
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// What the other side said: anything.
  void heard(std::string_view line);
  /// What our side said: why it is no message, or a batch with one that is none; else empty.
  std::string problem(std::string_view line);

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Whether the schemas lie beside the project: in ../shared/data/mcp-schema.
bool schemas_are_here();

/// Why `message` is no message of this revision; empty when it is one. `answers` is the method of
/// the request that a result answers.
std::string message_problem(const std::string& revision, const mcp::Json& message,
                            const std::string& answers = {});

/// How many messages were found right so far, in this process.
long messages_checked();
