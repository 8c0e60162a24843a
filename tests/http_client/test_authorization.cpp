// The HTTP client and the OAuth client together.
#include <condition_variable>
#include <mutex>

#include <doctest/doctest.h>

#include <mcp/auth/oauth.h>

#include "fixture.h"
#include "guarded_server.h"

using mcp::CallError;
using mcp::Json;

namespace {

/// Answers every call; "broken" by an error that repeats what it was shown.
void serve(const RawServer::Request& request, RawServer::Connection& connection) {
  if (request.what() == "server/discover") return connection.answer(request, discovered());
  if (request.json()["params"]["name"] == "broken") {
    return connection.respond(500, "text/plain", "failed with " + request.header("authorization"));
  }
  connection.answer(request, text_result("hello"));
}

class AgreeingUser : public mcp::auth::UserAgent {
 public:
  std::string redirect_uri(const std::optional<std::string>&) override {
    return "http://127.0.0.1:9/callback";
  }
  std::string authorize(const std::string& page, std::stop_token) override {
    ++asked;
    return GuardedServer::agreed(page);
  }

  std::atomic<int> asked = 0;
};

struct AuthorizedFixture : HttpFixture {
  explicit AuthorizedFixture(const std::string& url) {
    mcp::auth::OAuthOptions oauth;
    oauth.grant = mcp::auth::AuthorizationCodeGrant{.user_agent = user};
    http.authorizer = mcp::auth::make_oauth_authorizer(*runtime, url, std::move(oauth));
  }

  std::shared_ptr<AgreeingUser> user = std::make_shared<AgreeingUser>();
};

}  // namespace

TEST_CASE("a token that expires between two calls is renewed, and the refused call repeated") {
  GuardedServer server(serve);
  AuthorizedFixture fixture(server.raw.url());
  auto client = fixture.connect(server.raw.url());
  CHECK(text_of(client.call_tool("a")) == "hello");
  server.expire();
  CHECK(text_of(client.call_tool("a")) == "hello");
  CHECK(fixture.user->asked == 1);
  CHECK(server.grants("authorization_code") == 1);
  CHECK(server.grants("refresh_token") == 1);
  const auto calls = server.raw.requests("tools/call");
  REQUIRE(calls.size() == 3);
  CHECK(calls[1].header("authorization") == "Bearer geheim-token-1");  // refused: it did not run
  CHECK(calls[2].header("authorization") == "Bearer geheim-token-2");
}

TEST_CASE("calls that are refused at the same time share one renewal") {
  GuardedServer server(serve);
  AuthorizedFixture fixture(server.raw.url());
  auto client = fixture.connect(server.raw.url());
  server.expire();
  std::mutex mutex;
  std::condition_variable changed;
  int answered = 0;
  int good = 0;
  for (int i = 0; i < 20; ++i) {
    client.call_tool("a", Json::object(), {}, [&](const mcp::Outcome<mcp::ToolResult>& outcome) {
      const std::lock_guard lock(mutex);
      ++answered;
      good += outcome.ok() ? 1 : 0;
      changed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  CHECK(changed.wait_for(lock, std::chrono::seconds(30), [&] { return answered == 20; }));
  CHECK(good == 20);
  CHECK(server.grants("refresh_token") == 1);
  CHECK(fixture.user->asked == 1);
}

TEST_CASE("no token, code or key gets into an error, whatever a server repeats") {
  GuardedServer server(serve);
  AuthorizedFixture fixture(server.raw.url());
  fixture.http.headers = {{"X-Api-Key", "geheim-api-key"}};
  auto client = fixture.connect(server.raw.url());
  std::vector<std::string> errors;
  const auto broken = failure([&] { client.call_tool("broken"); });
  CHECK(contains(broken.what(), "HTTP 500: failed with Bearer …"));
  errors.emplace_back(broken.what());

  server.expire();
  for (int status : {400, 401, 500}) {
    server.token_failure = status;
    const auto refused = failure([&] { client.call_tool("a"); });
    CHECK(refused.kind() == CallError::Kind::refused);
    errors.emplace_back(refused.what());
  }
  errors.insert(errors.end(), fixture.violations.begin(), fixture.violations.end());
  for (const std::string& error : errors) CHECK_FALSE_MESSAGE(contains(error, "geheim"), error);
}
