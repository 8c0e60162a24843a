#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <string>
#include <vector>

// What a process takes, as Linux tells it.

double cpu_seconds(pid_t process);
/// A sum of lines of /proc/PID/smaps_rollup, such as `Rss:`, in MB.
double memory_mb(pid_t process, std::initializer_list<const char*> lines);
int threads(pid_t process);

/// A server program that prints `http://127.0.0.1:PORT/PATH` when it listens. It is ended with the
/// object.
class HttpServerProcess {
 public:
  /// Returns when it listens; throws when it ends instead.
  explicit HttpServerProcess(const std::vector<std::string>& command);
  HttpServerProcess(const HttpServerProcess&) = delete;
  HttpServerProcess& operator=(const HttpServerProcess&) = delete;
  ~HttpServerProcess();

  pid_t id() const { return id_; }
  int port() const { return port_; }
  const std::string& path() const { return path_; }

 private:
  pid_t id_ = -1;
  int output_ = -1;
  int port_ = 0;
  std::string path_ = "/";
};
