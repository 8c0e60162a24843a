#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include <mcp/jsonrpc/message.h>
#include <mcp/protocol/input_required.h>

namespace mcp::server {

/// An answer of the client, and which question it is the answer to.
struct RecordedAnswer {
  std::string question;  ///< digest; empty: not asked for and not read yet; "*": any question
  Json value;
  std::optional<jsonrpc::ErrorObject> error = {};  ///< instead of a value (session era)
};

/// What a call has learnt so far: it survives from one run of the handler to the next, in memory
/// (session era) or sealed in `requestState` (stateless era).
struct Round {
  int number = 0;     ///< how often the client was asked
  std::string nonce;  ///< names this call in stores and URLs; made when it is first needed
  double progress = -std::numeric_limits<double>::infinity();  ///< the highest that was sent
  std::map<std::string, std::string> asked = {};               ///< open questions: key to digest
  std::map<std::string, RecordedAnswer> answers = {};
  std::map<std::string, Json> steps = {};  ///< values of `once`

  /// Takes in what the client answered; what was not asked is kept too, unbound.
  void merge(const InputResponses& responses);

  Json to_json() const;
  /// Of JSON that `to_json` wrote.
  static Round from_json(const Json& json);
};

/// Names a question, so that an answer is never taken for the answer to another.
std::string question_digest(const InputRequest& request, Revision revision);

}  // namespace mcp::server
