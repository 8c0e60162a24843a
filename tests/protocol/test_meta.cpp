#include <doctest/doctest.h>

#include <mcp/protocol/meta.h>

using mcp::Json;
using mcp::Revision;

TEST_CASE("a request of the stateless era is known by its _meta") {
  auto with = [](const Json& meta) { return Json{{"_meta", meta}}; };
  CHECK(mcp::is_stateless_request(with({{"io.modelcontextprotocol/protocolVersion", "v9"}})));
  CHECK(mcp::is_stateless_request(with({{"io.modelcontextprotocol/clientCapabilities", 5}})));
  CHECK(mcp::is_stateless_request(with({{"io.modelcontextprotocol/clientInfo", nullptr}})));
  CHECK_FALSE(mcp::is_stateless_request(with({{"progressToken", 1}})));
  CHECK_FALSE(mcp::is_stateless_request(with(Json::array({1}))));
  CHECK_FALSE(mcp::is_stateless_request(Json::array({with({})})));
  CHECK_FALSE(mcp::is_stateless_request(nullptr));
}

TEST_CASE("what a request says of itself is read and written again") {
  Json params = Json::parse(R"({"name":"t","_meta":{
    "progressToken":"p1",
    "io.modelcontextprotocol/protocolVersion":"2026-07-28",
    "io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},
    "io.modelcontextprotocol/clientCapabilities":{"sampling":{}},
    "io.modelcontextprotocol/logLevel":"warning",
    "traceparent":"00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
    "com.example/mine":[1]}})");
  mcp::RequestMeta meta = mcp::read_request_meta(params);
  CHECK(meta.progress_token == "p1");
  CHECK(meta.protocol_version == "2026-07-28");
  CHECK(meta.client_info->name == "c");
  CHECK(mcp::can(*meta.client_capabilities, mcp::ClientFeature::sampling));
  CHECK_FALSE(mcp::can(*meta.client_capabilities, mcp::ClientFeature::sampling_tools));
  CHECK(meta.log_level == mcp::LoggingLevel::warning);
  CHECK(meta.trace.traceparent == "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01");
  CHECK(meta.other == Json{{"com.example/mine", {1}}});

  Json again = {{"name", "t"}};
  mcp::add_request_meta(again, meta, Revision::v2026_07_28);
  CHECK(again == params);

  Json session = {{"name", "t"}};
  mcp::add_request_meta(session, meta, Revision::v2025_11_25);
  CHECK(session["_meta"].size() == 3);
  CHECK(session["_meta"]["progressToken"] == "p1");
  CHECK_FALSE(session["_meta"].contains("io.modelcontextprotocol/clientInfo"));
}

TEST_CASE("a session's request without anything to say has no _meta, a stateless one always") {
  Json params;
  mcp::add_request_meta(params, {}, Revision::v2025_11_25);
  CHECK(params.is_null());
  mcp::add_request_meta(params, {}, Revision::v2026_07_28);
  CHECK(params == Json{{"_meta",
                        {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                         {"io.modelcontextprotocol/clientCapabilities", Json::object()}}}});
}

TEST_CASE("a malformed _meta is refused with its place") {
  auto problem = [](const char* meta) {
    try {
      mcp::read_request_meta({{"_meta", Json::parse(meta)}});
    } catch (const mcp::Malformed& malformed) {
      CHECK(malformed.code() == -32602);
      return std::string(malformed.what());
    }
    return std::string();
  };
  CHECK(problem("[]") == "/_meta: expected an object, found an array");
  CHECK(problem(R"({"progressToken":1.5})") ==
        "/_meta/progressToken: expected a string or an integer, found the number 1.5");
  CHECK(problem(R"({"io.modelcontextprotocol/protocolVersion":7})") ==
        "/_meta/io.modelcontextprotocol~1protocolVersion: expected a string, found the number 7");
  CHECK(problem(R"({"io.modelcontextprotocol/clientInfo":{"name":"x"}})") ==
        "/_meta/io.modelcontextprotocol~1clientInfo: the member \"version\" is missing");
  CHECK(problem(R"({"io.modelcontextprotocol/logLevel":"loud"})") ==
        "/_meta/io.modelcontextprotocol~1logLevel: not a log level: debug, info, notice, warning, "
        "error, critical, alert or emergency");
  CHECK(problem(R"({"traceparent":5})").empty());
}

TEST_CASE("keys of _meta") {
  for (const char* key : {"progressToken", "a", "com.example/name", "com.example/",
                          "a-b.c9/x_y.z-1", "io.modelcontextprotocol/related-task"}) {
    CAPTURE(key);
    CHECK(mcp::meta_key_problem(key).empty());
  }
  for (const char* key : {"", "/x", ".com/x", "com./x", "1com/x", "com-/x", "a b/x", "a/b/c", "-x",
                          "x-", "x y", "é"}) {
    CAPTURE(key);
    CHECK_FALSE(mcp::meta_key_problem(key).empty());
  }
  for (const char* key : {"io.modelcontextprotocol/x", "dev.mcp/x",
                          "org.modelcontextprotocol.api/x", "com.mcp.tools/"}) {
    CAPTURE(key);
    CHECK(mcp::is_reserved_meta_key(key));
  }
  for (const char* key : {"com.example.mcp/x", "mcp/x", "x", "modelcontextprotocol"}) {
    CAPTURE(key);
    CHECK_FALSE(mcp::is_reserved_meta_key(key));
  }
}

TEST_CASE("the type of a result") {
  CHECK(mcp::result_type(Json::object()) == mcp::ResultType::complete);
  CHECK(mcp::result_type({{"resultType", "input_required"}}) == mcp::ResultType::input_required);
  CHECK(mcp::result_type({{"resultType", "task"}}) == mcp::ResultType::task);
  CHECK_THROWS_WITH(mcp::result_type({{"resultType", "later"}}),
                    "/resultType: not one of the values that are defined: \"complete\", "
                    "\"input_required\" or \"task\"");
  CHECK_THROWS_AS(mcp::result_type({{"resultType", 5}}), mcp::Malformed);
}

TEST_CASE("a server is named in results of the stateless era only") {
  mcp::Implementation server{.name = "s", .version = "1"};
  Json result = Json::object();
  mcp::add_server_info(result, server, Revision::v2025_11_25);
  CHECK(result.empty());
  mcp::add_server_info(result, server, Revision::v2026_07_28);
  CHECK(mcp::read_server_info(result)->name == "s");
  result["_meta"]["io.modelcontextprotocol/serverInfo"] = 5;
  CHECK_FALSE(mcp::read_server_info(result));
}
