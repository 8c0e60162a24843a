#pragma once

#include <string>
#include <vector>

#include <client/replay/replay.h>

/// The gateway's side of the two wire formats, as far as a replay needs it.
namespace fairlead::agent {

/// One wire format, seen from the gateway.
class ReplayWire {
 public:
  virtual ~ReplayWire() = default;
  /// Throws ReplayMismatch for a body that is no request of this format.
  virtual ReplayRequest read(const Json& body) const = 0;
  /// The whole answer.
  virtual std::string whole(const RecordedTurn& turn, const std::string& model) const = 0;
  /// The stream, event by event, as it goes over the wire.
  virtual std::vector<std::string> events(const RecordedTurn& turn,
                                          const std::string& model) const = 0;
  /// An error body.
  virtual std::string error(const std::string& message) const = 0;
};

const ReplayWire& openai_replay_wire();
const ReplayWire& anthropic_replay_wire();

/// Pieces of about three words, as a model would stream them.
std::vector<std::string> stream_pieces(const std::string& text);

}  // namespace fairlead::agent
