#include <optional>
#include <utility>

#include <mcp/base/utf8.h>

#include "servers/filesystem/answer_lines.h"
#include "servers/filesystem/editing.h"
#include "servers/filesystem/listing.h"
#include "servers/filesystem/reading.h"
#include "servers/filesystem/toolbox.h"
#include "servers/filesystem/trash.h"
#include "servers/filesystem/tree_walk.h"
#include "servers/filesystem/unified_diff.h"
#include "servers/filesystem/writing.h"

namespace fairlead::filesystem {
namespace {

using mcp::Json;

bool is_text(const std::string& bytes) {
  return bytes.find('\0') == std::string::npos && mcp::is_valid_utf8(bytes);
}

std::string replacement_preview(const Call& call, const Place& place, const std::string& content) {
  std::string sizes = "Replace the " + std::to_string(place.status.st_size) + " bytes of " +
                      one_line(place.real_path) + " by " + std::to_string(content.size()) + ".";
  const auto size = static_cast<std::uint64_t>(place.status.st_size);
  if (size > call.limits.max_edited_bytes || content.size() > call.limits.max_edited_bytes) {
    return sizes;
  }
  const std::string old = read_bytes(place, call.limits.max_edited_bytes, call.watch);
  if (!is_text(old)) return sizes;
  return sizes + "\n\n" + unified_diff(old, content, place.real_path);
}

mcp::ToolResult write_file_tool(const Call& call) {
  const Place place = call.sandbox.find(call.text("path"));
  const std::string& content = call.text("content");
  std::optional<struct stat> expected;
  if (call.confirm && place.exists && S_ISREG(place.status.st_mode)) {
    if (auto instead =
            call.unless_confirmed([&] { return replacement_preview(call, place, content); })) {
      return *instead;
    }
    expected = place.status;  // what was agreed to, and nothing else
  }
  write_file(place, content, expected);
  return text_result("Successfully wrote to " + call.text("path"));
}

mcp::ToolResult append_file_tool(const Call& call) {
  append_file(call.sandbox.find(call.text("path")), call.text("content"), call.watch);
  return text_result("Successfully appended to " + call.text("path"));
}

std::vector<Edit> edits_of(const Call& call) {
  constexpr std::size_t max_edits = 1'000;
  const Json& given = call.arguments.at("edits");
  if (given.size() > max_edits) {
    throw Failure("More than " + std::to_string(max_edits) + " edits in one call.");
  }
  std::vector<Edit> edits;
  for (const Json& each : given) {
    Edit edit{each.at("oldText").get<std::string>(), each.at("newText").get<std::string>()};
    edit.replace_all = each.value("replaceAll", false);
    if (each.contains("expectedCount")) {
      edit.expected_count = each["expectedCount"].get<std::uint64_t>();
    }
    edits.push_back(std::move(edit));
  }
  return edits;
}

/// In a fence that is longer than any in the text, and as much of it as one answer may have.
TextAnswer fenced_diff(std::string diff, const Limits& limits) {
  TextAnswer answer;
  std::string fence = "```";
  while (diff.find(fence) != std::string::npos) fence += '`';
  if (diff.size() > limits.max_read_bytes) {
    answer.truncated = true;
    answer.note = "Truncated: the diff has " + std::to_string(diff.size()) +
                  " bytes. The edit itself is whole.";
    const std::size_t line = diff.rfind('\n', limits.max_read_bytes);
    diff.resize(line == std::string::npos ? 0 : line + 1);
  }
  answer.text = fence + "diff\n" + diff + fence + "\n\n";
  return answer;
}

mcp::ToolResult edit_file_tool(const Call& call) {
  const Place place = call.sandbox.find(call.text("path"));
  const std::string content = read_bytes(place, call.limits.max_edited_bytes, call.watch);
  if (!is_text(content)) {
    throw Failure("Not a text file: " + place.real_path + " holds bytes that are no UTF-8 text.");
  }
  const Edited edited = apply_edits(content, edits_of(call));
  call.watch.check();
  std::string diff = unified_diff(edited.before, edited.after, place.real_path);
  if (!call.arguments.value("dryRun", false)) {
    if (auto instead = call.unless_confirmed([&diff] { return diff; })) return *instead;
    write_file(place, edited.bytes, place.status);
  }
  return text_result(fenced_diff(diff, call.limits));
}

mcp::ToolResult create_directory_tool(const Call& call) {
  create_directory(call.sandbox.find(call.text("path")));
  return text_result("Successfully created directory " + call.text("path"));
}

mcp::ToolResult move_file_tool(const Call& call) {
  const std::string& source = call.text("source");
  const std::string& destination = call.text("destination");
  const Place from = call.sandbox.find_link(source);
  const Place to = call.sandbox.find(destination);
  if (from.exists && !to.exists) {
    if (auto instead = call.unless_confirmed([&] {
          return "Move " + one_line(from.real_path) + " to " + one_line(to.real_path) + ".";
        })) {
      return *instead;
    }
  }
  move(from, to);
  return text_result("Successfully moved " + source + " to " + destination);
}

mcp::ToolResult copy_file_tool(const Call& call) {
  const std::string& source = call.text("source");
  const std::string& destination = call.text("destination");
  copy(call.sandbox.find(source), call.sandbox.find(destination), call.limits, call.watch);
  return text_result("Successfully copied " + source + " to " + destination);
}

void add_content_tools(Toolbox& toolbox) {
  toolbox.add(
      {.name = "write_file",
       .title = "Write File",
       .description = "Make a text file, or replace everything in one that exists. It is "
                      "replaced as a whole or not at all; its permissions stay.",
       .input_schema = input_schema({{"path", path_property("File to write")},
                                     {"content", text_property("All that the file holds then")}},
                                    {"path", "content"}),
       .annotations = writes(true, true)},
      write_file_tool);
  toolbox.add({.name = "append_file",
               .title = "Append to File",
               .description =
                   "Add text to the end of a file, which is made when it does not exist. No line "
                   "break is put in between.",
               .input_schema = input_schema({{"path", path_property("File to add to")},
                                             {"content", text_property("What to add")}},
                                            {"path", "content"}),
               .annotations = writes(false, false)},
              append_file_tool);
  const Json edit = {
      {"type", "object"},
      {"properties",
       {{"oldText", text_property("What to replace, exactly as it is in the file")},
        {"newText", text_property("What comes in its place")},
        {"replaceAll",
         {{"type", "boolean"},
          {"default", false},
          {"description", "Replace every place where oldText is found, not only a single one"}}},
        {"expectedCount",
         {{"type", "integer"},
          {"minimum", 1},
          {"description", "Replace every place, but only when there are exactly so many"}}}}},
      {"required", {"oldText", "newText"}}};
  const Json edits = {
      {"type", "array"}, {"items", edit}, {"description", "What to replace, in this order"}};
  const Json dry_run = {{"type", "boolean"},
                        {"default", false},
                        {"description", "Only show the diff, and change nothing"}};
  toolbox.add(
      {.name = "edit_file",
       .title = "Edit File",
       .description =
           "Replace parts of a text file, one edit after the other, and show the changes as a "
           "unified diff. Either all edits are done or none. An oldText that is found more than "
           "once is refused, unless replaceAll or expectedCount says that it is meant so. Line "
           "breaks and permissions stay as they are.",
       .input_schema = input_schema(
           {{"path", path_property("File to edit")}, {"edits", edits}, {"dryRun", dry_run}},
           {"path", "edits"}),
       .annotations = writes(true, false)},
      edit_file_tool);
}

void add_place_tools(Toolbox& toolbox) {
  toolbox.add(
      {.name = "create_directory",
       .title = "Create Directory",
       .description = "Make a directory, with those above it that are missing. One that "
                      "exists already is fine.",
       .input_schema = input_schema({{"path", path_property("Directory to make")}}, {"path"}),
       .annotations = writes(false, true)},
      create_directory_tool);
  const Json from_to = {
      {"source", path_property("What is there")},
      {"destination", path_property("Its new path, not a directory to put it in")}};
  toolbox.add({.name = "move_file",
               .title = "Move File",
               .description = "Move or rename a file or directory. A destination that exists is "
                              "never replaced.",
               .input_schema = input_schema(from_to, {"source", "destination"}),
               .annotations = writes(true, false)},
              move_file_tool);
  toolbox.add({.name = "copy_file",
               .title = "Copy File",
               .description = "Copy a file, or a directory with all below it. A destination that "
                              "exists is never replaced.",
               .input_schema = input_schema(from_to, {"source", "destination"}),
               .annotations = writes(false, false)},
              copy_file_tool);
}

TextAnswer deleted_lines(const std::vector<Deleted>& all, const std::string& cursor,
                         const Limits& limits) {
  TextAnswer answer;
  const std::size_t first = cursor.empty() ? 0 : std::stoull(cursor);
  for (std::size_t i = first; i < all.size(); ++i) {
    const std::string line =
        all[i].time + "  " + one_line(all[i].id) + "  " + one_line(all[i].path);
    if (i > first && (i - first >= limits.max_entries ||
                      answer.text.size() + line.size() >= limits.max_read_bytes)) {
      answer.truncated = true;
      answer.cursor = std::to_string(i);
      answer.note = "Truncated after " + std::to_string(i - first) + " of " +
                    std::to_string(all.size() - first) + ".";
      break;
    }
    if (i > first) answer.text += "\n";
    answer.text += line;
  }
  if (answer.text.empty()) answer.text = "The trash is empty.";
  return answer;
}

std::string deletion_preview(const Call& call, const Place& place) {
  const std::string what = "Move " + one_line(place.real_path) + " into the trash";
  if (!S_ISDIR(place.status.st_mode)) return what + ".";
  std::size_t count = 0;
  TreeWalk walk(call.sandbox, call.limits, call.watch);
  const bool all = walk.run(place, "", [&](const std::string&, const Entry&, bool) {
    return ++count > call.limits.max_copied_entries ? Next::stop : Next::descend;
  });
  if (!all) return what + ", a directory with more than " + std::to_string(count - 1) + " entries.";
  return what + ", a directory with " + std::to_string(count) +
         (count == 1 ? " entry" : " entries") + " below it.";
}

void add_trash_tools(Toolbox& toolbox, const Options& options) {
  const auto trash = std::make_shared<const Trash>(toolbox.sandbox(), options.trash);
  toolbox.add(
      {.name = "delete_file",
       .title = "Delete File",
       .description = "Put a file, or a directory with all below it, into the trash. "
                      "restore_file brings it back, by the id that this tells.",
       .input_schema =
           input_schema({{"path", path_property("File or directory to delete")}}, {"path"}),
       .annotations = writes(true, false)},
      [trash](const Call& call) {
        const Place place = call.sandbox.find_link(call.text("path"));
        if (place.exists && !place.is_allowed_directory()) {
          if (auto instead = call.unless_confirmed([&] { return deletion_preview(call, place); })) {
            return *instead;
          }
        }
        const Deleted deleted = trash->remove(place);
        return text_result("Deleted " + call.text("path") + "\nid: " + deleted.id);
      });
  toolbox.add(
      {.name = "list_deleted_files",
       .title = "List Deleted Files",
       .description = "What is in the trash, the latest first: the time of deletion, the id "
                      "for restore_file, and the path it had.",
       .input_schema = input_schema({{"cursor", cursor_property()}}, {}),
       .annotations = reads()},
      [trash](const Call& call) {
        return text_result(deleted_lines(trash->list(call.sandbox, call.watch),
                                         counting_cursor(call), call.limits));
      });
  toolbox.add(
      {.name = "restore_file",
       .title = "Restore File",
       .description = "Bring something back from the trash, to where it was or to destination. "
                      "What exists there is never replaced.",
       .input_schema = input_schema(
           {{"id", text_property("From delete_file or list_deleted_files")},
            {"destination", text_property("A path, when it is not to go where it was")}},
           {"id"}),
       .annotations = writes(false, false)},
      [trash](const Call& call) {
        std::optional<std::string> destination;
        if (call.arguments.contains("destination")) destination = call.text("destination");
        return text_result("Successfully restored " +
                           trash->restore(call.sandbox, call.text("id"), destination));
      });
}

}  // namespace

void add_writing_tools(Toolbox& toolbox, const Options& options) {
  add_content_tools(toolbox);
  add_place_tools(toolbox);
  add_trash_tools(toolbox, options);
}

}  // namespace fairlead::filesystem
