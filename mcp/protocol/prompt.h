#pragma once

#include <map>

#include <mcp/protocol/content.h>

namespace mcp {

struct PromptArgument {
  std::string name;
  std::string title = {};
  std::string description = {};
  bool required = false;
};

/// A prompt as `prompts/list` shows it.
struct Prompt {
  std::string name;
  std::string title = {};
  std::string description = {};
  std::vector<PromptArgument> arguments = {};
  std::vector<Icon> icons = {};
  Json meta = nullptr;
};

struct PromptMessage {
  Role role = Role::user;
  Content content;
};

/// What `prompts/get` answers (the specification's GetPromptResult).
struct PromptResult {
  std::vector<PromptMessage> messages;
  std::string description = {};
  Json meta = nullptr;
};

/// A message of one text.
PromptMessage user_text(std::string text);
PromptMessage assistant_text(std::string text);

/// `prompts/get`.
struct GetPromptParams {
  std::string name;
  std::map<std::string, std::string> arguments = {};
};

Json to_json(const Prompt& prompt, Revision revision);
Json to_json(const PromptMessage& message, Revision revision);
Json to_json(const PromptResult& result, Revision revision);
Json to_json(const GetPromptParams& params, Revision revision);

template <>
Prompt from_json<Prompt>(const Json& value);
template <>
PromptMessage from_json<PromptMessage>(const Json& value);
template <>
PromptResult from_json<PromptResult>(const Json& value);
template <>
GetPromptParams from_json<GetPromptParams>(const Json& value);

}  // namespace mcp
