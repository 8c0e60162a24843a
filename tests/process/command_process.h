#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// A program as a person, a supervisor or a hostile peer runs it: bytes in, output read while it
/// runs, signals sent; it may sit on a terminal. Every wait ends after 60 seconds with a failed
/// test.
class CommandProcess {
 public:
  enum class On { pipes, terminal };
  enum class Errors { with_output, apart, dropped };
  enum class Environment { bare, inherited };
  struct Options {
    Errors errors = Errors::with_output;  ///< what it writes to stderr; terminals mix it
    Environment environment = Environment::bare;
    int inherits = -1;  ///< a descriptor that the process gets too
  };

  CommandProcess(const std::vector<std::string>& command, On on,
                 const Options& options = {Errors::with_output, Environment::bare, -1});
  CommandProcess(const CommandProcess&) = delete;
  CommandProcess& operator=(const CommandProcess&) = delete;
  /// Kills it when it still runs.
  ~CommandProcess();

  /// Sends it, and returns when the process has taken it.
  void signal(int number) const;
  /// To its stdin, as if typed.
  void type(std::string_view text) const;
  /// The same; false when the other side no longer reads.
  bool write(std::string_view bytes) const;
  void close_input();
  void close_output();
  /// Reads until `text` has come, and returns what was new.
  std::string read_until(std::string_view text);
  /// The next line without its end; what is left when the output has ended.
  std::string read_line();
  /// Whether it writes something within `time`.
  bool speaks_within(std::chrono::milliseconds time) const;
  /// Reads until it ends: its exit status, or minus the signal that killed it.
  int wait();
  /// All of stdout so far, with stderr unless that is apart.
  const std::string& output() const { return output_; }
  /// All of stderr, when it is apart and the process has been waited for.
  const std::string& errors() const { return errors_; }
  /// Resident memory in kilobytes.
  long resident_kilobytes() const;

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string output_;
  std::string errors_;
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
