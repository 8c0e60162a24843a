// The file of models: what is read, what is refused and where, and which way a question goes.

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include <client/config/config_document.h>
#include <client/config/configured_models.h>
#include <mcp/schema/schema.h>

#include "gateway_simulator.h"

using namespace fairlead::agent;

namespace {

std::optional<std::string> environment(const std::string& name) {
  if (name == "KEY") return "sk-1";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

ModelConfig read(const std::string& text, const std::string& file = "m.yaml") {
  return read_model_config(file, text, environment);
}

std::string wrong(const std::string& text, const std::string& file = "m.yaml") {
  try {
    read(text, file);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "nothing wrong";
}

const char* const small = R"(gateways:
  main: {api: anthropic, base_url: "http://127.0.0.1:1/${KEY}", key: "${KEY}"}
models:
  big:
    deployments:
      - {gateway: main, id: "4.7"}
      - {gateway: main, id: b, weight: 2}
    balancing: weighted
    speed: complex
  small:
    deployments: [{gateway: main, id: "s-${EMPTY:-none}"}]
    context_tokens: 10
chains: {both: [big, small]}
default_model: both
)";

ModelRequest asking(const std::string& question) {
  ModelRequest request;
  request.messages = {text_message(Role::user, question)};
  return request;
}

}  // namespace

TEST_CASE("YAML and JSON give the same models, with the environment's texts in them") {
  const ModelConfig config = read(small);
  CHECK(config.gateways.at("main").api == Api::anthropic);
  CHECK(config.gateways.at("main").base_url == "http://127.0.0.1:1/sk-1");
  CHECK(config.gateways.at("main").key == "sk-1");
  CHECK(config.models.at("big").deployments.at(0).id == "4.7");
  CHECK(config.models.at("big").deployments.at(1).weight == 2);
  CHECK(config.models.at("big").balancing == Balancing::weighted);
  CHECK(config.models.at("small").deployments.at(0).id == "s-none");
  CHECK(config.policy.tries == 3);
  const ModelConfig json = read(R"({"gateways": {"main": {"base_url": "http://h"}},
    "models": {"m": {"deployments": [{"gateway": "main", "id": "$${x"}]}}, "default_model": "m"})",
                                "m.json");
  CHECK(json.models.at("m").deployments.at(0).id == "${x");
  CHECK(json.gateways.at("main").api == Api::openai);
}

TEST_CASE("every mistake is told with its line and column") {
  const std::string models = "models:\n  m:\n    deployments: [{gateway: main, id: m}]\n";
  const std::string gateways = "gateways:\n  main: {base_url: http://h}\n";
  struct Row {
    std::string text;
    std::string words;
  };
  const Row rows[] = {
      {gateways + models + "default_model: n",
       "m.yaml:6:1: /default_model: there is no model or chain \"n\""},
      {gateways + "models:\n  m:\n    deployments: [{gateway: mian, id: m}]\ndefault_model: m",
       "m.yaml:5:20: /models/m/deployments/0/gateway: there is no gateway \"mian\"; did you mean "
       "\"main\"?"},
      {gateways + models + "default_model: m\npolicy:\n  tries: 0",
       "m.yaml:8:3: /policy/tries: 0 is less than the minimum 1"},
      {gateways + models, "m.yaml:1:1: \"auto\" needs routes: give some, or a default_model"},
      {"a: [1, 2", "m.yaml:1:1: no YAML: end of sequence flow not found"},
      {"a: 1\nb: 2\na: 3", "m.yaml:3:1: the key \"a\" stands twice"},
      {gateways + models + "default_model: ${NONE}",
       "m.yaml:6:1: /default_model: the environment has no variable NONE; ${NONE:-text} gives what "
       "holds without it"},
      {gateways + models + "routes:\n- {task: t, models: [m], pattern: \"(\"}",
       "m.yaml:7:26: /routes/0/pattern: no regular expression: missing ): ("},
  };
  for (const Row& row : rows) CHECK(wrong(row.text) == row.words);
  const std::string unknown = wrong(gateways + models + "default_model: m\nchain: {}");
  CHECK(unknown.starts_with("m.yaml:7:1: "));
  CHECK(unknown.find("chain") != std::string::npos);
  const std::string number =
      wrong(gateways + "models:\n  m:\n    deployments: [{gateway: main, id: 4.7}]");
  CHECK(number.starts_with("m.yaml:5:35: /models/m/deployments/0/id: must be string"));
  CHECK(wrong("{\n  \"gateways\": 1,\n}", "m.json").starts_with("m.json:3:1: no JSON: "));
  CHECK(wrong("{\n  \"gateways\": {}, \"models\": 7,\n  \"default_model\": \"m\"}", "m.json")
            .find("m.json:2:29: /models: must be object") != std::string::npos);
}

