#pragma once

#include <string>

#include <mcp/base/error.h>

namespace mcp {

/// Something from the other side that is not what the specification says: a member is missing or of
/// the wrong type. As an answer to a request it is -32602; a client that finds it in a result
/// reports it as the server's fault. `what()` reads `/content/0/text: expected a string, found 5`.
class Malformed : public Error {
 public:
  /// `path` is a JSON pointer below the value that was read; `problem` what is wrong and what would
  /// be right.
  Malformed(std::string path, std::string problem);

  const std::string& path() const noexcept { return path_; }
  const std::string& problem() const noexcept { return problem_; }
  /// The same problem, seen from the object that holds the value as `token` (a member's name or an
  /// item's index, unescaped).
  Malformed under(const std::string& token) const;

 private:
  std::string path_;
  std::string problem_;
};

}  // namespace mcp
