#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include <mcp/base/utf8.h>

#include "servers/websearch/failure.h"
#include "servers/websearch/pdf_text.h"

extern char** environ;  // NOLINT: POSIX's own

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_text = std::size_t{4} << 20U;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int get() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

class Child {
 public:
  // `in` and `out` become its standard input and output.
  Child(int in, int out) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::array<const char*, 8> arguments{"pdftotext", "-q", "-enc", "UTF-8",
                                         "-nopgbrk",  "-",  "-",    nullptr};
    const int error = posix_spawnp(&id_, "pdftotext", &actions, nullptr,
                                   const_cast<char* const*>(arguments.data()),  // NOLINT
                                   environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
      throw Failure(error == ENOENT
                        ? "This is a PDF: its text can be read where pdftotext is installed "
                          "(Debian: poppler-utils)."
                        : "This is a PDF, and pdftotext could not be started.");
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return status;
  }

 private:
  pid_t id_ = 0;
};

}  // namespace

std::string pdf_text(std::string_view pdf, const Deadline& deadline) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  // A socket for its input, because writing to one raises no signal when the reader is gone.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.data()) != 0) {
    throw Failure("There are too many open files to read a PDF.");
  }
  Descriptor to_child(in[0]);
  Descriptor child_in(in[1]);
  if (::pipe2(out.data(), O_CLOEXEC) != 0) {
    throw Failure("There are too many open files to read a PDF.");
  }
  Descriptor from_child(out[0]);
  Descriptor child_out(out[1]);
  Child child(child_in.get(), child_out.get());
  child_in.close();
  child_out.close();

  std::string text;
  std::array<char, 64 * 1024> piece{};
  for (bool ended = false; !ended && text.size() < max_text;) {
    deadline.check();
    if (deadline.passed()) {
      throw Failure("Reading the PDF took too long.", Failure::Kind::timeout);
    }
    std::array<pollfd, 2> watched{pollfd{from_child.get(), POLLIN, 0},
                                  pollfd{to_child.get(), POLLOUT, 0}};
    ::poll(watched.data(), to_child.get() >= 0 ? 2 : 1, 50);
    if ((watched[1].revents & (POLLOUT | POLLERR | POLLHUP)) != 0 && to_child.get() >= 0) {
      const ssize_t sent =
          ::send(to_child.get(), pdf.data(), pdf.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) pdf.remove_prefix(static_cast<std::size_t>(sent));
      if (pdf.empty() || (sent < 0 && errno != EAGAIN && errno != EINTR)) to_child.close();
    }
    if ((watched[0].revents & (POLLIN | POLLHUP)) != 0) {
      const ssize_t read = ::read(from_child.get(), piece.data(), piece.size());
      if (read > 0) text.append(piece.data(), static_cast<std::size_t>(read));
      ended = read == 0 || (read < 0 && errno != EINTR);
    }
  }
  from_child.close();
  const bool whole = text.size() < max_text;
  const int status = whole ? child.wait() : 0;
  if (text.empty() && status != 0) throw Failure("pdftotext does not understand this PDF.");
  return mcp::replace_invalid_utf8(text);
}

}  // namespace fairlead::websearch