TEST_CASE("hostile files are refused in bounded time") {
  CHECK(wrong(std::string(2 << 20, ' ')) == "m.yaml:1:1: larger than 1 MiB");
  CHECK(wrong("a: \xFF") == "m.yaml:1:1: not UTF-8");
  std::string aliases = "a0: &a0 [1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    aliases += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 8; ++k) aliases += "," + before;
    aliases += "]\n";
  }
  CHECK(wrong(aliases).find("more than 100,000 values") != std::string::npos);
  CHECK(wrong(std::string(100, '[') + std::string(100, ']')).find("64 levels deep") !=
        std::string::npos);
  CHECK(wrong(std::string(100'000, '[')).find("no YAML") != std::string::npos);
}

TEST_CASE("the published schema is one, and says what the reader says") {
  const auto schema = mcp::schema::Schema::compile(model_config_schema());
  CHECK(schema.valid(read_config_document("m.yaml", small).value) == true);
  CHECK_FALSE(schema.valid(
      Json{{"gateways", Json::object()}, {"models", Json::object()}, {"modles", Json::object()}}));
}

TEST_CASE("the example routes questions in English and in Chinese") {
  std::ifstream file(MODELS_EXAMPLE);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto models = std::make_shared<ConfiguredModels>(read(text, MODELS_EXAMPLE));
  struct Row {
    std::string question;
    std::string task;
    std::string first_model;
    double temperature;
  };
  const Row rows[] = {
      {"Where is the bug in this?", "code", "claude-4.7", 0.2},
      {"Are there Bugs?", "code", "claude-4.7", 0.2},
      {"Extract the main points", "summary", "gpt-5.5", 0.3},
      {"Write me a story", "creative", "gpt-5.5", 0.9},
      {"What do the statistics show?", "analysis", "claude-4.7", 0.1},
      {"Please translate: good morning", "translation", "deepseek-v4", 0.3},
      {"请实现一个排序", "code", "claude-4.7", 0.2},
      {"总结这篇文章", "summary", "gpt-5.5", 0.3},
      {"讲一个故事", "creative", "gpt-5.5", 0.9},
      {"分析销售趋势", "analysis", "claude-4.7", 0.1},
      {"翻译成英语", "translation", "deepseek-v4", 0.3},
      {"Hello", "creative", "gpt-5.5", 0.9},
      {"What is a debugger?", "creative", "gpt-5.5", 0.9},
  };
  for (const Row& row : rows) {
    CAPTURE(row.question);
    for (int again = 0; again < 2; ++again) {
      const Route route = models->route("auto", asking(row.question));
      CHECK(route.task == row.task);
      CHECK(route.models.at(0) == row.first_model);
      CHECK(route.temperature == row.temperature);
    }
  }
  const Route route = models->route("", asking("Overview, please"));
  CHECK(route.reasons == std::vector<std::string>{"not code: none of its keywords",
                                                  "summary: the keyword \"overview\""});
  CHECK_THROWS_WITH(
      models->model("claude"),
      "the configuration has no model or chain \"claude\"; did you mean \"claude-4.7\"?");
}

TEST_CASE("rules look at patterns, scripts, tools and sizes, all that are set") {
  const Router router({{.task = "sql", .models = {"a"}, .pattern = "(?i)select .* from"},
                       {.task = "long", .models = {"b"}, .min_characters = 100},
                       {.task = "zh", .models = {"c"}, .language = "zh", .max_characters = 5},
                       {.task = "files", .models = {"d"}, .tool = "file"},
                       {.task = "rest", .models = {"e", "f"}}},
                      {{"e", 20}});
  CHECK(router.route(asking("Select x FROM y")).task == "sql");
  CHECK(router.route(asking(std::string(100, 'x'))).task == "long");
  CHECK(router.route(asking("你好")).task == "zh");
  CHECK(router.route(asking("你好你好你好")).task == "rest");
  ModelRequest with_tool = asking("Hello");
  with_tool.tools.push_back({"read_file", "", Json::object()});
  CHECK(router.route(with_tool).task == "files");
  CHECK(router.route(asking("Hello")).models == std::vector<std::string>{"e", "f"});
  // Too long for the first: 88 bytes are about 22 tokens.
  const Route route = router.route(asking(std::string(88, 'y')));
  CHECK(route.models == std::vector<std::string>{"f"});
  CHECK(route.reasons.back() == "without e: about 22 tokens, its context has 20");
  CHECK(language_of("Привет") == "ru");
  CHECK(language_of("こんにちは") == "ja");
  CHECK(language_of("안녕하세요") == "ko");
  CHECK(language_of("fix 代码") == "zh");
}

TEST_CASE("a configured model falls back along its chain, with the route's settings") {
  GatewaySimulator gateway(1);
  gateway.set_model("one", Fault::broken);
  const auto models = std::make_shared<ConfiguredModels>(
      read("gateways:\n"
           "  o: {base_url: \"" +
           gateway.url() +
           "\"}\n"
           "  a: {api: anthropic, base_url: \"" +
           gateway.url() +
           "\"}\n"
           "models:\n"
           "  first: {deployments: [{gateway: o, id: one}]}\n"
           "  second: {deployments: [{gateway: a, id: two}]}\n"
           "chains: {both: [first, second]}\n"
           "routes: [{task: all, models: [both], temperature: 0.5}]\n"));
  ModelListener quiet;
  const ModelReply reply = models->model("")->reply(asking("Hello"), quiet, {});
  CHECK(text_of(reply.message) == GatewaySimulator::text_of("two"));
  CHECK(reply.served_by == "second");
  CHECK(reply.deployment == "a/two");
  CHECK(reply.failures.at(0).model == "first");
  // A model that is named has no other.
  CHECK_THROWS_AS(models->model("first")->reply(asking("Hello"), quiet, {}), ModelError);
}
