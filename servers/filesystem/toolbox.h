#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "servers/filesystem/remembered_names.h"
#include "servers/filesystem/server.h"

namespace fairlead::filesystem {

/// What a tool's handler gets: where it may work, and what it may take.
struct Call {
  const Sandbox& sandbox;
  const Limits& limits;
  Watch watch;
  const mcp::Json& arguments;
  mcp::Context& context;
  RememberedNames& remembered;
  bool confirm = false;

  const std::string& text(const char* name) const {
    return arguments.at(name).get_ref<const std::string&>();
  }
  std::vector<std::string> texts(const char* name) const {
    return arguments.value(name, std::vector<std::string>{});
  }
  /// With --confirm: nothing when the user agrees to what `preview` tells, else what to answer.
  std::optional<mcp::ToolResult> unless_confirmed(
      const std::function<std::string()>& preview) const;
};

using Handler = std::function<mcp::ToolResult(const Call&)>;

/// Lets one writer through at a time.
class WriterGate {
 public:
  /// Waits its turn, unless the call is cancelled meanwhile; then throws as `Watch::check` does.
  void enter(const Watch& watch);
  void leave();

 private:
  std::mutex mutex_;
  std::condition_variable_any free_;
  bool taken_ = false;
};

/// Inside as long as it lives.
class WriteLock {
 public:
  WriteLock(WriterGate& gate, const Watch& watch) : gate_(gate) { gate.enter(watch); }
  ~WriteLock() { gate_.leave(); }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

 private:
  WriterGate& gate_;
};

/// What all tools of a server use.
struct Shared {
  Shared(std::shared_ptr<const Sandbox> in, Options how)
      : sandbox(std::move(in)), options(std::move(how)) {}

  /// What a call may use: narrowed by the client's roots, which it may ask for. Throws Failure when
  /// nothing is left.
  std::shared_ptr<const Sandbox> sandbox_for(mcp::Context& context) const;
  /// The same where nobody can be asked; null when it is not known.
  std::shared_ptr<const Sandbox> sandbox_for(mcp::CallContext& context) const;

  const std::shared_ptr<const Sandbox> sandbox;
  const Options options;
  mutable RememberedNames remembered;
  WriterGate writing;  ///< an edit reads what it writes
};

/// Registers tools on a server, in one way for all of them.
class Toolbox {
 public:
  Toolbox(mcp::Server& server, std::shared_ptr<const Sandbox> sandbox, const Options& options)
      : server_(server), shared_(std::make_shared<Shared>(std::move(sandbox), options)) {}

  /// Failures of the handler become results that the model reads. Without an output schema, it is
  /// that of `text_result`. What does not only read runs alone.
  void add(mcp::Tool tool, Handler handler);

  const std::shared_ptr<const Sandbox>& sandbox() const { return shared_->sandbox; }
  const std::shared_ptr<Shared>& shared() const { return shared_; }

  /// The names that were added, disabled ones included.
  const std::set<std::string>& names() const { return names_; }

 private:
  mcp::Server& server_;
  std::shared_ptr<Shared> shared_;
  std::set<std::string> names_;
};

mcp::Json input_schema(mcp::Json properties, std::vector<std::string> required);
mcp::Json text_property(const char* description);
/// A path, with what it is good for: "File to read".
mcp::Json path_property(const std::string& what);
mcp::Json cursor_property();
/// The cursor of the call as it was given out, decoded; empty when there is none.
std::string cursor_of(const Call& call);
/// One that counts.
std::string counting_cursor(const Call& call);

mcp::ToolAnnotations reads();
mcp::ToolAnnotations writes(bool destroys, bool idempotent);
mcp::ToolResult text_result(std::string text);
/// With the note as a second text when it was cut, `truncated` and the cursor made opaque.
mcp::ToolResult text_result(TextAnswer answer);

void add_reading_tools(Toolbox& toolbox);
void add_search_tools(Toolbox& toolbox);
void add_writing_tools(Toolbox& toolbox, const Options& options);
/// Every file and directory as a resource, by its `file:` URI.
void add_resources(mcp::Server& server, const std::shared_ptr<const Shared>& shared);

}  // namespace fairlead::filesystem
