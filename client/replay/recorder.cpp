#include <client/replay/recorder.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {
namespace {

/// Enough to notice a wrong result; a person may shorten it to what the answer rests on.
constexpr std::size_t max_expected_bytes = 2000;

ExpectedResult expected_of(const ToolResult& result) {
  ExpectedResult expected;
  expected.is_error = result.is_error;
  for (const ResultContent& content : result.content) {
    const auto* text = std::get_if<Text>(&content);
    if (text == nullptr || text->text.empty()) continue;
    expected.contains.emplace_back(mcp::truncate_utf8(text->text, max_expected_bytes));
  }
  return expected;
}

}  // namespace

ModelReply Recorder::reply(const ModelRequest& request, ModelListener& listener,
                           std::stop_token stop) {
  ModelReply reply = model_.reply(request, listener, std::move(stop));
  std::string question;
  RecordedTurn turn;
  for (const Message& message : request.messages) {
    if (message.role != Role::user) continue;
    if (std::string text = text_of(message); !text.empty()) question = std::move(text);
  }
  if (!request.messages.empty()) {
    for (const Part& part : request.messages.back().parts)
      if (const auto* result = std::get_if<ToolResult>(&part))
        turn.tool_results.push_back(expected_of(*result));
  }
  turn.reply = reply.message;
  turn.finish = reply.finish;
  turn.usage = reply.usage;

  const std::lock_guard lock(mutex_);
  recording_.model = model_.name();
  if (turn.tool_results.empty() || recording_.conversations.empty()) {
    recording_.conversations.push_back({question, {}});
  }
  recording_.conversations.back().turns.push_back(std::move(turn));
  return reply;
}

Recording Recorder::recording() const {
  const std::lock_guard lock(mutex_);
  return recording_;
}

}  // namespace fairlead::agent
