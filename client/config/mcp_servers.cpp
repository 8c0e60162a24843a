#include <stdexcept>

#include <client/config/json_file.h>
#include <client/config/mcp_servers.h>
#include <mcp/outbound/url.h>
#include <mcp/transport/command_line.h>

namespace fairlead::agent {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw std::invalid_argument("mcpServers/" + name + ": " + what);
}

std::string string_member(const OrderedJson& entry, const std::string& name, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end()) return {};
  if (!found->is_string()) refuse(name, std::string("\"") + key + "\" must be a string");
  return found->get<std::string>();
}

std::map<std::string, std::string> strings_member(const OrderedJson& entry, const std::string& name,
                                                  const char* key) {
  std::map<std::string, std::string> out;
  const auto found = entry.find(key);
  if (found == entry.end()) return out;
  const std::string quoted = std::string("\"") + key + "\"";
  if (!found->is_object()) refuse(name, quoted + " must be an object of strings");
  for (const auto& [member, value] : found->items()) {
    if (!value.is_string()) refuse(name, quoted + ": \"" + member + "\" must be a string");
    out[member] = value.get<std::string>();
  }
  return out;
}

ServerEntry read_entry(const std::string& name, const OrderedJson& json) {
  if (!json.is_object()) refuse(name, "must be an object");
  ServerEntry entry;
  entry.name = name;
  entry.command = string_member(json, name, "command");
  entry.url = string_member(json, name, "url");
  entry.directory = string_member(json, name, "cwd");
  if (entry.command.empty() && entry.url.empty()) {
    refuse(name, "\"command\" or \"url\" is missing");
  }
  if (!entry.command.empty() && !entry.url.empty()) {
    refuse(name, "\"command\" and \"url\" can't both be there");
  }
  if (!entry.url.empty() && !mcp::outbound::parse_http_url(entry.url)) {
    refuse(name, "\"url\" must be an http or https URL");
  }
  if (const auto args = json.find("args"); args != json.end()) {
    if (!args->is_array()) refuse(name, "\"args\" must be an array of strings");
    for (const auto& arg : *args) {
      if (!arg.is_string()) refuse(name, "\"args\" must be an array of strings");
      entry.arguments.push_back(arg.get<std::string>());
    }
  }
  entry.environment = strings_member(json, name, "env");
  entry.headers = strings_member(json, name, "headers");
  return entry;
}

}  // namespace

std::vector<ServerEntry> read_mcp_servers(std::string_view text) {
  const OrderedJson json = parse_config_json(text);
  if (!json.is_object()) throw std::invalid_argument("the configuration must be a JSON object");
  const auto servers = json.find("mcpServers");
  if (servers == json.end()) {
    throw std::invalid_argument("the configuration has no \"mcpServers\"");
  }
  if (!servers->is_object()) throw std::invalid_argument("\"mcpServers\" must be an object");
  std::vector<ServerEntry> out;
  for (const auto& [name, entry] : servers->items()) {
    if (entry.is_object() && entry.contains("disabled") && entry["disabled"] == true) continue;
    out.push_back(read_entry(name, entry));
  }
  return out;
}

ServerEntry server_at(std::string_view address) {
  if (const auto url = mcp::outbound::parse_http_url(address)) {
    ServerEntry entry;
    entry.name = url->host;
    entry.url = address;
    return entry;
  }
  return server_of_command(address);
}

ServerEntry server_of_command(std::string_view command_line) {
  const std::vector<std::string> words = mcp::split_command_line(command_line);
  ServerEntry entry;
  entry.command = words.front();
  entry.arguments.assign(words.begin() + 1, words.end());
  entry.name = entry.command.substr(entry.command.find_last_of('/') + 1);
  return entry;
}

}  // namespace fairlead::agent
