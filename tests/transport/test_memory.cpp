#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <mcp/base/manual_runtime.h>
#include <mcp/transport/memory.h>

#include "recording_handler.h"

using Messages = std::vector<std::string>;

TEST_CASE("what one end sends, the other receives, in order, and on its own loop") {
  mcp::ManualRuntime runtime_a;
  mcp::ManualRuntime runtime_b;
  auto [a, b] = mcp::make_memory_pair(runtime_a.loop(), runtime_b.loop());
  RecordingHandler at_a;
  RecordingHandler at_b;
  CHECK(a->send("before the start"));
  a->start(at_a);
  b->start(at_b);
  CHECK(a->send("one"));
  CHECK(b->send("two"));
  runtime_a.run();
  CHECK(at_a.messages() == Messages{"two"});
  CHECK(at_b.messages().empty());
  runtime_b.run();
  CHECK(at_b.messages() == Messages{"before the start", "one"});
}

TEST_CASE("a handler may answer, and the answer arrives") {
  mcp::ManualRuntime runtime;
  auto [client, server] = mcp::make_memory_pair(runtime.loop(), runtime.loop());
  RecordingHandler at_client;
  RecordingHandler at_server;
  mcp::Transport& answers = *server;
  at_server.on_message = [&](std::string_view bytes) { answers.send("re: " + std::string(bytes)); };
  server->start(at_server);
  client->start(at_client);
  client->send("a");
  client->send("b");
  runtime.run();
  CHECK(at_client.messages() == Messages{"re: a", "re: b"});
}

TEST_CASE("close: the other end gets what was sent and then closed, once, on both sides") {
  mcp::ManualRuntime runtime;
  auto [a, b] = mcp::make_memory_pair(runtime.loop(), runtime.loop());
  RecordingHandler at_a;
  RecordingHandler at_b;
  a->start(at_a);
  b->start(at_b);
  a->send("last words");
  b->send("too late");
  a->close();
  a->close();
  CHECK_FALSE(a->send("after close"));
  CHECK_FALSE(b->send("to a closed end"));
  runtime.run();
  CHECK(at_b.messages() == Messages{"last words"});
  CHECK(at_a.messages().empty());
  CHECK(at_a.closed_reason() == "");
  CHECK(at_b.closed_reason() == "");
  CHECK(at_a.closed_calls() == 1);
  CHECK(at_b.closed_calls() == 1);
}

TEST_CASE("destroying an end closes the other and calls its own handler no more") {
  mcp::ManualRuntime runtime;
  auto [a, b] = mcp::make_memory_pair(runtime.loop(), runtime.loop());
  RecordingHandler at_a;
  RecordingHandler at_b;
  a->start(at_a);
  b->start(at_b);
  b->send("never read");
  a->send("read");
  a.reset();
  runtime.run();
  CHECK(at_a.messages().empty());
  CHECK(at_a.closed_calls() == 0);
  CHECK(at_b.messages() == Messages{"read"});
  CHECK(at_b.closed_calls() == 1);
}

TEST_CASE("an end destroyed by its own handler in mid-delivery is safe") {
  mcp::ManualRuntime runtime;
  auto [a, b] = mcp::make_memory_pair(runtime.loop(), runtime.loop());
  RecordingHandler at_b;
  at_b.on_message = [&end = b](std::string_view) { end.reset(); };
  b->start(at_b);
  a->send("one");
  a->send("two");
  runtime.run();
  CHECK(at_b.messages() == Messages{"one"});
  CHECK(at_b.closed_calls() == 0);
}

TEST_CASE("the queue is bounded in bytes, a single large message still passes") {
  mcp::ManualRuntime runtime;
  auto [a, b] = mcp::make_memory_pair(runtime.loop(), runtime.loop(), {.max_queued_bytes = 10});
  RecordingHandler at_b;
  b->start(at_b);
  CHECK(a->send(std::string(100, 'x')));
  CHECK_FALSE(a->send("y"));
  runtime.run();
  CHECK(a->send("12345"));
  CHECK(a->send("67890"));
  CHECK_FALSE(a->send("1"));
  runtime.run();
  CHECK(at_b.messages() == Messages{std::string(100, 'x'), "12345", "67890"});
}
