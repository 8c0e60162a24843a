#pragma once

#include <sys/stat.h>

#include <string>

#include "servers/filesystem/descriptor.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// A file that has no name yet, and is gone unless it gets one. Where the file system knows no
/// nameless files it has a hidden name meanwhile.
class NewFile {
 public:
  /// To become `place`, with these permissions (less the umask).
  NewFile(const Place& place, mode_t mode);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  int descriptor() const { return file_.get(); }
  void write(const std::string& content);
  /// Mode, owner and extended attributes. What may not be kept does not stop the write.
  void take_attributes_of(const Descriptor& old);
  /// Brings the content to the disk and gives it the name: a new one, or that of an old file.
  void publish(bool replace);

 private:
  void take_name(mode_t mode);
  int link_to(const std::string& name);

  const Place& place_;
  std::string hidden_name_;  // empty: it has none
  Descriptor file_;
};

}  // namespace fairlead::filesystem
