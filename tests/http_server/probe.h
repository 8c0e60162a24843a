#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../process/command_process.h"

/// The server program http_probe.
class Probe : public CommandProcess {
 public:
  explicit Probe(std::vector<std::string> arguments)
      : CommandProcess(command(std::move(arguments)), On::pipes) {}

  /// Where it listens, once it does.
  std::uint16_t port() {
    read_until("listening on http://127.0.0.1:");
    return static_cast<std::uint16_t>(std::stoi(read_line()));
  }

 private:
  static std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), HTTP_PROBE);
    return arguments;
  }
};
