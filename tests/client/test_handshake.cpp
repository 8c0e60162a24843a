#include "scripted_server.h"

using namespace mcp;
using namespace mcp::test;
using namespace std::chrono_literals;

TEST_CASE("a server that answers server/discover is spoken to statelessly") {
  Stage stage;
  Json probe = stage.hear();
  CHECK(probe["method"] == "server/discover");
  CHECK(probe["params"]["_meta"] ==
        Json::parse(R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",
                        "io.modelcontextprotocol/clientInfo":{"name":"tester","version":"1"},
                        "io.modelcontextprotocol/clientCapabilities":{"extensions":
                            {"io.modelcontextprotocol/tasks":{}}}})"));
  stage.answer(probe["id"], discover_answer);
  REQUIRE(stage.found);
  CHECK(stage.found->era() == Era::stateless);
  CHECK(stage.found->implementation.name == "scripted");
  CHECK(stage.hear() == nullptr);  // no initialize, no initialized
}

TEST_CASE("any error that is not of the stateless era leads to initialize in the same process") {
  for (const char* error : {R"({"code":-32601,"message":"Method not found"})",
                            R"({"code":-32602,"message":"Invalid request parameters"})",
                            R"({"code":-32000,"message":"Server not initialized"})",
                            R"({"code":-32022,"message":"but without its data"})",
                            R"({"code":-32021,"message":"without its data","data":{}})"}) {
    CAPTURE(error);
    Stage stage;
    stage.answer_error(stage.hear()["id"], error);
    Json initialize = stage.hear();
    CHECK(initialize["method"] == "initialize");
    CHECK(initialize["params"] == Json::parse(R"({"protocolVersion":"2025-11-25","capabilities":{},
        "clientInfo":{"name":"tester","version":"1"}})"));
    stage.answer(initialize["id"], initialize_answer);
    CHECK(stage.hear() == Json::parse(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"));
    CHECK(stage.found->revision == Revision::v2025_11_25);
  }
}

TEST_CASE("a server may answer initialize with any older revision, and with no other") {
  auto initialize_with = [](const char* date) {
    auto stage = std::make_unique<Stage>();
    stage->answer_error(stage->hear()["id"], R"({"code":-32601,"message":"no"})");
    stage->answer(stage->hear()["id"],
                  std::string(R"({"protocolVersion":")") + date +
                      R"(","capabilities":{},"serverInfo":{"name":"old","version":"1"}})");
    return stage;
  };
  for (const char* date : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    auto stage = initialize_with(date);
    REQUIRE(stage->found);
    CHECK(to_string(stage->found->revision) == date);
  }
  for (const char* date : {"2026-07-28", "1900-01-01", ""}) {
    auto stage = initialize_with(date);
    CHECK_FALSE(stage->found);
    REQUIRE(stage->failure);
    CHECK(stage->failure->kind() == CallError::Kind::unsupported);
    CHECK(stage->hear() == nullptr);  // no notifications/initialized
    CHECK(stage->server().gone);
  }
}

TEST_CASE("after ten seconds of silence initialize is sent as well") {
  Stage stage;
  Json probe = stage.hear();
  stage.runtime.advance(9999ms);
  CHECK(stage.hear() == nullptr);
  stage.runtime.advance(1ms);
  Json initialize = stage.hear();
  REQUIRE(initialize["method"] == "initialize");
  SUBCASE("and its answer makes a session") {
    stage.answer(initialize["id"], initialize_answer);
    REQUIRE(stage.found);
    CHECK(stage.found->era() == Era::session);
    stage.answer(probe["id"], discover_answer);  // too late, and no surprise
    CHECK(stage.client->server().era() == Era::session);
    CHECK(stage.violations.empty());
  }
  SUBCASE("and a late answer to server/discover wins") {
    stage.answer(probe["id"], discover_answer);
    REQUIRE(stage.found);
    CHECK(stage.found->era() == Era::stateless);
    stage.answer(initialize["id"], initialize_answer);
    CHECK(stage.hear() == nullptr);
  }
  SUBCASE("and a slow server of the stateless era may refuse it first") {
    stage.answer_error(initialize["id"], R"({"code":-32601,"message":"no initialize here"})");
    CHECK_FALSE(stage.found);
    CHECK_FALSE(stage.failure);
    stage.answer(probe["id"], discover_answer);
    CHECK(stage.found->era() == Era::stateless);
  }
  SUBCASE("and sixty more seconds of silence are the end, without a cancel") {
    stage.runtime.advance(59999ms);
    CHECK_FALSE(stage.failure);
    stage.runtime.advance(1ms);
    REQUIRE(stage.failure);
    CHECK(stage.failure->kind() == CallError::Kind::timed_out);
    CHECK(stage.hear() == nullptr);
  }
}

TEST_CASE("-32022 names the versions: one in common is tried, initialize is not") {
  SUBCASE("a revision in common") {
    Stage stage;
    stage.answer_error(
        stage.hear()["id"],
        R"({"code":-32022,"message":"no","data":{"supported":["2026-07-28"],"requested":"x"}})");
    Json again = stage.hear();
    CHECK(again["method"] == "server/discover");
    stage.answer(again["id"], discover_answer);
    CHECK(stage.found->era() == Era::stateless);
  }
  SUBCASE("only once") {
    Stage stage;
    for (int i = 0; i < 2; ++i) {
      stage.answer_error(
          stage.hear()["id"],
          R"({"code":-32022,"message":"no","data":{"supported":["2026-07-28"],"requested":"x"}})");
    }
    CHECK(stage.hear() == nullptr);
    REQUIRE(stage.failure);
    CHECK(stage.failure->kind() == CallError::Kind::unsupported);
  }
  SUBCASE("nothing in common") {
    Stage stage;
    stage.answer_error(
        stage.hear()["id"],
        R"({"code":-32022,"message":"no","data":{"supported":["2099-01-01"],"requested":"x"}})");
    CHECK(stage.hear() == nullptr);
    REQUIRE(stage.failure);
    CHECK(std::string(stage.failure->what()) ==
          "no common revision: the error -32022 names 2099-01-01, this client speaks 2024-11-05, "
          "2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28");
  }
  SUBCASE("only revisions of the session era") {
    Stage stage;
    stage.answer_error(
        stage.hear()["id"],
        R"({"code":-32022,"message":"no","data":{"supported":["2025-11-25"],"requested":"x"}})");
    CHECK(stage.hear()["method"] == "initialize");
  }
}

TEST_CASE(
    "a server that exits on server/discover is started again with initialize, and remembered") {
  auto verdicts = std::make_shared<EraVerdicts>();
  ClientOptions options;
  options.verdicts = verdicts;
  {
    Stage stage(Stage::Reopening{}, options);
    REQUIRE(stage.hear()["method"] == "server/discover");
    stage.server().die();
    stage.runtime.run();
    REQUIRE(stage.servers.size() == 2);
    stage.go_session();
    CHECK(verdicts->find("scripted") == Era::session);
  }
  Stage later(Stage::Reopening{}, options);
  Json first = later.hear();
  CHECK(first["method"] == "initialize");
  SUBCASE("a verdict that no longer holds is found out") {
    later.answer_error(first["id"], R"({"code":-32601,"message":"what is initialize?"})");
    Json probe = later.hear();
    CHECK(probe["method"] == "server/discover");
    later.answer(probe["id"], discover_answer);
    CHECK(later.found->era() == Era::stateless);
    CHECK(verdicts->find("scripted") == Era::stateless);
  }
}

TEST_CASE("a verdict that leads to nothing is forgotten") {
  ClientOptions options;
  options.verdicts = std::make_shared<EraVerdicts>();
  options.verdicts->keep("scripted", Era::session);
  Stage stage(Stage::Reopening{}, options);
  CHECK(stage.hear()["method"] == "initialize");
  stage.runtime.advance(60s);
  REQUIRE(stage.failure);
  CHECK(stage.failure->kind() == CallError::Kind::timed_out);
  CHECK_FALSE(options.verdicts->find("scripted"));
}

TEST_CASE("a server that exits on initialize too is reported, not started for ever") {
  Stage stage(Stage::Reopening{});
  stage.server().die();
  stage.runtime.run();
  REQUIRE(stage.servers.size() == 2);
  stage.server().die();
  stage.runtime.advance(1h);
  CHECK(stage.servers.size() == 2);
  REQUIRE(stage.failure);
  CHECK(stage.failure->kind() == CallError::Kind::not_connected);
}

TEST_CASE("a pinned era or revision is not negotiated away") {
  ClientOptions options;
  SUBCASE("session: no probe") {
    options.era = Era::session;
    Stage stage(options);
    CHECK(stage.hear()["method"] == "initialize");
  }
  SUBCASE("one session revision: no other") {
    options.revision = Revision::v2025_03_26;
    Stage stage(options);
    Json initialize = stage.hear();
    CHECK(initialize["params"]["protocolVersion"] == "2025-03-26");
    stage.answer(initialize["id"], initialize_answer);
    REQUIRE(stage.failure);
    CHECK(stage.failure->kind() == CallError::Kind::unsupported);
  }
  SUBCASE("stateless: no initialize") {
    options.era = Era::stateless;
    Stage stage(options);
    stage.answer_error(stage.hear()["id"], R"({"code":-32601,"message":"Method not found"})");
    CHECK(stage.hear() == nullptr);
    REQUIRE(stage.failure);
    CHECK(stage.failure->code() == -32601);
  }
}

TEST_CASE("a program that can't be started is said so") {
  ManualRuntime runtime;
  std::optional<CallError> failure;
  Client client =
      Client::open(runtime,
                   Target("x",
                          [](Runtime&, auto) -> std::unique_ptr<Transport> {
                            throw std::runtime_error("no such file: nothing-here");
                          }),
                   {}, [&](Outcome<ServerInfo> outcome) { failure.emplace(outcome.error()); });
  runtime.run();
  REQUIRE(failure);
  CHECK(std::string(failure->what()) == "the server can't be started: no such file: nothing-here");
  client.close(nullptr);
  runtime.run();
}
