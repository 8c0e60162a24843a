#include <utility>

#include "servers/filesystem/finding.h"
#include "servers/filesystem/line_reading.h"
#include "servers/filesystem/toolbox.h"

namespace fairlead::filesystem {
namespace {

using mcp::Json;

Json count_property(const char* description, std::uint64_t least, std::uint64_t most,
                    std::uint64_t usual) {
  return {{"type", "integer"},
          {"minimum", least},
          {"maximum", most},
          {"default", usual},
          {"description", description}};
}

Json flag_property(const char* description) {
  return {{"type", "boolean"}, {"default", false}, {"description", description}};
}

Json globs_property(const char* description) {
  return {{"type", "array"}, {"items", {{"type", "string"}}}, {"description", description}};
}

Selection selection_of(const Call& call) {
  return {.include = call.texts("include"),
          .exclude = call.texts("exclude"),
          .honour_gitignore = !call.arguments.value("includeIgnored", false)};
}

Json with_selection(Json properties) {
  properties["include"] = globs_property(
      "Globs of what is wanted: *.cpp wherever it is, src/**/*.h from the beginning on");
  properties["exclude"] = globs_property("Globs of files and directories to leave out");
  properties["includeIgnored"] = flag_property("Also .git and what .gitignore files leave out");
  properties["cursor"] = cursor_property();
  return properties;
}

constexpr std::uint64_t max_lines = 100'000;
constexpr std::uint64_t usual_lines = 1'000;
constexpr std::uint64_t max_context_lines = 10;

mcp::ToolResult read_file_lines(const Call& call) {
  const std::string cursor = counting_cursor(call);
  const std::uint64_t start = call.arguments.value("startLine", std::uint64_t{1});
  const std::uint64_t wanted = call.arguments.value("lineCount", usual_lines);
  const std::uint64_t first = cursor.empty() ? start : std::stoull(cursor);
  if (first < start || first - start >= wanted) {
    throw Failure("The cursor does not belong to these lines.");
  }
  NumberedLines lines = read_lines(call.sandbox.find(call.text("path")), first,
                                   wanted - (first - start), call.limits, call.watch);
  mcp::ToolResult result = text_result(std::move(lines.answer));
  if (lines.total) (*result.structured_content)["totalLines"] = *lines.total;
  (*result.structured_content)["firstLine"] = first;
  const std::string total = lines.total ? std::to_string(*lines.total) : "unknown number";
  result.content.emplace_back(mcp::text_content(
      lines.shown == 0 ? "No such lines; the file has " + total + "."
                       : "Lines " + std::to_string(first) + " to " +
                             std::to_string(first + lines.shown - 1) + " of " + total + "."));
  return result;
}

Json line_output_schema() {
  return {{"type", "object"},
          {"properties",
           {{"content", {{"type", "string"}}},
            {"firstLine", {{"type", "integer"}}},
            {"totalLines", {{"type", "integer"}}},
            {"truncated", {{"type", "boolean"}}},
            {"cursor", {{"type", "string"}}}}},
          {"required", {"content", "firstLine"}},
          {"additionalProperties", false}};
}

}  // namespace

void add_search_tools(Toolbox& toolbox) {
  toolbox.add(
      {.name = "read_file_lines",
       .title = "Read File Lines",
       .description = "Read a range of lines of a text file, each after its number, and tell how "
                      "many the file has.",
       .input_schema = input_schema(
           {{"path", path_property("File to read")},
            {"startLine", count_property("The first line, from 1 on", 1, 1'000'000'000, 1)},
            {"lineCount", count_property("How many lines", 1, max_lines, usual_lines)},
            {"cursor", cursor_property()}},
           {"path"}),
       .output_schema = line_output_schema(),
       .annotations = reads()},
      read_file_lines);
  const Json type = {{"type", "string"},
                     {"enum", {"any", "file", "directory"}},
                     {"default", "any"},
                     {"description", "What to find"}};
  toolbox.add({.name = "find_files",
               .title = "Find Files",
               .description = "Find files and directories below one directory by their names. What "
                              ".gitignore files leave out is left out here, too. Gives full paths.",
               .input_schema = input_schema(
                   with_selection({{"path", path_property("Directory to search")}, {"type", type}}),
                   {"path"}),
               .annotations = reads()},
              [](const Call& call) {
                const std::string wanted = call.arguments.value("type", "any");
                return text_result(find_files(
                    call.sandbox, call.sandbox.find(call.text("path")), selection_of(call),
                    wanted == "any" ? Wanted::any
                                    : (wanted == "file" ? Wanted::files : Wanted::directories),
                    cursor_of(call), call.limits, call.watch));
              });
  toolbox.add(
      {.name = "search_content",
       .title = "Search Content",
       .description = "Find lines in text files below one directory, or in one file, by a regular "
                      "expression in RE2's notation or by a literal text. Gives path:line:text, "
                      "and path-line-text for the lines around. What .gitignore files leave out "
                      "is not searched.",
       .input_schema = input_schema(
           with_selection(
               {{"path", path_property("Directory or file to search")},
                {"pattern", text_property("Regular expression, or with literal a text")},
                {"literal", flag_property("The pattern is a text, not a regular expression")},
                {"ignoreCase", flag_property("Capital and small letters are the same")},
                {"contextLines", count_property("Lines to show before and after each match", 0,
                                                max_context_lines, 0)}}),
           {"path", "pattern"}),
       .annotations = reads()},
      [](const Call& call) {
        const ContentQuery query{
            .pattern = call.text("pattern"),
            .literal = call.arguments.value("literal", false),
            .ignore_case = call.arguments.value("ignoreCase", false),
            .context_lines = call.arguments.value("contextLines", std::size_t{0})};
        return text_result(search_content(call.sandbox, call.sandbox.find(call.text("path")), query,
                                          selection_of(call), cursor_of(call), call.limits,
                                          call.watch));
      });
}

}  // namespace fairlead::filesystem
