#include <stdexcept>

#include <client/config/json_file.h>
#include <client/model/foreign_json.h>
#include <client/replay/recording.h>

namespace fairlead::agent {
namespace {

constexpr int file_version = 1;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw std::invalid_argument("recording, " + where + ": " + what);
}

const OrderedJson* find(const OrderedJson& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

std::string read_string(const OrderedJson& json, const char* name, const std::string& where) {
  const OrderedJson* value = find(json, name);
  if (value == nullptr || !value->is_string()) {
    refuse(where, std::string("\"") + name + "\" must be a string");
  }
  return value->get<std::string>();
}

const OrderedJson& read_array(const OrderedJson& json, const char* name, const std::string& where) {
  const OrderedJson* value = find(json, name);
  if (value == nullptr || !value->is_array()) {
    refuse(where, std::string("\"") + name + "\" must be an array");
  }
  return *value;
}

std::vector<ExpectedResult> read_expected(const OrderedJson& turn, const std::string& where) {
  std::vector<ExpectedResult> out;
  if (find(turn, "tool_results") == nullptr) return out;
  for (const OrderedJson& json : read_array(turn, "tool_results", where)) {
    if (!json.is_object()) refuse(where, "a tool result must be an object");
    ExpectedResult expected;
    if (find(json, "contains") != nullptr) {
      for (const OrderedJson& text : read_array(json, "contains", where)) {
        if (!text.is_string()) refuse(where, "\"contains\" must be an array of strings");
        expected.contains.push_back(text.get<std::string>());
      }
    }
    expected.is_error = json.value("is_error", false);
    out.push_back(std::move(expected));
  }
  return out;
}

RecordedTurn read_turn(const OrderedJson& json, const std::string& where) {
  if (!json.is_object()) refuse(where, "must be an object");
  RecordedTurn turn;
  turn.tool_results = read_expected(json, where);
  const OrderedJson* reply = find(json, "reply");
  if (reply == nullptr || !reply->is_object()) refuse(where, "\"reply\" must be an object");
  turn.reply.role = Role::assistant;
  if (find(*reply, "text") != nullptr) {
    turn.reply.parts.emplace_back(Text{read_string(*reply, "text", where)});
  }
  if (find(*reply, "tool_calls") != nullptr) {
    for (const OrderedJson& call : read_array(*reply, "tool_calls", where)) {
      if (!call.is_object()) refuse(where, "a tool call must be an object");
      const OrderedJson* arguments = find(call, "arguments");
      std::string text = "{}";
      // A string is what the model really wrote, when that was no JSON.
      if (arguments != nullptr)
        text = arguments->is_string() ? arguments->get<std::string>() : arguments->dump();
      turn.reply.parts.emplace_back(ToolCall{{}, read_string(call, "name", where), text});
    }
    turn.finish = FinishReason::tool_calls;
  }
  if (turn.reply.parts.empty()) refuse(where, "\"reply\" needs \"text\" or \"tool_calls\"");
  if (const OrderedJson* usage = find(json, "usage"); usage != nullptr && usage->is_object()) {
    turn.usage.input_tokens = usage->value("input_tokens", std::uint64_t{0});
    turn.usage.output_tokens = usage->value("output_tokens", std::uint64_t{0});
  }
  return turn;
}

/// Whether these arguments say the same after OrderedJson has read and written them: it rounds
/// large numbers, and keeps one of two members with the same name.
bool is_exact(const std::string& arguments) {
  try {
    return to_wire(parse_foreign_json(arguments)) == to_wire(Json::parse(arguments));
  } catch (const std::exception&) {
    return false;
  }
}

OrderedJson write_turn(const RecordedTurn& turn) {
  OrderedJson json = OrderedJson::object();
  for (const ExpectedResult& expected : turn.tool_results) {
    OrderedJson result{{"contains", expected.contains}};
    if (expected.is_error) result["is_error"] = true;
    json["tool_results"].push_back(std::move(result));
  }
  OrderedJson& reply = json["reply"] = OrderedJson::object();
  if (std::string text = text_of(turn.reply); !text.empty()) reply["text"] = std::move(text);
  for (const ToolCall& call : tool_calls_of(turn.reply)) {
    OrderedJson arguments = OrderedJson::parse(call.arguments, nullptr, false);
    if (!arguments.is_object() || !is_exact(call.arguments)) arguments = call.arguments;
    OrderedJson written = OrderedJson::object();
    written["name"] = call.name;
    written["arguments"] = std::move(arguments);
    reply["tool_calls"].push_back(std::move(written));
  }
  json["usage"] = OrderedJson::object();
  json["usage"]["input_tokens"] = turn.usage.input_tokens;
  json["usage"]["output_tokens"] = turn.usage.output_tokens;
  return json;
}

}  // namespace

Recording read_recording(std::string_view text) {
  const OrderedJson json = parse_config_json(text);
  if (!json.is_object() || json.value("fairlead_recording", 0) != file_version) {
    refuse("top level", "\"fairlead_recording\": 1 is missing: this is no recording");
  }
  Recording recording;
  recording.model = json.value("model", "recorded");
  std::size_t number = 0;
  for (const OrderedJson& entry : read_array(json, "conversations", "top level")) {
    const std::string where = "conversation " + std::to_string(++number);
    if (!entry.is_object()) refuse(where, "must be an object");
    RecordedConversation conversation{read_string(entry, "question", where), {}};
    std::size_t turn = 0;
    for (const OrderedJson& json_turn : read_array(entry, "turns", where)) {
      conversation.turns.push_back(
          read_turn(json_turn, where + ", turn " + std::to_string(++turn)));
    }
    recording.conversations.push_back(std::move(conversation));
  }
  return recording;
}

std::string write_recording(const Recording& recording) {
  OrderedJson json = OrderedJson::object();
  json["fairlead_recording"] = file_version;
  json["model"] = recording.model;
  json["conversations"] = OrderedJson::array();
  for (const RecordedConversation& conversation : recording.conversations) {
    OrderedJson entry = OrderedJson::object();
    entry["question"] = conversation.question;
    entry["turns"] = OrderedJson::array();
    for (const RecordedTurn& turn : conversation.turns) entry["turns"].push_back(write_turn(turn));
    json["conversations"].push_back(std::move(entry));
  }
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace fairlead::agent
