#include <client/cli/probe_hostile.h>

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <optional>
#include <utility>

#include <client/model/foreign_json.h>
#include <mcp/base/error.h>
#include <mcp/protocol/method.h>

namespace fairlead::agent {
namespace {

namespace code = mcp::error_code;

/// What is sent, and what should come of it.
struct Row {
  enum class Wants {
    refusal,  ///< one of `codes`; silence is tolerated, for such bytes may belong to nobody
    error,    ///< one of `codes`, and an answer in any case
    answer,   ///< any
    silence,
    life,  ///< whatever is answered
  };
  std::string input;
  std::string bytes;
  Wants wants;
  std::vector<int> codes = {};
  std::string method = {};  ///< for the headers of HTTP
  std::string name = {};
};

const Json probe_id = "fairlead-probe";
constexpr std::size_t nesting = 200'000;
constexpr std::size_t large = std::size_t{8} << 20;
constexpr std::size_t endless = std::size_t{20} << 20;

/// `text` with a member replaced by bytes that no JSON writer would give.
std::string with(std::string text, std::string_view placeholder, const std::string& bytes) {
  const std::string quoted = "\"" + std::string(placeholder) + "\"";
  return text.replace(text.find(quoted), quoted.size(), bytes);
}

Json wrong_value(const std::string& type) {
  return type == "string" ? Json(7) : Json("no " + type);
}

/// A call of a read-only tool with an argument of another type than its schema says.
std::optional<Row> wrong_argument(mcp::Revision revision, const Json& tools) {
  for (const Json& tool : tools) {
    const Json& properties = member(member(tool, "inputSchema"), "properties");
    const std::string tool_name = string_or_empty(member(tool, "name"));
    const bool read_only = member(member(tool, "annotations"), "readOnlyHint") == true;
    if (!read_only || !properties.is_object() || tool_name.empty()) continue;
    for (const auto& [name, property] : properties.items()) {
      const std::string type = string_or_empty(member(property, "type"));
      if (type.empty() || type == "null" || property.contains("x-mcp-header")) continue;
      Row row{"an argument of the wrong type (" + tool_name + ", " + name + ")",
              wire_request(revision, probe_id, mcp::method::tools_call,
                           {{"name", tool_name}, {"arguments", {{name, wrong_value(type)}}}}),
              Row::Wants::error,
              {code::invalid_params},
              mcp::method::tools_call,
              tool_name};
      return row;
    }
  }
  return std::nullopt;
}

std::vector<Row> hostile_rows(mcp::Revision revision, const Json& tools) {
  using Wants = Row::Wants;
  const char* ordinary =
      mcp::era(revision) == mcp::Era::session ? mcp::method::ping : mcp::method::discover;
  const std::string call = mcp::method::tools_call;
  const std::string nobody = "fairlead_probe_no_such_tool";
  const auto request = [&](const std::string& method, Json params = Json::object()) {
    return wire_request(revision, probe_id, method, std::move(params));
  };
  const auto calling = [&](Json value) {
    return request(call, {{"name", nobody}, {"arguments", {{"value", std::move(value)}}}});
  };
  const std::string whole = request(ordinary);
  std::vector<Row> rows{
      {"a message cut off",
       whole.substr(0, whole.size() - 3),
       Wants::refusal,
       {code::parse_error},
       ordinary},
      {"an id that is null",
       with(whole, "fairlead-probe", "null"),
       Wants::refusal,
       {code::invalid_request},
       ordinary},
      {"no jsonrpc member",
       R"({"id":"fairlead-probe","method":"ping"})",
       Wants::refusal,
       {code::invalid_request},
       ordinary},
      {"a batch", "[" + whole + "]", Wants::life, {}, ordinary},
      {"an empty batch", "[]", Wants::refusal, {code::invalid_request}, ordinary},
      {"arrays nested 200,000 deep",
       with(calling("deep"), "deep", std::string(nesting, '[') + std::string(nesting, ']')),
       Wants::refusal,
       {code::parse_error},
       call,
       nobody},
      {"bytes that are no UTF-8",
       with(calling("bad"), "bad", "\"\xFF\xFE\""),
       Wants::refusal,
       {code::parse_error},
       call,
       nobody},
      {"half a surrogate pair",
       with(calling("half"), "half", R"("\ud800")"),
       Wants::life,
       {},
       call,
       nobody},
      {"a number of 400 digits",
       with(calling("huge"), "huge", std::string(400, '9')),
       Wants::life,
       {},
       call,
       nobody},
      {"an argument of 8 MiB", calling(std::string(large, 'x')), Wants::answer, {}, call, nobody},
      {"20 MiB without an end",
       R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(endless, 'x'),
       Wants::life,
       {},
       ordinary},
      {"a method nobody knows",
       request("fairlead/nothing"),
       Wants::error,
       {code::method_not_found},
       "fairlead/nothing"},
      {"a notification nobody knows",
       wire_request(revision, nullptr, "notifications/fairlead/nothing"),
       Wants::silence,
       {},
       "notifications/fairlead/nothing"},
      {"an answer nobody asked for",
       R"({"jsonrpc":"2.0","id":"nobody","result":{}})",
       Wants::silence,
       {},
       ordinary},
      {"the cancelling of what never was",
       wire_request(revision, nullptr, mcp::method::cancelled, {{"requestId", "nobody"}}),
       Wants::silence,
       {},
       mcp::method::cancelled},
  };
  if (tools.empty()) return rows;
  rows.push_back(
      {"a tool nobody knows", calling(1), Wants::error, {code::invalid_params}, call, nobody});
  rows.push_back({"arguments that are no object",
                  request(call, {{"name", nobody}, {"arguments", 7}}),
                  Wants::error,
                  {code::invalid_params},
                  call,
                  nobody});
  if (auto row = wrong_argument(revision, tools)) rows.push_back(std::move(*row));
  return rows;
}

std::string wanted_text(const Row& row) {
  switch (row.wants) {
    case Row::Wants::refusal:
    case Row::Wants::error:
      return "error " + std::to_string(row.codes.front());
    case Row::Wants::answer:
      return "an answer";
    case Row::Wants::silence:
      return "no answer";
    case Row::Wants::life:
      break;
  }
  return "that it lives";
}

bool is_error(const Json& message) {
  return member(message, "error").is_object();
}

bool is_tool_error(const Json& message) {
  return member(member(message, "result"), "isError") == true;
}

std::string answer_text(const WireReply& reply) {
  std::string text = reply.status == 0 ? "" : "HTTP " + std::to_string(reply.status) + ", ";
  if (!reply.failure.empty()) return text + reply.failure;
  if (reply.answers.empty()) return text + "no answer";
  const Json& first = reply.answers.front();
  if (is_error(first)) {
    const Json& error = first["error"];
    return text + "error " + to_wire(member(error, "code")) + ", " +
           string_or_empty(member(error, "message"));
  }
  return text + (is_tool_error(first) ? "a tool's error" : "a result");
}

std::optional<Severity> judge(const Row& row, const WireReply& reply) {
  if (!reply.end.empty()) return Severity::problem;
  const bool silent = reply.answers.empty();
  const bool refused_by_status = reply.status >= 400 && reply.status < 500;
  switch (row.wants) {
    case Row::Wants::life:
      return std::nullopt;
    case Row::Wants::silence:
      if (silent || refused_by_status) return std::nullopt;
      return Severity::warning;
    case Row::Wants::answer:
      if (!silent || refused_by_status) return std::nullopt;
      return Severity::problem;
    case Row::Wants::refusal:
    case Row::Wants::error:
      break;
  }
  if (silent) {
    if (refused_by_status) return std::nullopt;
    if (row.wants == Row::Wants::error) return Severity::problem;
    return reply.status >= 500 ? Severity::warning : Severity::note;
  }
  const Json& first = reply.answers.front();
  if (!is_error(first)) {
    // A model reads a tool's error and may do better; that is as good.
    const bool tool_error = is_tool_error(first);
    if (tool_error && row.input.starts_with("an argument of the wrong type")) return std::nullopt;
    return tool_error ? Severity::note : Severity::warning;
  }
  const Json& answered = member(first["error"], "code");
  const bool as_wanted = std::any_of(row.codes.begin(), row.codes.end(),
                                     [&](int wanted) { return answered == wanted; });
  return as_wanted ? std::nullopt : std::optional(Severity::note);
}

}  // namespace

void run_hostile_table(Wire& wire, mcp::Revision revision, const Json& tools,
                       std::chrono::steady_clock::time_point deadline, const std::stop_token& stop,
                       ProbeReport& report) {
  for (Row& row : hostile_rows(revision, tools)) {
    if (stop.stop_requested()) return;
    if (std::chrono::steady_clock::now() > deadline) {
      report.add(Severity::note, "time", "", "time was up before all hostile input was sent");
      return;
    }
    HostileRow told{row.input, wanted_text(row), {}, {}};
    try {
      const WireReply reply = wire.send(std::move(row.bytes), row.method, row.name);
      told.answer = answer_text(reply);
      if (!reply.end.empty()) told.answer += "; then " + reply.end;
      told.severity = judge(row, reply);
      report.hostile.push_back(std::move(told));
    } catch (const std::exception& error) {
      report.add(Severity::problem, "connection", "",
                 "no connection for hostile input: " + std::string(error.what()));
      return;
    }
  }
}

}  // namespace fairlead::agent
