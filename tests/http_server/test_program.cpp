// A server program over HTTP from outside: its signals and its command line.

#include <csignal>

#include "fixture.h"
#include "probe.h"

TEST_CASE("SIGTERM: streams end as each era asks, a call in flight is answered, the process ends") {
  Probe probe({"--drain", "60000"});
  const std::uint16_t port = probe.port();
  RawClient listener(port);
  CHECK(listener
            .ask(modern("\"sub\"", "subscriptions/listen", "",
                        R"("notifications":{"toolsListChanged":true})"))
            .status == 200);
  CHECK(listener.chunk().find("notifications/subscriptions/acknowledged") != std::string::npos);
  RawClient client(port);
  const std::string header = session(client);
  RawClient stream(port);
  CHECK(stream
            .ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + header +
                 "\r\n")
            .status == 200);
  client.send(post(call("1", "work"), header));
  RawClient stateless(port);
  probe.read_until("at work");
  stateless.send(modern("2", "tools/call", "patient"));
  probe.read_until("waits");

  probe.signal(SIGTERM);
  // The stateless era: the result of the subscription, then the end. A session: the end alone.
  CHECK(listener.chunk().find(R"("id":"sub","result")") != std::string::npos);
  CHECK(listener.chunk() == "");
  CHECK(stream.until_end().ends_with("0\r\n\r\n"));
  stateless.leave();  // cancels its call
  probe.read_until("was stopped");
  probe.close_input();
  const auto answer = client.answer();
  CHECK(answer.status == 200);
  CHECK(answer.body.find("worked") != std::string::npos);
  CHECK(client.until_end() == "");
  CHECK(probe.wait() == 0);
}

TEST_CASE("SIGTERM: a call that goes on for too long is cancelled") {
  Probe probe({"--drain", "10"});
  RawClient client(probe.port());
  client.send(modern("1", "tools/call", "patient"));
  probe.read_until("waits");
  probe.signal(SIGTERM);
  probe.read_until("was stopped\n");
  CHECK(client.until_end().find("stopped") == std::string::npos);
  CHECK(probe.wait() == 0);
  CHECK(probe.output().ends_with("was stopped\n"));
}

#ifdef WEBSEARCH_SERVER
TEST_CASE("the web search server answers over HTTP") {
  CommandProcess server({WEBSEARCH_SERVER, "--no-index-file", "--http", "127.0.0.1:0"},
                        CommandProcess::On::pipes);
  server.read_until("listening on http://127.0.0.1:");
  RawClient client(static_cast<std::uint16_t>(std::stoi(server.read_line())));
  const auto found =
      client.ask(modern("1", "tools/call", "search_web", R"("arguments":{"query":"boats"})"));
  CHECK(found.status == 200);
  CHECK(found.body.find("The local index, which holds 0 documents") != std::string::npos);
  server.signal(SIGTERM);
  CHECK(server.wait() == 0);
}
#endif
