#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <mcp/base/json.h>
#include <mcp/transport/transport.h>

/// `transport`, which belongs to our own server or client, with every message that is sent through
/// it checked against the official JSON schema of the revision that it was agreed on: requests and
/// notifications by their method, results by the request that they answer. A message that does not
/// fit fails the running test. Without the schemas nothing is checked (see `schemas_are_here`).
std::unique_ptr<mcp::Transport> checked(std::unique_ptr<mcp::Transport> transport);

/// The same for our own side of a conversation that a test reads by itself: a program on a pipe.
class CheckedLines {
 public:
  CheckedLines();
  ~CheckedLines();
  CheckedLines(const CheckedLines&) = delete;
  CheckedLines& operator=(const CheckedLines&) = delete;

  void heard(std::string_view line);
  void said(std::string_view line);

 private:
  class Conversation;
  std::unique_ptr<Conversation> conversation_;
};

/// Whether the schemas lie beside the project: in ../shared/data/mcp-schema.
bool schemas_are_here();

/// Why `message` is no message of this revision; empty when it is one. `answers` is the method of
/// the request that a result answers.
std::string message_problem(const std::string& revision, const mcp::Json& message,
                            const std::string& answers = {});

/// How many messages were found right so far, in this process.
long messages_checked();
