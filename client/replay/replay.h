#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <client/replay/recording.h>

namespace fairlead::agent {

/// What a replay must know of a request, in whatever wire format it came.
struct ReplayRequest {
  std::string question;             ///< the last text of the user
  std::size_t turn = 0;             ///< answers of the model since then
  std::vector<ToolResult> results;  ///< the last message's, in order
  std::vector<std::string> tools;   ///< names that are offered
  bool stream = false;
};

/// The request is not the one that was recorded; says what differs.
class ReplayMismatch : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The recorded answer to a request. It keeps no state: the same request has the same answer.
/// Call ids are made here: "call_<turn>_<number>".
/// Throws ReplayMismatch.
RecordedTurn replay(const Recording& recording, const ReplayRequest& request);

}  // namespace fairlead::agent
