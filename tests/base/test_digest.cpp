#include <doctest/doctest.h>

#include <mcp/base/digest.h>
#include <mcp/base/ids.h>
#include <mcp/base/manual_runtime.h>

TEST_CASE("SHA-256 of the standard's examples") {
  CHECK(mcp::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(mcp::sha256_hex("abc") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("secrets are compared whole") {
  CHECK(mcp::equal_in_constant_time("secret", "secret"));
  CHECK_FALSE(mcp::equal_in_constant_time("secret", "secreT"));
  CHECK_FALSE(mcp::equal_in_constant_time("secret", "secre"));
  CHECK(mcp::equal_in_constant_time("", ""));
}

TEST_CASE("tokens and ids come from the environment's randomness") {
  mcp::ManualRuntime runtime;
  mcp::Environment& environment = runtime.environment();
  const std::string token = mcp::random_token(environment);
  CHECK(token.size() == 22);
  CHECK(token.find_first_of("+/=") == std::string::npos);
  CHECK(mcp::random_token(environment) != token);
  CHECK(mcp::random_token(environment, 32).size() == 43);

  const std::string uuid = mcp::random_uuid(environment);
  CHECK(uuid.size() == 36);
  CHECK(uuid[14] == '4');
  CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
  CHECK(uuid.find_first_not_of("0123456789abcdef-") == std::string::npos);
}
