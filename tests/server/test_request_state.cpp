#include <mcp/server/request_state.h>

#include <doctest/doctest.h>

#include <mcp/base/error.h>
#include <mcp/base/manual_runtime.h>

using mcp::Json;
using mcp::server::StateSealer;
using namespace std::chrono_literals;

namespace {
const std::string old_key = "0123456789abcdef0123456789abcdef";
const std::string new_key = "fedcba9876543210fedcba9876543210";
const std::string no_state = "requestState is none of this server: call again without requestState";
const std::string other_key =
    "requestState is none of this server, or its key was retired: call again without requestState";
const std::string altered =
    "requestState was altered, or belongs to another call or caller: call again without "
    "requestState";

std::string problem(const StateSealer& sealer, const std::string& state, const std::string& bound,
                    mcp::ManualRuntime& runtime) {
  try {
    sealer.open(state, bound, runtime.environment());
  } catch (const mcp::Error& error) {
    CHECK(error.code() == mcp::error_code::invalid_params);
    return error.what();
  }
  return "opens";
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

  CHECK(problem(sealer, state, "tools/call\ny", runtime) == altered);
  for (std::size_t i = 0; i + 1 < state.size(); ++i) {
    if (i == 5) continue;  // the key's id ends within this character
    CAPTURE(i);
    std::string tampered = state;
    tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
    CHECK(problem(sealer, tampered, "tools/call\nx", runtime) == (i < 5 ? other_key : altered));
  }
  CHECK(problem(sealer, state + "AAAA", "tools/call\nx", runtime) == altered);
  CHECK(problem(sealer, "", "tools/call\nx", runtime) == no_state);
  CHECK(problem(sealer, "no base64!", "tools/call\nx", runtime) == no_state);
  CHECK(problem(sealer, state.substr(0, 20), "tools/call\nx", runtime) == no_state);
  runtime.advance(59s);
  CHECK(problem(sealer, state, "tools/call\nx", runtime) == "opens");
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
  CHECK(problem(after, old_state, "x", runtime) == other_key);
  CHECK_THROWS_WITH_AS(StateSealer({"short"}),
                       "a state key needs at least 32 characters, such as those of "
                       "`openssl rand -hex 32`",
                       std::invalid_argument);
}

TEST_CASE("without secrets the key is random: what one process seals, no other opens") {
  mcp::ManualRuntime runtime;
  const StateSealer one({});
  const std::string state = one.seal(1, "x", 60s, runtime.environment());
  CHECK(one.key_is_random());
  CHECK(one.open(state, "x", runtime.environment()) == 1);
  CHECK(problem(StateSealer({}), state, "x", runtime) == other_key);
  CHECK_FALSE(StateSealer({old_key}).key_is_random());
}
