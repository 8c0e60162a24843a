#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <client/agent/agent.h>
#include <client/agent/tool_names.h>
#include <client/model/foreign_json.h>

using namespace fairlead::agent;
using std::chrono::milliseconds;

namespace {

/// A model that says what the test wrote, and keeps what it was asked.
class ScriptedModel : public Model {
 public:
  std::deque<ModelReply> replies;
  std::vector<ModelRequest> requests;

  ModelReply reply(const ModelRequest& request, ModelListener& listener,
                   std::stop_token stop) override {
    requests.push_back(request);
    if (replies.empty()) {
      // Says nothing until somebody gives up.
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any never;
      never.wait(lock, stop, [] { return false; });
      throw ModelError(ModelError::Kind::cancelled, "cancelled");
    }
    ModelReply reply = std::move(replies.front());
    replies.pop_front();
    listener.text(text_of(reply.message));
    return reply;
  }
  std::string name() const override { return "scripted"; }

  void says(std::string text) {
    replies.push_back({text_message(Role::assistant, std::move(text)),
                       FinishReason::stop,
                       {10, 5, 0},
                       "scripted",
                       {},
                       {},
                       {}});
  }
  void calls(std::vector<ToolCall> calls) {
    ModelReply reply;
    reply.message.role = Role::assistant;
    for (ToolCall& call : calls) reply.message.parts.emplace_back(std::move(call));
    reply.finish = FinishReason::tool_calls;
    reply.usage = {10, 5, 0};
    replies.push_back(std::move(reply));
  }
};

class FakeToolbox : public Toolbox {
 public:
  std::vector<Tool> offered{{"shop", "query", "Runs a query", {{"type", "object"}}}};
  std::function<ToolOutcome(const Tool&, const Json&, std::stop_token)> on_call =
      [](const Tool& tool, const Json& arguments, std::stop_token) {
        return ToolOutcome{{Text{tool.name + arguments.dump()}}, false};
      };

  bool is_broken = false;

  std::vector<Tool> tools(std::stop_token) override {
    if (is_broken) throw std::runtime_error("the server is gone");
    return offered;
  }
  ToolOutcome call(const Tool& tool, const Json& arguments, std::stop_token stop) override {
    return on_call(tool, arguments, stop);
  }
};

std::vector<ToolResult> results_in(const Message& message) {
  std::vector<ToolResult> out;
  for (const Part& part : message.parts) out.push_back(std::get<ToolResult>(part));
  return out;
}

std::string text_in(const ToolResult& result) {
  std::string out;
  for (const auto& content : result.content) out += std::get<Text>(content).text;
  return out;
}

struct Bench {
  ScriptedModel model;
  FakeToolbox toolbox;
  AgentObserver quiet;

  Outcome ask(const AgentOptions& options = {}, std::stop_token stop = {}) {
    Agent agent(model, toolbox, options);
    return agent.ask("How many?", quiet, std::move(stop));
  }
  /// The result that the model was shown for its only call.
  ToolResult result_of(ToolCall call, const AgentOptions& options = {}) {
    model.calls({std::move(call)});
    model.says("done");
    CHECK(ask(options).end == End::answered);
    return results_in(model.requests.back().messages.back()).at(0);
  }
};

}  // namespace

TEST_CASE("a question is answered through a tool") {
  Bench bench;
  bench.model.calls({{"c1", "query", R"({"sql":"select 1"})"}});
  bench.model.says("There is 1.");
  const Outcome outcome = bench.ask({.system = "Be exact."});
  CHECK(outcome.end == End::answered);
  CHECK(outcome.text == "There is 1.");
  CHECK(outcome.message.empty());
  CHECK(outcome.turns == 2);
  CHECK(outcome.tool_calls == 1);
  CHECK(outcome.usage.input_tokens == 20);
  REQUIRE(bench.model.requests.size() == 2);
  CHECK(bench.model.requests[0].tools.at(0).name == "query");
  const auto& messages = bench.model.requests[1].messages;
  REQUIRE(messages.size() == 4);
  CHECK(messages[0].role == Role::system);
  CHECK(text_of(messages[1]) == "How many?");
  CHECK(tool_calls_of(messages[2]).at(0).id == "c1");
  const auto results = results_in(messages[3]);
  CHECK(results.at(0).call_id == "c1");
  CHECK(text_in(results.at(0)) == R"(query{"sql":"select 1"})");
}

TEST_CASE("tools of one turn run at the same time, their results stay in order") {
  Bench bench;
  std::mutex mutex;
  std::condition_variable all_here;
  int here = 0;
  bench.toolbox.on_call = [&](const Tool&, const Json& arguments, std::stop_token) {
    std::unique_lock lock(mutex);
    ++here;
    all_here.notify_all();
    // Only when all three are inside at once does any of them end.
    CHECK(all_here.wait_for(lock, std::chrono::seconds(20), [&] { return here == 3; }));
    return ToolOutcome{{Text{arguments["n"].dump()}}, false};
  };
  bench.model.calls(
      {{"a", "query", R"({"n":1})"}, {"b", "query", R"({"n":2})"}, {"c", "query", R"({"n":3})"}});
  bench.model.says("done");
  CHECK(bench.ask().tool_calls == 3);
  const auto results = results_in(bench.model.requests.back().messages.back());
  REQUIRE(results.size() == 3);
  CHECK(results[0].call_id == "a");
  CHECK(text_in(results[0]) == "1");
  CHECK(text_in(results[1]) == "2");
  CHECK(text_in(results[2]) == "3");
}

