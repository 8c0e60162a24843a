#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/json.h>

namespace mcp {

/// A URI template (RFC 6570, level 4), parsed once; immutable, so any thread may use it.
class UriTemplate {
 public:
  using Values = std::map<std::string, std::string>;

  /// Throws std::invalid_argument, naming the place, when `text` is no template.
  explicit UriTemplate(std::string_view text);

  const std::string& text() const { return text_; }
  /// Names in the order of their first appearance.
  const std::vector<std::string>& variables() const { return variables_; }

  /// The URI for `values`, an object: strings, numbers and booleans, arrays (lists) and objects
  /// (associative arrays) of those. What is absent, null or empty (array, object) is undefined.
  std::string expand(const Json& values) const;

  /// The values with which this template gives `uri`, percent-decoded; nothing when there are none.
  /// Where several fit, the earlier variable gets the longer value. A value of `{name}` has no
  /// `/?#` and is not empty, one of `{+name}` may be anything; variables after `. / ; ? & #` may be
  /// missing, those after `?` and `&` come in any order. An exploded variable keeps its separators.
  /// A value that is no UTF-8 or holds a NUL does not match, nor does a URI past 8 KiB; the time
  /// is linear in the URI's length.
  std::optional<Values> match(std::string_view uri) const;

 private:
  struct Variable {
    std::string name;
    std::size_t prefix = 0;  ///< `:n`, in code points; 0 for the whole value
    bool explode = false;
  };
  /// A literal (no variables) or an expression.
  struct Part {
    std::string literal;
    char op = '\0';
    std::vector<Variable> variables;
  };
  /// What matching takes at one place: a fixed beginning, then a captured run.
  struct Step {
    std::string begin;
    bool optional = false;
    const Part* part = nullptr;  ///< null: nothing is captured
    const Variable* variable =
        nullptr;            ///< null: the query's pairs, for all of the part's variables
    std::string_view stop;  ///< characters that end the run
    bool may_be_empty = false;
    bool follows = false;  ///< taken only after the step before it was: `{/a,b}` on `/1` gives a
  };

  Part parse_expression(std::string_view expression, std::size_t at) const;
  std::vector<Step> steps() const;
  static bool take(const Step& step, std::string_view captured, Values& values, Values& prefixes);

  std::string text_;
  std::vector<Part> parts_;
  std::vector<std::string> variables_;
};

}  // namespace mcp
