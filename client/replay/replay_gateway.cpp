#include <client/model/foreign_json.h>
#include <client/replay/replay_gateway.h>
#include <client/replay/replay_wire.h>

namespace fairlead::agent {

using mcp::outbound::LoopbackServer;

ReplayGateway::ReplayGateway(Recording recording, int port)
    : recording_(std::move(recording)),
      server_(port, [this](const LoopbackServer::Request& request) { return answer(request); }) {}

std::string ReplayGateway::url() const {
  return "http://127.0.0.1:" + std::to_string(port()) + "/v1";
}

LoopbackServer::Response ReplayGateway::answer(const LoopbackServer::Request& request) const {
  LoopbackServer::Response response;
  const bool openai = request.path == "/v1/chat/completions";
  if (request.method != "POST" || (!openai && request.path != "/v1/messages")) {
    response.status = 404;
    response.body = openai_replay_wire().error(
        "a replayed gateway answers POST /v1/chat/completions and POST /v1/messages, not " +
        request.method + " " + request.path);
    return response;
  }
  const ReplayWire& wire = openai ? openai_replay_wire() : anthropic_replay_wire();
  try {
    const ReplayRequest read = wire.read(parse_foreign_json(request.body));
    const RecordedTurn turn = replay(recording_, read);
    if (!read.stream) {
      response.body = wire.whole(turn, recording_.model);
      return response;
    }
    response.content_type = "text/event-stream";
    response.stream =
        [events = wire.events(turn, recording_.model)](const LoopbackServer::Write& write) {
          for (const std::string& event : events)
            if (!write(event)) return false;
          return true;
        };
  } catch (const ReplayMismatch& mismatch) {
    response.status = 409;
    response.body = wire.error(std::string("replay: ") + mismatch.what());
  } catch (const std::invalid_argument& error) {
    response.status = 400;
    response.body = wire.error(std::string("replay: the request is not JSON: ") + error.what());
  }
  return response;
}

std::vector<std::string> stream_pieces(const std::string& text) {
  std::vector<std::string> out;
  std::string piece;
  int spaces = 0;
  for (const char c : text) {
    piece += c;
    if (c == ' ' && ++spaces % 3 == 0) {
      out.push_back(std::move(piece));
      piece.clear();
    }
  }
  if (!piece.empty()) out.push_back(std::move(piece));
  return out;
}

}  // namespace fairlead::agent
