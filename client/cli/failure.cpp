#include <client/cli/failure.h>

#include <cstdio>

#include <client/cli/terminal_text.h>
#include <client/model/foreign_json.h>

namespace fairlead::agent {

void print_failure(const std::string& message, int exit_code, bool json) {
  if (!json) {
    std::fprintf(stderr, "fairlead: %s\n", error_text(message).c_str());
    return;
  }
  const Json error{{"event", "error"}, {"exit_code", exit_code}, {"message", error_text(message)}};
  std::puts(to_wire(error).c_str());
}

}  // namespace fairlead::agent
