#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <client/agent/connect_server.h>
#include <client/cli/agent_flags.h>
#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/probe_connections.h>
#include <client/cli/probe_hostile.h>
#include <client/cli/probe_http_rules.h>
#include <client/cli/probe_lint.h>
#include <client/cli/server_flags.h>

namespace fairlead::agent {
namespace {

struct Flags {
  ServerFlags server;
  double start_seconds = 20;
  double slow_seconds = 5;
  double max_seconds = 180;
  bool gentle = false;
  bool json = false;
};

/// The newest revision of the session era that it speaks, else the one that it chose: hostile input
/// is about what most hosts speak today.
mcp::Revision revision_for_wire(const ProbeReport& report) {
  for (const RevisionAttempt& attempt : report.revisions) {
    const auto revision = mcp::parse_revision(attempt.revision);
    if (attempt.refusal.empty() && mcp::era(*revision) == mcp::Era::session) return *revision;
  }
  return mcp::parse_revision(report.revision).value_or(mcp::latest_session_revision);
}

/// What only a program's pipes show.
void tell_pipes(Wire& wire, ProbeReport& report) {
  const mcp::Duration end = wire.end();
  if (end > std::chrono::milliseconds(1900)) {
    report.add(Severity::warning, "end", "",
               "it does not end when its stdin does, so a host has to kill it");
  }
  for (const std::string& line : wire.noise()) {
    report.add(Severity::problem, "stdout", "", "on stdout, where only messages may be: " + line);
  }
}

int probe(const Flags& flags, const std::stop_token& stop) {
  const ServerEntry server = flags.server.entry();
  const auto deadline = std::chrono::steady_clock::now() + milliseconds_of(flags.max_seconds);
  const auto runtime = mcp::make_runtime();
  const mcp::Duration timeout = milliseconds_of(flags.start_seconds);
  ProbeReport report;
  report.server = server.name;
  const ServerLists lists =
      meet_server(*runtime, server, timeout, milliseconds_of(flags.slow_seconds), stop, report);
  lint_lists(lists, report);
  try_revisions(*runtime, server, timeout, stop, report);
  std::unique_ptr<Wire> wire;
  const mcp::Revision revision = revision_for_wire(report);
  if (server.url.empty()) {
    report.transports.emplace_back("stdio");
    wire = make_program_wire(*runtime, server, revision, stop);
  } else {
    const mcp::HttpHeaders headers = request_headers(*runtime, server, "POST");
    check_http(server, revision, headers, stop, report);
    // HTTP+SSE has no exchange that could be looked at alone.
    if (report.transports == std::vector<std::string>{"HTTP+SSE"}) {
      report.add(Severity::note, "transport", "", "hostile input is not sent over HTTP+SSE");
    } else {
      wire = make_http_wire(server, revision, headers, stop);
    }
  }
  if (wire && !flags.gentle) {
    run_hostile_table(*wire, revision, lists.tools, deadline, stop, report);
    tell_pipes(*wire, report);
  }
  if (stop.stop_requested()) return exit_code::cancelled;
  if (flags.json) {
    print_json(report);
  } else {
    print_text(report);
  }
  const bool clean = report.count(Severity::problem) == 0 && report.count(Severity::warning) == 0;
  return clean ? exit_code::ok : exit_code::tool_error;
}

}  // namespace

void add_probe_command(CLI::App& app, CommandContext& context) {
  const auto flags = std::make_shared<Flags>();
  auto* command = app.add_subcommand(
      "probe", "Find out what a server speaks, offers and bears; exit status 1 for findings");
  flags->server.add_to(*command);
  command
      ->add_option("--timeout", flags->start_seconds,
                   "Seconds for each of its starts, and for each list")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
  command->add_option("--slow", flags->slow_seconds, "Seconds after which a first answer is late")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
  command->add_option("--max-seconds", flags->max_seconds, "Seconds after which no more is sent")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command->add_flag("--gentle", flags->gentle, "Send it no hostile input");
  command->add_flag("--json", flags->json, "What was found as JSON");
  command->callback(
      [flags, &context] { context.exit_code = probe(*flags, context.interrupt.begin_work()); });
}

}  // namespace fairlead::agent
