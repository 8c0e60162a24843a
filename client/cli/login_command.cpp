#include <atomic>
#include <cstdio>
#include <iostream>
#include <stdexcept>

#include <client/agent/connect_server.h>
#include <client/agent/server_tokens.h>
#include <client/cli/agent_flags.h>
#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/terminal_questions.h>
#include <client/cli/terminal_text.h>
#include <mcp/auth/oauth.h>

namespace fairlead::agent {
namespace {

struct Flags {
  std::string server;
  std::string config_file;
  bool no_browser = false;
  double seconds = 300;
  std::vector<std::string> scopes;
  std::string client_id;
  std::string secret_variable;
};

ServerEntry entry_of(const Flags& flags) {
  ServerEntry entry = one_server(flags.server, flags.config_file);
  if (entry.url.empty()) {
    throw std::invalid_argument("only servers at a URL have logins: " + flags.server);
  }
  return entry;
}

/// The browser, or what its user copies from and to this terminal.
std::shared_ptr<mcp::auth::UserAgent> user_agent(const Flags& flags) {
  if (!flags.no_browser) {
    mcp::auth::LoopbackUserAgentOptions options;
    options.timeout = std::chrono::seconds(static_cast<long long>(flags.seconds));
    return mcp::auth::make_loopback_user_agent(options);
  }
  return mcp::auth::make_pasting_user_agent(
      [](const std::string& text) { std::fprintf(stderr, "%s\n", printable(text).c_str()); },
      []() -> std::optional<std::string> {
        std::string line;
        if (!std::getline(std::cin, line)) return std::nullopt;
        return line;
      });
}

/// Notes whether anybody was asked for a token.
class Watched final : public mcp::Authorizer {
 public:
  explicit Watched(std::shared_ptr<mcp::Authorizer> authorizer) : real_(std::move(authorizer)) {}

  mcp::HttpHeaders headers(const Request& request) override { return real_->headers(request); }
  void refused(Refusal refusal, Done done) override {
    was_needed = true;
    real_->refused(std::move(refusal), std::move(done));
  }
  void answered(const Request& request, const mcp::HttpHeaders& headers) override {
    real_->answered(request, headers);
  }

  std::atomic<bool> was_needed = false;

 private:
  std::shared_ptr<mcp::Authorizer> real_;
};

int login(const Flags& flags, std::stop_token stop) {
  const ServerEntry server = entry_of(flags);
  mcp::auth::OAuthOptions options;
  options.store = open_server_tokens();
  options.grant = mcp::auth::AuthorizationCodeGrant{.user_agent = user_agent(flags)};
  options.scopes = flags.scopes;
  if (!flags.client_id.empty()) {
    mcp::auth::RegisteredClient client{.client_id = flags.client_id};
    if (!flags.secret_variable.empty()) {
      client.client_secret = read_environment(flags.secret_variable.c_str());
      if (client.client_secret.empty()) {
        throw std::invalid_argument(flags.secret_variable + " is not set");
      }
    }
    options.clients.push_back(std::move(client));
  }
  const auto runtime = mcp::make_runtime();
  const auto authorizer = std::make_shared<Watched>(
      mcp::auth::make_oauth_authorizer(*runtime, server.url, std::move(options)));
  mcp::Client client =
      connect_server(*runtime, server, terminal_questions(),
                     {milliseconds_of(flags.seconds), std::move(stop)}, authorizer);
  // A server may tell everybody what it is, and want a token for what it has.
  if (client.server().capabilities.tools) client.list_tools();
  std::printf("%s: %s\n", one_line(client.server().implementation.name, 200).c_str(),
              authorizer->was_needed ? "logged in" : "no login is needed");
  client.close();
  return exit_code::ok;
}

int logout(const Flags& flags) {
  const ServerEntry server = entry_of(flags);
  mcp::auth::forget_tokens(*open_server_tokens(), server.url);
  std::printf("%s: logged out\n", one_line(server.name, 200).c_str());
  return exit_code::ok;
}

CLI::App* add(CLI::App& app, const char* verb, const char* description,
              const std::shared_ptr<Flags>& flags) {
  auto* command = app.add_subcommand(verb, description);
  command->add_option("server", flags->server, "The server's URL, or its name in the --config file")
      ->required();
  command->add_option("--config", flags->config_file, "A file with \"mcpServers\"");
  return command;
}

}  // namespace

void add_login_commands(CLI::App& app, CommandContext& context) {
  const auto flags = std::make_shared<Flags>();
  auto* command = add(app, "login", "Log in to a server; keeps the tokens, encrypted", flags);
  command->add_flag("--no-browser", flags->no_browser,
                    "Print the page's address, and read the one that the browser ended at");
  command->add_option("--timeout", flags->seconds, "Seconds that all of it may take")
      ->check(CLI::Range(1.0, 1e5))
      ->capture_default_str();
  command->add_option("--scope", flags->scopes, "Ask for this one too; may be repeated");
  command->add_option("--client-id", flags->client_id, "If the server knows this program already");
  command->add_option("--client-secret-env", flags->secret_variable,
                      "The environment variable with its secret");
  command->callback(
      [flags, &context] { context.exit_code = login(*flags, context.interrupt.begin_work()); });

  const auto out = std::make_shared<Flags>();
  add(app, "logout", "Forget the tokens of a server", out)->callback([out, &context] {
    context.exit_code = logout(*out);
  });
}

}  // namespace fairlead::agent
