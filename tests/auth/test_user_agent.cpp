#include <doctest/doctest.h>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/user_agent.h>
#include <mcp/outbound/http_call.h>

using namespace mcp::auth;

namespace {

int status_of(const std::string& url, const std::string& method = "GET") {
  mcp::outbound::HttpRequest request;
  request.method = method;
  request.url = url;
  return mcp::outbound::http_call(request).status;
}

}  // namespace

TEST_CASE("The loopback listener takes the answer with the right state and no other") {
  std::string uri;
  int before = 0;
  LoopbackUserAgentOptions options;
  options.open = [&](const std::string&) {
    // what another page on this machine may try
    for (const std::string& query :
         {std::string(), std::string("?code=evil"), std::string("?code=evil&state=guess"),
          std::string("?code=evil&state=right&state=right")}) {
      CHECK(status_of(uri + query) == 400);
      ++before;
    }
    CHECK(status_of(uri + "?code=evil&state=right", "POST") == 404);
    CHECK(status_of(uri.substr(0, uri.rfind('/')) + "/other?code=evil&state=right") == 404);
    CHECK(status_of(uri + "?code=good&state=right&iss=https%3A%2F%2Fa") == 200);
    CHECK(status_of(uri + "?code=late&state=right") == 400);
  };
  const auto agent = make_loopback_user_agent(options);
  uri = agent->redirect_uri({});
  CHECK(uri.starts_with("http://127.0.0.1:"));
  CHECK(uri.ends_with("/callback"));
  CHECK(agent->authorize("https://login.example/authorize?client_id=x&state=right", {}) ==
        "code=good&state=right&iss=https%3A%2F%2Fa");
  CHECK(before == 4);
  // the next time at the same place, as it was registered
  CHECK(agent->redirect_uri(uri) == uri);
}

TEST_CASE("A user who never comes is not waited for without end") {
  LoopbackUserAgentOptions options;
  options.open = [](const std::string&) {};
  options.timeout = std::chrono::seconds(0);
  const auto agent = make_loopback_user_agent(options);
  agent->redirect_uri({});
  CHECK_THROWS_WITH_AS(agent->authorize("https://login.example/?state=s", {}),
                       "nobody authorized within 0 s", AuthError);
  std::stop_source stop;
  options.timeout = std::chrono::seconds(300);
  options.open = [&](const std::string&) { stop.request_stop(); };
  const auto stopped = make_loopback_user_agent(options);
  stopped->redirect_uri({});
  CHECK_THROWS_WITH_AS(stopped->authorize("https://login.example/?state=s", stop.get_token()),
                       "the authorization was cancelled", AuthError);
}

TEST_CASE("Headless: the URL is shown, the address is pasted") {
  std::string shown;
  const auto agent =
      make_pasting_user_agent([&](const std::string& text) { shown = text; },
                              [] { return std::string("http://127.0.0.1:9/callback?code=c \r"); });
  CHECK(agent->redirect_uri({}) == "http://127.0.0.1:9/callback");
  CHECK(agent->authorize("https://login.example/?state=s", {}) ==
        "http://127.0.0.1:9/callback?code=c");
  CHECK(shown.find("https://login.example/?state=s") != std::string::npos);
  const auto ended =
      make_pasting_user_agent([](const std::string&) {}, [] { return std::nullopt; });
  CHECK_THROWS_AS(ended->authorize("https://login.example/?state=s", {}), AuthError);
}

TEST_CASE("Only web pages are opened in the browser") {
  CHECK_FALSE(open_browser("file:///etc/passwd"));
  CHECK_FALSE(open_browser("javascript:alert(1)"));
  CHECK_FALSE(open_browser("-flag"));
}
