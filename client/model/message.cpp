#include <client/model/message.h>

namespace fairlead::agent {

Message text_message(Role role, std::string text) {
  return {role, {Text{std::move(text)}}};
}

std::string text_of(const Message& message) {
  std::string out;
  for (const Part& part : message.parts)
    if (const auto* text = std::get_if<Text>(&part)) out += text->text;
  return out;
}

std::vector<ToolCall> tool_calls_of(const Message& message) {
  std::vector<ToolCall> out;
  for (const Part& part : message.parts)
    if (const auto* call = std::get_if<ToolCall>(&part)) out.push_back(*call);
  return out;
}

Usage& Usage::operator+=(const Usage& other) {
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  cached_input_tokens += other.cached_input_tokens;
  return *this;
}

const char* to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "stop";
    case FinishReason::tool_calls:
      return "tool_calls";
    case FinishReason::length:
      return "length";
    case FinishReason::content_filter:
      return "content_filter";
    case FinishReason::other:
      break;
  }
  return "other";
}

}  // namespace fairlead::agent
