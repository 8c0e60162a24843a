#pragma once

#include <memory>
#include <stop_token>

namespace fairlead::agent {

/// Turns signals into an end in order, so that no server is left behind: a signal requests the stop
/// of what runs now, or interrupts the main thread's read at a prompt.
///
/// Ctrl-C (SIGINT) ends the present work only; a second one during the same work, SIGTERM and
/// SIGHUP end the program, which is to stop all work and return from `main`. A program that has not
/// done so after 15 seconds is ended. A hang-up that is ignored from the start (nohup) stays so.
///
/// One object, made in `main` before any other thread: every thread made later leaves the signals
/// to it.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  /// A fresh token for the next piece of work; stopped already when the program is to end.
  std::stop_token begin_work();
  /// Signals interrupt the main thread's read from now on: again and again, since it may not have
  /// begun to read yet, until it says so with `read_interrupted`.
  void end_work();
  /// The main thread's read ended because of a signal.
  void read_interrupted();
  /// Whether the program is to end.
  bool ending() const;
  /// 128 + the number of the signal that ended the present work or the program; 0 when none did.
  int exit_code() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::agent
