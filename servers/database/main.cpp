#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include <mcp/base/version.h>
#include <mcp/server/serve.h>

#include "servers/database/sample_shop.h"
#include "servers/database/server.h"

// mcp-server-database: the command line around make_server().

namespace {

constexpr int exit_database = 1;
constexpr int exit_usage = 2;

struct Arguments {
  std::string file;
  std::string sample_file;
  bool write = false;
  fairlead::database::Options database;
  double timeout_seconds = 30;
  mcp::ServeOptions serve;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.set_version_flag("--version", mcp::version());
  app.add_option("DB_FILE", arguments.file, "The SQLite file to serve");
  app.add_flag("--write", arguments.write,
               "Allow INSERT, UPDATE, DELETE, CREATE, ALTER and DROP; without it, only reading");
  app.add_option("--max-rows", arguments.database.max_rows, "Rows of one answer at most")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--max-bytes", arguments.database.max_bytes, "Bytes of one answer's rows at most")
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  app.add_option("--timeout", arguments.timeout_seconds, "Seconds that one call may take")
      ->check(CLI::Range(0.1, 3'600.0))
      ->capture_default_str();
  app.add_option("--make-sample", arguments.sample_file,
                 "Make a sample database of an online shop in this new file, and end");
  mcp::add_serve_options(app, arguments.serve);
  app.footer(
      "\nSpeaks the Model Context Protocol on stdin and stdout; logs go to stderr.\n"
      "Exit codes: 0 the client closed its end, or the sample was made; 1 the database can't be\n"
      "opened, or the sample can't be made; 2 wrong command line.");
}

int run(Arguments arguments) {
  namespace database = fairlead::database;
  if (!arguments.sample_file.empty()) {
    database::make_sample_shop(arguments.sample_file);
    std::cerr << "Made " << arguments.sample_file << ".\n";
    return 0;
  }
  if (arguments.write) arguments.database.mode = database::Mode::write;
  arguments.database.timeout =
      std::chrono::milliseconds(static_cast<long long>(arguments.timeout_seconds * 1000));
  const auto server = database::make_server(
      std::make_shared<database::Database>(arguments.file, arguments.database));
  return mcp::serve(*server, arguments.serve);
}

}  // namespace

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // SQLite's heap limit counts what is in use. An arena keeps what was freed in it for itself: with
  // several of them the process takes a multiple of the limit, and SQLite allocates one at a time.
  mallopt(M_ARENA_MAX, 1);
#endif
  CLI::App app("An MCP server that answers questions from one SQLite database.",
               "mcp-server-database");
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
    if (arguments.file.empty() == arguments.sample_file.empty()) {
      throw CLI::ValidationError("DB_FILE", "give a database file, or --make-sample FILE");
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  try {
    return run(std::move(arguments));
  } catch (const std::exception& error) {
    std::cerr << "mcp-server-database: " << error.what() << "\n";
    return exit_database;
  }
}
