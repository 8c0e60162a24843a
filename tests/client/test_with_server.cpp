#include <doctest/doctest.h>

#include <deque>
#include <optional>

#include <mcp/base/manual_runtime.h>
#include <mcp/client/client.h>
#include <mcp/server/connect.h>
#include <mcp/server/server.h>
#include <mcp/transport/memory.h>

#include "../wire/checked_transport.h"

// Our client and our server on one pipe: whatever a caller can do works alike in both eras.

using namespace mcp;
using namespace std::chrono_literals;

namespace {

ServerOptions quiet() {
  ServerOptions options;
  options.page_size = 2;
  options.caching.tools = {.ttl_ms = 60000, .scope = CacheScope::public_};
  options.log = [](const auto&...) {};
  return options;
}

ToolResult greet(const Json&, Context& context) {
  auto name = context.elicit(
      "name", "Who are you?",
      ElicitSchema().text("name").integer("age", {.required = false}, {.default_value = 30}));
  if (!name.accepted()) return error_text("nobody");
  auto [model, roots] = context.ask_all(
      sample("model", {.messages = {sampling_text(Role::user, "Say hi")}, .max_tokens = 5}),
      mcp::roots("roots"));
  return text((*name)["name"].get<std::string>() + " is " + (*name)["age"].dump() + ", " +
              model.text() + ", " + roots.at(0).uri);
}

/// One pair, in one era.
class Pair {
 public:
  explicit Pair(Era era) : server({.name = "paired", .version = "1"}, quiet()) {
    server.tool({.name = "echo"}, [](const Json& in, Context&) { return structured(in); });
    server.tool({.name = "greet"}, greet);
    server.tool({.name = "work"}, [](const Json&, Context& context) {
      for (int i = 1; i <= 3; ++i) context.progress(i, 3, "step");
      context.log(LoggingLevel::warning, "working");
      return text("worked");
    });
    server.tool({.name = "fail"},
                [](const Json&, Context&) -> ToolResult { throw ToolError("it broke"); });
    server.deferred_tool({.name = "later"}, [this](const Json&, Context&, Responder responder) {
      waiting.push_back(std::move(responder));
    });
    server.resource({.uri = "x:note", .name = "note"},
                    [](const ResourceRequest& request, Context&) {
                      return ReadResourceResult{{text_contents(request.uri, "a note")}};
                    });
    server.resource_template(
        {.uri_template = "x:items/{id}", .name = "item"},
        [](const ResourceRequest& request, Context&) {
          return ReadResourceResult{{text_contents(request.uri, request.variables.at("id"))}};
        });
    server.prompt({.name = "hello", .arguments = {{.name = "who", .required = true}}},
                  [](const PromptArguments& arguments, Context&) {
                    return PromptResult{{user_text("Hello " + arguments.at("who"))}};
                  });

    auto [near, far] = make_memory_pair(runtime.loop(), runtime.loop());
    served.emplace(connect(server, runtime, checked(std::move(far))));
    ClientOptions options;
    options.era = era;
    options.handlers.elicit_form = [](const ElicitFormParams&, const InputContext&) {
      return ElicitResult{ElicitAction::accept, {{"name", "Ann"}}};
    };
    options.handlers.sample = [](const CreateMessageParams&, const InputContext&) {
      return CreateMessageResult{.content = {TextContent{"hi"}}, .model = "m"};
    };
    options.handlers.roots = [](const InputContext&) {
      return std::vector<Root>{{.uri = "file:///"}};
    };
    options.observer.on_log = [this](const LoggingMessageParams& log) { logs.push_back(log.data); };
    options.observer.on_violation = [](const std::string& what) { FAIL_CHECK(what); };
    client.emplace(Client::open(runtime, checked(std::move(near)), options));
    runtime.run();
    CHECK(client->server().era() == era);
  }

  ~Pair() {
    waiting.clear();
    client.reset();
    runtime.run();
    served.reset();
    runtime.run();
  }

  /// Starts a call and lets everything happen.
  template <class T, class Start>
  std::optional<Outcome<T>> run(const Start& start) {
    auto held = std::make_shared<std::optional<Outcome<T>>>();
    start(Callback<T>([held](Outcome<T> outcome) { held->emplace(std::move(outcome)); }));
    runtime.run();
    return std::move(*held);
  }

  ToolResult call(const std::string& name, Json arguments = Json::object(),
                  const CallOptions& options = {}) {
    auto outcome = run<ToolResult>([&](Callback<ToolResult> done) {
      client->call_tool(name, std::move(arguments), options, std::move(done));
    });
    REQUIRE(outcome);
    if (!outcome->ok()) FAIL(outcome->error().what());
    return outcome->value();
  }

  ManualRuntime runtime;
  Server server;
  std::deque<Responder> waiting;
  std::vector<Json> logs;
  std::optional<ServedConnection> served;
  std::optional<Client> client;
};

}  // namespace

