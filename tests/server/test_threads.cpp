// The same server on real threads: for the thread sanitizer, and for what only real time shows.

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <mcp/base/runtime.h>
#include <mcp/server/connect.h>
#include <mcp/server/server.h>
#include <mcp/transport/memory.h>

namespace {

// Far longer than anything here takes, so that what never comes fails the test and not the machine.
constexpr auto patience = std::chrono::seconds(60);

class Client final : public mcp::Transport::Handler {
 public:
  Client(mcp::Runtime& runtime, mcp::Server& server) {
    auto [ours, theirs] = mcp::make_memory_pair(runtime.loop(), runtime.loop());
    transport_ = std::move(theirs);
    transport_->start(*this);
    connection_ =
        std::make_unique<mcp::ServedConnection>(mcp::connect(server, runtime, std::move(ours)));
  }
  void close() {
    connection_.reset();
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, patience, [&] { return closed_; }));
  }
  void say(const std::string& line) { transport_->send(line); }
  /// Waits until `count` lines with `part` have come.
  void wait_for(const std::string& part, std::size_t count) {
    std::unique_lock lock(mutex_);
    std::size_t found = 0;
    const bool came = changed_.wait_for(lock, patience, [&] {
      found = 0;
      for (const std::string& line : lines_) found += line.find(part) != std::string::npos ? 1 : 0;
      return found >= count;
    });
    REQUIRE_MESSAGE(came, found << " of " << count << " lines with " << part);
  }

 private:
  void message(std::string_view bytes) override {
    std::lock_guard lock(mutex_);
    lines_.emplace_back(bytes);
    // Answers whatever the server asks.
    if (bytes.find("roots/list") != std::string_view::npos) {
      const auto id = mcp::Json::parse(bytes)["id"].dump();
      transport_->send(R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"roots":[]}})");
    }
    changed_.notify_all();
  }
  void oversized(std::size_t) override {}
  void closed(const std::string&) override {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  std::unique_ptr<mcp::Transport> transport_;
  std::unique_ptr<mcp::ServedConnection> connection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  bool closed_ = false;
};

std::string call(int id, const std::string& tool, const std::string& token = "") {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"tools/call","params":{"name":")" + tool + '"' +
         (token.empty() ? "" : R"(,"_meta":{"progressToken":)" + token + "}") + "}}";
}

}  // namespace

TEST_CASE("many calls, questions, cancels and changes at once") {
  auto runtime = mcp::make_runtime({.worker_threads = 4, .queue_limit = 10'000});
  mcp::Server server{{.name = "test", .version = "1"}};
  const mcp::ToolHandler fast = [](const mcp::Json&, mcp::Context& ctx) {
    ctx.progress(1);
    ctx.log(mcp::LoggingLevel::error, "x");
    return mcp::text("fast");
  };
  server.tool({.name = "fast"}, fast);
  server.tool({.name = "asks"}, [](const mcp::Json&, mcp::Context& ctx) {
    ctx.once("step", [] { return 1; });
    ctx.roots("r");
    return mcp::text("asked");
  });
  Client client(*runtime, server);
  client.say(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"t","version":"1"}}})");
  client.say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  std::jthread changes([&] {
    for (int i = 0; i < 50; ++i) {
      server.tool({.name = "t" + std::to_string(i)}, fast);
      server.resource_updated("test://r");
      server.complete("nothing");
    }
  });
  for (int i = 1; i <= 300; ++i) {
    client.say(call(i, "fast", std::to_string(i)));
    client.say(call(1000 + i, "asks"));
    client.say(call(2000 + i, "asks"));
    client.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
               std::to_string(2000 + i) + "}}");
  }
  client.wait_for(R"("text":"fast")", 300);
  client.wait_for(R"("text":"asked")", 300);
  changes.join();
  client.close();
}

