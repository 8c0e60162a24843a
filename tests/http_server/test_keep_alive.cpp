// Streams on which nothing happens, in virtual time.

#include "manual_endpoint.h"
#include "raw_client.h"

TEST_CASE("streams get a comment when nothing was said for 15 seconds") {
  ManualEndpoint served;
  served.on_loop([&] { served.endpoint.start(); });
  const auto stream = served.ask(
      modern("1", "subscriptions/listen", "", R"("notifications":{"toolsListChanged":true})"));
  REQUIRE(stream->streams);
  CHECK(stream->take().find("notifications/subscriptions/acknowledged") != std::string::npos);
  served.runtime.advance(std::chrono::seconds(14));
  CHECK(stream->take() == "");
  served.runtime.advance(std::chrono::seconds(1));
  CHECK(stream->take() == ":\n\n");
  // What was said counts from there.
  served.runtime.advance(std::chrono::seconds(10));
  served.server.tools_changed();
  served.runtime.run();
  CHECK(stream->take().find("notifications/tools/list_changed") != std::string::npos);
  served.runtime.advance(std::chrono::seconds(14));
  CHECK(stream->take() == "");
  served.runtime.advance(std::chrono::seconds(31));
  CHECK(stream->take() == ":\n\n:\n\n:\n\n");
  CHECK_FALSE(stream->ended);
}

TEST_CASE("the stream of a session, too") {
  ManualEndpoint served;
  served.on_loop([&] { served.endpoint.start(); });
  const auto begun = served.ask(post(initialize()));
  const std::string* id = mcp::find_header(begun->response.headers, "Mcp-Session-Id");
  REQUIRE(id != nullptr);
  const auto stream = served.ask(
      "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
      "Mcp-Session-Id: " +
      *id + "\r\n\r\n");
  REQUIRE(stream->streams);
  stream->take();
  served.runtime.advance(std::chrono::seconds(14));
  CHECK(stream->take() == "");
  served.runtime.advance(std::chrono::seconds(1));
  CHECK(stream->take() == ":\n\n");
}
