#pragma once

#include <cstddef>
#include <string>

#include <mcp/base/json.h>
#include <mcp/protocol/tool.h>

#include "servers/websearch/document.h"

namespace fairlead::websearch {

constexpr std::size_t usual_fetch_length = 5'000;

/// What is wanted of a page.
struct FetchRequest {
  std::string url;
  std::size_t max_length = usual_fetch_length;
  std::size_t start_index = 0;
  std::string format = "markdown";
  std::string section = {};
  bool headings = false;
  bool refresh = false;
};

/// The text between its marks, and the same with what is known of it as `structuredContent`.
/// Throws Failure for a section that is not there.
mcp::ToolResult fetch_answer(const Document& document, const FetchRequest& request);

/// The properties of that `structuredContent`.
mcp::Json fetch_answer_properties();

}  // namespace fairlead::websearch
