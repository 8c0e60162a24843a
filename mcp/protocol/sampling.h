#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <mcp/protocol/content.h>
#include <mcp/protocol/tool.h>

namespace mcp {

/// The model wants a tool called.
struct ToolUseContent {
  std::string id;
  std::string name;
  Json input = Json::object();  ///< the tool's arguments, an object
  Json meta = nullptr;
};

/// What the tool answered.
struct ToolResultContent {
  std::string tool_use_id;
  std::vector<Content> content = {};
  std::optional<Json> structured_content = {};
  bool is_error = false;
  Json meta = nullptr;
};

/// One block of a sampling message.
using SamplingContent =
    std::variant<TextContent, ImageContent, AudioContent, ToolUseContent, ToolResultContent>;

struct SamplingMessage {
  Role role = Role::user;
  std::vector<SamplingContent> content;  ///< one block before `has_sampling_tools`
  Json meta = nullptr;
};

/// A part of a model's name, in order of preference.
struct ModelHint {
  std::string name = {};
};

/// Which model the server would like; priorities from 0 (unimportant) to 1.
struct ModelPreferences {
  std::vector<ModelHint> hints = {};
  std::optional<double> cost_priority = {};
  std::optional<double> speed_priority = {};
  std::optional<double> intelligence_priority = {};
};

enum class IncludeContext { none, this_server, all_servers };
enum class ToolChoice { auto_, required, none };

/// `sampling/createMessage`: what the server asks the client's model.
struct CreateMessageParams {
  std::vector<SamplingMessage> messages;
  std::int64_t max_tokens = 1000;  ///< the most tokens to sample
  std::optional<ModelPreferences> model_preferences = {};
  std::string system_prompt = {};
  std::optional<IncludeContext> include_context = {};
  std::optional<double> temperature = {};
  std::vector<std::string> stop_sequences = {};
  Json metadata = nullptr;       ///< for the model's provider; an object
  std::vector<Tool> tools = {};  ///< needs the capability `sampling.tools`
  std::optional<ToolChoice> tool_choice = {};
};

/// What the client's model answered.
struct CreateMessageResult {
  Role role = Role::assistant;
  std::vector<SamplingContent> content;
  std::string model;
  std::string stop_reason = {};  ///< "endTurn", "stopSequence", "maxTokens", "toolUse"
  Json meta = nullptr;

  /// The text blocks, joined.
  std::string text() const;
};

/// A message of one text.
SamplingMessage sampling_text(Role role, std::string text);

/// Which rule of tool use the messages break (2025-11-25, client/sampling): a message with tool
/// results holds nothing else, and every tool use is answered by the next message. Empty: none.
std::string sampling_problem(const std::vector<SamplingMessage>& messages);

/// Before `has_sampling_tools`, tools are dropped, tool content becomes text, and a message of
/// several blocks becomes several messages of the same role.
Json to_json(const CreateMessageParams& params, Revision revision);
/// Before `has_sampling_tools`, only one block can travel: the texts joined, else the first block.
Json to_json(const CreateMessageResult& result, Revision revision);

template <>
SamplingMessage from_json<SamplingMessage>(const Json& value);
template <>
CreateMessageParams from_json<CreateMessageParams>(const Json& value);
template <>
CreateMessageResult from_json<CreateMessageResult>(const Json& value);

}  // namespace mcp
