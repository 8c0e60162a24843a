// Which era a message belongs to, how a session begins, and the table of errors.

#include "wire.h"

namespace {

/// One of everything, without schemas that would clutter the transcripts.
struct Plain {
  mcp::Server server{{.name = "test", .version = "1"}, quiet({.instructions = "Use it well."})};

  Plain() {
    server.tool({.name = "echo", .description = "Says it again"},
                [](const mcp::Json& arguments, mcp::Context&) {
                  return mcp::text(arguments.value("text", "nothing"));
                });
    server.resource({.uri = "test://r", .name = "r"},
                    [](const mcp::ResourceRequest& request, mcp::Context&) {
                      return mcp::ReadResourceResult{{mcp::text_contents(request.uri, "text")}};
                    });
    server.prompt({.name = "p", .arguments = {{.name = "who", .required = true}}},
                  [](const mcp::PromptArguments& arguments, mcp::Context&) {
                    return mcp::PromptResult{{mcp::user_text("Hi " + arguments.at("who"))}};
                  });
  }
};

std::string initialize(const std::string& version) {
  return R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
         version + R"(","capabilities":{},"clientInfo":{"name":"c","version":"1"}}})";
}

std::string code_of(const std::string& line) {
  const auto error = mcp::Json::parse(line).value("error", mcp::Json::object());
  return error.value("code", mcp::Json()).dump();
}

const std::string meta_2026 =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";

}  // namespace

TEST_CASE("initialize settles the session") {
  Plain plain;
  Wire wire(plain.server);
  CHECK(
      wire.ask(initialize("2025-11-25")) ==
      R"({"jsonrpc":"2.0","id":0,"result":{"capabilities":{"logging":{},"prompts":{"listChanged":true},"resources":{"listChanged":true,"subscribe":true},"tools":{"listChanged":true}},"instructions":"Use it well.","protocolVersion":"2025-11-25","serverInfo":{"name":"test","version":"1"}}})");
  CHECK(wire.say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").empty());
  CHECK(code_of(wire.ask(initialize("2025-11-25"))) == "-32600");  // once a connection
}

TEST_CASE("initialize answers every session revision with itself, all others with the newest") {
  for (const auto& [asked, answered] :
       std::vector<std::pair<std::string, std::string>>{{"2024-11-05", "2024-11-05"},
                                                        {"2025-03-26", "2025-03-26"},
                                                        {"2025-06-18", "2025-06-18"},
                                                        {"2025-11-25", "2025-11-25"},
                                                        {"2026-07-28", "2025-11-25"},
                                                        {"1900-01-01", "2025-11-25"}}) {
    Plain plain;
    Wire wire(plain.server);
    const auto result = mcp::Json::parse(wire.ask(initialize(asked)));
    CHECK(result["result"]["protocolVersion"] == answered);
  }
}

TEST_CASE("before initialize only ping is answered; everything else is shown both ways in") {
  Plain plain;
  Wire wire(plain.server);
  CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"method":"ping"})") ==
        R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(
      wire.ask(R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})") ==
      R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"the request belongs to no session: send `initialize` first, or give `params._meta` with io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities"}})");
  CHECK(code_of(wire.ask(R"({"jsonrpc":"2.0","id":3,"method":"server/discover"})")) == "-32602");
}

TEST_CASE("server/discover") {
  Plain plain;
  Wire wire(plain.server);
  CHECK(
      wire.ask(modern("\"d\"", "server/discover")) ==
      R"({"jsonrpc":"2.0","id":"d","result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"test","version":"1"}},"cacheScope":"private","capabilities":{"logging":{},"prompts":{"listChanged":true},"resources":{"listChanged":true,"subscribe":true},"tools":{"listChanged":true}},"instructions":"Use it well.","resultType":"complete","supportedVersions":["2024-11-05","2025-03-26","2025-06-18","2025-11-25","2026-07-28"],"ttlMs":0}})");
}

TEST_CASE("both eras on one pipe, interleaved") {
  Plain plain;
  Wire wire(plain.server);
  const std::string legacy_call =
      R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"text":"old"}}})";
  const std::string modern_call =
      modern("3", "tools/call", R"("name":"echo","arguments":{"text":"new"})");
  CHECK(wire.ask(modern_call) == modern_text_result("3", "new"));
  wire.initialize();
  wire.post(legacy_call);
  wire.post(modern_call);
  wire.runtime.run();
  CHECK(wire.heard() ==
        std::vector<std::string>{text_result("2", "old"), modern_text_result("3", "new")});
  // A session does not make a later stateless request incomplete, nor the other way round.
  CHECK(wire.ask(R"({"jsonrpc":"2.0","id":4,"method":"ping"})") ==
        R"({"jsonrpc":"2.0","id":4,"result":{}})");
  CHECK(code_of(wire.ask(modern("5", "ping"))) == "-32601");
}

