// What the keys of a terminal do at the prompt of a chat, in builds with libedit.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../process/command_process.h"

using On = CommandProcess::On;

namespace {

constexpr const char* up = "\x1b[A";
constexpr const char* left = "\x1b[D";
constexpr const char* erase = "\x7f";

/// A state folder of its own, where the history is kept.
struct StateFolder {
  StateFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "fairlead-state-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;
  ~StateFolder() { std::filesystem::remove_all(path); }

  std::vector<std::string> chat() const {
    return {"/usr/bin/env",   "TERM=xterm", "XDG_STATE_HOME=" + path.string(),
            FAIRLEAD_COMMAND, "chat",       "--model",
            "first",          "--gateway",  "http://127.0.0.1:1"};
  }

  std::filesystem::path path;
};

}  // namespace

TEST_CASE("the arrow keys bring a line back and edit it, also in the next chat") {
  const StateFolder state;
  {
    CommandProcess chat(state.chat(), On::terminal);
    chat.read_until("> ");
    chat.type("/model alpha\n");
    chat.read_until("model: alpha\r\n");
    chat.read_until("> ");
    chat.type("/model beta\n");
    chat.read_until("model: beta\r\n");
    chat.read_until("> ");
    // The line before the last, with its last letter changed and one put before that.
    chat.type(std::string(up) + up + erase + "Z" + left + "y\n");
    chat.read_until("model: alphyZ\r\n");
    chat.read_until("> ");
    chat.type("\x04");
    CHECK(chat.wait() == 0);
  }
  const auto history = state.path / "fairlead" / "history";
  CHECK(std::filesystem::status(history).permissions() == std::filesystem::perms(0600));
  CommandProcess chat(state.chat(), On::terminal);
  chat.read_until("> ");
  chat.type(std::string(up) + "\n");
  chat.read_until("model: alphyZ\r\n");
  chat.read_until("> ");
  chat.type("/exit\n");
  CHECK(chat.wait() == 0);
}
