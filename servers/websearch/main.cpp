#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <mcp/base/version.h>
#include <mcp/outbound/connection_rules.h>
#include <mcp/outbound/ip_address.h>
#include <mcp/server/serve.h>

#include "servers/websearch/failure.h"
#include "servers/websearch/server.h"

// mcp-server-websearch: the command line around make_server().

namespace {

constexpr int exit_start = 1;
constexpr int exit_usage = 2;

struct Arguments {
  fairlead::websearch::Options websearch;
  std::vector<std::string> allowed_networks;
  std::vector<int> allowed_ports;
  double timeout_seconds = 30;
  double pause_seconds = 0.25;
  bool temporary = false;
  std::vector<std::string> providers;
  std::vector<std::string> calls_per_second;
  std::vector<std::string> calls_per_day;
  mcp::ServeOptions serve;
};

std::string default_index(const std::string& data_folder) {
  return data_folder + "/mcp-server-websearch/index.db";
}

// Where programs of this user keep their data (XDG Base Directory).
std::string data_folder() {
  const std::string named = mcp::outbound::read_environment("XDG_DATA_HOME");
  if (named.starts_with('/')) return named;
  const std::string home = mcp::outbound::read_environment("HOME");
  return home.empty() ? std::string() : home + "/.local/share";
}

void declare(CLI::App& app, Arguments& arguments) {
  auto& web = arguments.websearch.web;
  app.add_option("--index", arguments.websearch.index_file,
                 "SQLite file of the index; without it, " + default_index("~/.local/share"));
  app.add_flag("--no-index-file", arguments.temporary,
               "Keep the index in a temporary file, gone at the end");
  app.add_option("--ingest-dir", arguments.websearch.ingest_folders,
                 "A folder that the tool ingest may read, with all below it")
      ->expected(0, CLI::detail::expected_max_vector_size);
  app.set_version_flag("--version", mcp::version());
  app.add_option("--user-agent", web.user_agent, "What to call this program towards web sites");
  app.add_flag("--ignore-robots,--ignore-robots-txt", web.ignore_robots,
               "Fetch also what a site's robots.txt does not allow programs to fetch");
  app.add_option("--proxy,--proxy-url", web.rules.proxy,
                 "http://[user:password@]host:port; without it, that of the environment");
  app.add_option("--ca-file", web.rules.ca_file,
                 "PEM file of the certificate authorities to trust instead of the system's");
  app.add_option("--allow-private", arguments.allowed_networks,
                 "A network that may be called though it is not public, e.g. 10.0.0.0/8");
  app.add_option("--allow-port", arguments.allowed_ports,
                 "A port besides 80, 443, 8080 and 8443 that may be called")
      ->check(CLI::Range(1, 65'535));
  app.add_option("--max-bytes", web.rules.max_body_bytes, "Bytes of one page at most")
      ->check(CLI::Range(10'000, 100'000'000))
      ->capture_default_str();
  app.add_option("--pause", arguments.pause_seconds, "Seconds between two calls to one host")
      ->check(CLI::Range(0.0, 60.0))
      ->capture_default_str();
  app.add_option("--timeout", arguments.timeout_seconds, "Seconds that fetching a page may take")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  app.add_option("--providers", arguments.providers,
                 "Search services to ask, in this order; without it, all that are set up")
      ->delimiter(',');
  app.add_option("--calls-per-second", arguments.calls_per_second,
                 "How often a search service may be called, e.g. brave=1");
  app.add_option("--calls-per-day", arguments.calls_per_day,
                 "How often a day a search service may be called, e.g. brave=66");
  mcp::add_serve_options(app, arguments.serve);
  app.footer(
      "\nSearch services are set up by the environment: SEARXNG_URL, BRAVE_API_KEY, "
      "TAVILY_API_KEY,\n"
      "SERPER_API_KEY, EXA_API_KEY, KAGI_API_KEY, WEBSEARCH_GATEWAY_URL with _KEY and _TOOL.\n"
      "\nSpeaks the Model Context Protocol on stdin and stdout; logs go to stderr.\n"
      "Exit codes: 0 the client closed its end; 1 it could not start; 2 wrong command line.");
}

/// `NAME=NUMBER` for one of the services. Throws Failure.
std::pair<fairlead::websearch::ProviderOptions*, double> limit_of(
    const std::string& text, std::vector<fairlead::websearch::ProviderOptions>& providers) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string number = text.substr(std::min(equals + 1, text.size()));
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  for (auto& provider : providers) {
    if (provider.name == text.substr(0, equals) && !number.empty() && *end == '\0' && value > 0 &&
        value < 1e6) {
      return {&provider, value};
    }
  }
  throw fairlead::websearch::Failure(text +
                                     " is no limit such as brave=1, for a service that is set up.");
}

void set_up_providers(Arguments& arguments) {
  auto& providers = arguments.websearch.providers;
  providers = fairlead::websearch::providers_of(mcp::outbound::read_environment);
  for (const auto& text : arguments.calls_per_second) {
    const auto [provider, value] = limit_of(text, providers);
    provider->limits.calls_per_second = value;
  }
  for (const auto& text : arguments.calls_per_day) {
    const auto [provider, value] = limit_of(text, providers);
    provider->limits.calls_per_day = static_cast<std::size_t>(std::max(1.0, value));
  }
  if (!arguments.providers.empty()) {
    providers = fairlead::websearch::in_order(std::move(providers), arguments.providers);
  }
}

int run(Arguments arguments) {
  auto& websearch = arguments.websearch;
  for (const auto& text : arguments.allowed_networks) {
    const auto network = mcp::outbound::parse_ip_network(text);
    if (!network) {
      std::cerr << "--allow-private: " << text << " is no network such as 10.0.0.0/8 or fd00::/8\n";
      return exit_usage;
    }
    websearch.web.rules.allowed_networks.push_back(*network);
  }
  for (const int port : arguments.allowed_ports) {
    websearch.web.rules.allowed_ports.push_back(port);
  }
  const auto milliseconds = [](double seconds) {
    return std::chrono::milliseconds(static_cast<long long>(seconds * 1000));
  };
  websearch.timeout = milliseconds(arguments.timeout_seconds);
  websearch.web.pause = milliseconds(arguments.pause_seconds);
  if (arguments.temporary) {
    websearch.index_file.clear();
  } else if (websearch.index_file.empty() && !data_folder().empty()) {
    websearch.index_file = default_index(data_folder());
  }
  set_up_providers(arguments);
  const auto server = fairlead::websearch::make_server(websearch);
  return mcp::serve(*server, arguments.serve);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("An MCP server that searches and reads the web.", "mcp-server-websearch");
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  // Who set up a bundle may have chosen no folder: an option without a value holds an empty one.
  std::erase(arguments.websearch.ingest_folders, "");
  try {
    return run(std::move(arguments));
  } catch (const std::exception& error) {
    std::cerr << "mcp-server-websearch: " << error.what() << "\n";
    return exit_start;
  }
}
