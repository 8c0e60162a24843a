#include <map>

#include <client/model/anthropic_messages.h>
#include <client/model/foreign_json.h>

namespace fairlead::agent {
namespace {

constexpr const char* format_name = "anthropic";
constexpr int default_max_tokens = 4096;

FinishReason finish_reason(const std::string& text) {
  if (text == "end_turn" || text == "stop_sequence") return FinishReason::stop;
  if (text == "tool_use") return FinishReason::tool_calls;
  if (text == "max_tokens" || text == "model_context_window_exceeded") return FinishReason::length;
  if (text == "refusal") return FinishReason::content_filter;
  return FinishReason::other;
}

Json image_block(const Image& image) {
  return {{"type", "image"},
          {"source", {{"type", "base64"}, {"media_type", image.mime_type}, {"data", image.data}}}};
}

Json result_block(const ToolResult& result) {
  Json content = Json::array();
  for (const ResultContent& part : result.content) {
    if (const auto* text = std::get_if<Text>(&part)) {
      if (!text->text.empty()) content.push_back({{"type", "text"}, {"text", text->text}});
    } else {
      content.push_back(image_block(std::get<Image>(part)));
    }
  }
  Json block{{"type", "tool_result"}, {"tool_use_id", result.call_id}, {"content", content}};
  if (result.is_error) block["is_error"] = true;
  return block;
}

/// `input` must be an object. What the model wrote may be none; the result tells it so.
Json call_input(const ToolCall& call) {
  try {
    Json input = parse_foreign_json(call.arguments);
    if (input.is_object()) return input;
  } catch (const std::invalid_argument&) {
  }
  return Json::object();
}

Json content_of(const Message& message) {
  Json blocks = Json::array();
  for (const Part& part : message.parts) {
    if (const auto* text = std::get_if<Text>(&part)) {
      if (!text->text.empty()) blocks.push_back({{"type", "text"}, {"text", text->text}});
    } else if (const auto* image = std::get_if<Image>(&part)) {
      blocks.push_back(image_block(*image));
    } else if (const auto* thinking = std::get_if<Thinking>(&part)) {
      if (thinking->format == format_name) blocks.push_back(thinking->block);
    } else if (const auto* call = std::get_if<ToolCall>(&part)) {
      blocks.push_back({{"type", "tool_use"},
                        {"id", call->id},
                        {"name", call->name},
                        {"input", call_input(*call)}});
    } else {
      blocks.push_back(result_block(std::get<ToolResult>(part)));
    }
  }
  return blocks;
}

Json request_body(const ModelRequest& request, const std::string& model) {
  std::string system;
  Json messages = Json::array();
  for (const Message& message : request.messages) {
    if (message.role == Role::system) {
      if (!system.empty()) system += "\n\n";
      system += text_of(message);
      continue;
    }
    Json content = content_of(message);
    if (content.empty()) continue;
    messages.push_back({{"role", message.role == Role::user ? "user" : "assistant"},
                        {"content", std::move(content)}});
  }
  Json body{{"model", model},
            {"max_tokens", request.max_tokens.value_or(default_max_tokens)},
            {"messages", std::move(messages)},
            {"stream", request.stream}};
  if (!system.empty()) body["system"] = system;
  if (request.temperature) body["temperature"] = *request.temperature;
  for (const ToolSchema& tool : request.tools) {
    body["tools"].push_back({{"name", tool.name},
                             {"description", tool.description},
                             {"input_schema", tool.input_schema}});
  }
  return body;
}

class Reader : public ReplyReader {
 public:
  Reader(ModelListener& listener, const std::string& secret) : reply_(listener), secret_(secret) {}

  void event(const mcp::StreamEvent& event) override {
    const Json json = parse_foreign_json(event.data);
    const std::string type = string_or_empty(member(json, "type"));
    if (type == "error") throw error_of_object(event.data, secret_);
    if (type == "message_start") {
      const Json& message = member(json, "message");
      reply_.model(string_or_empty(member(message, "model")));
      read_usage(member(message, "usage"));
    } else if (type == "content_block_start") {
      const int index = index_of(json);
      start_block(index, member(json, "content_block"));
    } else if (type == "content_block_delta") {
      add_to_block(index_of(json), member(json, "delta"));
    } else if (type == "content_block_stop") {
      stop_block(index_of(json));
    } else if (type == "message_delta") {
      read_usage(member(json, "usage"));
      const std::string reason = string_or_empty(member(member(json, "delta"), "stop_reason"));
      if (!reason.empty()) reply_.finish(finish_reason(reason));
    } else if (type == "message_stop") {
      ended_ = true;
    }
  }