TEST_CASE("_meta of the stateless era is checked in the stated order") {
  Plain plain;
  Wire wire(plain.server);
  const auto with_meta = [&](const std::string& method, const std::string& meta) {
    return wire.ask(R"({"jsonrpc":"2.0","id":1,"method":")" + method +
                    R"(","params":{"name":"echo","_meta":{)" + meta + "}}}");
  };
  const std::string version = R"("io.modelcontextprotocol/protocolVersion":)";
  const std::string capabilities = R"("io.modelcontextprotocol/clientCapabilities":)";

  CHECK(
      with_meta("tools/call", version + R"("2026-07-28")") ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"/_meta: lacks io.modelcontextprotocol/clientCapabilities, which every request carries"}})");
  CHECK(code_of(with_meta("tools/call", capabilities + "{}")) == "-32602");
  // A version is looked at when `_meta` is complete, a method when the version is known.
  CHECK(code_of(with_meta("nonsense", version + R"("v999.0.0")")) == "-32602");
  CHECK(
      with_meta("nonsense", version + R"("v999.0.0",)" + capabilities + "{}") ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"the protocol version \"v999.0.0\" is not supported; supported are 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28","data":{"requested":"v999.0.0","supported":["2024-11-05","2025-03-26","2025-06-18","2025-11-25","2026-07-28"]}}})");
  CHECK(code_of(with_meta("tools/call", version + R"("2025-11-25",)" + capabilities + "{}")) ==
        "-32022");
  CHECK(code_of(with_meta("nonsense", version + R"("2026-07-28",)" + capabilities + "{}")) ==
        "-32601");
  // Wrong types are named, a missing client name is none of our business.
  CHECK(code_of(with_meta("tools/call", version + "5," + capabilities + "{}")) == "-32602");
  CHECK(code_of(with_meta("tools/call", version + R"("2026-07-28",)" + capabilities + "[]")) ==
        "-32602");
  CHECK(code_of(with_meta("tools/call", version + R"("2026-07-28",)" + capabilities +
                                            R"({},"io.modelcontextprotocol/logLevel":"loud")")) ==
        "-32602");
  CHECK(code_of(with_meta("tools/call", version + R"("2026-07-28",)" + capabilities +
                                            R"({},"progressToken":{})")) == "-32602");
  CHECK(code_of(with_meta("tools/call", version + R"("2026-07-28",)" + capabilities + "{}")) ==
        "null");
}

