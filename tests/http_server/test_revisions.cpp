// Where the revisions differ over HTTP, and what they have in common on one endpoint.

#include <algorithm>
#include <set>
#include <string>

#include "fixture.h"

namespace {

std::string get(const std::string& headers) {
  return "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + headers + "\r\n";
}

const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";

}  // namespace

TEST_CASE("every revision of the session era has its sessions on this endpoint") {
  Serving serving;
  std::set<std::string> ids;
  for (const char* revision : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    CAPTURE(revision);
    RawClient client(serving.service->port());
    const std::string header = session(client, revision);
    CHECK(client.ask(post(list, header)).status == 200);
    const std::string id = header.substr(16, header.find("\r\n") - 16);
    CHECK(id.size() >= 32);
    CHECK(std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; }));
    CHECK(ids.insert(id).second);
  }
}

TEST_CASE("both eras share a connection: a request's own words say which it is of") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string header = session(client);
  for (int i = 0; i < 3; ++i) {
    CHECK(client.ask(post(list, header)).body.find("resultType") == std::string::npos);
    CHECK(client.ask(modern("1", "tools/list")).body.find(R"("resultType":"complete")") !=
          std::string::npos);
  }
  // A session's header does not make a stateless request one of the session.
  std::string mixed = modern("1", "tools/list");
  mixed.insert(mixed.find("Host:"), "Mcp-Session-Id: of-nobody\r\n");
  CHECK(client.ask(mixed).status == 200);
}

TEST_CASE("before 2025-11-25 no stream is primed, and none is let go before its answer") {
  for (const char* revision : {"2024-11-05", "2025-03-26", "2025-06-18"}) {
    CAPTURE(revision);
    Serving serving;
    RawClient client(serving.service->port());
    const std::string header = session(client, revision);
    RawClient listener(serving.service->port());
    CHECK(listener.ask(get(header)).status == 200);
    serving.server.tools_changed();
    CHECK(listener.chunk().find("notifications/tools/list_changed") != std::string::npos);

    client.send(post(call("1", "tell"), header));
    CHECK(client.answer().header("Content-Type") == "text/event-stream");
    CHECK(client.chunk().find("notifications/message") != std::string::npos);
    CHECK(client.chunk().find("\"told\"") != std::string::npos);
    CHECK(client.chunk() == "");

    serving.gate.open();
    const auto released = client.ask(post(call("2", "release"), header));
    const std::string said =
        released.header("Content-Type") == "text/event-stream" ? client.chunk() : released.body;
    CHECK(said.find("\"released\"") != std::string::npos);
  }
}

TEST_CASE("a session's call outlives its connection; only notifications/cancelled ends it") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string header = session(client);
  {
    RawClient caller(serving.service->port());
    caller.send(post(call("7", "wait"), header));
    REQUIRE(serving.started.wait({}));
  }
  // The end of that connection lay at the server before these came.
  for (int i = 0; i < 3; ++i)
    CHECK(client.ask(post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})", header)).status == 200);
  CHECK_FALSE(serving.stopped.is_open());
  const std::string cancel =
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})";
  CHECK(client.ask(post(cancel, header)).status == 202);
  CHECK(serving.stopped.wait({}));
}

TEST_CASE("each message is on one stream only, and each stream is taken up by itself") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string header = session(client);
  RawClient listener(serving.service->port());
  CHECK(listener.ask(get(header)).status == 200);
  CHECK(listener.chunk() == "id: 1-0\nretry: 1000\ndata: \n\n");
  REQUIRE(client.ask(post(call("1", "release"), header)).status == 200);
  CHECK(client.chunk() == "id: 2-0\nretry: 1000\ndata: \n\n");
  CHECK(client.chunk() == "retry: 250\n\n");
  CHECK(client.chunk() == "");
  serving.server.tools_changed();
  serving.gate.open();
  // The answer is not on the stream that belongs to no call...
  CHECK(listener.chunk().find("list_changed") != std::string::npos);
  serving.server.prompts_changed();
  serving.server.tools_changed();
  CHECK(listener.chunk().find("notifications/tools/list_changed") != std::string::npos);
  // ...and what it told is not on the call's.
  RawClient again(serving.service->port());
  CHECK(again.ask(get(header + "Last-Event-ID: 2-0\r\n")).status == 200);
  CHECK(again.chunk().starts_with("id: 2-1\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\""));
  CHECK(again.chunk() == "");
}
