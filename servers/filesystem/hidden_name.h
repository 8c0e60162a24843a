#pragma once

#include <functional>
#include <string>

#include "servers/filesystem/descriptor.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

// What is being written has a hidden name, ".fairlead-1.tmp" or another of a few, until it takes
// its own. Whoever uses one holds a lock (flock) on it: one without was left by a process that was
// killed, and goes with the next write into the same directory, by whichever server.

/// Throws Failure when the place has such a name: what callers put there would be swept away.
void refuse_hidden_name(const Place& place);

/// Removes what killed processes have left in a directory.
void sweep_hidden_names(const Descriptor& directory);

/// Calls `make` with hidden names until one is free: it returns 0, EEXIST to be called with
/// another, or an error number, which ends it. The name that was made, or empty.
std::string take_hidden_name(const std::function<int(const std::string& name)>& make, int& error);

/// Locks what was made under a hidden name. False when somebody has swept it meanwhile, so that
/// another one is to be taken.
bool lock_hidden(const Descriptor& directory, const std::string& name, const Descriptor& made);

/// A file, or a directory with all below it. What can't be removed stays.
void remove_tree(const Descriptor& directory, const std::string& name);

}  // namespace fairlead::filesystem
