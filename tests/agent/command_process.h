#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// The command as a person or a supervisor runs it: output is read while it runs, signals may be
/// sent, and it may sit on a terminal. Every wait ends after 60 seconds with a failed test.
class CommandProcess {
 public:
  enum class On { pipes, terminal };

  CommandProcess(const std::vector<std::string>& command, On on);
  CommandProcess(const CommandProcess&) = delete;
  CommandProcess& operator=(const CommandProcess&) = delete;
  /// Kills it when it still runs.
  ~CommandProcess();

  /// Sends it, and returns when the process has taken it.
  void signal(int number) const;
  /// To its stdin, as if typed.
  void type(std::string_view text) const;
  /// Reads stdout and stderr until `text` has come, and returns what was new.
  std::string read_until(std::string_view text);
  /// Reads until it ends: its exit status, or minus the signal that killed it.
  int wait();
  /// All of stdout and stderr so far.
  const std::string& output() const { return output_; }

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  std::string output_;
  std::size_t seen_ = 0;
};

/// A named pipe in which processes tell what happens to them. It ends when the last of them has.
class EventPipe {
 public:
  EventPipe();
  EventPipe(const EventPipe&) = delete;
  EventPipe& operator=(const EventPipe&) = delete;
  ~EventPipe();

  const std::string& path() const { return path_; }
  /// The next line; empty when the last process that had the pipe open has ended.
  std::string next();

 private:
  std::string folder_;
  std::string path_;
  int pipe_ = -1;
  std::string pending_;
};
