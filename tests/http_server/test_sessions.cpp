#include "fixture.h"
#include "manual_endpoint.h"

TEST_CASE("a session begins with initialize and ends with DELETE") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string header = session(client);
  const auto list = client.ask(post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", header));
  CHECK(list.status == 200);
  CHECK(list.body.find("\"echo\"") != std::string::npos);
  CHECK(client.ask("DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n").status == 204);
  const auto lost = client.ask(post(R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})", header));
  CHECK(lost.status == 404);
  CHECK(
      lost.body ==
      R"({"jsonrpc":"2.0","id":2,"error":{"code":-32600,"message":"there is no such session, or it has ended"}})");
}

TEST_CASE("calls that a session leaves behind are not found any more") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string header = session(client);
  RawClient caller(serving.service->port());
  caller.send(post(call("1", "wait"), header));
  REQUIRE(serving.started.wait({}));
  CHECK(client.ask("DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n").status == 204);
  CHECK(caller.answer().status == 404);
}

TEST_CASE("a request of no session is told both ways in") {
  Serving serving;
  RawClient client(serving.service->port());
  const auto answer = client.ask(post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"));
  CHECK(answer.status == 400);
  CHECK(answer.body.find("-32602") != std::string::npos);
  CHECK(answer.body.find("Mcp-Session-Id") != std::string::npos);
  CHECK(client.ask(post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})")).body ==
        R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST_CASE("what belongs to no request comes on the GET stream") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string header = session(client);
  RawClient listener(serving.service->port());
  CHECK(listener
            .ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + header +
                 "\r\n")
            .status == 200);
  CHECK(listener.chunk() == "id: 1-0\nretry: 1000\ndata: \n\n");
  serving.server.tools_changed();
  CHECK(listener.chunk() ==
        "id: 1-1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n");
  // What comes while the connection is cut waits for it.
  listener.leave();
  serving.server.prompts_changed();
  CHECK(client.ask(post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})", header)).status == 200);
  RawClient again(serving.service->port());
  again.ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + header +
            "Last-Event-ID: 1-0\r\n\r\n");
  CHECK(again.chunk().starts_with("id: 1-1\n"));
  serving.server.tools_changed();
  CHECK(again.chunk().starts_with("id: 1-2\n"));
}

TEST_CASE("a call goes on when its connection is cut, and its answer can be fetched") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string header = session(client);
  REQUIRE(client.ask(post(call("1", "release"), header)).status == 200);
  CHECK(client.chunk() == "id: 1-0\nretry: 1000\ndata: \n\n");
  CHECK(client.chunk() == "retry: 250\n\n");
  CHECK(client.chunk() == "");
  serving.gate.open();
  RawClient again(serving.service->port());
  again.ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + header +
            "Last-Event-ID: 1-0\r\n\r\n");
  const std::string answer = again.chunk();
  CHECK(answer.starts_with("id: 1-1\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\""));
  CHECK(again.chunk() == "");
  for (const char* never_sent : {"99-1", "1-2", "1-18446744073709551615"}) {
    CAPTURE(never_sent);
    const auto unknown =
        client.ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" +
                   header + "Last-Event-ID: " + never_sent + "\r\n\r\n");
    CHECK(unknown.status == 400);
  }
}

TEST_CASE("questions travel on the stream of their call") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string header = session(client);
  RawClient caller(serving.service->port());
  CHECK(caller.ask(post(call("5", "confirm"), header)).header("Content-Type") ==
        "text/event-stream");
  CHECK(caller.chunk().find("retry:") != std::string::npos);
  const std::string question = caller.chunk();
  CHECK(question.find("\"method\":\"elicitation/create\"") != std::string::npos);
  CHECK(client
            .ask(post(
                R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"sure":true}}})",
                header))
            .status == 202);
  CHECK(caller.chunk().find("\"text\":\"sure\"") != std::string::npos);
  CHECK(caller.chunk() == "");
}