  void whole(std::string_view body) override {
    const Json json = parse_foreign_json(body);
    if (string_or_empty(member(json, "type")) == "error") throw error_of_object(body, secret_);
    const Json& content = member(json, "content");
    if (!content.is_array()) {
      throw ModelError(ModelError::Kind::malformed, "the gateway's answer has no \"content\"");
    }
    reply_.model(string_or_empty(member(json, "model")));
    int index = 0;
    for (const Json& block : content) {
      start_block(index, block);
      stop_block(index++);
    }
    read_usage(member(json, "usage"));
    reply_.finish(finish_reason(string_or_empty(member(json, "stop_reason"))));
    ended_ = true;
  }

  bool complete() const override { return ended_ || reply_.finished(); }
  bool ended() const override { return ended_; }

  ModelReply take() override { return reply_.take(); }

 private:
  static int index_of(const Json& json) {
    const Json& index = member(json, "index");
    if (!index.is_number_unsigned() || index.get<std::uint64_t>() > 100'000) {
      throw ModelError(ModelError::Kind::malformed, "a content block without a valid \"index\"");
    }
    return index.get<int>();
  }

  void start_block(int index, const Json& block) {
    const std::string type = string_or_empty(member(block, "type"));
    if (type == "text") {
      reply_.text(string_or_empty(member(block, "text")));
    } else if (type == "tool_use") {
      // Streamed blocks begin with an empty input, and the deltas bring it as text.
      const Json& input = member(block, "input");
      reply_.tool_call(index, string_or_empty(member(block, "id")),
                       string_or_empty(member(block, "name")),
                       input.is_object() && !input.empty() ? to_wire(input) : std::string{});
    } else if (block.is_object()) {
      if (type == "thinking") reply_.thinking(string_or_empty(member(block, "thinking")));
      kept_[index] = block;
    }
  }

  void add_to_block(int index, const Json& delta) {
    const std::string type = string_or_empty(member(delta, "type"));
    if (type == "text_delta") {
      reply_.text(string_or_empty(member(delta, "text")));
    } else if (type == "input_json_delta") {
      reply_.tool_call(index, {}, {}, string_or_empty(member(delta, "partial_json")));
    } else if (const auto kept = kept_.find(index); kept != kept_.end()) {
      if (type == "thinking_delta") {
        const std::string text = string_or_empty(member(delta, "thinking"));
        reply_.thinking(text);
        kept->second["thinking"] = string_or_empty(member(kept->second, "thinking")) + text;
      } else if (type == "signature_delta") {
        kept->second["signature"] = member(delta, "signature");
      }
    }
  }

  void stop_block(int index) {
    const auto kept = kept_.find(index);
    if (kept == kept_.end()) return;
    reply_.keep(Thinking{format_name, std::move(kept->second)});
    kept_.erase(kept);
  }

  void read_usage(const Json& usage) {
    if (!usage.is_object()) return;
    Usage tokens = reply_.usage();
    const auto take = [&](const char* name, std::uint64_t& into) {
      if (const Json& value = member(usage, name); value.is_number_unsigned()) into = value;
    };
    take("input_tokens", tokens.input_tokens);
    take("output_tokens", tokens.output_tokens);
    take("cache_read_input_tokens", tokens.cached_input_tokens);
    reply_.usage(tokens);
  }

  ReplyBuilder reply_;
  const std::string& secret_;
  std::map<int, Json> kept_;  // blocks that only the vendor understands, while they grow
  bool ended_ = false;
};

mcp::outbound::Headers headers(const GatewayOptions& options) {
  mcp::outbound::Headers headers{{"anthropic-version", "2023-06-01"}};
  if (options.api_key.empty()) return headers;
  if (options.key_is_bearer) {
    headers.emplace_back("Authorization", "Bearer " + options.api_key);
  } else {
    headers.emplace_back("x-api-key", options.api_key);
  }
  return headers;
}

std::unique_ptr<ReplyReader> make_reader(ModelListener& listener, const std::string& secret) {
  return std::make_unique<Reader>(listener, secret);
}

}  // namespace

std::unique_ptr<Model> make_anthropic_messages(GatewayOptions options, ModelClock clock) {
  static constexpr WireFormat format{"messages", "v1", headers, request_body, make_reader};
  return make_gateway_model(std::move(options), std::move(clock), format);
}

}  // namespace fairlead::agent
