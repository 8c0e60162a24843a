#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp/base/event_stream.h>
#include <mcp/base/json.h>
#include <mcp/base/manual_runtime.h>
#include <mcp/server/engine.h>
#include <mcp/server/http_endpoint.h>
#include <mcp/transport/http_connection.h>

#include "require.h"

// Bytes into a connection of the HTTP server: the reader of requests, the checks of headers, both
// eras and the transport of 2024-11-05, in virtual time and without a socket.
//
// The first byte says into what pieces the bytes are cut (0: one). The second says what they are:
// even, what one client sends; odd, requests separated by NUL, and clients separated by the byte 1,
// whose head and length the target writes, so that bodies get past the reader: method and path,
// lines of headers, an empty line, the body.
//
// Whatever comes: what goes out is well-formed HTTP with well-formed JSON in it, it does not depend
// on the pieces, nothing is left of who has gone, and the next client is served.

namespace {

using mcp::Json;

struct Word {
  std::string word;
};
struct Sure {
  bool sure;
};

/// The tasks of one world after the other.
class FreshTasks final : public mcp::TaskStore {
 public:
  void forget() { tasks_ = mcp::make_memory_task_store(); }
  void insert(mcp::StoredTask task, Now now) override { tasks_->insert(std::move(task), now); }
  std::optional<mcp::StoredTask> find(const std::string& id, Now now) override {
    return tasks_->find(id, now);
  }
  void update(const mcp::StoredTask& task, Now now) override { tasks_->update(task, now); }
  void erase(const std::string& id) override { tasks_->erase(id); }
  std::vector<mcp::StoredTask> list(const std::string& owner, const std::string& after,
                                    std::size_t count, Now now) override {
    return tasks_->list(owner, after, count, now);
  }

 private:
  std::shared_ptr<mcp::TaskStore> tasks_;
};

/// Made once: it takes longer than most inputs.
struct Served {
  Served() {
    server.tool("echo", "Repeats", [](const Word& in) { return mcp::text(in.word); });
    server.tool("tell", "Tells", [](const Word& in, mcp::Context& ctx) {
      ctx.log(mcp::LoggingLevel::info, in.word);
      ctx.progress(0.5, in.word);
      return mcp::text("told");
    });
    server.tool("ask", "Asks", [](const Word& in, mcp::Context& ctx) {
      const auto answer = ctx.elicit<Sure>("sure", "Sure of " + in.word + "?");
      return mcp::text(answer.accepted() && answer->sure ? "sure" : "not sure");
    });
    server.tool("later", "Goes on",
                [](const Word&, mcp::Context& ctx) {
                  ctx.continue_as_task();
                  return mcp::text("done");
                },
                {.task_support = mcp::TaskSupport::optional});
    server.tool(
        {.name = "mirrored",
         .input_schema = {{"type", "object"},
                          {"properties",
                           {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}}}}}},
        [](const Json& arguments, mcp::Context&) {
          return mcp::text(arguments.value("region", "none"));
        });
    server.resource({.uri = "note://one", .name = "one"},
                    [](const mcp::ResourceRequest& request, mcp::Context&) {
                      return mcp::ReadResourceResult{{{.uri = request.uri, .text = "a note"}}};
                    });
    server.prompt({.name = "greet"}, [](const std::map<std::string, std::string>&, mcp::Context&) {
      return mcp::PromptResult{};
    });
  }
  const std::shared_ptr<FreshTasks> tasks = std::make_shared<FreshTasks>();
  mcp::Server server{{.name = "fuzzed", .version = "1"},
                     {.page_size = 2,
                      .state_keys = {"always the same, for the same bytes"},
                      .tasks = tasks,
                      .log = [](mcp::LogSeverity, std::string_view line) {
                        FUZZ_REQUIRE(!line.starts_with("internal error"));
                      }}};
};

Served& served() {
  static Served all;
  all.tasks->forget();
  return all;
}

/// The other end of a connection.
struct Line {
  std::shared_ptr<mcp::HttpSocket::Owner> owner;
  std::string out;
  bool paused = false;
  bool ended = false;
};

