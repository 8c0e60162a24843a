#pragma once

#include <sys/types.h>

#include <mcp/transport/child_process.h>
#include <mcp/transport/descriptor_posix.h>

namespace mcp {

/// A process that was started, and our ends of its pipes. Whoever holds it has to reap it.
struct SpawnedProcess {
  pid_t pid;
  Descriptor standard_input;
  Descriptor standard_output;
  Descriptor standard_error;
};

/// Throws std::system_error.
SpawnedProcess spawn(const ChildProcessOptions& options);

}  // namespace mcp