TEST_CASE("client and server, in both eras") {
  for (Era era : {Era::session, Era::stateless}) {
    CAPTURE((era == Era::session ? "session" : "stateless"));
    Pair pair(era);

    SUBCASE("tools are listed over all pages, and called") {
      auto tools =
          pair.run<std::vector<Tool>>([&](auto done) { pair.client->list_tools({}, done); });
      CHECK(tools->value().size() == 5);
      CHECK(pair.call("echo", {{"n", 3}}).structured_content == Json{{"n", 3}});
      ToolResult failed = pair.call("fail");
      CHECK(failed.is_error);
      CHECK(to_text(failed.content.at(0)) == "it broke");
      auto unknown = pair.run<ToolResult>(
          [&](auto done) { pair.client->call_tool("nope", Json::object(), {}, done); });
      CHECK(unknown->error().code() == -32602);
    }
    SUBCASE("a tool asks a form, a model and for the roots") {
      ToolResult greeted = pair.call("greet");
      CHECK(to_text(greeted.content.at(0)) == "Ann is 30, hi, file:///");
    }
    SUBCASE("progress and log messages arrive with the call") {
      auto level = pair.run<Done>(
          [&](auto done) { pair.client->set_logging_level(LoggingLevel::info, {}, done); });
      CHECK(level->ok());
      std::vector<double> seen;
      CallOptions options;
      options.on_progress = [&](const Progress& progress) { seen.push_back(progress.progress); };
      pair.call("work", Json::object(), options);
      CHECK(seen == std::vector<double>{1, 2, 3});
      CHECK(pair.logs == std::vector<Json>{"working"});
    }
    SUBCASE("a call that is stopped is cancelled at the server") {
      std::stop_source stop;
      auto outcome = std::make_shared<std::optional<Outcome<ToolResult>>>();
      pair.client->call_tool("later", Json::object(), {.stop = stop.get_token()},
                             [outcome](auto result) { outcome->emplace(std::move(result)); });
      pair.runtime.run();
      REQUIRE(pair.waiting.size() == 1);
      CHECK_FALSE(pair.waiting[0].stop_token().stop_requested());
      stop.request_stop();
      pair.runtime.run();
      CHECK(pair.waiting[0].stop_token().stop_requested());
      CHECK((*outcome)->error().kind() == CallError::Kind::stopped);
      pair.waiting[0].finish(text("too late"));
      pair.runtime.run();
      CHECK(to_text(pair.call("work").content.at(0)) == "worked");
    }
    SUBCASE("resources and prompts") {
      auto note = pair.run<ReadResourceResult>(
          [&](auto done) { pair.client->read_resource("x:note", {}, done); });
      CHECK(note->value().contents.at(0).text == "a note");
      auto item = pair.run<ReadResourceResult>(
          [&](auto done) { pair.client->read_resource("x:items/7", {}, done); });
      CHECK(item->value().contents.at(0).text == "7");
      auto missing = pair.run<ReadResourceResult>(
          [&](auto done) { pair.client->read_resource("y:none", {}, done); });
      CHECK(missing->error().code() == (era == Era::session ? -32002 : -32602));
      auto prompt = pair.run<PromptResult>([&](auto done) {
        pair.client->get_prompt({"hello", {{"who", "Ann"}}}, {}, done);
      });
      CHECK(to_text(prompt->value().messages.at(0).content) == "Hello Ann");
      auto templates = pair.run<std::vector<ResourceTemplate>>(
          [&](auto done) { pair.client->list_resource_templates({}, done); });
      CHECK(templates->value().size() == 1);
    }
    SUBCASE("a subscription tells of changed lists and resources, until it ends") {
      std::vector<std::string> heard;
      auto subscribed = pair.run<Subscription>([&](Callback<Subscription> done) {
        pair.client->subscribe(
            {.tools_list_changed = true, .resource_subscriptions = {"x:note"}},
            [&](const Change& change) {
              heard.push_back(std::holds_alternative<ListChanged>(change) ? "tools" : "note");
            },
            {}, std::move(done));
      });
      REQUIRE(subscribed);
      CHECK(subscribed->value().honored().resource_subscriptions.size() == 1);
      pair.run<std::vector<Tool>>([&](auto done) { pair.client->list_tools({}, done); });
      pair.server.tool({.name = "new"}, [](const Json&, Context&) { return text(""); });
      pair.runtime.advance(1s);
      pair.server.resource_updated("x:note");
      pair.runtime.advance(1s);
      CHECK(heard == std::vector<std::string>{"tools", "note"});
      auto tools =
          pair.run<std::vector<Tool>>([&](auto done) { pair.client->list_tools({}, done); });
      CHECK(tools->value().size() == 6);  // what was kept is forgotten
      subscribed->value().end();
      pair.runtime.run();
      pair.server.resource_updated("x:note");
      pair.runtime.advance(1s);
      CHECK(heard.size() == 2);
    }
  }
}