TEST_CASE("a slow tool and a thousand fast ones beside it") {
  auto runtime = mcp::make_runtime({.worker_threads = 2, .queue_limit = 10'000});
  mcp::Server server{{.name = "test", .version = "1"},
                     {.limits = {.calls_per_connection = 10'000}}};
  std::mutex mutex;
  std::condition_variable_any release;
  server.tool({.name = "slow"}, [&](const mcp::Json&, mcp::Context& ctx) {
    std::unique_lock lock(mutex);
    release.wait(lock, ctx.stop_token(), [] { return false; });
    return mcp::text("slow");
  });
  server.tool({.name = "fast"}, [](const mcp::Json&, mcp::Context&) { return mcp::text("fast"); });
  Client client(*runtime, server);
  client.say(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})");
  client.say(call(1, "slow"));
  for (int i = 0; i < 1000; ++i) client.say(call(10 + i, "fast"));
  client.wait_for(R"("text":"fast")", 1000);  // while the slow one still holds its worker
  client.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  client.close();
}

TEST_CASE("progress of one thread while another ends the run with a question") {
  auto runtime = mcp::make_runtime({.worker_threads = 1});
  mcp::Server server{{.name = "test", .version = "1"}};
  const auto question = mcp::roots("r");
  std::vector<mcp::Responder> parked;
  server.deferred_tool({.name = "deferred"},
                       [&](const mcp::Json&, mcp::Context& ctx, const mcp::Responder& responder) {
                         if (ctx.answer(question) != nullptr) {
                           responder.finish(mcp::text("done"));
                         } else {
                           parked.push_back(responder);
                         }
                       });
  server.tool({.name = "last"}, [](const mcp::Json&, mcp::Context&) { return mcp::text("last"); });
  Client client(*runtime, server);
  client.say(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"t","version":"1"}}})");
  for (int i = 1; i <= 100; ++i) client.say(call(i, "deferred", std::to_string(i)));
  client.say(call(1000, "last"));
  client.wait_for(R"("text":"last")", 1);  // the only worker is through with all of them
  auto responders = std::exchange(parked, {});
  {
    std::jthread telling([&] {
      for (int i = 1; i <= 100; ++i) {
        for (const mcp::Responder& responder : responders) responder.progress(i);
      }
    });
    for (const mcp::Responder& responder : responders) responder.ask(question);
    client.wait_for(R"("text":"done")", 100);
  }
  client.close();
}

TEST_CASE("another thread asks while the deferred handler goes on") {
  auto runtime = mcp::make_runtime({.worker_threads = 4});
  mcp::Server server{{.name = "test", .version = "1"}};
  const auto question = mcp::roots("r");
  std::mutex mutex;
  std::vector<std::jthread> asking;
  server.deferred_tool({.name = "deferred"},
                       [&](const mcp::Json&, mcp::Context& ctx, const mcp::Responder& responder) {
                         const bool answered = ctx.answer(question) != nullptr;
                         {
                           std::lock_guard lock(mutex);
                           asking.emplace_back([=] {
                             if (answered) {
                               responder.finish(mcp::text("done"));
                             } else {
                               responder.ask(question);
                             }
                           });
                         }
                         for (int i = 0; i < 100; ++i)
                           ctx.once("step " + std::to_string(i), [i] { return i; });
                         if (!answered) ctx.answer(mcp::roots("never asked"));
                       });
  Client client(*runtime, server);
  client.say(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"t","version":"1"}}})");
  for (int i = 1; i <= 100; ++i) client.say(call(i, "deferred"));
  client.wait_for(R"("text":"done")", 100);
  client.close();
}

TEST_CASE("connections come and go while calls run") {
  auto runtime = mcp::make_runtime({.worker_threads = 2});
  mcp::Server server{{.name = "test", .version = "1"}};
  server.tool({.name = "t"}, [](const mcp::Json&, mcp::Context& ctx) {
    ctx.progress(1);
    return mcp::text("done");
  });
  for (int i = 0; i < 100; ++i) {
    Client client(*runtime, server);
    for (int id = 0; id < 5; ++id)
      client.say(
          R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
          R"(,"method":"tools/call","params":{"name":"t","_meta":{"progressToken":1,"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}})");
    if (i % 2 == 0) client.wait_for(R"("text":"done")", 1);
    client.close();
  }
}
