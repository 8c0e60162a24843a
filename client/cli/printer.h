#pragma once

#include <memory>

#include <client/agent/agent.h>

namespace fairlead::agent {

/// Shows a question's course to whoever asked.
class Printer : public AgentObserver {
 public:
  /// `exit_code`: what the program would end with now.
  virtual void end(const Outcome& outcome, int exit_code) = 0;
};

/// The answer to stdout as it arrives; tool calls, their results and everything else to stderr.
std::unique_ptr<Printer> make_text_printer();
/// One JSON object a line to stdout; the last one is the result.
std::unique_ptr<Printer> make_json_printer();

}  // namespace fairlead::agent
