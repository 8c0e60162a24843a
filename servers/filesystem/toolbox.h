#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "servers/filesystem/server.h"

namespace fairlead::filesystem {

/// What a tool's handler gets: where it may work, and what it may take.
struct Call {
  const Sandbox& sandbox;
  const Limits& limits;
  Watch watch;
  const mcp::Json& arguments;

  const std::string& text(const char* name) const {
    return arguments.at(name).get_ref<const std::string&>();
  }
  std::vector<std::string> texts(const char* name) const {
    return arguments.value(name, std::vector<std::string>{});
  }
};

using Handler = std::function<mcp::ToolResult(const Call&)>;

/// Registers tools on a server, in one way for all of them.
class Toolbox {
 public:
  Toolbox(mcp::Server& server, std::shared_ptr<const Sandbox> sandbox, const Options& options)
      : server_(server), sandbox_(std::move(sandbox)), options_(options) {}

  /// Failures of the handler become results that the model reads. Without an output schema, it is
  /// that of `text_result`.
  void add(mcp::Tool tool, Handler handler);

  /// The names that were added, disabled ones included.
  const std::set<std::string>& names() const { return names_; }

 private:
  mcp::Server& server_;
  std::shared_ptr<const Sandbox> sandbox_;
  const Options& options_;
  std::set<std::string> names_;
};

mcp::Json input_schema(mcp::Json properties, std::vector<std::string> required);
mcp::ToolAnnotations reads();
mcp::ToolResult text_result(const std::string& text);
/// With the note as a second text when it was cut, `truncated` and the cursor made opaque.
mcp::ToolResult text_result(const TextAnswer& answer);

void add_reading_tools(Toolbox& toolbox);

}  // namespace fairlead::filesystem
