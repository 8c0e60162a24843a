#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <mcp/base/version.h>
#include <mcp/server/serve.h>

#include "servers/filesystem/server.h"

// mcp-server-filesystem: the command line around make_server().

namespace {

constexpr int exit_directories = 1;
constexpr int exit_usage = 2;

struct Arguments {
  std::vector<std::string> directories;
  fairlead::filesystem::Options filesystem;
  double timeout_seconds = 30;
  fairlead::filesystem::Links links = fairlead::filesystem::Links::named;
  mcp::ServeOptions serve;
};

void declare(CLI::App& app, Arguments& arguments) {
  auto& limits = arguments.filesystem.limits;
  app.set_version_flag("--version", mcp::version());
  app.add_option("DIR", arguments.directories, "Directories to serve, with all below them");
  app.add_flag("--read-only", arguments.filesystem.read_only, "Leave out every tool that writes");
  app.add_flag("--confirm", arguments.filesystem.confirm,
               "Ask before files are replaced, edited, moved or deleted");
  app.add_option("--follow-symlinks", arguments.links,
                 "Links that are followed if they end inside: never any, those that are named in "
                 "paths (the default), or also those inside of trees and searches")
      ->option_text("never|named|inside")
      ->transform(CLI::CheckedTransformer(std::map<std::string, fairlead::filesystem::Links>{
          {"never", fairlead::filesystem::Links::never},
          {"named", fairlead::filesystem::Links::named},
          {"inside", fairlead::filesystem::Links::inside}}));
  app.add_flag("--ignore-roots{false}", arguments.filesystem.client_roots,
               "Do not ask clients for their roots, which else narrow what they may use");
  app.add_flag("--ask-roots", arguments.filesystem.ask_roots,
               "Ask clients without sessions for their roots too, a round trip for each call");
  app.add_option(
      "--trash", arguments.filesystem.trash,
      "Directory for deleted files; without it .Trash-<user id> in the directory served");
  app.add_option("--disable-tools", arguments.filesystem.disabled_tools,
                 "Tools to leave out, separated by commas")
      ->delimiter(',');
  app.add_option("--max-read-bytes", limits.max_read_bytes, "Bytes of text in one answer at most")
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  app.add_option("--max-media-bytes", limits.max_media_bytes, "Bytes of one media file at most")
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  app.add_option("--max-edit-bytes", limits.max_edited_bytes, "Bytes of a file that is edited")
      ->check(CLI::Range(1'000, 100'000'000))
      ->capture_default_str();
  app.add_option("--max-copied-entries", limits.max_copied_entries,
                 "Files and directories of one copy at most")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--max-entries", limits.max_entries, "Entries of one listing or search at most")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--max-depth", limits.max_depth, "Levels of one tree or search at most")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  app.add_option("--timeout", arguments.timeout_seconds, "Seconds that one tree or search may take")
      ->check(CLI::Range(0.1, 3'600.0))
      ->capture_default_str();
  arguments.serve.http.tool_calls_per_minute = 60;
  mcp::add_serve_options(app, arguments.serve);
  app.footer(
      "\nSpeaks the Model Context Protocol on stdin and stdout; logs go to stderr.\n"
      "Exit codes: 0 the client closed its end; 1 none of the directories can be used;\n"
      "2 wrong command line.");
}

std::vector<fairlead::filesystem::AllowedDirectory> open_all(
    const std::vector<std::string>& directories) {
  std::vector<fairlead::filesystem::AllowedDirectory> opened;
  for (const auto& directory : directories) {
    try {
      opened.push_back(fairlead::filesystem::open_allowed_directory(directory));
    } catch (const fairlead::filesystem::Failure& failure) {
      if (std::string(failure.what()).rfind("ENOTDIR", 0) == 0) {
        std::cerr << "Warning: " << directory << " is not a directory, skipping\n";
      } else {
        std::cerr << "Warning: Cannot access directory " << directory << ", skipping\n";
      }
    }
  }
  return opened;
}

int run(Arguments arguments) {
  namespace filesystem = fairlead::filesystem;
  auto opened = open_all(arguments.directories);
  if (opened.empty()) {
    std::cerr << "Error: None of the specified directories are accessible\n";
    return exit_directories;
  }
  arguments.filesystem.limits.timeout =
      std::chrono::milliseconds(static_cast<long long>(arguments.timeout_seconds * 1000));
  const auto server = filesystem::make_server(
      std::make_shared<const filesystem::Sandbox>(std::move(opened), filesystem::Following::kernel,
                                                  arguments.links),
      arguments.filesystem);
  std::cerr << "Secure MCP Filesystem Server running on stdio\n";
  return mcp::serve(*server, arguments.serve);
}

}  // namespace

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // What a large answer took goes back as soon as it is sent: else the allocator learns from the
  // first one to keep the next ones, a heap for each thread.
  mallopt(M_MMAP_THRESHOLD, 512 << 10);
#endif
  CLI::App app("An MCP server that reads and writes the files of some directories.",
               "mcp-server-filesystem");
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
    if (arguments.directories.empty()) {
      throw CLI::ValidationError("DIR", "give at least one directory");
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  try {
    return run(std::move(arguments));
  } catch (const std::exception& error) {
    std::cerr << "mcp-server-filesystem: " << error.what() << "\n";
    return exit_usage;
  }
}
