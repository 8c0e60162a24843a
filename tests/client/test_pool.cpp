#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <mcp/client/client_pool.h>
#include <mcp/server/connect.h>
#include <mcp/server/server.h>
#include <mcp/transport/memory.h>

namespace {

/// Makes clients of one server, and counts them.
struct Clients {
  mcp::Server server{{.name = "pooled", .version = "1"}};
  std::unique_ptr<mcp::Runtime> runtime = mcp::make_runtime();
  std::atomic<int> made = 0;
  std::vector<mcp::ServedConnection> connections = {};

  mcp::ClientPool::Connect connect() {
    return [this] {
      ++made;
      auto [here, there] = mcp::make_memory_pair(runtime->loop(), runtime->loop());
      connections.push_back(mcp::connect(server, *runtime, std::move(there)));
      return mcp::Client::connect(*runtime, std::move(here));
    };
  }
};

}  // namespace

TEST_CASE("a pool keeps the clients that were used last") {
  Clients clients;
  mcp::ClientPool pool(2);
  pool.get("a", clients.connect());
  pool.get("b", clients.connect());
  pool.get("a", clients.connect());
  CHECK(clients.made == 2);
  pool.get("c", clients.connect());  // b goes
  CHECK(pool.size() == 2);
  pool.get("a", clients.connect());
  CHECK(clients.made == 3);
  pool.get("b", clients.connect());
  CHECK(clients.made == 4);
}

TEST_CASE("a pool closes no client that somebody holds") {
  Clients clients;
  mcp::ClientPool pool(1);
  auto a = pool.get("a", clients.connect());
  auto b = pool.get("b", clients.connect());
  CHECK(pool.size() == 2);
  CHECK(pool.get("a", clients.connect()).get() == a.get());
  b.reset();
  CHECK(pool.size() == 1);
  pool.get("a", clients.connect());
  CHECK(clients.made == 2);
  pool.forget("a");
  CHECK(pool.size() == 0);
  CHECK_NOTHROW(a->notify("notifications/x"));  // it is still open
}

TEST_CASE("who asks a pool at the same time gets the same client, and a failure is not kept") {
  Clients clients;
  mcp::ClientPool pool;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { pool.get("a", clients.connect()); });
  }
  threads.clear();
  CHECK(clients.made == 1);
  CHECK_THROWS_AS(pool.get("b", []() -> mcp::Client { throw std::runtime_error("no server"); }),
                  std::runtime_error);
  CHECK(pool.size() == 1);
  CHECK_NOTHROW(pool.get("b", clients.connect()));
}
