#include <mcp/protocol/sampling.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

constexpr std::array<std::pair<std::string_view, IncludeContext>, 3> include_context_names = {
    {{"none", IncludeContext::none},
     {"thisServer", IncludeContext::this_server},
     {"allServers", IncludeContext::all_servers}}};
constexpr std::array<std::pair<std::string_view, ToolChoice>, 3> tool_choice_names = {
    {{"auto", ToolChoice::auto_}, {"required", ToolChoice::required}, {"none", ToolChoice::none}}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  return table[static_cast<std::size_t>(value)].first;
}

std::string text_of(const ToolUseContent& use) {
  return "[tool use " + use.id + ": " + use.name + " " + jsonrpc::encode_value(use.input) + "]";
}

std::string text_of(const ToolResultContent& result) {
  std::string text = "[tool result " + result.tool_use_id + (result.is_error ? ", failed: " : ": ");
  for (const Content& block : result.content) text += to_text(block);
  return text + "]";
}

struct BlockToJson {
  Revision revision;

  template <class Block>
  Json operator()(const Block& block) const {
    return to_json(Content(block), revision);
  }
  Json operator()(const ToolUseContent& use) const {
    if (!has_sampling_tools(revision)) return as_text(use);
    return ObjectWriter()
        .set("type", "tool_use")
        .set("id", use.id)
        .set("name", use.name)
        .set("input", use.input)
        .item_meta(use.meta, revision)
        .take();
  }
  Json operator()(const ToolResultContent& result) const {
    if (!has_sampling_tools(revision)) return as_text(result);
    ObjectWriter out;
    out.set("type", "tool_result")
        .set("toolUseId", result.tool_use_id)
        .list("content", result.content, revision)
        .flag("isError", result.is_error);
    if (result.structured_content) {
      bool wraps =
          object_only_structured_content(revision) && !result.structured_content->is_object();
      out.set("structuredContent",
              wraps ? Json{{"value", *result.structured_content}} : *result.structured_content);
    }
    return out.item_meta(result.meta, revision).take();
  }

 private:
  template <class Block>
  Json as_text(const Block& block) const {
    return (*this)(TextContent{.text = text_of(block)});
  }
};

Json block_to_json(const SamplingContent& block, Revision revision) {
  return std::visit(BlockToJson{revision}, block);
}

/// One block alone is sent as itself, which every revision understands.
Json blocks_to_json(const std::vector<SamplingContent>& blocks, Revision revision) {
  if (blocks.size() == 1) return block_to_json(blocks.front(), revision);
  Json array = Json::array();
  for (const SamplingContent& block : blocks) array.push_back(block_to_json(block, revision));
  return array;
}

void add_message(Json& messages, const SamplingMessage& message, Revision revision) {
  auto add = [&](Json content) {
    ObjectWriter out;
    out.set("role", to_string(message.role)).set("content", std::move(content));
    if (has_sampling_tools(revision)) out.meta(message.meta);
    messages.push_back(out.take());
  };
  if (has_sampling_tools(revision)) {
    add(blocks_to_json(message.content, revision));
  } else {
    for (const SamplingContent& block : message.content) add(block_to_json(block, revision));
  }
}

SamplingContent read_block(const Json& value) {
  ObjectReader in(value);
  const auto type = in.get<std::string>("type");
  if (type == "tool_use") {
    return ToolUseContent{
        .id = in.get<std::string>("id"),
        .name = in.get<std::string>("name"),
        .input = protocol::at("input", [&] { return protocol::read_object(in.required("input")); }),
        .meta = in.meta()};
  }
  if (type == "tool_result") {
    ToolResultContent result{.tool_use_id = in.get<std::string>("toolUseId"),
                             .content = in.list<Content>("content"),
                             .is_error = in.get_or<bool>("isError", false),
                             .meta = in.meta()};
    if (auto structured = value.find("structuredContent"); structured != value.end()) {
      result.structured_content = *structured;
    }
    return result;
  }
  auto content = from_json<Content>(value);
  if (auto* text = std::get_if<TextContent>(&content)) return std::move(*text);
  if (auto* image = std::get_if<ImageContent>(&content)) return std::move(*image);
  if (auto* audio = std::get_if<AudioContent>(&content)) return std::move(*audio);
  throw Malformed("/type",
                  "sampling content is \"text\", \"image\", \"audio\", \"tool_use\" or "
                  "\"tool_result\"");
}

std::vector<SamplingContent> read_blocks(const ObjectReader& in) {
  const Json& value = in.required("content");
  return protocol::at("content", [&] {
    std::vector<SamplingContent> blocks;
    if (!value.is_array()) {
      blocks.push_back(read_block(value));
      return blocks;
    }
    blocks.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
      protocol::at(std::to_string(i), [&] { blocks.push_back(read_block(value[i])); });
    }
    return blocks;
  });
}

Json to_json(const ModelPreferences& preferences) {
  ObjectWriter out;
  if (!preferences.hints.empty()) {
    Json hints = Json::array();
    for (const ModelHint& hint : preferences.hints) {
      hints.push_back(ObjectWriter().text("name", hint.name).take());
    }
    out.set("hints", std::move(hints));
  }
  return out.optional("costPriority", preferences.cost_priority)
      .optional("speedPriority", preferences.speed_priority)
      .optional("intelligencePriority", preferences.intelligence_priority)
      .take();
}