TEST_CASE("methods that the stateless era has lost, and those that the session era never had") {
  Plain plain;
  Wire wire(plain.server);
  wire.initialize();
  for (const char* method : {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                             "resources/unsubscribe", "tasks/list"})
    CHECK(code_of(wire.ask(modern("1", method, R"("uri":"test://r","level":"info")"))) == "-32601");
  for (const char* method : {"server/discover", "subscriptions/listen", "tasks/get", "nonsense"})
    CHECK(code_of(wire.ask(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) +
                           R"("})")) == "-32601");
}

TEST_CASE("methods of capabilities that are not declared are unknown, in every revision") {
  mcp::ServerOptions options = quiet();
  options.declare.logging = false;
  mcp::Server bare{{.name = "test", .version = "1"}, options};
  struct Request {
    const char* method;
    const char* members;
  };
  constexpr Request requests[] = {
      {"tools/list", ""},
      {"tools/call", R"("name":"x")"},
      {"prompts/list", ""},
      {"prompts/get", R"("name":"x")"},
      {"resources/list", ""},
      {"resources/templates/list", ""},
      {"resources/read", R"("uri":"test://x")"},
      {"resources/subscribe", R"("uri":"test://x")"},
      {"resources/unsubscribe", R"("uri":"test://x")"},
      {"completion/complete",
       R"("ref":{"type":"ref/prompt","name":"x"},"argument":{"name":"a","value":""})"},
      {"logging/setLevel", R"("level":"info")"},
      {"tasks/get", R"("taskId":"x")"},
      {"tasks/cancel", R"("taskId":"x")"},
      {"tasks/result", R"("taskId":"x")"},
      {"tasks/update", R"("taskId":"x","inputResponses":{})"},
      {"tasks/list", ""},
  };
  const auto legacy = [](const Request& request) {
    return R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(request.method) +
           R"(","params":{)" + request.members + "}}";
  };
  for (const char* revision : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    Wire wire(bare);
    wire.initialize(revision);
    for (const Request& request : requests) {
      INFO(revision, " ", request.method);
      CHECK(code_of(wire.ask(legacy(request))) == "-32601");
    }
  }
  Wire wire(bare);
  for (const Request& request : requests) {
    INFO(request.method);
    CHECK(code_of(wire.ask(modern("1", request.method, request.members))) == "-32601");
  }
  CHECK(
      wire.ask(modern("1", "completion/complete", requests[9].members)) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"unknown method 'completion/complete': this server does not declare the capability that it belongs to"}})");

  // Offered once, a method stays: who was told of it asks again when the last one is removed.
  bare.prompt({.name = "p"}, mcp::PromptHandler());
  bare.remove_prompt("p");
  CHECK(wire.ask(modern("1", "prompts/list")).find(R"("prompts":[])") != std::string::npos);
  CHECK(code_of(wire.ask(modern("1", "prompts/get", R"("name":"p")"))) == "-32602");
}

TEST_CASE("revisions without tasks do not know their methods, whatever the server offers") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool({.name = "t", .task_support = mcp::TaskSupport::optional},
              [](const mcp::Json&, mcp::Context&) { return mcp::text(""); });
  for (const char* revision : {"2024-11-05", "2025-03-26", "2025-06-18"}) {
    Wire wire(server);
    wire.initialize(revision);
    for (const char* method : {"get", "cancel", "result", "list", "update"}) {
      INFO(revision, " ", method);
      CHECK(code_of(wire.ask(R"({"jsonrpc":"2.0","id":1,"method":"tasks/)" + std::string(method) +
                             R"(","params":{"taskId":"x"}})")) == "-32601");
    }
  }
}

TEST_CASE("ping and logging/setLevel answer exactly {}") {
  Plain plain;
  Wire wire(plain.server);
  wire.initialize();
  CHECK(wire.ask(R"({"jsonrpc":"2.0","id":"a","method":"ping"})") ==
        R"({"jsonrpc":"2.0","id":"a","result":{}})");
  CHECK(wire.ask(
            R"({"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"debug"}})") ==
        R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(code_of(wire.ask(
            R"({"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"loud"}})")) ==
        "-32602");
}

TEST_CASE("the table of errors") {
  Plain plain;
  Wire wire(plain.server);
  wire.initialize();
  const auto legacy = [&](const std::string& method, const std::string& params) {
    return wire.ask(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params +
                    "}");
  };
  CHECK(
      legacy("tools/call", R"({"name":"ecko"})") ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"unknown tool 'ecko'; did you mean 'echo'?"}})");
  CHECK(code_of(legacy("tools/call", R"({})")) == "-32602");
  CHECK(code_of(legacy("tools/call", R"({"name":5})")) == "-32602");
  CHECK(code_of(legacy("tools/call", R"([])")) == "-32602");
  CHECK(
      legacy("tools/call", R"({"name":"echo","arguments":[]})") ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"/arguments: expected an object, found array"}})");
  CHECK(
      legacy("resources/read", R"({"uri":"test://none"})") ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"resource not found: test://none","data":{"uri":"test://none"}}})");
  CHECK(
      wire.ask(modern("1", "resources/read", R"("uri":"test://none")")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"resource not found: test://none","data":{"uri":"test://none"}}})");
  CHECK(legacy("prompts/get", R"({"name":"q"})") ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"unknown prompt 'q'"}})");
  CHECK(
      legacy("prompts/get", R"({"name":"p"})") ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"prompt 'p' needs the argument 'who'"}})");
  CHECK(
      legacy("tools/list", R"({"cursor":"nonsense"})") ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"/cursor: not a cursor of this list: begin again without one"}})");
  // No arguments at all are no arguments.
  CHECK(legacy("tools/call", R"({"name":"echo"})") == text_result("1", "nothing"));
  CHECK(wire.ask(modern("1", "tools/call", R"("name":"echo")")) ==
        modern_text_result("1", "nothing"));
}

TEST_CASE("an id that is still being answered is refused") {
  Plain plain;
  Wire wire(plain.server);
  wire.initialize();
  const std::string call =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}})";
  wire.post(call);
  wire.post(call);
  wire.runtime.run();
  CHECK(
      wire.heard() ==
      std::vector<std::string>{
          R"({"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"a request with this id is still being answered"}})",
          text_result("1", "nothing")});
}

