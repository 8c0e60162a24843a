#include <doctest/doctest.h>

#include <stdexcept>

#include <client/agent/agent.h>
#include <client/model/anthropic_messages.h>
#include <client/model/openai_chat.h>
#include <client/replay/recorder.h>
#include <client/replay/replay_gateway.h>

using namespace fairlead::agent;

namespace {

const char* const shop = R"({
  "fairlead_recording": 1,
  "model": "shop-model",
  "conversations": [{
    "question": "How many customers?",
    "turns": [
      {"reply": {"text": "Let me look.", "tool_calls": [
        {"name": "query", "arguments": {"sql": "select count(*) from customers"}}]}},
      {"tool_results": [{"contains": ["250"]}],
       "reply": {"text": "There are 250 customers in the shop."},
       "usage": {"input_tokens": 90, "output_tokens": 8}}
    ]
  }]
})";

class Database : public Toolbox {
 public:
  std::string answer = R"({"rows":[[250]]})";
  bool is_error = false;
  std::vector<Tool> offered{{"db", "query", "Runs SQL", {{"type", "object"}}}};

  std::vector<Tool> tools(std::stop_token) override { return offered; }
  ToolOutcome call(const Tool&, const Json& arguments, std::stop_token) override {
    CHECK(arguments["sql"] == "select count(*) from customers");
    return {{Text{answer}}, is_error};
  }
};

std::unique_ptr<Model> model_of(const ReplayGateway& gateway, bool anthropic) {
  GatewayOptions options;
  options.base_url = gateway.url();
  options.model = "any";
  return anthropic ? make_anthropic_messages(options) : make_openai_chat(options);
}

}  // namespace

TEST_CASE("a recording answers in both formats, streamed and not, again and again") {
  const ReplayGateway gateway(read_recording(shop), 0);
  for (const bool anthropic : {false, true}) {
    for (const bool stream : {false, true}) {
      CAPTURE(anthropic);
      CAPTURE(stream);
      const auto model = model_of(gateway, anthropic);
      Database database;
      AgentObserver quiet;
      Agent agent(*model, database, {.stream = stream});
      const Outcome outcome = agent.ask("How many customers?", quiet);
      CHECK(outcome.message == "");
      CHECK(outcome.end == End::answered);
      CHECK(outcome.text == "There are 250 customers in the shop.");
      CHECK(outcome.usage.output_tokens == 8);
      // The same question in the same conversation begins at its first turn again.
      CHECK(agent.ask("How many customers?", quiet).text == "There are 250 customers in the shop.");
    }
  }
}

TEST_CASE("a replay that does not fit fails and says what differs") {
  const ReplayGateway gateway(read_recording(shop), 0);
  for (const bool anthropic : {false, true}) {
    CAPTURE(anthropic);
    const auto message = [&](Database& database, const std::string& question) {
      const auto model = model_of(gateway, anthropic);
      AgentObserver quiet;
      const Outcome outcome = Agent(*model, database).ask(question, quiet);
      CHECK(outcome.end == End::model_error);
      return outcome.message;
    };
    Database other;
    other.answer = R"({"rows":[[7]]})";
    CHECK(message(other, "How many customers?") ==
          "the gateway answered HTTP 409: replay: tool result 1 does not contain \"250\"; it is "
          "\"{\"rows\":[[7]]} \"");
    Database failing;
    failing.answer = "no such table";
    failing.is_error = true;
    CHECK(message(failing, "How many customers?").find("tool result 1 is an error") !=
          std::string::npos);
    Database fine;
    CHECK(message(fine, "How many orders?") ==
          "the gateway answered HTTP 409: replay: the recording does not hold the question \"How "
          "many orders?\"; it holds \"How many customers?\"");
    Database without;
    without.offered.clear();
    CHECK(message(without, "How many customers?") ==
          "the gateway answered HTTP 409: replay: the recorded model calls the tool \"query\", "
          "which is not offered now");
  }
}

TEST_CASE("a recording keeps arguments that its JSON could not hold as they were written") {
  const auto recorded = [](const std::string& arguments) {
    RecordedTurn turn;
    turn.reply.role = Role::assistant;
    turn.reply.parts.emplace_back(ToolCall{"1", "t", arguments});
    const Recording recording{"m", {{"q", {turn}}}};
    return tool_calls_of(
               read_recording(write_recording(recording)).conversations.at(0).turns.at(0).reply)
        .at(0)
        .arguments;
  };
  CHECK(recorded(R"({"b":1,"a":0.1})") == R"({"b":1,"a":0.1})");
  CHECK(recorded(R"({"a":123456789012345678901234567890})") ==
        R"({"a":123456789012345678901234567890})");
  CHECK(recorded(R"({"a":1e400})") == R"({"a":1e400})");
  CHECK(recorded(R"({"a":1,"a":2})") == R"({"a":1,"a":2})");
}

TEST_CASE("what a model says is recorded so that it can be replayed") {
  const ReplayGateway first(read_recording(shop), 0);
  const auto model = model_of(first, false);
  Recorder recorder(*model);
  Database database;
  AgentObserver quiet;
  Agent agent(recorder, database);
  CHECK(agent.ask("How many customers?", quiet).end == End::answered);

  const Recording again = read_recording(write_recording(recorder.recording()));
  REQUIRE(again.conversations.size() == 1);
  CHECK(again.conversations[0].question == "How many customers?");
  REQUIRE(again.conversations[0].turns.size() == 2);
  CHECK(again.conversations[0].turns[1].tool_results.at(0).contains.at(0) == R"({"rows":[[250]]})");
  const ReplayGateway second(again, 0);
  const auto replayed = model_of(second, true);
  CHECK(Agent(*replayed, database).ask("How many customers?", quiet).text ==
        "There are 250 customers in the shop.");
}

TEST_CASE("a broken recording is refused with the place") {
  const auto refusal = [](const char* text) {
    try {
      read_recording(text);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(refusal("{}") ==
        "recording, top level: \"fairlead_recording\": 1 is missing: this is no recording");
  CHECK(refusal("{\n \"a\": }").starts_with("parse error at line 2, column 7"));
  CHECK(refusal(R"({"fairlead_recording": 1})") ==
        "recording, top level: \"conversations\" must be an array");
  CHECK(refusal(R"({"fairlead_recording": 1, "conversations": [{"question": "q",
      "turns": [{"reply": {"text": "a"}}, {"reply": {}}]}]})") ==
        "recording, conversation 1, turn 2: \"reply\" needs \"text\" or \"tool_calls\"");
}

TEST_CASE("a replayed gateway refuses what is no request") {
  const ReplayGateway gateway(read_recording(shop), 0);
  const std::string base = "http://127.0.0.1:" + std::to_string(gateway.port());
  using mcp::outbound::http_call;
  CHECK(http_call({"GET", base + "/v1/models", {}, {}}).status == 404);
  CHECK(http_call({"POST", base + "/v1/messages", {}, "{"}).status == 400);
  CHECK(http_call({"POST", base + "/v1/messages", {}, "[]"}).status == 409);
}
