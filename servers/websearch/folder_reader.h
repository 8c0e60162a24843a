#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "servers/websearch/deadline.h"
#include "servers/websearch/index.h"

namespace fairlead::websearch {

/// The files below folders that people allowed at the start: nothing else is read.
class FolderReader {
 public:
  /// Throws Failure for one that is no folder.
  explicit FolderReader(const std::vector<std::string>& folders);

  struct Progress {
    std::size_t files = 0;     ///< read
    std::size_t left_out = 0;  ///< of other kinds, too large, unreadable
    std::string cursor = {};   ///< when time was over: where to go on
  };
  /// Reads `path`, a file or all files below a folder, in the order of their names: Markdown, HTML,
  /// text, PDF where pdftotext is installed. Hidden files and links are not followed. Begins behind
  /// `cursor`. Throws Failure for a path outside the folders.
  Progress read(const std::string& path, const std::string& cursor, const Deadline& deadline,
                const std::function<void(IndexedDocument document)>& take) const;
  /// The path as it is kept, e.g. for a source's name.
  std::string canonical(const std::string& path) const;

 private:
  std::vector<std::string> folders_;
};

}  // namespace fairlead::websearch
