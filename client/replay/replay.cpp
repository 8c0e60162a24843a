#include <algorithm>

#include <client/replay/replay.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {
namespace {

std::string shortened(const std::string& text) {
  constexpr std::size_t limit = 200;
  if (text.size() <= limit) return "\"" + text + "\"";
  return "\"" + std::string(mcp::truncate_utf8(text, limit)) + "…\"";
}

std::string text_of_result(const ToolResult& result) {
  std::string out;
  for (const ResultContent& content : result.content)
    if (const auto* text = std::get_if<Text>(&content)) out += text->text + '\n';
  return out;
}

void check_result(const ExpectedResult& expected, const ToolResult& result, std::size_t number) {
  const std::string which = "tool result " + std::to_string(number);
  const std::string text = text_of_result(result);
  if (result.is_error != expected.is_error) {
    throw ReplayMismatch(which +
                         (result.is_error ? " is an error, the recorded one was not: "
                                          : " is no error, the recorded one was: ") +
                         shortened(text));
  }
  for (const std::string& wanted : expected.contains) {
    if (text.find(wanted) == std::string::npos) {
      throw ReplayMismatch(which + " does not contain " + shortened(wanted) + "; it is " +
                           shortened(text));
    }
  }
}

}  // namespace

RecordedTurn replay(const Recording& recording, const ReplayRequest& request) {
  const auto conversation =
      std::find_if(recording.conversations.begin(), recording.conversations.end(),
                   [&](const auto& one) { return one.question == request.question; });
  if (conversation == recording.conversations.end()) {
    std::string known;
    for (const auto& one : recording.conversations)
      known += (known.empty() ? "" : ", ") + shortened(one.question);
    throw ReplayMismatch("the recording does not hold the question " + shortened(request.question) +
                         "; it holds " + known);
  }
  if (request.turn >= conversation->turns.size()) {
    throw ReplayMismatch("the recording ends after " + std::to_string(conversation->turns.size()) +
                         " turns of this question, and this is turn " +
                         std::to_string(request.turn + 1));
  }
  RecordedTurn turn = conversation->turns[request.turn];
  if (turn.tool_results.size() != request.results.size()) {
    throw ReplayMismatch("turn " + std::to_string(request.turn + 1) + " was recorded with " +
                         std::to_string(turn.tool_results.size()) + " tool results, this one has " +
                         std::to_string(request.results.size()));
  }
  for (std::size_t i = 0; i < turn.tool_results.size(); ++i) {
    check_result(turn.tool_results[i], request.results[i], i + 1);
  }
  int number = 0;
  for (Part& part : turn.reply.parts) {
    auto* call = std::get_if<ToolCall>(&part);
    if (call == nullptr) continue;
    if (std::find(request.tools.begin(), request.tools.end(), call->name) == request.tools.end()) {
      throw ReplayMismatch("the recorded model calls the tool \"" + call->name +
                           "\", which is not offered now");
    }
    call->id = "call_" + std::to_string(request.turn + 1) + "_" + std::to_string(++number);
  }
  return turn;
}

}  // namespace fairlead::agent