ModelPreferences read_model_preferences(const Json& value) {
  ObjectReader in(value);
  ModelPreferences preferences{
      .cost_priority = in.optional<double>("costPriority"),
      .speed_priority = in.optional<double>("speedPriority"),
      .intelligence_priority = in.optional<double>("intelligencePriority")};
  if (const Json* hints = in.find("hints")) {
    protocol::at("hints", [&] {
      if (!hints->is_array()) {
        throw Malformed("", "expected an array, found " + protocol::found(*hints));
      }
      for (std::size_t i = 0; i < hints->size(); ++i) {
        protocol::at(std::to_string(i), [&] {
          preferences.hints.push_back({ObjectReader((*hints)[i]).get_or<std::string>("name", {})});
        });
      }
    });
  }
  return preferences;
}

}  // namespace

std::string CreateMessageResult::text() const {
  std::string joined;
  for (const SamplingContent& block : content) {
    if (const auto* part = std::get_if<TextContent>(&block)) joined += part->text;
  }
  return joined;
}

SamplingMessage sampling_text(Role role, std::string text) {
  SamplingMessage message{.role = role, .content = {}};
  message.content.emplace_back(text_content(std::move(text)));
  return message;
}

std::string sampling_problem(const std::vector<SamplingMessage>& messages) {
  std::set<std::string> open;  // tool uses of the message before
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& blocks = messages[i].content;
    std::string where = "/messages/" + std::to_string(i) + ": ";
    std::set<std::string> uses;
    std::size_t results = 0;
    for (const SamplingContent& block : blocks) {
      if (const auto* use = std::get_if<ToolUseContent>(&block)) {
        if (messages[i].role != Role::assistant) {
          return where + "only the assistant uses tools";
        }
        uses.insert(use->id);
      } else if (const auto* result = std::get_if<ToolResultContent>(&block)) {
        ++results;
        if (messages[i].role != Role::user) return where + "tool results come from the user";
        if (open.erase(result->tool_use_id) == 0) {
          return where + "a tool result answers no tool use of the message before";
        }
      }
    }
    if (results != 0 && results != blocks.size()) {
      return where + "a message with tool results must hold nothing else";
    }
    if (!open.empty()) return where + "a tool use of the message before is not answered";
    open = std::move(uses);
  }
  return open.empty() ? std::string() : "the last message's tool use is not answered";
}

Json to_json(const CreateMessageParams& params, Revision revision) {
  Json messages = Json::array();
  for (const SamplingMessage& message : params.messages) add_message(messages, message, revision);
  ObjectWriter out;
  out.set("messages", std::move(messages)).set("maxTokens", params.max_tokens);
  if (params.model_preferences) out.set("modelPreferences", to_json(*params.model_preferences));
  out.text("systemPrompt", params.system_prompt)
      .optional("temperature", params.temperature)
      .optional_texts("stopSequences", params.stop_sequences)
      .object("metadata", params.metadata);
  if (params.include_context) {
    out.set("includeContext", name_in(include_context_names, *params.include_context));
  }
  if (has_sampling_tools(revision)) {
    out.optional_list("tools", params.tools, revision);
    if (params.tool_choice) {
      out.set("toolChoice", Json{{"mode", name_in(tool_choice_names, *params.tool_choice)}});
    }
  }
  return out.take();
}

Json to_json(const CreateMessageResult& result, Revision revision) {
  ObjectWriter out;
  out.set("role", to_string(result.role))
      .set("model", result.model)
      .text("stopReason", result.stop_reason)
      .meta(result.meta);
  if (has_sampling_tools(revision) || result.content.size() == 1) {
    out.set("content", blocks_to_json(result.content, revision));
  } else {
    std::string joined = result.text();
    bool as_text = !joined.empty() || result.content.empty();
    out.set("content", as_text ? to_json(Content(text_content(std::move(joined))), revision)
                               : block_to_json(result.content.front(), revision));
  }
  return out.take();
}

template <>
SamplingMessage from_json<SamplingMessage>(const Json& value) {
  ObjectReader in(value);
  return {.role = in.get<Role>("role"), .content = read_blocks(in), .meta = in.meta()};
}

template <>
CreateMessageParams from_json<CreateMessageParams>(const Json& value) {
  ObjectReader in(value);
  CreateMessageParams params{
      .messages = in.list<SamplingMessage>("messages"),
      .max_tokens = in.get<std::int64_t>("maxTokens"),
      .system_prompt = in.get_or<std::string>("systemPrompt", {}),
      .temperature = in.optional<double>("temperature"),
      .stop_sequences = in.optional_list<std::string>("stopSequences"),
      .metadata = in.optional_object("metadata"),
      .tools = in.optional_list<Tool>("tools"),
  };
  if (const Json* preferences = in.find("modelPreferences")) {
    params.model_preferences =
        protocol::at("modelPreferences", [&] { return read_model_preferences(*preferences); });
  }
  if (const Json* context = in.find("includeContext")) {
    params.include_context = protocol::at("includeContext", [&] {
      return protocol::read_name(*context, include_context_names,
                                 "\"none\", \"thisServer\" or \"allServers\"");
    });
  }
  if (const Json* choice = in.find("toolChoice")) {
    params.tool_choice = protocol::at("toolChoice", [&] {
      const Json* mode = ObjectReader(*choice).find("mode");
      if (!mode) return ToolChoice::auto_;
      return protocol::at("mode", [&] {
        return protocol::read_name(*mode, tool_choice_names, "\"auto\", \"required\" or \"none\"");
      });
    });
  }
  return params;
}

template <>
CreateMessageResult from_json<CreateMessageResult>(const Json& value) {
  ObjectReader in(value);
  return {.role = in.get<Role>("role"),
          .content = read_blocks(in),
          .model = in.get<std::string>("model"),
          .stop_reason = in.get_or<std::string>("stopReason", {}),
          .meta = in.meta()};
}

}  // namespace mcp
