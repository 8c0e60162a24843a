#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <client/agent/mcp_toolbox.h>
#include <client/cli/agent_flags.h>
#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/terminal_json.h>
#include <client/cli/terminal_text.h>
#include <client/config/text_file.h>
#include <client/install/client_config_path.h>
#include <client/install/config_edit.h>
#include <client/install/executable.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {
namespace {

/// Where the text before a change is kept: a backup is never written over.
std::string backup_path(const std::string& path) {
  const std::string first = path + ".before-fairlead";
  std::string free = first;
  for (int number = 2; std::filesystem::exists(free); ++number)
    free = first + "." + std::to_string(number);
  return free;
}

struct Flags;

/// A server that can be installed.
struct Product {
  const char* name;
  const char* program;
  const char* description;
  OrderedJson (*arguments)(const Flags& flags);  ///< throws std::runtime_error
};

struct Flags {
  explicit Flags(const Product& of) : product(of), name(of.name) {}

  Product product;
  std::string name;
  std::string database_file;
  std::vector<std::string> directories;
  std::string client = "claude-desktop";
  std::string config_file;
  bool write = false;
  bool dry_run = false;
  bool force = false;
  bool json = false;
};

std::string config_path(const Flags& flags) {
  if (!flags.config_file.empty()) return std::filesystem::absolute(flags.config_file).string();
  return client_config_path(HostClient::claude_desktop, this_platform(), read_environment,
                            [](const std::string& path) { return std::filesystem::exists(path); });
}

/// Desktop programs have a poor PATH and a working folder of their own: everything is absolute.
std::string server_path(const Product& product) {
  const auto path = std::filesystem::path(executable_path()).parent_path() / product.program;
  if (!is_executable(path.string())) {
    throw std::runtime_error("there is no " + path.string() + " beside this program");
  }
  return path.string();
}

std::string absolute_path(const std::string& given) {
  std::string path = std::filesystem::absolute(given).lexically_normal().string();
  if (path.size() > 1 && path.back() == '/') path.pop_back();
  if (!mcp::is_valid_utf8(path)) {
    throw std::runtime_error("the configuration is JSON, which has no way to write the path " +
                             path + ": it is not UTF-8");
  }
  return path;
}

OrderedJson database_arguments(const Flags& flags) {
  const std::string database = absolute_path(flags.database_file);
  if (!std::filesystem::is_regular_file(database)) {
    throw std::runtime_error("there is no database file " + database);
  }
  OrderedJson arguments = OrderedJson::array({database});
  if (flags.write) arguments.push_back("--write");
  return arguments;
}

std::vector<std::string> directories_of(const Flags& flags) {
  std::vector<std::string> out;
  for (const auto& given : flags.directories) {
    out.push_back(absolute_path(given));
    if (!std::filesystem::is_directory(out.back())) {
      throw std::runtime_error("there is no directory " + out.back());
    }
  }
  return out;
}

OrderedJson filesystem_arguments(const Flags& flags) {
  OrderedJson arguments = directories_of(flags);
  if (!flags.write) arguments.push_back("--read-only");
  return arguments;
}

OrderedJson websearch_arguments(const Flags& flags) {
  OrderedJson arguments = OrderedJson::array();
  for (const auto& directory : directories_of(flags)) {
    arguments.push_back("--ingest-dir");
    arguments.push_back(directory);
  }
  return arguments;
}

constexpr Product database_server = {"database", "mcp-server-database", "The database server",
                                     database_arguments};
constexpr Product filesystem_server = {"filesystem", "mcp-server-filesystem",
                                       "The filesystem server", filesystem_arguments};
constexpr Product websearch_server = {"websearch", "mcp-server-websearch", "The web search server",
                                      websearch_arguments};

OrderedJson entry_of(const Flags& flags) {
  OrderedJson entry = OrderedJson::object();
  entry["command"] = server_path(flags.product);
  entry["args"] = flags.product.arguments(flags);
  return entry;
}

bool is_ours(const OrderedJson& entry, const Product& product) {
  if (!entry.is_object()) return false;
  const auto command = entry.find("command");
  return command != entry.end() && command->is_string() &&
         std::filesystem::path(command->get<std::string>()).filename() == product.program;
}

/// Reads the file, applies `edit`, shows the difference and writes it unless it is a dry run.
template <typename Edit>
OrderedJson change(const Flags& flags, Edit edit) {
  const std::string path = config_path(flags);
  require_replaceable(path);
  const std::string before = read_text_file(path).value_or("");
  std::string after;
  try {
    after = edit(before);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(path + ": " + error.what() + "; nothing was changed");
  }
  const std::string difference = line_difference(before, after);
  const bool changed = after != before;
  const std::string backup = before.empty() ? "" : backup_path(path);
  if (changed && !flags.dry_run) {
    if (!backup.empty()) replace_text_file(backup, before);
    replace_text_file(path, after);
  }
  OrderedJson report = OrderedJson::object();
  report["config_file"] = path;
  report["changed"] = changed;
  report["dry_run"] = flags.dry_run;
  report["difference"] = difference;
  if (changed && !flags.dry_run && !backup.empty()) report["backup"] = backup;
  if (!flags.json) {
    std::printf("%s\n%s", path.c_str(), printable(difference).c_str());
    if (!changed) std::puts("Nothing to change.");
    if (changed && flags.dry_run) std::puts("A dry run: nothing was written.");
    if (report.contains("backup")) std::printf("Before: %s\n", backup.c_str());
  }
  return report;
}

/// Starts the server as the client will, and lists its tools.
OrderedJson verified_tools(const Flags& flags, const OrderedJson& entry, std::stop_token stop) {
  ServerEntry server;
  server.name = flags.name;
  server.command = entry["command"];
  server.arguments = entry["args"].get<std::vector<std::string>>();
  const auto toolbox = open_mcp_toolbox({server}, declining_handlers(), {.stop = stop});
  OrderedJson tools = OrderedJson::array();
  for (const Tool& tool : toolbox->tools(stop)) {
    tools.push_back(tool.name);
    if (!flags.json) {
      std::printf("  %s  %s\n", one_line(tool.name, 128).c_str(),
                  one_line(tool.description, 100).c_str());
    }
  }
  return tools;
}

void print_report(const Flags& flags, const OrderedJson& report) {
  if (!flags.json) return;
  const std::string text = report.dump(2, ' ', false, OrderedJson::error_handler_t::replace);
  std::puts(escape_unseen(text).c_str());
}

int install(const Flags& flags, Interrupt& interrupt) {
  OrderedJson entry = entry_of(flags);
  // First, so that an entry that does not work is never written.
  if (!flags.json) std::puts("The server's tools:");
  const OrderedJson tools = verified_tools(flags, entry, interrupt.begin_work());
  OrderedJson report = change(flags, [&](const std::string& before) {
    const OrderedJson old = find_server(before, flags.name);
    if (is_ours(old, flags.product)) {  // what else it says is the user's
      const OrderedJson ours = std::exchange(entry, old);
      entry.update(ours);
    }
    if (old == entry) return before;
    if (!old.is_null() && !is_ours(old, flags.product) && !flags.force) {
      throw std::runtime_error("another server is called \"" + flags.name +
                               "\" there already: choose --name, or replace it with --force");
    }
    return with_server(before, flags.name, entry);
  });
  report["name"] = flags.name;
  report["entry"] = entry;
  report["tools"] = tools;
  if (!flags.json && report["changed"] == true && !flags.dry_run) {
    std::puts("Quit Claude Desktop and open it again: it reads the file when it starts.");
  }
  print_report(flags, report);
  return exit_code::ok;
}

int uninstall(const Flags& flags) {
  OrderedJson report = change(flags, [&](const std::string& before) {
    const OrderedJson old = find_server(before, flags.name);
    if (!old.is_null() && !is_ours(old, flags.product) && !flags.force) {
      throw std::runtime_error("\"" + flags.name + "\" is no " + flags.product.program +
                               ": remove it with --force if you mean it");
    }
    return without_server(before, flags.name);
  });
  report["name"] = flags.name;
  print_report(flags, report);
  return exit_code::ok;
}

/// The command for one server, below `command`.
CLI::App* add_product(CLI::App& command, Flags& flags) {
  auto* server = command.add_subcommand(flags.product.name, flags.product.description);
  server->add_option("--client", flags.client, "The program whose configuration is changed")
      ->check(CLI::IsMember({"claude-desktop"}))
      ->capture_default_str();
  server->add_option("--config-file", flags.config_file, "Its configuration, if not the usual");
  server->add_option("--name", flags.name, "The server's name there")->capture_default_str();
  server->add_flag("--force", flags.force, "Also when another server has that name");
  server->add_flag("--dry-run", flags.dry_run, "Show what would change and write nothing");
  server->add_flag("--json", flags.json, "Report as one JSON object");
  return server;
}

}  // namespace

