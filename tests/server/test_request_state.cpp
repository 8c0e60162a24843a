#include <mcp/server/request_state.h>

#include <doctest/doctest.h>

#include <mcp/base/error.h>
#include <mcp/base/manual_runtime.h>
#include <mcp/store/store.h>

using mcp::Json;
using mcp::server::StateSealer;
using namespace std::chrono_literals;

namespace {
const std::string old_key = "0123456789abcdef0123456789abcdef";
const std::string new_key = "fedcba9876543210fedcba9876543210";

std::string problem(const StateSealer& sealer, const std::string& state, const std::string& bound,
                    mcp::ManualRuntime& runtime) {
  try {
    sealer.open(state, bound, runtime.environment());
  } catch (const mcp::Error& error) {
    CHECK(error.code() == mcp::error_code::invalid_params);
    return error.what();
  }
  return "";
}
}  // namespace

TEST_CASE("a state opens for what it was sealed for, and for nothing else") {
  mcp::ManualRuntime runtime;
  const StateSealer sealer({old_key});
  const Json payload = {{"answers", {{"name", "Ada"}}}};
  const std::string state = sealer.seal(payload, "tools/call\nx", 60s, runtime.environment());
  CHECK(sealer.open(state, "tools/call\nx", runtime.environment()) == payload);
  CHECK(state.find("Ada") == std::string::npos);
  CHECK(sealer.seal(payload, "tools/call\nx", 60s, runtime.environment()) != state);

  CHECK(problem(sealer, state, "tools/call\ny", runtime) != "");
  for (std::size_t i = 0; i < state.size(); i += 7) {
    std::string tampered = state;
    tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
    CHECK(problem(sealer, tampered, "tools/call\nx", runtime) != "");
  }
  CHECK(problem(sealer, state + "A", "tools/call\nx", runtime) != "");
  CHECK(problem(sealer, "", "tools/call\nx", runtime) != "");
  CHECK(problem(sealer, "no base64!", "tools/call\nx", runtime) != "");
  runtime.advance(59s);
  CHECK(problem(sealer, state, "tools/call\nx", runtime) == "");
  runtime.advance(1s);
  CHECK(problem(sealer, state, "tools/call\nx", runtime) ==
        "requestState has expired: call again without requestState");
}

TEST_CASE("keys are rotated: the first seals, all open") {
  mcp::ManualRuntime runtime;
  const StateSealer before({old_key});
  const StateSealer during({new_key, old_key});
  const StateSealer after({new_key});
  const std::string old_state = before.seal(1, "x", 60s, runtime.environment());
  const std::string new_state = during.seal(2, "x", 60s, runtime.environment());
  CHECK(during.open(old_state, "x", runtime.environment()) == 1);
  CHECK(after.open(new_state, "x", runtime.environment()) == 2);
  CHECK(problem(after, old_state, "x", runtime) ==
        "requestState is none of this server, or its key was retired: call again without "
        "requestState");
  CHECK(problem(StateSealer({}), old_state, "x", runtime) != "");
  CHECK_THROWS_AS(StateSealer({"short"}), std::invalid_argument);
}

TEST_CASE("the memory store writes a key once, and is bounded") {
  const auto store = mcp::make_memory_store(2);
  CHECK_FALSE(store->insert("a", "1", 60s).has_value());
  CHECK(store->insert("a", "2", 60s) == "1");
  store->put("a", "3", 60s);
  CHECK(store->insert("a", "2", 60s) == "3");
  CHECK_FALSE(store->insert("gone", "1", 0s).has_value());
  CHECK_FALSE(store->insert("b", "1", 60s).has_value());  // in place of what has expired
  CHECK_THROWS_AS(store->insert("c", "1", 60s), std::runtime_error);
  store->put("b", "2", 60s);
}
