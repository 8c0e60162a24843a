#include <mcp/transport/spawn_posix.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mcp {
namespace {

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

/// Clear of 0 to 2, which the child's ends are copied onto, also when this program closed its own.
Descriptor clear_of_standard(int fd) {
  Descriptor original(fd);
  if (fd > 2) return original;
  Descriptor moved(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!moved) fail(errno, "cannot make a pipe");
  return moved;
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno, "cannot make a pipe");
  Descriptor write(ends[1]);
  Pipe pipe{.read = clear_of_standard(ends[0]), .write = {}};
  pipe.write = clear_of_standard(write.release());
  return pipe;
}

bool is_needed_to_run(std::string_view name) {
  for (const std::string_view needed :
       {"HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER"}) {
    if (name == needed) return true;
  }
  return name.starts_with("LC_");
}

std::map<std::string, std::string> environment_of(const ChildProcessOptions& options) {
  std::map<std::string, std::string> environment = options.environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    if (!options.inherit_environment && !is_needed_to_run(name)) continue;
    environment.emplace(name, text.substr(equals + 1));
  }
  return environment;
}

bool is_program(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

/// As the shell finds it; the command itself when it is not found, for the system to refuse.
std::string find_program(const std::string& command,
                         const std::map<std::string, std::string>& environment) {
  if (command.find('/') != std::string::npos) return command;
  const auto entry = environment.find("PATH");
  std::string_view rest =
      entry != environment.end() ? std::string_view(entry->second) : "/usr/local/bin:/usr/bin:/bin";
  for (;;) {
    const std::size_t colon = rest.find(':');
    std::string path(rest.substr(0, colon));
    if (path.empty()) path = ".";
    path += '/';
    path += command;
    if (is_program(path)) return path;
    if (colon == std::string_view::npos) return {};
    rest.remove_prefix(colon + 1);
  }
}

/// The actions and attributes of posix_spawn, freed in the end.
struct SpawnSettings {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
};

void refuse_zero_bytes(const std::string& text, const std::string& what) {
  if (text.find('\0') != std::string::npos) fail(EINVAL, what + " holds a zero byte");
}

}  // namespace

SpawnedProcess spawn(const ChildProcessOptions& options) {
  const std::string failure = "cannot start '" + options.command + "'";
  refuse_zero_bytes(options.command, failure + ": the command");
  for (const std::string& argument : options.arguments) {
    refuse_zero_bytes(argument, failure + ": an argument");
  }
  const auto environment = environment_of(options);
  for (const auto& [name, value] : environment) {
    if (name.empty() || name.find('=') != std::string::npos) {
      fail(EINVAL, failure + ": the environment variable name '" + name + "' is not possible");
    }
    refuse_zero_bytes(name + value, failure + ": an environment variable");
  }
  const std::string program = find_program(options.command, environment);
  if (program.empty()) fail(ENOENT, failure);
  if (!options.working_directory.empty()) {
    // Here, because the system's refusal would not say which of the two paths was wrong.
    struct stat status {};
    const std::string what = failure + " in the directory '" + options.working_directory + "'";
    if (::stat(options.working_directory.c_str(), &status) != 0) fail(errno, what);
    if (!S_ISDIR(status.st_mode)) fail(ENOTDIR, what);
  }

  std::vector<std::string> words{options.command};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> assignments;
  for (const auto& [name, value] : environment) assignments.push_back(name + "=" + value);
  std::vector<char*> variables;
  for (std::string& assignment : assignments) variables.push_back(assignment.data());
  variables.push_back(nullptr);

  Pipe input = make_pipe();
  Pipe output = make_pipe();
  Pipe error = make_pipe();

  SpawnSettings settings;
  posix_spawn_file_actions_adddup2(&settings.actions, input.read.get(), 0);
  posix_spawn_file_actions_adddup2(&settings.actions, output.write.get(), 1);
  posix_spawn_file_actions_adddup2(&settings.actions, error.write.get(), 2);
  // Whatever this program opened without close-on-exec is none of the child's business.
  posix_spawn_file_actions_addclosefrom_np(&settings.actions, 3);
  if (!options.working_directory.empty()) {
    posix_spawn_file_actions_addchdir_np(&settings.actions, options.working_directory.c_str());
  }
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setpgroup(&settings.attributes, 0);
  posix_spawnattr_setflags(&settings.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int result = ::posix_spawn(&pid, program.c_str(), &settings.actions, &settings.attributes,
                                   arguments.data(), variables.data());
  if (result != 0) fail(result, failure);
  return {.pid = pid,
          .standard_input = std::move(input.write),
          .standard_output = std::move(output.read),
          .standard_error = std::move(error.read)};
}

}  // namespace mcp
