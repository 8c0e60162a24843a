#include "servers/websearch/injection_scan.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace fairlead::websearch {
namespace {

struct Pattern {
  const char* name;
  const char* expression;
};

// `(?i)` and `.` over lines are set below.
constexpr Pattern patterns[] = {
    {"ignore instructions",
     R"((ignore|disregard).{0,20}(previous|above|all|prior|earlier|preceding).{0,20}(instruction|prompt|rule|direction|message))"},
    {"forget everything", R"(forget.{0,10}(everything|all|previous|prior|your instructions))"},
    {"you are now", R"(you are now|from now on,? you (are|will|must))"},
    {"system prompt", R"(system prompt|your (initial|original|hidden) (prompt|instructions))"},
    {"system role", R"((^|\n)[ \t]*#{0,3}[ \t]*\[?system\]?[ \t]*:|<\|system\|>|<system>)"},
    {"chat roles", R"((^|\n)[ \t]*(human|assistant|user)[ \t]*:)"},
    {"prompt markers",
     R"(\[/?INST\]|<\|im_start\|>|<\|im_end\|>|<<SYS>>|<\|endoftext\|>|<\|eot_id\|>)"},
    {"pretend",
     R"(pretend.{0,20}(you are|to be)|act as (an?|if) .{0,20}(unrestricted|unfiltered|jailbroken))"},
    {"jailbreak", R"(\bDAN mode|jailbreak|developer mode (enabled|on))"},
    {"bypass safety", R"(bypass.{0,10}(safety|filter|restriction|guardrail))"},
    {"override instructions",
     R"(override.{0,15}(instruction|rule|guardrail|your programming)|new (instructions|task)[ \t]*:)"},
    {"keep from the user",
     R"((do not|don't|never) (tell|inform|mention|reveal|show).{0,30}(the user|anyone|this to)|without (telling|informing|asking) the user)"},
    {"send data away",
     R"((send|post|exfiltrate|upload|forward|leak).{0,40}(conversation|chat history|api key|password|credential|secret|token|private key).{0,60}(to|http))"},
    {"call tools",
     R"((call|use|invoke|run|execute) the .{0,30}\b(tool|function)\b.{0,60}(with|to|and)|<(tool_call|function_calls?|invoke)\b)"},
    {"addressed to models",
     R"((note|message|instructions?|attention|important)[ \t]*(to|for)[ \t]*(the[ \t]*|all[ \t]*|any[ \t]*)?(ai|llm|language model|assistant|chatbot)s?\b|if you are an? (ai|llm|language model|assistant))"},
    {"忽略指令",
     R"((忽略|無視|无视|忘记|忘記).{0,20}(之前|以上|所有|先前|上面).{0,20}(指令|提示|规则|規則|设定|設定))"},
    {"你现在是", R"(你现在是|你現在是|从现在起你|從現在起你)"},
    {"系统提示", R"(系统提示词|系統提示詞|(^|\n)[ \t]*系统[ \t]*[:：])"},
    {"指示を無視", R"((以前|これまで|上記|すべて)の.{0,10}(指示|命令|ルール).{0,6}(無視|忘れ))"},
    {"ignoriere",
     R"((ignoriere|vergiss).{0,20}(vorherigen|bisherigen|obigen|alle).{0,20}(anweisung|regel|befehl))"},
    {"ignora",
     R"((ignora|ignorez|ignore (les|toutes|as|todas)|oublie[zr]?|olvida).{0,25}(instrucciones|instructions|istruzioni|instruções|consignes).{0,20}(anteriores|précédentes|precedenti|previas|dessus)?)"},
    // Marks of what readers can't see.
    {"hidden tags", R"([\x{E0020}-\x{E007F}])"},
    {"direction override", R"([\x{202D}\x{202E}\x{2066}-\x{2069}])"},
    {"invisible characters", R"([\x{200B}\x{2060}\x{2062}-\x{2064}\x{FEFF}]{3})"},
};

constexpr double weight = 0.3;

class Patterns {
 public:
  Patterns() : set_(options(), RE2::UNANCHORED) {
    for (const Pattern& each : patterns) {
      set_.Add(each.expression, nullptr);
      alone_.push_back(std::make_unique<RE2>(each.expression, options()));
    }
    set_.Compile();
  }

  std::vector<int> find(std::string_view text) const {
    std::vector<int> found;
    RE2::Set::ErrorInfo error{};
    if (set_.Match({text.data(), text.size()}, &found, &error) ||
        error.kind == RE2::Set::kNoError) {
      std::sort(found.begin(), found.end());
      return found;
    }
    // The automaton of all together has grown too large.
    found.clear();
    for (std::size_t i = 0; i < alone_.size(); ++i) {
      if (RE2::PartialMatch({text.data(), text.size()}, *alone_[i])) {
        found.push_back(static_cast<int>(i));
      }
    }
    return found;
  }

 private:
  static RE2::Options options() {
    RE2::Options options;
    options.set_case_sensitive(false);
    options.set_dot_nl(true);
    options.set_log_errors(false);
    options.set_max_mem(std::int64_t{64} << 20);
    return options;
  }

  RE2::Set set_;
  std::vector<std::unique_ptr<RE2>> alone_;
};

}  // namespace

InjectionScan scan_for_instructions(std::string_view text) {
  static const Patterns all;
  InjectionScan scan;
  for (const int index : all.find(text)) {
    scan.found.emplace_back(patterns[static_cast<std::size_t>(index)].name);
    scan.score = std::min(1.0, scan.score + weight);
  }
  return scan;
}

}  // namespace fairlead::websearch
