#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <mcp/base/manual_runtime.h>
#include <mcp/jsonrpc/peer.h>

using mcp::Json;
using namespace mcp::jsonrpc;
using namespace std::chrono_literals;
using Why = CallEnd::Why;

namespace {

struct Calls {
  mcp::ManualRuntime runtime;
  std::vector<CallEnd> ends;
  std::unique_ptr<Peer> peer;

  explicit Calls(std::size_t max_pending = 1024)
      : peer(std::make_unique<Peer>(runtime.loop(), max_pending)) {}

  std::optional<Id> open(const Deadline& deadline = {}) {
    return peer->open([this](CallEnd end) { ends.push_back(std::move(end)); }, deadline);
  }
  bool answer(const Id& id, Json result) { return peer->complete({id, std::move(result)}); }
};

}  // namespace

TEST_CASE("each call gets its own answer, in whatever order they come") {
  Calls calls;
  CHECK(calls.open() == Id(1));
  CHECK(calls.open() == Id(2));
  CHECK(calls.answer(2, "second"));
  CHECK(calls.answer(1, "first"));
  REQUIRE(calls.ends.size() == 2);
  CHECK(calls.ends[0].id == Id(2));
  CHECK(calls.ends[0].why == Why::answered);
  CHECK(std::get<Json>(calls.ends[0].outcome) == "second");
  CHECK(std::get<Json>(calls.ends[1].outcome) == "first");
  CHECK(calls.peer->pending() == 0);
  CHECK(calls.open() == Id(3));
}

TEST_CASE("an error answers a call as well") {
  Calls calls;
  calls.open();
  CHECK(calls.peer->complete({Id(1), ErrorObject{-32601, "no such method", nullptr}}));
  CHECK(calls.ends[0].why == Why::answered);
  CHECK(std::get<ErrorObject>(calls.ends[0].outcome).code == -32601);
}

TEST_CASE("answers that nobody waits for are known as such") {
  Calls calls;
  calls.open();
  CHECK(calls.answer(1, 1));
  CHECK_FALSE(calls.answer(1, 1));
  CHECK_FALSE(calls.answer(99, 1));
  CHECK_FALSE(calls.answer("1", 1));
  CHECK_FALSE(calls.peer->complete({std::nullopt, ErrorObject{-32700, "?", nullptr}}));
  CHECK(calls.ends.size() == 1);
}

TEST_CASE("silence ends with a time-out, and a late answer is nobody's") {
  Calls calls;
  calls.open({.timeout = 10s});
  calls.runtime.advance(9999ms);
  CHECK(calls.ends.empty());
  calls.runtime.advance(1ms);
  REQUIRE(calls.ends.size() == 1);
  CHECK(calls.ends[0].why == Why::timed_out);
  CHECK(std::get<ErrorObject>(calls.ends[0].outcome).message == "no response within 10 s");
  CHECK_FALSE(calls.answer(1, 1));
}

TEST_CASE("an answered call does not time out later") {
  Calls calls;
  calls.open({.timeout = 10s});
  calls.answer(1, 1);
  calls.runtime.advance(1h);
  CHECK(calls.ends.size() == 1);
}

TEST_CASE("progress extends the time-out up to the maximum") {
  Calls calls;
  calls.open({.timeout = 10s, .at_most = 25s});
  calls.runtime.advance(9s);
  CHECK(calls.peer->extend(1));
  calls.runtime.advance(9s);
  CHECK(calls.ends.empty());
  CHECK(calls.peer->extend(1));
  calls.runtime.advance(6999ms);
  CHECK(calls.ends.empty());
  calls.runtime.advance(1ms);
  REQUIRE(calls.ends.size() == 1);
  CHECK(calls.ends[0].why == Why::timed_out);
  CHECK(std::get<ErrorObject>(calls.ends[0].outcome).message ==
        "no response within the longest time that the call may take");
  CHECK_FALSE(calls.peer->extend(1));
}

TEST_CASE("without progress the extended call ends after its own time-out") {
  Calls calls;
  calls.open({.timeout = 10s});
  calls.runtime.advance(5s);
  calls.peer->extend(1);
  calls.runtime.advance(9999ms);
  CHECK(calls.ends.empty());
  calls.runtime.advance(1ms);
  CHECK(calls.ends.size() == 1);
}

TEST_CASE("a call may wait for ever") {
  Calls calls;
  calls.open({.timeout = Deadline::never});
  calls.runtime.advance(std::chrono::hours(10'000));
  CHECK(calls.ends.empty());
  CHECK(calls.answer(1, 1));
}

TEST_CASE("cancelling ends a call once") {
  Calls calls;
  calls.open();
  CHECK(calls.peer->cancel(1));
  CHECK_FALSE(calls.peer->cancel(1));
  CHECK_FALSE(calls.answer(1, 1));
  REQUIRE(calls.ends.size() == 1);
  CHECK(calls.ends[0].why == Why::cancelled);
}

TEST_CASE("a lost connection ends every call, oldest first") {
  Calls calls;
  for (int i = 0; i < 12; ++i) calls.open();
  calls.peer->fail_all({-32603, "the server exited", nullptr});
  REQUIRE(calls.ends.size() == 12);
  CHECK(calls.ends[0].id == Id(1));
  CHECK(calls.ends[11].id == Id(12));
  CHECK(calls.ends[0].why == Why::failed);
  CHECK(std::get<ErrorObject>(calls.ends[0].outcome).message == "the server exited");
}

TEST_CASE("the number of open calls is bounded") {
  Calls calls(2);
  calls.open();
  calls.open();
  CHECK(calls.open() == std::nullopt);
  calls.answer(1, 1);
  CHECK(calls.open() == Id(3));
}

TEST_CASE("a callback may open the next call or destroy the peer") {
  Calls calls;
  calls.peer->open([&](CallEnd) { calls.open(); });
  CHECK(calls.answer(1, 1));
  CHECK(calls.peer->pending() == 1);

  calls.peer->open([&](CallEnd) { calls.peer.reset(); });
  calls.peer->fail_all({-32603, "gone", nullptr});
  CHECK(calls.peer == nullptr);
  CHECK(calls.ends.size() == 1);
}

TEST_CASE("a destroyed peer calls nobody") {
  Calls calls;
  calls.open({.timeout = 1s});
  calls.peer.reset();
  calls.runtime.advance(1min);
  CHECK(calls.ends.empty());
}