void add_install_command(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("install", "Add a server to a desktop client");
  command->require_subcommand(1);
  const auto add = [&](const Product& product) {
    auto flags = std::make_shared<Flags>(product);
    auto* server = add_product(*command, *flags);
    server->callback([flags, &context] { context.exit_code = install(*flags, context.interrupt); });
    return std::pair(server, flags);
  };
  const auto [database, of_database] = add(database_server);
  database->add_option("--db", of_database->database_file, "The SQLite file")->required();
  database->add_flag("--write", of_database->write, "Let the server change the database");
  const auto [filesystem, of_filesystem] = add(filesystem_server);
  filesystem
      ->add_option("--dir", of_filesystem->directories, "A directory to serve (one or several)")
      ->required();
  filesystem->add_flag("--write", of_filesystem->write, "Let the server write files");
  const auto [websearch, of_websearch] = add(websearch_server);
  websearch->add_option("--dir", of_websearch->directories,
                        "A directory whose documents it may index (one or several)");
}

void add_uninstall_command(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("uninstall", "Take a server out again");
  command->require_subcommand(1);
  for (const Product& product : {database_server, filesystem_server, websearch_server}) {
    auto flags = std::make_shared<Flags>(product);
    add_product(*command, *flags)->callback([flags, &context] {
      context.exit_code = uninstall(*flags);
    });
  }
}

}  // namespace fairlead::agent
