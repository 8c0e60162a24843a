#include "servers/websearch/folder_reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include <mcp/base/uri.h>

#include "servers/websearch/character.h"
#include "servers/websearch/dates.h"
#include "servers/websearch/document.h"
#include "servers/websearch/failure.h"
#include "servers/websearch/indexing.h"

namespace fairlead::websearch {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t max_file_bytes = std::uintmax_t{5} << 20U;
constexpr std::size_t max_files = 200'000;

struct Kind {
  std::string_view extension;
  std::string_view type;
};
constexpr std::array kinds{
    Kind{".md", "text/markdown"},  Kind{".markdown", "text/markdown"},
    Kind{".mdx", "text/markdown"}, Kind{".html", "text/html"},
    Kind{".htm", "text/html"},     Kind{".xhtml", "application/xhtml+xml"},
    Kind{".txt", "text/plain"},    Kind{".text", "text/plain"},
    Kind{".rst", "text/plain"},    Kind{".adoc", "text/plain"},
    Kind{".org", "text/plain"},    Kind{".pdf", "application/pdf"},
};

std::string_view type_of(const fs::path& file) {
  const std::string extension = to_lower(file.extension().string());
  for (const Kind& kind : kinds) {
    if (kind.extension == extension) return kind.type;
  }
  return {};
}

bool is_below(const std::string& path, const std::string& folder) {
  return path == folder ||
         (path.starts_with(folder) && (folder.ends_with('/') || path[folder.size()] == '/'));
}

std::vector<std::string> files_below(const std::string& path, const Deadline& deadline) {
  std::vector<std::string> files;
  std::error_code error;
  if (fs::is_regular_file(path, error)) return {path};
  fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    deadline.check();
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.') || name == "node_modules") {
      at.disable_recursion_pending();
    } else if (!at->is_symlink(ignored) && at->is_regular_file(ignored)) {
      files.push_back(at->path().string());
      if (files.size() >= max_files) break;
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<IndexedDocument> read_file(const std::string& path, const Deadline& deadline) {
  const std::string_view type = type_of(path);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (type.empty() || error || size > max_file_bytes) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  WebResponse response{.url = "file://" + mcp::percent_encode(path, "/!$&'()*+,;=:@"),
                       .status = 200,
                       .headers = {{"content-type", std::string(type)}}};
  response.body.assign(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return std::nullopt;
  try {
    auto document = to_indexed(read_document(response, deadline));
    if (document.title.empty()) document.title = fs::path(path).filename().string();
    return document;
  } catch (const Failure&) {
    deadline.check();
    return std::nullopt;
  }
}

}  // namespace

FolderReader::FolderReader(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    std::error_code error;
    const fs::path canonical = fs::canonical(folder, error);
    if (error || !fs::is_directory(canonical, error)) throw Failure(folder + " is no folder.");
    folders_.push_back(canonical.string());
  }
}

std::string FolderReader::canonical(const std::string& path) const {
  if (folders_.empty()) {
    throw Failure(
        "No folder may be read: start the server with --ingest-dir DIR to allow one. A web address "
        "can be given as url.");
  }
  std::error_code error;
  const fs::path given(path);
  const fs::path absolute = given.is_absolute() ? given : fs::path(folders_.front()) / given;
  const std::string real = fs::canonical(absolute, error).string();
  const bool allowed =
      !error && std::any_of(folders_.begin(), folders_.end(),
                            [&real](const std::string& folder) { return is_below(real, folder); });
  if (allowed) return real;
  std::string text = path + " is not there, or not in a folder that may be read (";
  for (const std::string& folder : folders_) text += (&folder == &folders_[0] ? "" : ", ") + folder;
  throw Failure(text + ").");
}

FolderReader::Progress FolderReader::read(
    const std::string& path, const std::string& cursor, const Deadline& deadline,
    const std::function<void(IndexedDocument document)>& take) const {
  Progress progress{.cursor = cursor};
  for (const std::string& file : files_below(canonical(path), deadline)) {
    if (file <= cursor) continue;
    deadline.check();
    if (deadline.passed()) return progress;
    auto document = read_file(file, Deadline(std::chrono::seconds(10), deadline.stop()));
    if (document) {
      ++progress.files;
      take(*std::move(document));
    } else {
      ++progress.left_out;
    }
    progress.cursor = file;
  }
  progress.cursor.clear();
  return progress;
}

}  // namespace fairlead::websearch