TEST_CASE("what is wrong with a call is told to the model") {
  const auto wrong = [](ToolCall call) {
    Bench bench;
    const ToolResult result = bench.result_of(std::move(call));
    CHECK(result.is_error);
    return text_in(result);
  };
  CHECK(wrong({"c", "qery", "{}"}) == "There is no tool \"qery\". The tools are: query.");
  CHECK(wrong({"c", "query", "{\"sql\": }"})
            .starts_with("The arguments are not valid JSON: found '}' at line 1, column 9"));
  CHECK(wrong({"c", "query", "[1]"}) == "The arguments must be a JSON object, not array.");
  CHECK(wrong({"c", "query", std::string(200'000, '[')}).find("128 levels") != std::string::npos);
}

TEST_CASE("failures of a tool are passed on, and empty arguments are none") {
  Bench bench;
  CHECK(text_in(bench.result_of({"c", "query", ""})) == "query{}");
  bench.toolbox.on_call = [](const Tool&, const Json&, std::stop_token) -> ToolOutcome {
    throw std::runtime_error("server died");
  };
  const ToolResult thrown = bench.result_of({"c", "query", "{}"});
  CHECK(thrown.is_error);
  CHECK(text_in(thrown) == "The tool failed: server died");
  bench.toolbox.on_call = [](const Tool&, const Json&, std::stop_token) -> ToolOutcome {
    throw std::runtime_error(std::string(1'000'000, 'x'));
  };
  const std::string long_text = text_in(bench.result_of({"c", "query", "{}"}));
  CHECK(long_text.size() < 4200);
  CHECK(long_text.ends_with(" more bytes]"));
  bench.toolbox.on_call = [](const Tool&, const Json&, std::stop_token) {
    return ToolOutcome{{Text{"no such table"}}, true};
  };
  const ToolResult flagged = bench.result_of({"c", "query", "{}"});
  CHECK(flagged.is_error);
  CHECK(text_in(flagged) == "no such table");
}

TEST_CASE("a long result is cut between characters, and says so") {
  Bench bench;
  bench.toolbox.on_call = [](const Tool&, const Json&, std::stop_token) {
    return ToolOutcome{{Text{"aä"}, Text{"ää"}, Text{"tail"}}, false};
  };
  const ToolResult result = bench.result_of({"c", "query", "{}"}, {.max_result_bytes = 4});
  CHECK(text_in(result) == "aä[cut: the first 3 of 11 bytes are shown; ask for less at a time]");
}

TEST_CASE("each limit ends the question with its own words") {
  Bench bench;
  SUBCASE("turns") {
    for (int i = 0; i < 5; ++i) bench.model.calls({{"c", "query", "{}"}});
    const Outcome outcome = bench.ask({.max_turns = 3});
    CHECK(outcome.end == End::turn_limit);
    CHECK(outcome.message == "stopped after 3 turns without a final answer");
    CHECK(bench.model.requests.size() == 3);
  }
  SUBCASE("time, while the model is silent") {
    Agent agent(bench.model, bench.toolbox, {.max_time = milliseconds(7000)},
                [](milliseconds delay, std::stop_token) { return delay == milliseconds(7000); });
    const Outcome outcome = agent.ask("?", bench.quiet);
    CHECK(outcome.end == End::time_limit);
    CHECK(outcome.message == "stopped: the question took longer than 7 s");
  }
  SUBCASE("tokens of the answer") {
    bench.model.says("There are");
    bench.model.replies.back().finish = FinishReason::length;
    const Outcome outcome = bench.ask();
    CHECK(outcome.end == End::incomplete);
    CHECK(outcome.text == "There are");
    CHECK(outcome.message == "the answer was cut at the model's token limit");
  }
  SUBCASE("cancelled") {
    std::stop_source stop;
    stop.request_stop();
    CHECK(bench.ask({}, stop.get_token()).end == End::cancelled);
    CHECK(bench.model.requests.empty());
  }
}

TEST_CASE("the calls of a reply that was cut are not run, and the next question can follow") {
  for (const FinishReason cut : {FinishReason::length, FinishReason::content_filter}) {
    Bench bench;
    int runs = 0;
    bench.toolbox.on_call = [&](const Tool&, const Json&, std::stop_token) {
      ++runs;
      return ToolOutcome{{Text{"ran"}}, false};
    };
    bench.model.calls({{"c1", "query", R"({"sql":"delete from orders"})"}});
    bench.model.replies.back().finish = cut;
    bench.model.says("Yes.");
    Agent agent(bench.model, bench.toolbox);
    const Outcome outcome = agent.ask("Delete old orders", bench.quiet);
    CHECK(outcome.end == End::incomplete);
    CHECK(outcome.message.ends_with("its tool calls were not run"));
    CHECK(outcome.tool_calls == 0);
    CHECK(runs == 0);
    const auto results = results_in(agent.history().back());
    CHECK(results.at(0).call_id == "c1");
    CHECK(results.at(0).is_error);
    CHECK(agent.ask("Still there?", bench.quiet).end == End::answered);
  }
}

TEST_CASE("a reply without text or calls is no answer") {
  Bench bench;
  ModelReply nothing;
  nothing.finish = FinishReason::stop;
  bench.model.replies.push_back(nothing);
  const Outcome outcome = bench.ask();
  CHECK(outcome.end == End::model_error);
  CHECK(outcome.message == "the model answered nothing");
}

TEST_CASE("a model's error ends the question and not the conversation") {
  class Failing : public Model {
   public:
    ModelReply reply(const ModelRequest&, ModelListener&, std::stop_token) override {
      throw ModelError(ModelError::Kind::auth, "the gateway answered HTTP 401", 401);
    }
    std::string name() const override { return "failing"; }
  } failing;
  FakeToolbox toolbox;
  AgentObserver quiet;
  Agent agent(failing, toolbox);
  const Outcome outcome = agent.ask("?", quiet);
  CHECK(outcome.end == End::model_error);
  CHECK(outcome.message == "the gateway answered HTTP 401");
}

TEST_CASE("a cancel while tools run leaves a history that the next question can follow") {
  Bench bench;
  std::stop_source stop;
  bench.toolbox.on_call = [&](const Tool&, const Json&, std::stop_token token) {
    stop.request_stop();
    CHECK(token.stop_requested());
    return ToolOutcome{{Text{"late"}}, false};
  };
  bench.model.calls({{"a", "query", "{}"}, {"b", "query", "{}"}});
  Agent agent(bench.model, bench.toolbox, {.max_parallel_calls = 1});
  CHECK(agent.ask("first", bench.quiet, stop.get_token()).end == End::cancelled);
  const auto results = results_in(agent.history().back());
  REQUIRE(results.size() == 2);
  CHECK(text_in(results[0]) == "late");
  CHECK(text_in(results[1]) == "Cancelled before it ran.");
  bench.model.says("second answer");
  CHECK(agent.ask("second", bench.quiet).text == "second answer");
  CHECK(bench.model.requests.back().messages.size() == 4);
  agent.clear();
  CHECK(agent.history().empty());
}

TEST_CASE("tool names fit the vendors' alphabet and find their way back") {
  const std::string longer(80, 'x');
  const std::vector<Tool> tools{{"one", "read", "", {}},       {"two", "read", "", {}},
                                {"one", "a.b/c", "", {}},      {"one", "größe", "", {}},
                                {"one", longer + "1", "", {}}, {"one", longer + "2", "", {}},
                                {"x y", "dup", "", {}},        {"x.y", "dup", "", {}}};
  const ToolNames names(tools);
  CHECK(names.find("one__read")->server == "one");
  CHECK(names.find("two__read")->server == "two");
  CHECK(names.find("read") == nullptr);
  CHECK(names.find("a_b_c")->name == "a.b/c");
  CHECK(names.find("gr__e") != nullptr);
  std::vector<Tool> reversed(tools.rbegin(), tools.rend());
  CHECK(ToolNames(reversed).names() == names.names());
  CHECK(names.names().size() == tools.size());
  for (const std::string& name : names.names()) {
    CAPTURE(name);
    CHECK(name.size() <= 64);
    CHECK(name.find_first_not_of(
              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
          std::string::npos);
  }
}

TEST_CASE("a server that can't list its tools ends the question, and not the program") {
  Bench bench;
  bench.toolbox.is_broken = true;
  const Outcome outcome = bench.ask();
  CHECK(outcome.end == End::server_failed);
  CHECK(outcome.message == "the server is gone");
}

TEST_CASE("a tool gets the numbers that the model wrote, digit for digit") {
  Bench bench;
  std::string got;
  bench.toolbox.on_call = [&](const Tool&, const Json& arguments, std::stop_token) {
    got = to_wire(arguments);
    return ToolOutcome{};
  };
  bench.result_of({"1", "query", R"({"a": 123456789012345678901234567890, "b": 1e400})"});
  CHECK(got == R"({"a":123456789012345678901234567890,"b":1e400})");
  CHECK(text_in(bench.result_of({"2", "query", "1e400"})) ==
        "The arguments must be a JSON object, not number.");
}

TEST_CASE("a key that stands twice in a call's arguments is told to the model") {
  Bench bench;
  const ToolResult result = bench.result_of({"1", "query", R"({"a": {"b": 1}, "a": 2})"});
  CHECK(result.is_error);
  CHECK(text_in(result).find("duplicate key: /a comes a second time at line 1, column 17") !=
        std::string::npos);
}
