#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <mcp/base/json.h>

/// What is said to a model and by it, in no vendor's form.
namespace fairlead::agent {

using Json = mcp::Json;

struct Text {
  std::string text;
};

struct Image {
  std::string mime_type;
  std::string data;  ///< base64
};

/// Reasoning that a vendor wants back unchanged in the next turn. Only the wire format that made it
/// understands `block`, and only it sends the block again.
struct Thinking {
  std::string format;  ///< the name of that wire format
  Json block;
};

/// The model asks for a tool. `arguments` is the JSON text as the model wrote it: it may be no JSON
/// at all, which whoever runs the tool must tell the model.
struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;
};

using ResultContent = std::variant<Text, Image>;

struct ToolResult {
  std::string call_id;
  std::vector<ResultContent> content;
  bool is_error = false;
};

using Part = std::variant<Text, Image, Thinking, ToolCall, ToolResult>;

enum class Role { system, user, assistant };

/// A `user` message holds text and images, or the results of all the calls of the assistant message
/// before it, in their order.
struct Message {
  Role role = Role::user;
  std::vector<Part> parts;
};

Message text_message(Role role, std::string text);

/// The texts among the message's parts, joined.
std::string text_of(const Message& message);
std::vector<ToolCall> tool_calls_of(const Message& message);

struct ToolSchema {
  std::string name;
  std::string description;
  Json input_schema = Json::object();
};

/// Tokens as the vendor counted them; zero where it does not say.
struct Usage {
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::uint64_t cached_input_tokens = 0;

  Usage& operator+=(const Usage& other);
};

enum class FinishReason {
  stop,            ///< the answer is complete
  tool_calls,      ///< results are wanted
  length,          ///< cut by the token limit
  content_filter,  ///< withheld by the vendor
  other,
};

const char* to_string(FinishReason reason);

}  // namespace fairlead::agent
