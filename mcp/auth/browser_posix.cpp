#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <thread>

#include <mcp/auth/user_agent.h>
#include <mcp/outbound/url.h>

namespace mcp::auth {

bool open_browser(const std::string& url) {
  // Another scheme would let an authorization server start any program that handles one.
  if (!outbound::parse_http_url(url)) return false;
#ifdef __APPLE__
  const char* const command = "open";
#else
  const char* const command = "xdg-open";
#endif
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // What the browser says must not get into a protocol on stdout.
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  std::string program = command;
  std::string argument = url;
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, command, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return false;
  // Some stay until the browser is closed.
  std::thread([child] { ::waitpid(child, nullptr, 0); }).detach();
  return true;
}

}  // namespace mcp::auth
