// Both eras for a long time, with cancelled calls, clients that leave, streams and changes.
//   http_soak SECONDS COMMAND [ARGUMENT...]      by hand: 1200
// COMMAND is busy_server. Every answer must carry its question's nonce, no more and no fewer
// answers than questions come, and the server's memory stands still after the first quarter.

#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../bench/http_connection.h"
#include "../bench/mcp_requests.h"
#include "../bench/server_process.h"

namespace {

using Clock = std::chrono::steady_clock;

std::atomic<bool> stop = false;
std::atomic<bool> failed = false;
std::atomic<long> answered = 0;
std::atomic<long> cancelled = 0;
std::atomic<long> left = 0;
std::atomic<long> changes = 0;
std::atomic<long> heard = 0;

/// One client: what it does next is chosen by lot, always the same for one seed.
class Client {
 public:
  Client(const HttpServerProcess& server, Era era, unsigned seed)
      : port_(server.port()), requests_(era, server.port(), server.path()), lot_(seed) {
    connect();
  }

  void step() {
    switch (lot_() % 16) {
      case 0:
        leave();
        break;
      case 1:
      case 2:
        cancel();
        break;
      case 3:
        change();
        break;
      case 4:
        listen();
        break;
      default:
        ask(lot_() % 2 == 0 ? "echo" : "echo_stream");
    }
  }

 private:
  void connect() {
    connection_ = std::make_unique<HttpConnection>(port_);
    if (session_.empty()) session_ = requests_.open_session(*connection_);
  }

  void ask(const std::string& tool) {
    const std::string nonce = std::to_string(lot_()) + "-" + std::to_string(++last_id_);
    connection_->send(
        requests_.tool_call(last_id_, tool, R"({"text":")" + nonce + R"("})", session_));
    const auto answer = connection_->wait();
    const auto at = answer.body.find('"' + nonce + '"');
    if (answer.status != 200 || at == std::string::npos ||
        answer.body.find('"' + nonce + '"', at + 1) != std::string::npos ||
        answer.body.find("\"id\":" + std::to_string(last_id_)) == std::string::npos)
      throw std::runtime_error("a wrong answer to " + nonce + ": " + answer.head + answer.body);
    ++answered;
  }

  /// A call that would never end: in a session it is cancelled in words, else by leaving.
  void cancel() {
    connection_->send(requests_.tool_call(++last_id_, "wait", R"({"text":""})", session_));
    if (requests_.era() == Era::session) {
      HttpConnection other(port_);
      other.send(requests_.cancelled(last_id_, session_));
      if (other.wait().status != 202) throw std::runtime_error("a cancellation is not accepted");
    }
    connect();
    ++cancelled;
  }

  /// In the middle of a call that ends by itself.
  void leave() {
    connection_->send(requests_.tool_call(++last_id_, "echo_stream", R"({"text":"x"})", session_));
    connect();
    ++left;
  }

  void change() {
    connection_->send(requests_.tool_call(++last_id_, "change", "{}", session_));
    if (connection_->wait().body.find("\"changed\"") == std::string::npos)
      throw std::runtime_error("no change");
    ++changes;
  }

  /// Opens a stream, hears of a change of its own, and leaves.
  void listen() {
    HttpConnection stream(port_);
    stream.send(requests_.listen(++last_id_, session_));
    if (!stream.wait_for_stream().starts_with("HTTP/1.1 200"))
      throw std::runtime_error("no stream");
    if (requests_.era() == Era::stateless) wait_for(stream, "acknowledged");
    change();
    wait_for(stream, "notifications/tools/list_changed");
    ++heard;
  }

  static void wait_for(HttpConnection& stream, const char* text) {
    while (stream.count(text) == 0) {
      pollfd waited{stream.descriptor(), POLLIN, 0};
      if (::poll(&waited, 1, 30'000) != 1 || !stream.receive())
        throw std::runtime_error(std::string("a stream does not tell of ") + text);
    }
  }

  int port_;
  Requests requests_;
  std::mt19937 lot_;
  std::unique_ptr<HttpConnection> connection_;
  std::string session_;
  long last_id_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::fprintf(stderr, "usage: http_soak SECONDS COMMAND [ARGUMENT...]\n");
    return 2;
  }
  const double seconds = std::atof(argv[1]);
  const HttpServerProcess server({argv + 2, argv + argc});
  std::vector<std::thread> clients;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    clients.emplace_back([&server, seed] {
      try {
        Client client(server, seed % 2 == 0 ? Era::session : Era::stateless, seed);
        while (!stop && !failed) client.step();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "client %u: %s\n", seed, error.what());
        failed = true;
      }
    });
  }
  std::printf("%8s %10s %10s %10s %10s %10s %10s %8s\n", "s", "answered", "cancelled", "left",
              "changes", "heard", "RSS MB", "threads");
  const auto start = Clock::now();
  double settled = 0;
  double last = 0;
  for (int part = 1; part <= 20 && !failed; ++part) {
    std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(
                                              std::chrono::duration<double>(seconds * part / 20)));
    last = memory_mb(server.id(), {"Rss:"});
    if (part == 5) settled = last;
    std::printf("%8.0f %10ld %10ld %10ld %10ld %10ld %10.1f %8d\n", seconds * part / 20,
                answered.load(), cancelled.load(), left.load(), changes.load(), heard.load(), last,
                threads(server.id()));
    std::fflush(stdout);
  }
  stop = true;
  for (std::thread& client : clients) client.join();
  if (failed) return 1;
  if (last > settled * 1.2 + 2) throw std::runtime_error("the server grows");
} catch (const std::exception& error) {
  std::fprintf(stderr, "http_soak: %s\n", error.what());
  return 1;
}
