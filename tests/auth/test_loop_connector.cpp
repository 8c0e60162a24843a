#include <condition_variable>
#include <mutex>
#include <stop_token>

#include <doctest/doctest.h>

#include <mcp/auth/loop_connector.h>
#include <mcp/outbound/loopback_server.h>

using namespace mcp::outbound;
using std::chrono::milliseconds;

namespace {

/// Opens once.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

struct World {
  std::unique_ptr<mcp::Runtime> runtime = mcp::make_runtime();
  mcp::auth::Connector call = mcp::auth::make_loop_connector(*runtime);
  std::string failed;

  HttpError::Kind failure(const HttpRequest& request, const HttpOptions& options = {},
                          std::stop_token stop = {}) {
    try {
      call(request, options, std::move(stop));
    } catch (const HttpError& error) {
      failed = error.what();
      return error.kind();
    }
    FAIL("the call did not fail");
    return HttpError::Kind::broken;
  }
};

std::string url_of(const LoopbackServer& server, const std::string& path = "/") {
  return "http://127.0.0.1:" + std::to_string(server.port()) + path;
}

}  // namespace

TEST_CASE("a call on the loop sends method, headers and body, and gives status, headers and body") {
  LoopbackServer::Request seen;
  const LoopbackServer server(0, [&](const LoopbackServer::Request& request) {
    seen = request;
    return LoopbackServer::Response{201, {{"X-Thing", "7"}}, "text/plain", "made", {}};
  });
  World world;
  const auto response =
      world.call({"POST", url_of(server, "/a%20b?c=d"), {{"X-Key", "k"}}, "hello"}, {}, {});
  CHECK(response.status == 201);
  CHECK(response.body == "made");
  CHECK(response.header("x-thing") == "7");
  CHECK(seen.method == "POST");
  CHECK(seen.path == "/a b");
  CHECK(seen.query == "c=d");
  CHECK(seen.headers.at("x-key") == "k");
  CHECK(seen.body == "hello");
}

TEST_CASE("a redirect and an error are responses of a call on the loop") {
  const LoopbackServer server(0, [&](const LoopbackServer::Request& request) {
    if (request.path == "/moved")
      return LoopbackServer::Response{307, {{"Location", "/here"}}, "text/plain", "", {}};
    return LoopbackServer::Response{503, {}, "text/plain", "busy", {}};
  });
  World world;
  const auto moved = world.call({"GET", url_of(server, "/moved"), {}, {}}, {}, {});
  CHECK(moved.status == 307);
  CHECK(moved.header("location") == "/here");
  CHECK(world.call({"GET", url_of(server), {}, {}}, {}, {}).status == 503);
}

TEST_CASE("a name that was judged is called at its pinned address") {
  std::string host;
  const LoopbackServer server(0, [&](const LoopbackServer::Request& request) {
    host = request.headers.at("host");
    return LoopbackServer::Response{200, {}, "text/plain", "at home", {}};
  });
  World world;
  HttpOptions options;
  options.pinned_address = "127.0.0.1";
  options.use_environment_proxy = false;
  const std::string authority = "login.example:" + std::to_string(server.port());
  CHECK(world.call({"GET", "http://" + authority + "/", {}, {}}, options, {}).body == "at home");
  CHECK(host == authority);
}

TEST_CASE("a call on the loop is bounded in bytes and time, and says why it failed") {
  Gate gate;
  const LoopbackServer server(0, [&](const LoopbackServer::Request& request) {
    if (request.path == "/never") gate.wait();
    return LoopbackServer::Response{200, {}, "text/plain", "0123456789", {}};
  });
  World world;
  HttpOptions options;
  options.max_body_bytes = 10;
  CHECK(world.call({"GET", url_of(server), {}, {}}, options, {}).body == "0123456789");
  options.max_body_bytes = 9;
  CHECK(world.failure({"GET", url_of(server), {}, {}}, options) == HttpError::Kind::too_large);
  CHECK(world.failed == "the response is larger than 9 bytes");

  options = {};
  options.headers_timeout = milliseconds(1);
  CHECK(world.failure({"GET", url_of(server, "/never"), {}, {}}, options) ==
        HttpError::Kind::broken);
  CHECK(world.failed == "no response came in time");
  options = {};
  options.total_timeout = milliseconds(1);
  CHECK(world.failure({"GET", url_of(server, "/never"), {}, {}}, options) ==
        HttpError::Kind::timeout);
  CHECK(world.failed == "the call took longer than 1 ms");
  gate.open();

  CHECK(world.failure({"GET", "ftp://login.example/", {}, {}}) == HttpError::Kind::bad_request);
  options = {};
  options.allow_loopback = false;
  CHECK(world.failure({"GET", url_of(server), {}, {}}, options) == HttpError::Kind::bad_request);
}

TEST_CASE("a call on the loop ends when it is stopped") {
  Gate gate;
  std::stop_source stop;
  const LoopbackServer server(0, [&](const LoopbackServer::Request&) {
    stop.request_stop();  // the call is under way now
    gate.wait();
    return LoopbackServer::Response{};
  });
  World world;
  CHECK(world.failure({"GET", url_of(server), {}, {}}, {}, stop.get_token()) ==
        HttpError::Kind::cancelled);
  CHECK(world.failed == "the call was cancelled");
  gate.open();
}

TEST_CASE("a call on the loop to nobody says that nobody is there") {
  std::string url;
  {
    const LoopbackServer server(
        0, [](const LoopbackServer::Request&) { return LoopbackServer::Response{}; });
    url = url_of(server);
  }
  World world;
  CHECK(world.failure({"GET", url, {}, {}}) == HttpError::Kind::connect);
}
