#include <stdexcept>

#include <client/agent/tool_run.h>
#include <client/model/foreign_json.h>
#include <client/model/foreign_text.h>
#include <mcp/base/number_text.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {
namespace {

/// Base64; what vendors take at most for one image.
constexpr std::size_t max_image_bytes = 5 * 1024 * 1024;

ToolResult error_result(const ToolCall& call, std::string_view text) {
  return {call.id, {Text{shortened(text)}}, true};
}

std::string unknown_tool(const std::string& name, const ToolNames& names) {
  std::string text = "There is no tool \"" + shortened(name, 100) + "\".";
  const auto known = names.names();
  if (known.empty()) return text + " No tools are offered.";
  text += " The tools are: ";
  constexpr std::size_t max_listed = 50;
  for (std::size_t i = 0; i < known.size() && i < max_listed; ++i) {
    text += (i == 0 ? "" : ", ") + known[i];
  }
  if (known.size() > max_listed) text += ", …";
  return text + ".";
}

void limit(ToolOutcome& outcome, std::size_t max_bytes) {
  std::size_t total = 0;
  for (const ResultContent& content : outcome.content)
    if (const auto* text = std::get_if<Text>(&content)) total += text->text.size();
  std::size_t images = 0;
  std::size_t shown = 0;
  bool cut = false;
  for (ResultContent& content : outcome.content) {
    if (auto* image = std::get_if<Image>(&content)) {
      images += image->data.size();
      if (images > max_image_bytes) {
        images -= image->data.size();
        content = Text{"[an image of " + std::to_string(image->data.size() / 4 * 3) +
                       " bytes was left out: a result's images are too large]"};
      }
      continue;
    }
    std::string& text = std::get<Text>(content).text;
    if (cut) {
      text.clear();
    } else if (text.size() > max_bytes - shown) {
      text.resize(mcp::truncate_utf8(text, max_bytes - shown).size());
      cut = true;
    }
    shown += text.size();
  }
  if (cut) {
    outcome.content.emplace_back(Text{"[cut: the first " + std::to_string(shown) + " of " +
                                      std::to_string(total) +
                                      " bytes are shown; ask for less at a time]"});
  }
}

}  // namespace

ToolResult run_tool_call(const ToolCall& call, const ToolNames& names, Toolbox& toolbox,
                         std::size_t max_bytes, std::stop_token stop) {
  const Tool* tool = names.find(call.name);
  if (tool == nullptr) return error_result(call, unknown_tool(call.name, names));
  Json arguments = Json::object();
  // Models leave the arguments out when a tool has none.
  if (call.arguments.find_first_not_of(" \t\r\n") != std::string::npos) {
    try {
      arguments = parse_foreign_json(call.arguments);
    } catch (const std::invalid_argument& error) {
      return error_result(call, std::string("The arguments are not valid JSON: ") + error.what() +
                                    ". Call the tool again with one JSON object.");
    }
    if (!arguments.is_object()) {
      return error_result(
          call, std::string("The arguments must be a JSON object, not ") +
                    (mcp::is_number_text(arguments) ? "number" : arguments.type_name()) + ".");
    }
  }
  if (stop.stop_requested()) return error_result(call, "Cancelled before it ran.");
  try {
    ToolOutcome outcome = toolbox.call(*tool, arguments, std::move(stop));
    limit(outcome, max_bytes);
    return {call.id, std::move(outcome.content), outcome.is_error};
  } catch (const std::exception& error) {
    return error_result(call, std::string("The tool failed: ") + error.what());
  } catch (...) {
    return error_result(call, "The tool failed.");
  }
}

}  // namespace fairlead::agent
