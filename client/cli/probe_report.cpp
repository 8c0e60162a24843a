#include <client/cli/probe_report.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include <client/cli/terminal_json.h>
#include <client/cli/terminal_text.h>

namespace fairlead::agent {
namespace {

const char* word(Severity severity) {
  constexpr std::array words = {"note", "warning", "problem"};
  return words[static_cast<std::size_t>(severity)];
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& one : words) out += (out.empty() ? "" : ", ") + one;
  return out;
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void print_row(const char* mark, const std::string& text) {
  std::printf("  %-8s %s\n", mark, one_line(text, 600).c_str());
}

}  // namespace

void ProbeReport::add(Severity severity, std::string rule, std::string where, std::string message) {
  findings.push_back({severity, std::move(rule), std::move(where), std::move(message)});
}

std::size_t ProbeReport::count(Severity severity) const {
  const auto is = [&](const auto& one) { return one.severity == severity; };
  return static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(), is) +
                                  std::count_if(hostile.begin(), hostile.end(), is));
}

void print_text(const ProbeReport& report) {
  std::printf("%s %s speaks %s over %s; first answer after %.0f ms\n",
              one_line(report.name, 200).c_str(), one_line(report.version, 100).c_str(),
              report.revision.c_str(), joined(report.transports).c_str(),
              report.first_answer_milliseconds);
  std::vector<std::string> offered;
  for (const auto& [name, settings] : report.capabilities.items()) offered.push_back(name);
  std::printf("capabilities: %s\n",
              one_line(offered.empty() ? "none" : joined(offered), 500).c_str());
  std::printf("%s, %s, %s, %s\n", counted(report.tools, "tool").c_str(),
              counted(report.resources, "resource").c_str(),
              counted(report.templates, "resource template").c_str(),
              counted(report.prompts, "prompt").c_str());

  std::puts("\nrevisions");
  for (const RevisionAttempt& attempt : report.revisions) {
    print_row(attempt.refusal.empty() ? "yes" : "no",
              attempt.revision + (attempt.refusal.empty() ? "" : ": " + attempt.refusal));
  }
  if (!report.hostile.empty()) std::puts("\nhostile input");
  for (const HostileRow& row : report.hostile) {
    print_row(row.severity ? word(*row.severity) : "ok",
              row.input + ": " + row.answer +
                  (row.severity ? " (wanted: " + row.wanted + ")" : std::string()));
  }
  if (!report.findings.empty()) std::puts("\nfindings");
  std::vector<ProbeFinding> findings = report.findings;
  std::stable_sort(findings.begin(), findings.end(),
                   [](const auto& a, const auto& b) { return a.severity > b.severity; });
  for (const ProbeFinding& finding : findings) {
    print_row(word(finding.severity),
              (finding.where.empty() ? "" : finding.where + ": ") + finding.message);
  }
  std::printf("\n%s, %s, %s\n", counted(report.count(Severity::problem), "problem").c_str(),
              counted(report.count(Severity::warning), "warning").c_str(),
              counted(report.count(Severity::note), "note").c_str());
}

void print_json(const ProbeReport& report) {
  Json revisions = Json::array();
  for (const RevisionAttempt& attempt : report.revisions) {
    Json one{{"revision", attempt.revision},
             {"accepted", attempt.refusal.empty()},
             {"milliseconds", attempt.milliseconds}};
    if (!attempt.refusal.empty()) one["error"] = attempt.refusal;
    revisions.push_back(std::move(one));
  }
  Json hostile = Json::array();
  for (const HostileRow& row : report.hostile) {
    hostile.push_back({{"input", row.input},
                       {"wanted", row.wanted},
                       {"answer", row.answer},
                       {"severity", row.severity ? Json(word(*row.severity)) : Json("ok")}});
  }
  Json findings = Json::array();
  for (const ProbeFinding& finding : report.findings) {
    findings.push_back({{"severity", word(finding.severity)},
                        {"rule", finding.rule},
                        {"where", finding.where},
                        {"message", finding.message}});
  }
  const Json out{
      {"server", report.server},
      {"name", report.name},
      {"version", report.version},
      {"transports", report.transports},
      {"revision", report.revision},
      {"firstAnswerMilliseconds", report.first_answer_milliseconds},
      {"capabilities", report.capabilities},
      {"revisions", std::move(revisions)},
      {"tools", report.tools},
      {"resources", report.resources},
      {"resourceTemplates", report.templates},
      {"prompts", report.prompts},
      {"hostile", std::move(hostile)},
      {"findings", std::move(findings)},
      {"problems", report.count(Severity::problem)},
      {"warnings", report.count(Severity::warning)},
      {"notes", report.count(Severity::note)},
  };
  std::puts(terminal_json(out).c_str());
}

}  // namespace fairlead::agent
