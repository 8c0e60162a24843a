#include <algorithm>
#include <utility>

#include <mcp/base/base64.h>
#include <mcp/base/utf8.h>

#include "servers/filesystem/directory_entries.h"
#include "servers/filesystem/file_uri.h"
#include "servers/filesystem/listing.h"
#include "servers/filesystem/reading.h"
#include "servers/filesystem/toolbox.h"

// Files as resources: `file:///path`, for hosts and people where tools are for models.

namespace fairlead::filesystem {
namespace {

constexpr const char* uri_template = "file://{+path}";

mcp::ReadResourceResult contents(const std::string& uri, const Sandbox& sandbox,
                                 const Limits& limits, const Watch& watch,
                                 RememberedNames& remembered) {
  const auto path = path_of(uri);
  if (!path) throw Failure("This is no file: URI of a path on this machine: " + uri);
  const Place place = sandbox.find(*path);
  mcp::ResourceContents result{.uri = uri};
  if (place.exists && S_ISDIR(place.status.st_mode)) {
    const TextAnswer names = list(place, "", limits, watch, remembered);
    result.mime_type = "text/plain";
    result.text = names.text + (names.truncated ? "\n" + names.note : "");
    return {.contents = {std::move(result)}};
  }
  Media media = read_media(place, limits, watch);
  result.mime_type = std::move(media.mime_type);
  if (media.bytes.find('\0') == std::string::npos && mcp::is_valid_utf8(media.bytes)) {
    if (result.mime_type == "application/octet-stream") result.mime_type = "text/plain";
    result.text = std::move(media.bytes);
  } else {
    result.blob = mcp::base64_encode(media.bytes);
  }
  return {.contents = {std::move(result)}};
}

/// The paths that begin with what was typed, one level further. Directories end in a slash.
mcp::CompleteResult complete(const std::string& typed, const Sandbox& sandbox, const Watch& watch) {
  mcp::CompleteResult result;
  const std::size_t slash = typed.rfind('/');
  const auto add = [&result](std::string path) {
    if (result.values.size() < mcp::max_completion_values) result.values.push_back(std::move(path));
    result.total = result.total.value_or(0) + 1;
  };
  for (const auto& directory : sandbox.directories()) {
    // Those that are not reached yet.
    if (directory.size() > typed.size() && directory.rfind(typed, 0) == 0) add(directory + "/");
  }
  if (slash != std::string::npos) {
    const std::string above = typed.substr(0, slash + 1);
    const std::string begin = typed.substr(slash + 1);
    try {
      const Descriptor directory = open_directory(sandbox.find(above));
      const DirectoryNames names = entries_of(directory, watch);
      for (std::size_t at = names.after(begin, true); at < names.size(); ++at) {
        const auto& [name, kind] = names[at];
        if (name.substr(0, begin.size()) != begin) break;
        if (!mcp::is_valid_utf8(name)) continue;
        add(above + std::string(name) + (kind == Kind::directory ? "/" : ""));
      }
    } catch (const Failure&) {
      watch.check();  // elsewhere there is nothing to complete
    }
  }
  result.has_more = result.total.value_or(0) > result.values.size();
  return result;
}

}  // namespace

void add_resources(mcp::Server& server, const std::shared_ptr<const Shared>& shared) {
  mcp::ResourceOptions options;
  options.complete["path"] = [shared](const mcp::CompletionRequest& request,
                                      mcp::CallContext& context) -> mcp::CompleteResult {
    const auto sandbox = shared->sandbox_for(context);
    if (!sandbox) return {};
    const Watch watch(context.stop_token(), shared->options.limits.timeout);
    return complete(request.value, *sandbox, watch);
  };
  server.resource_template(
      {.uri_template = uri_template,
       .name = "file",
       .title = "Files",
       .description = "A file of the allowed directories by its absolute path: text as such, "
                      "anything else as a blob. A directory is the list of its names."},
      [shared](const mcp::ResourceRequest& request, mcp::Context& context) {
        const auto sandbox = shared->sandbox_for(context);
        const Watch watch(context.stop_token(), shared->options.limits.timeout);
        try {
          return contents(request.uri, *sandbox, shared->options.limits, watch, shared->remembered);
        } catch (const Failure& failure) {
          throw mcp::Error(mcp::error_code::resource_not_found, failure.what(),
                           {{"uri", request.uri}});
        }
      },
      std::move(options));
}

}  // namespace fairlead::filesystem
