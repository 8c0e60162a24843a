#include <stdexcept>

#include <client/model/foreign_json.h>
#include <client/replay/replay_wire.h>

namespace fairlead::agent {
namespace {

std::string content_text(const Json& content) {
  if (!content.is_array()) return string_or_empty(content);
  std::string out;
  for (const Json& block : content)
    if (member(block, "type") == "text") out += string_or_empty(member(block, "text"));
  return out;
}

const char* stop_reason(FinishReason reason) {
  switch (reason) {
    case FinishReason::tool_calls:
      return "tool_use";
    case FinishReason::length:
      return "max_tokens";
    case FinishReason::content_filter:
      return "refusal";
    default:
      return "end_turn";
  }
}

/// The format carries an object; arguments that were none can only be recorded as empty.
Json input_of(const ToolCall& call) {
  try {
    Json input = parse_foreign_json(call.arguments);
    if (input.is_object()) return input;
  } catch (const std::invalid_argument&) {
  }
  return Json::object();
}

Json usage_json(const Usage& usage) {
  return {{"input_tokens", usage.input_tokens}, {"output_tokens", usage.output_tokens}};
}

class Anthropic : public ReplayWire {
 public:
  ReplayRequest read(const Json& body) const override {
    const Json& messages = member(body, "messages");
    if (!messages.is_array()) throw ReplayMismatch("the request has no \"messages\"");
    ReplayRequest out;
    for (const Json& message : messages) {
      const Json& content = member(message, "content");
      if (member(message, "role") == "assistant") {
        ++out.turn;
        out.results.clear();
        continue;
      }
      if (content.is_array()) {
        for (const Json& block : content) {
          if (member(block, "type") != "tool_result") continue;
          out.results.push_back({string_or_empty(member(block, "tool_use_id")),
                                 {Text{content_text(member(block, "content"))}},
                                 member(block, "is_error") == true});
        }
      }
      if (std::string text = content_text(content); !text.empty()) {
        out.question = std::move(text);
        out.turn = 0;
        out.results.clear();
      }
    }
    for (const Json& tool : member(body, "tools")) {
      out.tools.push_back(string_or_empty(member(tool, "name")));
    }
    out.stream = member(body, "stream") == true;
    return out;
  }

  std::string whole(const RecordedTurn& turn, const std::string& model) const override {
    Json content = Json::array();
    if (const std::string text = text_of(turn.reply); !text.empty()) {
      content.push_back({{"type", "text"}, {"text", text}});
    }
    for (const ToolCall& call : tool_calls_of(turn.reply)) {
      content.push_back(
          {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", input_of(call)}});
    }
    return to_wire({{"id", "msg_replayed"},
                    {"type", "message"},
                    {"role", "assistant"},
                    {"model", model},
                    {"content", content},
                    {"stop_reason", stop_reason(turn.finish)},
                    {"stop_sequence", nullptr},
                    {"usage", usage_json(turn.usage)}});
  }

  std::vector<std::string> events(const RecordedTurn& turn,
                                  const std::string& model) const override {
    std::vector<std::string> out;
    const auto event = [&](const char* type, Json json) {
      json["type"] = type;
      out.push_back("event: " + std::string(type) + "\ndata: " + to_wire(json) + "\n\n");
    };
    event("message_start", {{"message",
                             {{"id", "msg_replayed"},
                              {"type", "message"},
                              {"role", "assistant"},
                              {"model", model},
                              {"content", Json::array()},
                              {"stop_reason", nullptr},
                              {"usage", usage_json({turn.usage.input_tokens, 0, 0})}}}});
    int index = 0;
    if (const std::string text = text_of(turn.reply); !text.empty()) {
      event("content_block_start",
            {{"index", index}, {"content_block", {{"type", "text"}, {"text", ""}}}});
      for (const std::string& piece : stream_pieces(text)) {
        event("content_block_delta",
              {{"index", index}, {"delta", {{"type", "text_delta"}, {"text", piece}}}});
      }
      event("content_block_stop", {{"index", index++}});
    }
    for (const ToolCall& call : tool_calls_of(turn.reply)) {
      event("content_block_start", {{"index", index},
                                    {"content_block",
                                     {{"type", "tool_use"},
                                      {"id", call.id},
                                      {"name", call.name},
                                      {"input", Json::object()}}}});
      event("content_block_delta",
            {{"index", index},
             {"delta", {{"type", "input_json_delta"}, {"partial_json", to_wire(input_of(call))}}}});
      event("content_block_stop", {{"index", index++}});
    }
    event("message_delta",
          {{"delta", {{"stop_reason", stop_reason(turn.finish)}, {"stop_sequence", nullptr}}},
           {"usage", {{"output_tokens", turn.usage.output_tokens}}}});
    event("message_stop", Json::object());
    return out;
  }

  std::string error(const std::string& message) const override {
    return to_wire(
        {{"type", "error"}, {"error", {{"type", "replay_mismatch"}, {"message", message}}}});
  }
};

}  // namespace

const ReplayWire& anthropic_replay_wire() {
  static const Anthropic wire;
  return wire;
}

}  // namespace fairlead::agent
