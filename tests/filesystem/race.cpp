// A program that swaps directories, files and links as fast as it can, while the server reads,
// writes, moves and deletes: nothing outside is ever read or written.
//
//     filesystem_race [CALLS]      20,000 by default; a million by hand (some minutes)

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/json.h>
#include <mcp/base/manual_runtime.h>
#include <mcp/server/connect.h>
#include <mcp/transport/memory.h>

#include "servers/filesystem/server.h"

namespace {

namespace fs = std::filesystem;
using mcp::Json;

constexpr std::string_view secret = "TOP-SECRET";

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "filesystem_race: %s\n", why.c_str());
  std::exit(1);
}

/// inside/d, inside/d/sub and inside/f.txt, each with a twin that leads outside.
class Ground {
 public:
  Ground() {
    // In memory where possible: the point is the race, not the disk.
    const char* where = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    std::string name = std::string(where) + "/fairlead-race-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) fail("no folder can be made");
    top_ = name;
    fs::create_directories(top_ / "inside/d/sub");
    fs::create_directories(top_ / "outside/sub");
    std::ofstream(top_ / "inside/f.txt") << "harmless";
    std::ofstream(top_ / "inside/d/x.txt") << "harmless";
    std::ofstream(top_ / "inside/d/sub/x.txt") << "harmless";
    std::ofstream(top_ / "outside/x.txt") << secret;
    std::ofstream(top_ / "outside/sub/x.txt") << secret;
    std::ofstream(top_ / "outside/sub/TOP-SECRET-name") << secret;
    fs::create_directory_symlink(top_ / "outside", top_ / "inside/d.twin");
    fs::create_directory_symlink("../../outside/sub", top_ / "inside/d/sub.twin");
    fs::create_symlink("../outside/x.txt", top_ / "inside/f.txt.twin");
  }
  ~Ground() {
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  std::string inside() const { return top_ / "inside"; }

  /// Swaps until it is killed.
  [[noreturn]] void swap_for_ever() const {
    const std::array<std::string, 3> names = {inside() + "/d", inside() + "/d/sub",
                                              inside() + "/f.txt"};
    for (std::size_t i = 0;; ++i) {
      const std::string& name = names[i % names.size()];
      ::renameat2(AT_FDCWD, name.c_str(), AT_FDCWD, (name + ".twin").c_str(), RENAME_EXCHANGE);
    }
  }

  /// All that can be said of what lies outside.
  std::map<std::string, std::string> outside() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(top_ / "outside")) {
      struct stat status {};
      ::lstat(entry.path().c_str(), &status);
      std::string content;
      if (entry.is_regular_file()) {
        std::ifstream in(entry.path());
        content.assign(std::istreambuf_iterator<char>(in), {});
      }
      all[entry.path()] = std::to_string(status.st_ino) + " " + std::to_string(status.st_mode) +
                          " " + std::to_string(status.st_nlink) + " " +
                          std::to_string(status.st_ctim.tv_sec) + "." +
                          std::to_string(status.st_ctim.tv_nsec) + " " + content;
    }
    return all;
  }

 private:
  fs::path top_;
};

/// A client in the same process: a call costs microseconds.
class Client : mcp::Transport::Handler {
 public:
  explicit Client(const std::string& directory) {
    std::vector<fairlead::filesystem::AllowedDirectory> opened;
    opened.push_back(fairlead::filesystem::open_allowed_directory(directory));
    server_ = fairlead::filesystem::make_server(
        std::make_shared<const fairlead::filesystem::Sandbox>(std::move(opened)));
    auto [ours, theirs] = mcp::make_memory_pair(runtime_.loop(), runtime_.loop());
    transport_ = std::move(ours);
    connection_ = std::make_unique<mcp::ServedConnection>(
        mcp::connect(*server_, runtime_, std::move(theirs)));
    transport_->start(*this);
    runtime_.run();
  }
  ~Client() override {
    transport_->close();
    runtime_.run();
  }
  const std::string& call(const char* tool, const Json& arguments) {
    answer_.clear();
    transport_->send(Json{{"jsonrpc", "2.0"},
                          {"id", 1},
                          {"method", "tools/call"},
                          {"params",
                           {{"name", tool},
                            {"arguments", arguments},
                            {"_meta",
                             {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                              {"io.modelcontextprotocol/clientCapabilities", Json::object()}}}}}}
                         .dump());
    runtime_.run();
    return answer_;
  }

