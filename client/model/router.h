#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <client/model/model.h>

namespace fairlead::agent {

/// One kind of task and who does it. All the conditions that are set must hold.
struct RouteRule {
  std::string task;
  /// In the order of asking.
  std::vector<std::string> models;
  /// Any of them: whole words, a plural s allowed, without regard to case; words in scripts without
  /// blanks (Chinese, Japanese) anywhere.
  std::vector<std::string> keywords = {};
  /// RE2 syntax, found anywhere in the question.
  std::optional<std::string> pattern = {};
  /// zh, ja, ko, ru, ar or latin: see `language_of`.
  std::optional<std::string> language = {};
  /// A text in the name of a tool that is offered.
  std::optional<std::string> tool = {};
  std::optional<std::size_t> min_characters = {};
  std::optional<std::size_t> max_characters = {};
  std::optional<std::string> system = {};
  std::optional<double> temperature = {};
  std::optional<int> max_tokens = {};
};

/// Where a question goes, and why.
struct Route {
  std::string task;  ///< empty when it was not the rules that decided
  std::vector<std::string> models;
  std::optional<std::string> system;
  std::optional<double> temperature;
  std::optional<int> max_tokens;
  /// A sentence for each rule that was looked at, and each model that was left out.
  std::vector<std::string> reasons;
};

/// By the script that most of its letters are of: zh, ja, ko, ru, ar; latin for all others.
std::string language_of(std::string_view text);

/// Decides by rules which models a question is for. The same question takes the same way, always.
/// Thread-safe.
class Router {
 public:
  /// \param context_tokens of the models that have a bound
  /// Throws std::invalid_argument for a pattern that is none.
  Router(std::vector<RouteRule> rules, std::map<std::string, std::uint64_t> context_tokens);
  ~Router();

  /// By the text of the last message of the user's that has one; the first rule that fits.
  /// Throws std::invalid_argument when none fits.
  Route route(const ModelRequest& request) const;
  /// The models that are asked by name, without those whose context is too small.
  Route named(const std::vector<std::string>& models, const ModelRequest& request) const;

 private:
  struct CompiledRule;
  /// Why the rule fits; nothing when it does not, `why_not` says why then.
  static std::optional<std::string> fits(const CompiledRule& rule, const std::string& question,
                                         const ModelRequest& request, std::string& why_not);
  void leave_out_small(Route& route, const ModelRequest& request) const;

  std::vector<std::unique_ptr<CompiledRule>> rules_;
  std::map<std::string, std::uint64_t> context_tokens_;
};

}  // namespace fairlead::agent
