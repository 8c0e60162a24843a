#include <client/model/foreign_json.h>
#include <client/replay/replay_wire.h>

namespace fairlead::agent {
namespace {

std::string content_text(const Json& content) {
  if (!content.is_array()) return string_or_empty(content);
  std::string out;
  for (const Json& part : content) out += string_or_empty(member(part, "text"));
  return out;
}

Json tool_calls_json(const RecordedTurn& turn, bool streamed) {
  Json calls = Json::array();
  int index = 0;
  for (const ToolCall& call : tool_calls_of(turn.reply)) {
    Json json{{"id", call.id},
              {"type", "function"},
              {"function", {{"name", call.name}, {"arguments", call.arguments}}}};
    if (streamed) json["index"] = index++;
    calls.push_back(std::move(json));
  }
  return calls;
}

Json usage_json(const Usage& usage) {
  return {{"prompt_tokens", usage.input_tokens},
          {"completion_tokens", usage.output_tokens},
          {"total_tokens", usage.input_tokens + usage.output_tokens}};
}

class OpenAi : public ReplayWire {
 public:
  ReplayRequest read(const Json& body) const override {
    const Json& messages = member(body, "messages");
    if (!messages.is_array()) throw ReplayMismatch("the request has no \"messages\"");
    ReplayRequest out;
    for (const Json& message : messages) {
      const std::string role = string_or_empty(member(message, "role"));
      const std::string text = content_text(member(message, "content"));
      if (role == "user" && !text.empty()) {
        out.question = text;
        out.turn = 0;
        out.results.clear();
      } else if (role == "assistant") {
        ++out.turn;
        out.results.clear();
      } else if (role == "tool") {
        // The format has no flag for an error, so the agent says it in the text.
        out.results.push_back({string_or_empty(member(message, "tool_call_id")),
                               {Text{text}},
                               text.starts_with("Error")});
      }
    }
    for (const Json& tool : member(body, "tools")) {
      out.tools.push_back(string_or_empty(member(member(tool, "function"), "name")));
    }
    out.stream = member(body, "stream") == true;
    return out;
  }

  std::string whole(const RecordedTurn& turn, const std::string& model) const override {
    const std::string text = text_of(turn.reply);
    Json message{{"role", "assistant"}, {"content", text.empty() ? Json() : Json(text)}};
    if (Json calls = tool_calls_json(turn, false); !calls.empty()) message["tool_calls"] = calls;
    return to_wire({{"id", "chatcmpl-replayed"},
                    {"object", "chat.completion"},
                    {"created", 0},
                    {"model", model},
                    {"choices", Json::array({{{"index", 0},
                                              {"message", message},
                                              {"finish_reason", to_string(turn.finish)}}})},
                    {"usage", usage_json(turn.usage)}});
  }

  std::vector<std::string> events(const RecordedTurn& turn,
                                  const std::string& model) const override {
    std::vector<std::string> out;
    const auto chunk = [&](Json choices, Json usage = nullptr) {
      out.push_back("data: " +
                    to_wire({{"id", "chatcmpl-replayed"},
                             {"object", "chat.completion.chunk"},
                             {"created", 0},
                             {"model", model},
                             {"choices", std::move(choices)},
                             {"usage", std::move(usage)}}) +
                    "\n\n");
    };
    const auto delta = [&](Json content, Json finish = nullptr) {
      chunk(Json::array(
          {{{"index", 0}, {"delta", std::move(content)}, {"finish_reason", std::move(finish)}}}));
    };
    delta({{"role", "assistant"}, {"content", ""}});
    for (const std::string& piece : stream_pieces(text_of(turn.reply))) delta({{"content", piece}});
    if (Json calls = tool_calls_json(turn, true); !calls.empty()) delta({{"tool_calls", calls}});
    delta(Json::object(), to_string(turn.finish));
    chunk(Json::array(), usage_json(turn.usage));
    out.emplace_back("data: [DONE]\n\n");
    return out;
  }

  std::string error(const std::string& message) const override {
    return to_wire({{"error", {{"message", message}, {"type", "replay_mismatch"}}}});
  }
};

}  // namespace

const ReplayWire& openai_replay_wire() {
  static const OpenAi wire;
  return wire;
}

}  // namespace fairlead::agent