class Socket final : public mcp::HttpSocket {
 public:
  explicit Socket(std::shared_ptr<Line> line) : line_(std::move(line)) {}
  void start(std::shared_ptr<Owner> owner) override { line_->owner = std::move(owner); }
  void write(std::string bytes) override {
    FUZZ_REQUIRE(!line_->ended);
    line_->out += bytes;
  }
  std::size_t queued() const override { return 0; }
  std::size_t sent() const override { return line_->out.size(); }
  void pause_reading() override { line_->paused = true; }
  void resume_reading() override { line_->paused = false; }
  void expect_little() override {}
  void end_output() override { line_->ended = true; }
  void close() override {
    line_->ended = true;
    line_->owner.reset();
  }

 private:
  const std::shared_ptr<Line> line_;
};

/// Whether a client is told to go on depends on how much of its body has come already.
std::string without_continue(std::string out) {
  const std::string_view told = "HTTP/1.1 100 Continue\r\n\r\n";
  for (std::size_t at = 0; (at = out.find(told, at)) != std::string::npos;)
    out.erase(at, told.size());
  return out;
}

/// A server and its clients.
class World {
 public:
  World() {
    state_->closed = [](mcp::HttpConnection&) {};
    state_->date = "Thu, 01 Jan 2026 00:00:00 GMT";
  }
  ~World() {
    runtime_.loop().post([this] { endpoint_.reset(); });
    runtime_.run();
  }

  /// Clients that come one after the other and stay until the last has said everything: what each
  /// is told.
  std::vector<std::string> answers(const std::vector<std::string>& clients, std::size_t piece) {
    std::vector<std::shared_ptr<Line>> lines;
    for (std::string_view bytes : clients) {
      const auto& line = lines.emplace_back(std::make_shared<Line>());
      on_loop([&] {
        std::make_shared<mcp::HttpConnection>(state_, std::make_unique<Socket>(line), "127.0.0.1")
            ->start();
      });
      while (!bytes.empty() && line->owner && !line->paused) {
        const std::string_view now = bytes.substr(0, piece);
        bytes.remove_prefix(now.size());
        on_loop([&, owner = line->owner] { owner->received(now); });
      }
    }
    std::vector<std::string> told;
    for (const auto& line : lines) {
      on_loop([&] {
        if (const auto owner = std::exchange(line->owner, nullptr)) owner->gone();
      });
      told.push_back(without_continue(line->out));
    }
    return told;
  }

 private:
  void on_loop(const std::function<void()>& what) {
    runtime_.loop().post([&] { what(); });
    runtime_.run();
  }

  Served& served_ = served();
  mcp::ManualRuntime runtime_;
  const std::shared_ptr<mcp::server::Engine> engine_ =
      mcp::server::Engine::create(served_.server, runtime_);
  std::unique_ptr<mcp::server::HttpEndpoint> endpoint_ =
      std::make_unique<mcp::server::HttpEndpoint>(engine_, mcp::HttpOptions{.legacy_sse = true});
  const std::shared_ptr<mcp::HttpServerState> state_ = std::make_shared<mcp::HttpServerState>(
      runtime_.loop(), *endpoint_,
      mcp::HttpServerLimits{.header_bytes = 4096, .header_fields = 32, .body_bytes = 65536});
};

/// Up to the separator, which is taken away, too.
std::string_view next(std::string_view& text, std::string_view separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + separator.size());
  return part;
}

std::string framed_request(std::string_view text) {
  std::string_view head = next(text, "\n\n");
  std::string_view target = "POST /mcp";
  if (head.substr(0, head.find('\n')).find(" /") != std::string_view::npos)
    target = next(head, "\n");
  std::string wire(target);
  wire += " HTTP/1.1\r\nHost: localhost\r\n";
  if (target.starts_with("POST")) wire += "Content-Type: application/json\r\n";
  while (!head.empty()) wire += std::string(next(head, "\n")) + "\r\n";
  if (!text.empty()) wire += "Content-Length: " + std::to_string(text.size()) + "\r\n";
  return wire + "\r\n" + std::string(text);
}