 private:
  void message(std::string_view bytes) override { answer_ += bytes; }
  void oversized(std::size_t) override {}
  void closed(const std::string&) override {}

  mcp::ManualRuntime runtime_;
  std::unique_ptr<fairlead::filesystem::FilesystemServer> server_;
  std::unique_ptr<mcp::Transport> transport_;
  std::unique_ptr<mcp::ServedConnection> connection_;
  std::string answer_;
};

struct Request {
  const char* tool;
  Json arguments;
};

std::vector<Request> requests(const std::string& top) {
  const Json edit = Json::array({{{"oldText", "harmless"}, {"newText", "harmless"}}});
  return {
      {"read_text_file", {{"path", "d/x.txt"}}},
      {"read_text_file", {{"path", top + "/d/sub/x.txt"}}},
      {"read_text_file", {{"path", "f.txt"}}},
      {"read_media_file", {{"path", "d/sub/x.txt"}}},
      {"read_file_lines", {{"path", "f.txt"}}},
      {"read_text_file", {{"path", "d/sub/../sub/x.txt"}}},
      {"list_directory", {{"path", "d/sub"}}},
      {"list_directory_with_sizes", {{"path", "d"}}},
      {"directory_tree", {{"path", "."}}},
      {"search_content", {{"path", "d"}, {"pattern", "SECRET"}, {"includeIgnored", true}}},
      {"find_files", {{"path", "d"}}},
      {"get_file_info", {{"path", "d/sub/x.txt"}}},
      {"write_file", {{"path", "d/x.txt"}, {"content", "harmless"}}},
      {"write_file", {{"path", "d/sub/x.txt"}, {"content", "harmless"}}},
      {"write_file", {{"path", "f.txt"}, {"content", "harmless"}}},
      {"append_file", {{"path", "d/sub/y.txt"}, {"content", ""}}},
      {"edit_file", {{"path", "d/x.txt"}, {"edits", edit}}},
      {"create_directory", {{"path", "d/sub/made/below"}}},
      {"move_file", {{"source", "d/sub/x.txt"}, {"destination", "d/z.txt"}}},
      {"move_file", {{"source", "d/z.txt"}, {"destination", "d/sub/x.txt"}}},
      {"copy_file", {{"source", "d/sub"}, {"destination", "d/copy"}}},
      {"delete_file", {{"path", "d/copy"}}},
      {"delete_file", {{"path", "d/sub/y.txt"}}},
  };
}

}  // namespace

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 20'000;
  const Ground ground;
  const auto before = ground.outside();
  const pid_t swapper = ::fork();
  if (swapper < 0) fail("no second process");
  if (swapper == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ground.swap_for_ever();
  }
  long refused = 0;
  long done = 0;
  std::string problem;
  {
    Client client(ground.inside());
    const auto all = requests(ground.inside());
    std::mt19937 random(1);  // NOLINT: the same calls in every run
    for (long i = 0; i < count && problem.empty(); ++i) {
      const Request& request = all[random() % all.size()];
      const std::string& answer = client.call(request.tool, request.arguments);
      if (answer.find(secret) != std::string::npos) problem = answer;
      if (answer.empty()) problem = std::string("no answer to ") + request.tool;
      ++(answer.find("\"isError\":true") != std::string::npos ? refused : done);
      // What was deleted may pile up in the trash.
      if (i % 10'000 == 9'999) {
        for (const auto& entry : fs::directory_iterator(ground.inside())) {
          if (entry.path().filename().string().rfind(".Trash-", 0) != 0) continue;
          std::error_code ignored;
          fs::remove_all(entry.path() / "files", ignored);
          fs::remove_all(entry.path() / "info", ignored);
        }
      }
    }
  }
  ::kill(swapper, SIGKILL);
  ::waitpid(swapper, nullptr, 0);
  if (!problem.empty()) fail("something of outside came in: " + problem);
  if (ground.outside() != before) fail("something outside was changed");
  if (done < count / 100 || refused < count / 100)
    fail("the race was none: " + std::to_string(done) + " done, " + std::to_string(refused) +
         " refused");
  std::printf("%ld calls: %ld done, %ld refused, nothing outside was read or changed\n", count,
              done, refused);
  return 0;
}
