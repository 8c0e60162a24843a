// A server for the tests of the stdio transport: sends every message back and drains at the end.
//
//   stdio_echo [--max-line BYTES] [--noise] [--close-on-end] [--close-first]

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include <unistd.h>

#include <mcp/base/runtime.h>
#include <mcp/transport/stdio.h>

namespace {

class Echo : public mcp::Transport::Handler {
 public:
  explicit Echo(bool noise, bool keep_output) : noise_(noise), keep_output_(keep_output) {}

  void message(std::string_view bytes) override {
    if (noise_) {
      // What a careless tool does: it must reach stderr, and read nothing.
      std::puts("printed by a tool");
      std::fflush(stdout);
      char stolen = 0;
      if (::read(0, &stolen, 1) > 0) std::abort();
    }
    transport->send(std::string(bytes));
  }
  void oversized(std::size_t limit) override {
    transport->send("oversized " + std::to_string(limit));
  }
  bool input_ended() override {
    if (!keep_output_) return false;
    // An answer that comes after the end of the input still goes out.
    runtime->executor().try_submit([this] {
      transport->send("after the end");
      transport->close();
    });
    return true;
  }
  void closed(const std::string& reason) override { done.set_value(reason); }

  mcp::Runtime* runtime = nullptr;
  mcp::Transport* transport = nullptr;
  std::promise<std::string> done;

 private:
  bool noise_;
  bool keep_output_;
};

}  // namespace

int main(int argc, char** argv) {
  mcp::StdioOptions options;
  bool noise = false;
  bool keep_output = true;
  bool close_first = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--max-line" && i + 1 < argc) options.max_line_bytes = std::stoul(argv[++i]);
    if (argument == "--noise") noise = true;
    if (argument == "--close-on-end") keep_output = false;
    if (argument == "--close-first") close_first = true;
  }
  Echo echo(noise, keep_output);
  const auto runtime = mcp::make_runtime();
  std::unique_ptr<mcp::Transport> transport;
  try {
    transport = mcp::make_stdio_transport(*runtime, options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 4;
  }
  echo.runtime = runtime.get();
  echo.transport = transport.get();
  if (close_first) {
    transport->send("sent before the start");
    transport->close();
    if (transport->send("sent after the end")) return 5;
  }
  transport->start(echo);
  const std::string reason = echo.done.get_future().get();
  if (reason.empty()) return 0;
  std::fprintf(stderr, "closed: %s\n", reason.c_str());
  return 3;
}