TEST_CASE("batches are for the one revision that has them") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string two =
      R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/x"},{"jsonrpc":"2.0","id":2,"method":"ping"}])";
  const std::string old = session(client, "2025-03-26");
  const auto both = client.ask(post(two, old));
  CHECK(both.status == 200);
  CHECK(both.body ==
        R"([{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"result":{}}])");
  CHECK(client.ask(post(R"([{"jsonrpc":"2.0","method":"notifications/x"}])", old)).status == 202);
  const auto empty = client.ask(post("[]", old));
  CHECK(empty.status == 400);
  CHECK(empty.body.find("-32600") != std::string::npos);
  CHECK(client.ask(post(two, session(client, "2025-06-18"))).status == 400);
}

TEST_CASE("an unknown version is refused, a known one is not compared with the session's") {
  Serving serving;
  RawClient client(serving.service->port());
  const std::string header = session(client);
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  CHECK(client.ask(post(list, "MCP-Protocol-Version: 2025-11-25\r\n" + header)).status == 200);
  const auto unknown = client.ask(post(list, "MCP-Protocol-Version: 1999-01-01\r\n" + header));
  CHECK(unknown.status == 400);
  CHECK(unknown.body.find("-32022") != std::string::npos);
}

TEST_CASE("GET streams that others replaced are forgotten once their clients have left") {
  ManualEndpoint served;
  const auto begun = served.ask(post(initialize("2025-11-25")));
  std::string id;
  for (const auto& [name, value] : begun->response.headers) {
    if (name == "Mcp-Session-Id") id = value;
  }
  const std::string get = "GET /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: " + id + "\r\n";
  auto before = served.ask(get + "\r\n");
  for (int times = 0; times < 100; ++times) {
    const auto next = served.ask(get + "\r\n");
    REQUIRE(next->streams);
    served.on_loop([&] { std::exchange(before->gone, {})(); });
    before = next;
  }
  CHECK(served.ask(get + "Last-Event-ID: 1-0\r\n\r\n")->response.status == 400);
  CHECK(served.ask(get + "Last-Event-ID: 100-0\r\n\r\n")->streams);
}

namespace {

/// A store elsewhere: what it reads comes later.
class DistantStore final : public mcp::EventStore {
 public:
  void append(const std::string& session, std::uint64_t stream, Event event) override {
    kept_->append(session, stream, std::move(event));
  }
  void read(const std::string& session, std::uint64_t stream, std::uint64_t after,
            Replay replay) override {
    kept_->read(session, stream, after, [&, replay](auto events) {
      answers.push_back([replay, events] { replay(events); });
    });
  }
  void forget(const std::string& session) override { kept_->forget(session); }

  std::vector<std::function<void()>> answers;

 private:
  const std::shared_ptr<mcp::EventStore> kept_ = mcp::make_memory_event_store();
};

}  // namespace

TEST_CASE("who comes back twice while the store still reads gets each event once") {
  const auto store = std::make_shared<DistantStore>();
  ManualEndpoint served(2, {.events = store});
  const auto begun = served.ask(post(initialize("2025-11-25")));
  std::string id;
  for (const auto& [name, value] : begun->response.headers) {
    if (name == "Mcp-Session-Id") id = value;
  }
  const std::string header = "Mcp-Session-Id: " + id + "\r\n";
  served.ask(post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", header));
  const std::string get = "GET /mcp HTTP/1.1\r\nHost: localhost\r\n" + header;
  served.ask(get + "\r\n");
  served.server.tools_changed();
  served.runtime.run();
  served.ask(get + "Last-Event-ID: 1-0\r\n\r\n");
  const auto second = served.ask(get + "Last-Event-ID: 1-0\r\n\r\n");
  REQUIRE(store->answers.size() == 2);
  served.on_loop([&] {
    for (const auto& answer : store->answers) answer();
  });
  CHECK(second->take() ==
        "id: 1-1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n");
}
