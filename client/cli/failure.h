#pragma once

#include <string>

namespace fairlead::agent {

/// Says why a command ends without its result: a line on stderr, or with `json` the object
/// `{"event":"error","exit_code":…,"message":…}` on a line of stdout.
void print_failure(const std::string& message, int exit_code, bool json);

}  // namespace fairlead::agent