TEST_CASE("a hostile line gets one error, and the next request its answer") {
  Plain plain;
  Wire wire(plain.server);
  const auto survives = [&](const std::string& line, const std::string& code, bool has_id) {
    CAPTURE(line.substr(0, 60));
    const auto answer = mcp::Json::parse(wire.ask(line));
    CHECK(answer["error"]["code"].dump() == code);
    CHECK(answer.contains("id") == has_id);
    CHECK(wire.ask(modern("9", "tools/call", R"("name":"echo")")) ==
          modern_text_result("9", "nothing"));
  };
  survives(R"({"jsonrpc":"2.0","id":1,"method":"to)", "-32700", false);
  survives(R"({"jsonrpc":"2.0","id":null,"method":"tools/list"})", "-32600", false);
  survives(R"({"id":1,"method":"tools/list"})", "-32600", true);
  survives(R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", "-32600", false);
  survives("[]", "-32600", false);
  survives(std::string(200'000, '['), "-32700", false);
  survives("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xFF\xFE\"}", "-32700", false);
  survives(R"({"jsonrpc":"2.0","id":1,"method":"\ud800"})", "-32700", false);
  survives("5", "-32600", false);
  survives("", "-32700", false);
  survives(R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", "-32600", false);
  survives(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":5})", "-32600", true);
  // Malformed notifications and responses to nobody are nobody's business.
  CHECK(wire.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":[1]})").empty());
  CHECK(wire.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled"})").empty());
  CHECK(wire.say(R"({"jsonrpc":"2.0","id":77,"result":{}})").empty());
  CHECK(wire.say(R"({"jsonrpc":"2.0","id":77,"result":5,"error":6})").empty());
}

TEST_CASE("the bounds of a message are the server's to lower") {
  mcp::Server server{
      {.name = "test", .version = "1"},
      quiet({.limits = {.message_depth = 10, .message_values = 30, .batch_items = 2}})};
  server.tool({.name = "echo"}, [](const mcp::Json&, mcp::Context&) { return mcp::text("x"); });
  Wire wire(server);
  const auto problem = [&](const std::string& line) {
    const auto answer = mcp::Json::parse(wire.ask(line));
    return answer.contains("error") ? answer["error"]["message"].get<std::string>() : "none";
  };
  const auto call = [](const std::string& argument) {
    return modern("1", "tools/call", R"("name":"echo","arguments":{"a":)" + argument + "}");
  };
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  CHECK(problem(call(nested(7))) == "none");
  CHECK(problem(call(nested(8))).find("nested deeper than 10 levels") != std::string::npos);
  CHECK(problem(call("[1,2,3]")) == "none");
  CHECK(problem(call("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]"))
            .find("more than 30 values") != std::string::npos);
  wire.initialize("2025-03-26");
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  const std::string pong = R"({"jsonrpc":"2.0","id":1,"result":{}})";
  CHECK(wire.ask("[" + ping + "," + ping + "]") == "[" + pong + "," + pong + "]");
  CHECK(problem("[" + ping + "," + ping + "," + ping + "]")
            .find("a batch of 3 items; at most 2 are taken at once") != std::string::npos);
}

TEST_CASE("the depth of a message can be lowered, never lifted") {
  mcp::Server server{{.name = "test", .version = "1"},
                     quiet({.limits = {.message_depth = 100'000}})};
  Wire wire(server);
  const auto answer = mcp::Json::parse(wire.ask(std::string(50'000, '[')));
  CHECK(answer["error"]["code"] == -32700);
}

TEST_CASE("an unreadable request has a null id before 2025-11-25") {
  Plain plain;
  Wire wire(plain.server);
  wire.initialize("2025-06-18");
  CHECK(wire.ask("{").find(R"("id":null)") != std::string::npos);
}

TEST_CASE("large messages keep their place in the order") {
  Plain plain;
  Wire wire(plain.server);
  const std::string large(300'000, 'x');
  wire.post(modern("1", "tools/call", R"("name":"echo","arguments":{"text":")" + large + "\"}"));
  wire.post(modern("2", "tools/call", R"("name":"echo","arguments":{"text":"small"})"));
  wire.runtime.run();
  CHECK(wire.heard() ==
        std::vector<std::string>{modern_text_result("1", large), modern_text_result("2", "small")});
}

TEST_CASE("large messages are read although every worker is busy") {
  Plain plain;
  Wire wire(plain.server);
  wire.initialize();
  const auto call = [](const char* id, const std::string& text) {
    return R"({"jsonrpc":"2.0","id":)" + std::string(id) +
           R"(,"method":"tools/call","params":{"name":"echo","arguments":{"text":")" + text +
           R"("}}})";
  };
  wire.post(call("1", "slow"));
  wire.post(call("2", std::string(70'000, 'x')));
  wire.post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}})");
  wire.post(R"({"jsonrpc":"2.0","id":3,"method":"ping"})");
  wire.runtime.run_loop();  // no handler runs
  CHECK(wire.heard_one() == R"({"jsonrpc":"2.0","id":3,"result":{}})");
  wire.runtime.run();
  CHECK(wire.heard_one() == text_result("1", "slow"));
}

TEST_CASE("messages in flight share a byte budget") {
  mcp::Server server{{.name = "test", .version = "1"},
                     quiet({.limits = {.in_flight_bytes = 100'000}})};
  server.tool({.name = "echo"}, [](const mcp::Json&, mcp::Context&) { return mcp::text("done"); });
  Wire wire(server);
  const std::string filler(60'000, 'x');
  wire.post(modern("1", "tools/call", R"("name":"echo","arguments":{"a":")" + filler + "\"}"));
  wire.runtime.run_loop();
  wire.post(modern("2", "tools/call", R"("name":"echo","arguments":{"a":")" + filler + "\"}"));
  wire.runtime.run();
  CHECK(
      wire.heard() ==
      std::vector<std::string>{
          R"({"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"too many messages are in flight: try again later","data":{"retryAfterMs":1000}}})",
          modern_text_result("1", "done")});
  CHECK(wire.ask(modern("3", "tools/call", R"("name":"echo")")) == modern_text_result("3", "done"));
}

TEST_CASE("batches belong to 2025-03-26") {
  Plain plain;
  Wire wire(plain.server);
  const std::string batch =
      R"([{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"}}},)"
      R"({"jsonrpc":"2.0","method":"notifications/initialized"},)"
      R"({"jsonrpc":"2.0","id":2,"method":"ping"},)"
      R"({"jsonrpc":"2.0","id":3,"method":"initialize","params":{}},)"
      R"(5,)"
      R"({"jsonrpc":"2.0","id":4,"method":"nonsense"}])";

  SUBCASE("answers go out together, in the order in which they are ready") {
    wire.initialize("2025-03-26");
    CHECK(
        wire.ask(batch) ==
        R"([{"jsonrpc":"2.0","id":2,"result":{}},)"
        R"({"jsonrpc":"2.0","id":3,"error":{"code":-32600,"message":"`initialize` can't be part of a batch"}},)"
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no message: a message is a JSON object"}},)"
        R"({"jsonrpc":"2.0","id":4,"error":{"code":-32601,"message":"unknown method 'nonsense'"}},)"
        R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"a","type":"text"}]}}])");
  }
  SUBCASE("only notifications: no answer") {
    wire.initialize("2025-03-26");
    CHECK(
        wire.say(
                R"([{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","method":"notifications/cancelled"}])")
            .empty());
  }
  SUBCASE("empty, and more than a hundred") {
    wire.initialize("2025-03-26");
    CHECK(code_of(wire.ask("[]")) == "-32600");
    std::string many = "[";
    for (int i = 0; i < 101; ++i)
      many += (i == 0 ? "" : ",") + std::string(R"({"jsonrpc":"2.0","method":"x"})");
    CHECK(code_of(wire.ask(many + "]")) == "-32600");
  }
  SUBCASE("other revisions answer one error") {
    wire.initialize("2025-06-18");
    CHECK(
        wire.ask(batch) ==
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batches are not part of this protocol revision: send one message at a time"}})");
  }
  SUBCASE("requests of the stateless era are refused one by one, and hold up nobody") {
    wire.initialize("2025-03-26");
    const std::string listen =
        modern("2", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})");
    CHECK(
        wire.ask(R"([{"jsonrpc":"2.0","id":1,"method":"ping"},)" + listen + "," +
                 modern("3", "tools/call", R"("name":"echo")") + "]") ==
        R"([{"jsonrpc":"2.0","id":1,"result":{}},)"
        R"({"jsonrpc":"2.0","id":2,"error":{"code":-32600,"message":"a request with the `_meta` of the stateless protocol can't be part of a batch: send it on its own"}},)"
        R"({"jsonrpc":"2.0","id":3,"error":{"code":-32600,"message":"a request with the `_meta` of the stateless protocol can't be part of a batch: send it on its own"}}])");
    // On its own it is served.
    CHECK(wire.ask(listen).find("notifications/subscriptions/acknowledged") != std::string::npos);
  }
  SUBCASE("a cancelled request leaves its batch") {
    wire.initialize("2025-03-26");
    wire.post(
        R"([{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}},{"jsonrpc":"2.0","id":2,"method":"ping"}])");
    wire.runtime.run_loop();
    CHECK(wire.ask(
              R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})") ==
          R"([{"jsonrpc":"2.0","id":2,"result":{}}])");
  }
}
