#pragma once

#include <memory>
#include <stop_token>

namespace fairlead::agent {

/// Turns Ctrl-C into a stop request for what runs now, or into an interrupted line at the prompt.
/// A second Ctrl-C during the same work ends the program. One object, made in `main` before any
/// other thread: every thread made later leaves the signal to it.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  /// A fresh token for the next piece of work; Ctrl-C stops it from now on.
  std::stop_token begin_work();
  /// Ctrl-C interrupts the main thread's read from now on.
  void end_work();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::agent
