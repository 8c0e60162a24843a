#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// Tells when files and directories change, by inotify. A burst of changes is told as one, and when
/// the kernel has lost count everything counts as changed. Its thread starts with the first one
/// that is watched. Thread-safe.
///
/// Through links a path is followed once, when watching begins; a change of the link itself is not
/// noticed. Network file systems tell nothing of what other machines do.
class FileWatcher {
 public:
  /// `changed` is called on the watcher's own thread.
  FileWatcher(std::shared_ptr<const Sandbox> sandbox,
              std::function<void(const std::string& uri)> changed);
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  /// From its return on, changes of the file are noticed, also that it comes into being or goes. A
  /// URI that is no path inside is never changed. Some system calls, no waiting.
  void watch(const std::string& uri);
  void forget(const std::string& uri);
  /// Nothing is told any more when it returns.
  void stop();
  /// As if the kernel had lost events: for tests, which can't make it.
  void lose_events();

 private:
  /// What a watch of the kernel means for a URI: any event, or one of a name in a directory.
  struct Meaning {
    std::string uri;
    std::string name;  ///< empty: any
    bool operator<(const Meaning& other) const {
      return uri != other.uri ? uri < other.uri : name < other.name;
    }
  };

  void begin(const std::string& uri);
  void end(const std::string& uri);
  void add(const Descriptor& what, Meaning meaning);
  void run();
  std::set<std::string> read_events();

  const std::shared_ptr<const Sandbox> sandbox_;
  const std::function<void(const std::string&)> changed_;
  std::mutex mutex_;
  Descriptor inotify_;
  Descriptor wake_;
  std::set<std::string> uris_;
  std::map<int, std::set<Meaning>> meanings_;  ///< by the kernel's number
  bool stopped_ = false;
  bool lost_ = false;
  std::thread thread_;
};

}  // namespace fairlead::filesystem
