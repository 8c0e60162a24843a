#pragma once

#include <optional>
#include <string>
#include <vector>

#include <client/model/message.h>

namespace fairlead::agent {

/// How bad something is that `fairlead probe` found.
enum class Severity {
  note,     ///< worth knowing
  warning,  ///< a host or a model will trip over it
  problem,  ///< the specification forbids it, or the server does not live through it
};

struct ProbeFinding {
  Severity severity;
  std::string rule;   ///< a word that stays the same, such as `tool-name`
  std::string where;  ///< such as `tool add, /properties/a`; empty: the whole server
  std::string message;
};

/// Whether the server speaks a revision.
struct RevisionAttempt {
  std::string revision;
  std::string refusal;  ///< empty: it does
  double milliseconds = 0;
};

/// What the server made of one hostile input.
struct HostileRow {
  std::string input;
  std::string wanted;
  std::string answer;
  std::optional<Severity> severity;  ///< none: as it should be
};

/// Everything that `fairlead probe` learned.
struct ProbeReport {
  std::string server;
  std::vector<std::string> transports;
  std::string name;  ///< as the server calls itself, and its version
  std::string version;
  std::string revision;  ///< what a client that asks for nothing gets
  double first_answer_milliseconds = 0;
  Json capabilities = Json::object();
  std::vector<RevisionAttempt> revisions;
  std::size_t tools = 0;
  std::size_t resources = 0;
  std::size_t templates = 0;
  std::size_t prompts = 0;
  std::vector<HostileRow> hostile;
  std::vector<ProbeFinding> findings;

  void add(Severity severity, std::string rule, std::string where, std::string message);
  /// Of that severity, hostile rows included.
  std::size_t count(Severity severity) const;
};

/// For people and for programs, on stdout.
void print_text(const ProbeReport& report);
void print_json(const ProbeReport& report);

}  // namespace fairlead::agent
