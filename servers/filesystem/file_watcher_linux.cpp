#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "servers/filesystem/failure.h"
#include "servers/filesystem/file_uri.h"
#include "servers/filesystem/file_watcher.h"

namespace fairlead::filesystem {
namespace {

constexpr std::uint32_t events = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE |
                                 IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
// What happens within it is told together.
constexpr int burst_milliseconds = 100;

/// Signals are for the threads that wait for them.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

FileWatcher::FileWatcher(std::shared_ptr<const Sandbox> sandbox,
                         std::function<void(const std::string&)> changed)
    : sandbox_(std::move(sandbox)), changed_(std::move(changed)) {}

FileWatcher::~FileWatcher() {
  stop();
}

void FileWatcher::watch(const std::string& uri) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  if (!inotify_) {
    inotify_ = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    wake_ = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!inotify_ || !wake_) {  // no room for one more: nothing is told, and the next one tries
      inotify_ = {};
      return;
    }
    const NoSignals blocked;
    thread_ = std::thread([this] { run(); });
  }
  uris_.insert(uri);
  begin(uri);
}

void FileWatcher::forget(const std::string& uri) {
  const std::lock_guard lock(mutex_);
  uris_.erase(uri);
  end(uri);
}

void FileWatcher::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (wake_) static_cast<void>(::eventfd_write(wake_.get(), 1));
  }
  if (thread_.joinable()) thread_.join();
}

void FileWatcher::lose_events() {
  const std::lock_guard lock(mutex_);
  lost_ = true;
  if (wake_) static_cast<void>(::eventfd_write(wake_.get(), 1));
}

/// The place itself and its name in the directory above, so that it is noticed when it comes, goes
/// or is replaced.
void FileWatcher::begin(const std::string& uri) {
  const auto path = path_of(uri);
  if (!path) return;
  try {
    const Place place = sandbox_->find(*path);
    if (!place.is_allowed_directory()) add(place.directory, {uri, place.name});
    if (!place.exists) return;
    const Descriptor itself(
        ::openat(place.directory.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (itself) add(itself, {uri, {}});
  } catch (const Failure&) {
    // It leads nowhere inside.
  }
}

void FileWatcher::add(const Descriptor& what, Meaning meaning) {
  // By the descriptor, not by a path that may lead elsewhere by now.
  const std::string opened = "/proc/self/fd/" + std::to_string(what.get());
  const int number = ::inotify_add_watch(inotify_.get(), opened.c_str(), events);
  if (number >= 0) meanings_[number].insert(std::move(meaning));
}

void FileWatcher::end(const std::string& uri) {
  for (auto at = meanings_.begin(); at != meanings_.end();) {
    std::erase_if(at->second, [&uri](const Meaning& meaning) { return meaning.uri == uri; });
    if (at->second.empty()) {
      ::inotify_rm_watch(inotify_.get(), at->first);
      at = meanings_.erase(at);
    } else {
      ++at;
    }
  }
}

/// The URIs whose files have changed, which are followed anew: there may be another file by now.
std::set<std::string> FileWatcher::read_events() {
  std::set<std::string> changed;
  if (std::exchange(lost_, false)) changed = uris_;
  alignas(inotify_event) std::array<char, 64 << 10> buffer;
  for (;;) {
    const ssize_t length = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) break;
    for (ssize_t at = 0; at < length;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof(event));
      const char* name = buffer.data() + at + sizeof(event);
      at += static_cast<ssize_t>(sizeof(event) + event.len);
      if ((event.mask & IN_Q_OVERFLOW) != 0) {
        changed = uris_;
        continue;
      }
      const auto found = meanings_.find(event.wd);
      if (found == meanings_.end()) continue;
      for (const Meaning& meaning : found->second) {
        const bool of_itself = event.len == 0;
        if (meaning.name.empty() || of_itself || meaning.name == name) changed.insert(meaning.uri);
      }
      if ((event.mask & IN_IGNORED) != 0) meanings_.erase(found);  // what it watched is gone
    }
  }
  for (const auto& uri : changed) {
    end(uri);
    begin(uri);
  }
  return changed;
}

void FileWatcher::run() {
  std::array<pollfd, 2> ready{{{wake_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}}};
  for (;;) {
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return;
    eventfd_t woken = 0;
    static_cast<void>(::eventfd_read(wake_.get(), &woken));
    std::set<std::string> changed;
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return;
      changed = read_events();
    }
    if (changed.empty()) continue;
    for (const auto& uri : changed) changed_(uri);
    ::poll(ready.data(), 1, burst_milliseconds);
  }
}

}  // namespace fairlead::filesystem
