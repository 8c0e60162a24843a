#include <client/model/foreign_json.h>
#include <client/model/openai_chat.h>

namespace fairlead::agent {
namespace {

FinishReason finish_reason(const std::string& text) {
  if (text == "stop") return FinishReason::stop;
  if (text == "tool_calls" || text == "function_call") return FinishReason::tool_calls;
  if (text == "length") return FinishReason::length;
  if (text == "content_filter") return FinishReason::content_filter;
  return FinishReason::other;
}

Json image_part(const Image& image) {
  return {{"type", "image_url"},
          {"image_url", {{"url", "data:" + image.mime_type + ";base64," + image.data}}}};
}

/// The tool role takes text only, and has no flag for an error.
std::string result_text(const ToolResult& result) {
  std::string text;
  int images = 0;
  for (const ResultContent& content : result.content) {
    if (const auto* part = std::get_if<Text>(&content)) {
      if (!text.empty()) text += '\n';
      text += part->text;
    } else {
      ++images;
    }
  }
  if (images > 0) text += (text.empty() ? "" : "\n") + std::string("(the image follows)");
  if (result.is_error && !text.starts_with("Error")) text.insert(0, "Error: ");
  return text;
}

void append_results(const Message& message, Json& out) {
  Json images = Json::array();
  for (const Part& part : message.parts) {
    const auto* result = std::get_if<ToolResult>(&part);
    if (result == nullptr) continue;
    out.push_back(
        {{"role", "tool"}, {"tool_call_id", result->call_id}, {"content", result_text(*result)}});
    for (const ResultContent& content : result->content)
      if (const auto* image = std::get_if<Image>(&content)) images.push_back(image_part(*image));
  }
  if (!images.empty()) out.push_back({{"role", "user"}, {"content", images}});
}

void append_user(const Message& message, Json& out) {
  Json content = Json::array();
  for (const Part& part : message.parts) {
    if (const auto* text = std::get_if<Text>(&part)) {
      content.push_back({{"type", "text"}, {"text", text->text}});
    } else if (const auto* image = std::get_if<Image>(&part)) {
      content.push_back(image_part(*image));
    }
  }
  if (content.empty()) return;
  // The plain string is what every gateway understands.
  const bool only_text = content.size() == 1 && content[0]["type"] == "text";
  out.push_back({{"role", "user"}, {"content", only_text ? content[0]["text"] : content}});
}

void append_assistant(const Message& message, Json& out) {
  Json calls = Json::array();
  for (const ToolCall& call : tool_calls_of(message)) {
    calls.push_back({{"id", call.id},
                     {"type", "function"},
                     {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
  }
  const std::string text = text_of(message);
  Json json{{"role", "assistant"}, {"content", text.empty() ? Json() : Json(text)}};
  if (!calls.empty()) json["tool_calls"] = std::move(calls);
  out.push_back(std::move(json));
}

Json request_body(const ModelRequest& request, const std::string& model) {
  Json messages = Json::array();
  for (const Message& message : request.messages) {
    switch (message.role) {
      case Role::system:
        messages.push_back({{"role", "system"}, {"content", text_of(message)}});
        break;
      case Role::assistant:
        append_assistant(message, messages);
        break;
      case Role::user:
        append_results(message, messages);
        append_user(message, messages);
        break;
    }
  }
  Json body{{"model", model}, {"messages", std::move(messages)}, {"stream", request.stream}};
  if (request.stream) body["stream_options"] = {{"include_usage", true}};
  if (request.max_tokens) body["max_tokens"] = *request.max_tokens;
  if (request.temperature) body["temperature"] = *request.temperature;
  for (const ToolSchema& tool : request.tools) {
    body["tools"].push_back({{"type", "function"},
                             {"function",
                              {{"name", tool.name},
                               {"description", tool.description},
                               {"parameters", tool.input_schema}}}});
  }
  return body;
}

class Reader : public ReplyReader {
 public:
  Reader(ModelListener& listener, const std::string& secret) : reply_(listener), secret_(secret) {}

  void event(const mcp::StreamEvent& event) override {
    if (event.data == "[DONE]") {
      done_ = true;
      return;
    }
    read(parse_foreign_json(event.data), "delta");
  }

  void whole(std::string_view body) override {
    const Json json = parse_foreign_json(body);
    read(json, "message");
    if (!member(json, "choices").is_array() || json["choices"].empty()) {
      throw ModelError(ModelError::Kind::malformed, "the gateway's answer has no \"choices\"");
    }
    done_ = true;
  }

  /// "[DONE]" ends the stream; whether the answer in it is whole, its finish_reason says: a gateway
  /// whose own source broke off sends the one without the other.
  bool complete() const override { return reply_.finished(); }
  bool ended() const override { return done_; }

  ModelReply take() override { return reply_.take(); }

 private:
  /// A chunk carries a `delta`, a whole answer a `message`: the same members in both.
  void read(const Json& json, const char* kind) {
    if (!json.is_object()) {
      throw ModelError(ModelError::Kind::malformed, "the gateway sent no JSON object");
    }
    if (const Json& error = member(json, "error"); !error.is_null()) {
      throw error_of_object(to_wire(json), secret_);
    }
    if (const Json& model = member(json, "model"); model.is_string()) reply_.model(model);
    if (const Json& usage = member(json, "usage"); usage.is_object()) read_usage(usage);
    const Json& choices = member(json, "choices");
    if (!choices.is_array() || choices.empty()) return;  // the last chunk holds the usage alone
    read_content(member(choices[0], kind));
    const std::string finish = string_or_empty(member(choices[0], "finish_reason"));
    if (!finish.empty()) reply_.finish(finish_reason(finish));
  }

  void read_usage(const Json& usage) {
    Usage tokens;
    tokens.input_tokens = number_or_zero(member(usage, "prompt_tokens"));
    tokens.output_tokens = number_or_zero(member(usage, "completion_tokens"));
    tokens.cached_input_tokens =
        number_or_zero(member(member(usage, "prompt_tokens_details"), "cached_tokens"));
    reply_.usage(tokens);
  }

  void read_content(const Json& delta) {
    for (const char* name : {"reasoning_content", "reasoning"})
      if (const Json& text = member(delta, name); text.is_string())
        reply_.thinking(text.get_ref<const std::string&>());
    for (const char* name : {"content", "refusal"}) {
      const Json& content = member(delta, name);
      if (content.is_string()) reply_.text(content.get_ref<const std::string&>());
      if (content.is_array())
        for (const Json& part : content) reply_.text(string_or_empty(member(part, "text")));
    }
    const Json& calls = member(delta, "tool_calls");
    if (!calls.is_array()) return;
    int position = 0;
    for (const Json& call : calls) {
      const Json& index = member(call, "index");
      const Json& function = member(call, "function");
      const Json& arguments = member(function, "arguments");
      const int at = index.is_number_unsigned() && index.get<std::uint64_t>() < 1'000'000
                         ? index.get<int>()
                         : position;
      ++position;
      // Some gateways send the arguments as the object itself.
      reply_.tool_call(at, string_or_empty(member(call, "id")),
                       string_or_empty(member(function, "name")),
                       arguments.is_object() ? to_wire(arguments) : string_or_empty(arguments));
    }
  }

  ReplyBuilder reply_;
  const std::string& secret_;
  bool done_ = false;
};

mcp::outbound::Headers headers(const GatewayOptions& options) {
  if (options.api_key.empty()) return {};
  return {{"Authorization", "Bearer " + options.api_key}};
}

std::unique_ptr<ReplyReader> make_reader(ModelListener& listener, const std::string& secret) {
  return std::make_unique<Reader>(listener, secret);
}

}  // namespace

std::unique_ptr<Model> make_openai_chat(GatewayOptions options, ModelClock clock) {
  static constexpr WireFormat format{"chat/completions", "", headers, request_body, make_reader};
  return make_gateway_model(std::move(options), std::move(clock), format);
}

}  // namespace fairlead::agent
