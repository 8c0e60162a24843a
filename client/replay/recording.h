#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <client/model/message.h>

namespace fairlead::agent {

/// What a tool result must look like for the recorded answer to it to be true.
struct ExpectedResult {
  std::vector<std::string> contains;
  bool is_error = false;
};

struct RecordedTurn {
  /// The results that the request brings, in order; empty for the first turn of a question.
  std::vector<ExpectedResult> tool_results;
  Message reply;
  FinishReason finish = FinishReason::stop;
  Usage usage;
};

struct RecordedConversation {
  std::string question;
  std::vector<RecordedTurn> turns;
};

/// The model's side of some conversations. See docs/replay.md for the file.
struct Recording {
  std::string model;
  std::vector<RecordedConversation> conversations;
};

/// Throws std::invalid_argument saying where the file is wrong.
Recording read_recording(std::string_view text);
std::string write_recording(const Recording& recording);

}  // namespace fairlead::agent
