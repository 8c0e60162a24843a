#include <client/model/reply_reader.h>

namespace fairlead::agent {
namespace {

constexpr int max_calls = 128;

}  // namespace

void ReplyBuilder::text(std::string_view delta) {
  if (delta.empty()) return;
  auto& parts = reply_.message.parts;
  if (parts.empty() || !std::holds_alternative<Text>(parts.back())) parts.emplace_back(Text{});
  std::get<Text>(parts.back()).text.append(delta);
  listener_.text(delta);
}

void ReplyBuilder::keep(Thinking thinking) {
  reply_.message.parts.emplace_back(std::move(thinking));
}

void ReplyBuilder::tool_call(int index, const std::string& id, const std::string& name,
                             std::string_view arguments) {
  auto& parts = reply_.message.parts;
  auto found = calls_.find(index);
  if (found != calls_.end() && !id.empty() && !name.empty() &&
      std::get<ToolCall>(parts[found->second]).id != id) {
    // Some gateways give every call the index 0: a new id with a name is a new call.
    calls_.erase(found);
    found = calls_.end();
  }
  if (found == calls_.end()) {
    if (++call_count_ > max_calls) {
      throw ModelError(ModelError::Kind::malformed,
                       "the model asks for more than 128 tools at once");
    }
    found = calls_.emplace(index, parts.size()).first;
    parts.emplace_back(
        ToolCall{id.empty() ? "call_" + std::to_string(parts.size()) : id, name, {}});
    const auto& call = std::get<ToolCall>(parts.back());
    listener_.tool_call_started(call.id, call.name);
  }
  auto& call = std::get<ToolCall>(parts[found->second]);
  if (arguments.empty()) return;
  call.arguments.append(arguments);
  listener_.tool_call_arguments(call.id, arguments);
}

void ReplyBuilder::finish(FinishReason reason) {
  reply_.finish = reason;
  finished_ = true;
}

ModelReply ReplyBuilder::take() {
  if (!finished_) finish(call_count_ > 0 ? FinishReason::tool_calls : FinishReason::stop);
  reply_.message.role = Role::assistant;
  for (const Part& part : reply_.message.parts)
    if (const auto* call = std::get_if<ToolCall>(&part)) listener_.tool_call_finished(*call);
  listener_.usage(reply_.usage);
  listener_.finished(reply_.finish);
  return std::move(reply_);
}

}  // namespace fairlead::agent
