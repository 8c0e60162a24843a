#include <client/cli/failure.h>

#include <cstdio>

#include <client/cli/terminal_json.h>
#include <client/cli/terminal_text.h>

namespace fairlead::agent {

void print_failure(const std::string& message, int exit_code, bool json) {
  if (!json) {
    std::fprintf(stderr, "fairlead: %s\n", error_text(message).c_str());
    return;
  }
  const Json error{{"event", "error"}, {"exit_code", exit_code}, {"message", error_text(message)}};
  std::puts(terminal_json_line(error).c_str());
}

}  // namespace fairlead::agent
