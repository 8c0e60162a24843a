#include <cstdint>

#include <client/agent/tool_names.h>

namespace fairlead::agent {
namespace {

constexpr std::size_t max_name = 64;

std::string sanitised(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '_' || c == '-';
    // One underscore for a character of several bytes.
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) out += allowed ? c : '_';
  }
  return out;
}

/// FNV-1a: the same on every machine and in every run.
std::string digest(const Tool& tool) {
  std::uint32_t hash = 2166136261U;
  for (const char c : tool.server + '\n' + tool.name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (int shift = 28; shift >= 0; shift -= 4) out += digits[(hash >> shift) & 0xF];
  return out;
}

std::string with_digest(const std::string& name, const Tool& tool) {
  return name.substr(0, max_name - 9) + "_" + digest(tool);
}

}  // namespace

ToolNames::ToolNames(std::vector<Tool> tools) {
  std::map<std::string, int> plain;
  for (const Tool& tool : tools) ++plain[sanitised(tool.name)];
  const auto candidate = [&](const Tool& tool) {
    std::string name = sanitised(tool.name);
    if (plain[name] > 1) name = sanitised(tool.server) + "__" + name;
    if (name.empty() || name.size() > max_name) name = with_digest(name, tool);
    return name;
  };
  std::map<std::string, int> prefixed;
  for (const Tool& tool : tools) ++prefixed[candidate(tool)];
  for (Tool& tool : tools) {
    std::string name = candidate(tool);
    if (prefixed[name] > 1) name = with_digest(name, tool);
    tools_.emplace(std::move(name), std::move(tool));
  }
}

std::vector<ToolSchema> ToolNames::schemas() const {
  std::vector<ToolSchema> out;
  for (const auto& [name, tool] : tools_) {
    out.push_back({name, tool.description, tool.input_schema});
  }
  return out;
}

const Tool* ToolNames::find(const std::string& shown_name) const {
  const auto found = tools_.find(shown_name);
  return found == tools_.end() ? nullptr : &found->second;
}

std::vector<std::string> ToolNames::names() const {
  std::vector<std::string> out;
  for (const auto& [name, tool] : tools_) out.push_back(name);
  return out;
}

}  // namespace fairlead::agent
