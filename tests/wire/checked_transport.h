#pragma once

#include <memory>
#include <string_view>

#include <mcp/transport/transport.h>

#include "conversation.h"

/// `transport`, which belongs to our own server or client: a message that is sent through it and
/// that the official schema does not fit fails the running test.
std::unique_ptr<mcp::Transport> checked(std::unique_ptr<mcp::Transport> transport);

/// The same for our own side of a conversation that a test reads by itself: a program on a pipe.
class CheckedLines {
 public:
  void heard(std::string_view line) { conversation_.heard(line); }
  void said(std::string_view line);

 private:
  Conversation conversation_;
};
