// What <mcp/transport/transport.h> promises, of every transport that is a pipe. stdio, which a
// process has once, is in test_stdio.cpp; it shares its order of calls with the child process.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <mcp/base/runtime.h>
#include <mcp/transport/child_process.h>
#include <mcp/transport/memory.h>

#include "recording_handler.h"

using Messages = std::vector<std::string>;

namespace {

/// A transport whose other side sends everything back.
class Echoed {
 public:
  virtual ~Echoed() = default;
  virtual mcp::Transport& transport() = 0;
};

class EchoedInMemory final : public Echoed {
 public:
  explicit EchoedInMemory(mcp::Runtime& runtime) {
    std::tie(ours_, theirs_) = mcp::make_memory_pair(runtime.loop(), runtime.loop());
    echo_.on_message = [this](std::string_view bytes) { theirs_->send(std::string(bytes)); };
    theirs_->start(echo_);
  }
  ~EchoedInMemory() override {
    ours_->close();
    echo_.wait_for_closed();
  }
  mcp::Transport& transport() override { return *ours_; }

 private:
  RecordingHandler echo_;
  std::unique_ptr<mcp::Transport> ours_;
  std::unique_ptr<mcp::Transport> theirs_;
};

class EchoedByChild final : public Echoed {
 public:
  explicit EchoedByChild(mcp::Runtime& runtime)
      : child_(mcp::make_child_process_transport(runtime, {.command = "cat"})) {}
  mcp::Transport& transport() override { return *child_; }

 private:
  std::unique_ptr<mcp::Transport> child_;
};

/// Runs `check` with each kind of transport, and a handler that outlives it.
void with_each(const std::function<void(mcp::Transport&, RecordingHandler&)>& check) {
  const std::vector<
      std::pair<std::string, std::function<std::unique_ptr<Echoed>(mcp::Runtime & runtime)>>>
      kinds = {{"memory", [](auto& runtime) { return std::make_unique<EchoedInMemory>(runtime); }},
               {"child", [](auto& runtime) { return std::make_unique<EchoedByChild>(runtime); }}};
  for (const auto& [name, make] : kinds) {
    CAPTURE(name);
    RecordingHandler heard;
    const auto runtime = mcp::make_runtime();
    const auto echoed = make(*runtime);
    check(echoed->transport(), heard);
  }
}

}  // namespace

TEST_CASE("what is sent before the start goes out, and in order") {
  with_each([](mcp::Transport& transport, RecordingHandler& heard) {
    CHECK(transport.send("one"));
    CHECK(transport.send("two"));
    transport.start(heard);
    CHECK(transport.send("three"));
    REQUIRE(heard.wait_for_messages(3));
    CHECK(heard.messages() == Messages{"one", "two", "three"});
  });
}

TEST_CASE("a second start does nothing") {
  with_each([](mcp::Transport& transport, RecordingHandler& heard) {
    RecordingHandler other;
    transport.start(heard);
    transport.start(other);
    CHECK(transport.send("one"));
    REQUIRE(heard.wait_for_messages(1));
    transport.close();
    REQUIRE(heard.wait_for_closed());
    CHECK(other.messages().empty());
    CHECK(other.closed_calls() == 0);
  });
}

TEST_CASE("nothing is sent after close, and closed is told once, last and without a reason") {
  with_each([](mcp::Transport& transport, RecordingHandler& heard) {
    transport.start(heard);
    CHECK(transport.send("one"));
    REQUIRE(heard.wait_for_messages(1));
    transport.close();
    CHECK_FALSE(transport.send("two"));
    transport.close();
    REQUIRE(heard.wait_for_closed());
    transport.close();
    CHECK_FALSE(transport.send("three"));
    CHECK(heard.messages() == Messages{"one"});
    CHECK(heard.closed_reason() == "");
    CHECK(heard.closed_calls() == 1);
    CHECK_FALSE(heard.called_after_closed());
  });
}

TEST_CASE("closed before it is started: told when it is started") {
  with_each([](mcp::Transport& transport, RecordingHandler& heard) {
    CHECK(transport.send("one"));
    transport.close();
    CHECK_FALSE(transport.send("two"));
    CHECK(heard.closed_calls() == 0);
    transport.start(heard);
    REQUIRE(heard.wait_for_closed());
    CHECK(heard.closed_reason() == "");
    CHECK(heard.closed_calls() == 1);
  });
}

TEST_CASE("a handler may close its own transport, and is told so once, at the end") {
  with_each([](mcp::Transport& transport, RecordingHandler& heard) {
    heard.on_message = [&transport](std::string_view) { transport.close(); };
    CHECK(transport.send("one"));
    CHECK(transport.send("two"));
    transport.start(heard);
    REQUIRE(heard.wait_for_closed());
    CHECK(heard.messages().front() == "one");
    CHECK(heard.closed_calls() == 1);
    CHECK_FALSE(heard.called_after_closed());
  });
}