/// What clients send when the text says only what matters.
std::vector<std::string> framed(std::string_view text) {
  std::vector<std::string> clients;
  while (!text.empty() && clients.size() < 8) {
    std::string_view requests = next(text, "\x01");
    std::string& client = clients.emplace_back();
    while (!requests.empty()) client += framed_request(next(requests, std::string_view("\0", 1)));
  }
  return clients;
}

std::string_view value_of(std::string_view head, std::string_view name) {
  const std::size_t at = head.find(std::string("\r\n") + std::string(name) + ": ");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = head.substr(at + name.size() + 4);
  return rest.substr(0, rest.find("\r\n"));
}

void check_events(std::string_view bytes) {
  mcp::EventStreamParser parser;
  parser.feed(bytes, [](const mcp::StreamEvent& event) {
    if (event.type != "endpoint" && !event.data.empty()) FUZZ_REQUIRE(Json::accept(event.data));
  });
}

/// The chunks joined; `bytes` goes on behind them.
std::string unchunked(std::string_view& bytes) {
  std::string joined;
  for (;;) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), size, 16);
    if (bytes.empty()) return joined;  // the client has gone
    FUZZ_REQUIRE(error == std::errc{});
    bytes.remove_prefix(static_cast<std::size_t>(end - bytes.data()));
    FUZZ_REQUIRE(bytes.size() >= size + 4 && bytes.starts_with("\r\n"));
    joined += bytes.substr(2, size);
    FUZZ_REQUIRE(bytes.substr(size + 2, 2) == "\r\n");
    bytes.remove_prefix(size + 4);
    if (size == 0) return joined;
  }
}

/// `has_bodies` unless a request was a HEAD.
void check_answers(std::string_view out, bool has_bodies) {
  while (!out.empty()) {
    const std::size_t head_end = out.find("\r\n\r\n");
    FUZZ_REQUIRE(out.starts_with("HTTP/1.1 ") && head_end != std::string_view::npos);
    const std::string_view head = out.substr(0, head_end + 2);
    FUZZ_REQUIRE(head.find('\0') == std::string_view::npos);
    out.remove_prefix(head_end + 4);
    if (head.starts_with("HTTP/1.1 100 ") || head.starts_with("HTTP/1.1 204 ")) continue;
    if (!has_bodies) return;
    if (value_of(head, "Transfer-Encoding") == "chunked") {
      check_events(unchunked(out));
    } else if (const std::string_view length = value_of(head, "Content-Length"); !length.empty()) {
      const std::size_t size = std::stoul(std::string(length));
      FUZZ_REQUIRE(out.size() >= size);
      if (value_of(head, "Content-Type").starts_with("application/json") && size != 0)
        FUZZ_REQUIRE(Json::accept(out.substr(0, size)));
      out.remove_prefix(size);
    } else {  // a stream for HTTP/1.0: until the end
      check_events(out);
      return;
    }
  }
}

/// A head that can't be right is refused when it is seen in one piece, and else when its end comes.
bool still_waits(std::string_view in_pieces, std::string_view at_once) {
  if (!at_once.starts_with(in_pieces)) return false;
  const std::string_view refusal = at_once.substr(in_pieces.size());
  return (refusal.starts_with("HTTP/1.1 400 ") || refusal.starts_with("HTTP/1.1 505 ")) &&
         refusal.find("this is no HTTP/1.1 request") != std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view given(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto clients =
      data[1] % 2 == 0 ? std::vector<std::string>{std::string(given)} : framed(given);
  World world;
  const auto told = world.answers(clients, std::string::npos);
  for (std::size_t index = 0; index < told.size(); ++index)
    check_answers(told[index], clients[index].find("HEAD ") == std::string::npos);
  const std::string metrics =
      world.answers({"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"}, std::string::npos)[0];
  FUZZ_REQUIRE(metrics.starts_with("HTTP/1.1 200 ") &&
               metrics.find("\nmcp_http_open_streams 0\n") != std::string::npos);
  if (data[0] == 0) return 0;
  const auto told_in_pieces = World().answers(clients, data[0]);
  for (std::size_t index = 0; index < told.size(); ++index)
    FUZZ_REQUIRE(told_in_pieces[index] == told[index] ||
                 still_waits(told_in_pieces[index], told[index]));
  return 0;
}
