#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <mcp/base/base64.h>

#include "servers/filesystem/directory_tree.h"
#include "servers/filesystem/file_info.h"
#include "servers/filesystem/file_uri.h"
#include "servers/filesystem/glob_search.h"
#include "servers/filesystem/listing.h"
#include "servers/filesystem/reading.h"
#include "servers/filesystem/toolbox.h"

namespace fairlead::filesystem {
namespace {

using mcp::Json;

Json patterns_property() {
  return {{"type", "array"},
          {"items", {{"type", "string"}}},
          {"default", Json::array()},
          {"description", "Globs of what to leave out"}};
}

std::optional<std::uint64_t> lines(const Call& call, const char* name) {
  if (!call.arguments.contains(name)) return std::nullopt;
  const double value = call.arguments.at(name).get<double>();
  if (!(value >= 0)) throw Failure(std::string(name) + " must be a number of lines, 0 or more.");
  return static_cast<std::uint64_t>(std::ceil(std::min(value, 1e15)));
}

mcp::ToolResult read_text_file(const Call& call) {
  const Place place = call.sandbox.find(call.text("path"));
  const auto head = lines(call, "head");
  const auto tail = lines(call, "tail");
  if (head && tail) {
    throw Failure("Cannot specify both head and tail parameters simultaneously");
  }
  if (head) return text_result(read_head(place, *head, call.limits, call.watch));
  if (tail) return text_result(read_tail(place, *tail, call.limits, call.watch));
  const std::string cursor = counting_cursor(call);
  return text_result(
      read_text(place, cursor.empty() ? 0 : std::stoull(cursor), call.limits, call.watch));
}

mcp::ToolResult read_media_file(const Call& call) {
  const Place place = call.sandbox.find(call.text("path"));
  const Media media = read_media(place, call.limits, call.watch);
  const std::string kind = media.mime_type.substr(0, media.mime_type.find('/'));
  const std::string data = mcp::base64_encode(media.bytes);
  mcp::ToolResult result;
  Json item;
  if (kind == "image") {
    result.content.emplace_back(mcp::ImageContent{.data = data, .mime_type = media.mime_type});
  } else if (kind == "audio") {
    result.content.emplace_back(mcp::AudioContent{.data = data, .mime_type = media.mime_type});
  } else {
    const std::string uri = uri_of(place.real_path);
    mcp::ResourceContents contents{.uri = uri, .mime_type = media.mime_type, .blob = data};
    result.content.emplace_back(mcp::EmbeddedResource{.resource = std::move(contents)});
    item = {{"type", "resource"},
            {"resource", {{"uri", uri}, {"mimeType", media.mime_type}, {"blob", data}}}};
  }
  if (item.is_null()) item = {{"type", kind}, {"data", data}, {"mimeType", media.mime_type}};
  result.structured_content = Json{{"content", Json::array({std::move(item)})}};
  return result;
}

mcp::ToolResult read_multiple_files(const Call& call) {
  const auto paths = call.texts("paths");
  const std::string cursor = counting_cursor(call);
  const std::size_t first = cursor.empty() ? 0 : std::stoull(cursor);
  TextAnswer answer;
  for (std::size_t i = first; i < paths.size(); ++i) {
    if (i > first && answer.text.size() >= call.limits.max_read_bytes) {
      answer.truncated = true;
      answer.cursor = std::to_string(i);
      answer.note = "Truncated: " + std::to_string(paths.size() - i) + " files are not read yet.";
      break;
    }
    std::string part;
    try {
      const TextAnswer read = read_text(call.sandbox.find(paths[i]), 0, call.limits, call.watch);
      part = paths[i] + ":\n" + read.text + "\n";
      if (read.truncated) {
        part += "[" + read.note + " Read it alone, with read_text_file.]\n";
        answer.truncated = true;
      }
    } catch (const Failure& failure) {
      call.watch.check();
      part = paths[i] + ": Error - " + failure.what();
    }
    // The first one always fits; what does not is read when the call goes on.
    if (i > first && answer.text.size() + part.size() > call.limits.max_read_bytes) {
      answer.truncated = true;
      answer.cursor = std::to_string(i);
      answer.note = "Truncated: " + std::to_string(paths.size() - i) + " files are not read yet.";
      break;
    }
    if (i > first) answer.text += "\n---\n";
    answer.text += part;
  }
  if (answer.truncated && answer.note.empty()) answer.note = "Truncated: see the note in the text.";
  return text_result(std::move(answer));
}

Json text_file_schema() {
  return input_schema(
      {{"path", path_property("File to read")},
       {"tail", {{"type", "number"}, {"description", "Read only this many lines from the end"}}},
       {"head", {{"type", "number"}, {"description", "Read only this many lines from the start"}}},
       {"cursor", cursor_property()}},
      {"path"});
}

Json media_output_schema() {
  const Json text = {{"type", "string"}};
  const Json block = {{"type", "object"},
                      {"properties",
                       {{"type", {{"type", "string"}, {"enum", {"image", "audio"}}}},
                        {"data", text},
                        {"mimeType", text}}},
                      {"required", {"type", "data", "mimeType"}},
                      {"additionalProperties", false}};
  const Json resource = {{"type", "object"},
                         {"properties", {{"uri", text}, {"mimeType", text}, {"blob", text}}},
                         {"required", {"uri", "blob"}},
                         {"additionalProperties", false}};
  const Json embedded = {
      {"type", "object"},
      {"properties",
       {{"type", {{"type", "string"}, {"const", "resource"}}}, {"resource", resource}}},
      {"required", {"type", "resource"}},
      {"additionalProperties", false}};
  const Json items = {{"anyOf", Json::array({block, embedded})}};
  return {{"type", "object"},
          {"properties", {{"content", {{"type", "array"}, {"items", items}}}}},
          {"required", {"content"}},
          {"additionalProperties", false}};
}

void add_file_tools(Toolbox& toolbox) {
  toolbox.add({.name = "read_file",
               .title = "Read File (Deprecated)",
               .description = "The old name of read_text_file, which does the same.",
               .input_schema = text_file_schema(),
               .annotations = reads()},
              read_text_file);
  toolbox.add({.name = "read_text_file",
               .title = "Read Text File",
               .description = "Read one UTF-8 text file, or with head or tail its first or last "
                              "lines. Long files are cut, and a cursor goes on where the answer "
                              "ended. Binary files are refused: read_media_file takes those.",
               .input_schema = text_file_schema(),
               .annotations = reads()},
              read_text_file);
  toolbox.add({.name = "read_media_file",
               .title = "Read Media File",
               .description = "Read one binary file. Pictures and sounds come as such, known by "
                              "their content; everything else as an embedded resource.",
               .input_schema = input_schema({{"path", path_property("File to read")}}, {"path"}),
               .output_schema = media_output_schema(),
               .annotations = reads()},
              read_media_file);
  const Json paths = {{"type", "array"},
                      {"items", {{"type", "string"}}},
                      {"minItems", 1},
                      {"description", "The files to read, in this order"}};
  toolbox.add(
      {.name = "read_multiple_files",
       .title = "Read Multiple Files",
       .description = "Read several text files in one call. Each comes under its path; one "
                      "that can't be read has an error there, and the others are read all "
                      "the same.",
       .input_schema = input_schema({{"paths", paths}, {"cursor", cursor_property()}}, {"paths"}),
       .annotations = reads()},
      read_multiple_files);
  toolbox.add(
      {.name = "get_file_info",
       .title = "Get File Info",
       .description = "Size, times, kind and permissions of one file or directory, without "
                      "reading it.",
       .input_schema = input_schema({{"path", path_property("File or directory")}}, {"path"}),
       .annotations = reads()},
      [](const Call& call) { return text_result(info(call.sandbox.find(call.text("path")))); });
}

void add_directory_tools(Toolbox& toolbox) {
  toolbox.add(
      {.name = "list_directory",
       .title = "List Directory",
       .description = "The names in one directory, each marked [DIR] or [FILE], sorted.",
       .input_schema = input_schema(
           {{"path", path_property("Directory to list")}, {"cursor", cursor_property()}}, {"path"}),
       .annotations = reads()},
      [](const Call& call) {
        return text_result(list(call.sandbox.find(call.text("path")), cursor_of(call), call.limits,
                                call.watch, call.remembered));
      });
  const Json sort_by = {{"type", "string"},
                        {"enum", {"name", "size"}},
                        {"default", "name"},
                        {"description", "By name, or the largest first"}};
  toolbox.add({.name = "list_directory_with_sizes",
               .title = "List Directory with Sizes",
               .description = "The names in one directory with the sizes of the files, and totals.",
               .input_schema = input_schema({{"path", path_property("Directory to list")},
                                             {"sortBy", sort_by},
                                             {"cursor", cursor_property()}},
                                            {"path"}),
               .annotations = reads()},
              [](const Call& call) {
                const bool by_size = call.arguments.value("sortBy", "name") == "size";
                return text_result(list_with_sizes(call.sandbox.find(call.text("path")),
                                                   by_size ? SortBy::size : SortBy::name,
                                                   counting_cursor(call), call.limits, call.watch));
              });
  const Json depth = {{"type", "integer"},
                      {"minimum", 1},
                      {"description", "How many levels to show; 1: only what is in the directory"}};
  toolbox.add(
      {.name = "directory_tree",
       .title = "Directory Tree",
       .description = "Everything below one directory as JSON: name, type (file or directory), and "
                      "children of directories. excludePatterns are globs, or names to leave out "
                      "wherever they are.",
       .input_schema = input_schema({{"path", path_property("Directory at the top")},
                                     {"excludePatterns", patterns_property()},
                                     {"depth", depth},
                                     {"cursor", cursor_property()}},
                                    {"path"}),
       .annotations = reads()},
      [](const Call& call) {
        Limits limits = call.limits;
        limits.max_depth =
            std::min(limits.max_depth, call.arguments.value("depth", limits.max_depth));
        return text_result(tree(call.sandbox, call.sandbox.find(call.text("path")),
                                call.texts("excludePatterns"), cursor_of(call), limits,
                                call.watch));
      });
  toolbox.add(
      {.name = "search_files",
       .title = "Search Files",
       .description = "Find files and directories below one directory by a glob on their path "
                      "relative to it: *.md is in that directory itself, **/*.md anywhere below. "
                      "Gives full paths.",
       .input_schema =
           input_schema({{"path", path_property("Directory to search")},
                         {"pattern", text_property("Glob of the path relative to the directory")},
                         {"excludePatterns", patterns_property()},
                         {"cursor", cursor_property()}},
                        {"path", "pattern"}),
       .annotations = reads()},
      [](const Call& call) {
        return text_result(search(call.sandbox, call.sandbox.find(call.text("path")),
                                  call.text("pattern"), call.texts("excludePatterns"),
                                  cursor_of(call), call.limits, call.watch));
      });
  toolbox.add({.name = "list_allowed_directories",
               .title = "List Allowed Directories",
               .description = "The directories that this server may use, with all that is below "
                              "them. Paths anywhere else are refused.",
               .input_schema = input_schema(Json::object(), {}),
               .annotations = reads()},
              [](const Call& call) {
                std::string text = "Allowed directories:";
                for (const auto& each : call.sandbox.directories()) text += "\n" + each;
                return text_result(text);
              });
}

}  // namespace

void add_reading_tools(Toolbox& toolbox) {
  add_file_tools(toolbox);
  add_directory_tools(toolbox);
}

}  // namespace fairlead::filesystem
