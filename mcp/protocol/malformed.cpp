#include <mcp/protocol/malformed.h>

#include <utility>

#include <mcp/base/json_pointer.h>
#include <mcp/base/utf8.h>

namespace mcp {

namespace {

// The message goes back to whoever sent the value: a name that it chose is cut.
constexpr std::size_t longest_token = 100;

}  // namespace

Malformed::Malformed(std::string path, std::string problem)
    : Error(error_code::invalid_params, path.empty() ? problem : path + ": " + problem),
      path_(std::move(path)),
      problem_(std::move(problem)) {}

Malformed Malformed::under(const std::string& token) const {
  return Malformed("/" + escape_json_pointer(truncate_utf8(token, longest_token)) + path_,
                   problem_);
}

}  // namespace mcp
