#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <mcp/protocol/from_json.h>
#include <mcp/protocol/revision.h>

namespace mcp {

/// A value and what people read for it; without title the value is shown.
struct Choice {
  std::string value;
  std::string title = {};
};

/// What every field of a form may state.
struct FieldOptions {
  std::string title = {};
  std::string description = {};
  bool required = true;
};

/// Limits of a text.
struct TextLimits {
  std::optional<std::size_t> min_length = {};  ///< characters
  std::optional<std::size_t> max_length = {};
  std::string format = {};  ///< email, uri, date or date-time
  std::optional<std::string> default_value = {};
};

/// Limits of a number.
struct NumberLimits {
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::optional<double> default_value = {};
};

/// Limits of a field of several choices.
struct ChoicesLimits {
  std::optional<std::size_t> min_items = {};
  std::optional<std::size_t> max_items = {};
  std::vector<std::string> default_value = {};
};

/// Builds the restricted schema of a form: flat, primitives only (2026-07-28, client/elicitation,
/// "Requested Schema"). A described C++ type does the same: see <mcp/schema/describe.h>.
///
///     ElicitSchema().text("email", {.title = "E-mail"}, {.format = "email"})
///                   .choice("size", {{"s", "Small"}, {"l", "Large"}}, {.required = false})
class ElicitSchema {
 public:
  ElicitSchema& text(const std::string& name, const FieldOptions& options = {},
                     const TextLimits& limits = {});
  ElicitSchema& number(const std::string& name, const FieldOptions& options = {},
                       const NumberLimits& limits = {});
  ElicitSchema& integer(const std::string& name, const FieldOptions& options = {},
                        const NumberLimits& limits = {});
  ElicitSchema& boolean(const std::string& name, const FieldOptions& options = {},
                        std::optional<bool> default_value = {});
  /// One of `choices`; titled when any choice has a title.
  ElicitSchema& choice(const std::string& name, const std::vector<Choice>& choices,
                       const FieldOptions& options = {},
                       std::optional<std::string> default_value = {});
  /// Any number of `choices`.
  ElicitSchema& choices(const std::string& name, const std::vector<Choice>& choices,
                        const FieldOptions& options = {}, const ChoicesLimits& limits = {});

  const Json& json() const { return schema_; }
  operator Json() const { return schema_; }  // NOLINT: it stands where a schema is wanted

 private:
  Json& field(const std::string& name, const char* type, const FieldOptions& options);
  Json schema_ = {{"type", "object"}, {"properties", Json::object()}};
};

/// Why `schema` is no form's schema, with the path and what would be right; empty when it is one.
std::string elicitation_schema_problem(const Json& schema);
/// The schema as this revision can show it: before `has_multi_select`, titled choices become `enum`
/// with `enumNames`, defaults other than booleans are dropped, and optional fields of several
/// choices too. Throws Error when a required field is of several choices.
Json elicitation_schema_for(const Json& schema, Revision revision);

/// `elicitation/create` by a form.
struct ElicitFormParams {
  std::string message;    ///< what people read
  Json requested_schema;  ///< see `elicitation_schema_problem`
};

/// `elicitation/create` by a page that the user visits.
struct ElicitUrlParams {
  std::string message;
  std::string url;
  std::string elicitation_id = {};  ///< only where `has_elicitation_id`
};

using ElicitParams = std::variant<ElicitFormParams, ElicitUrlParams>;

enum class ElicitAction { accept, decline, cancel };

struct ElicitResult {
  ElicitAction action = ElicitAction::cancel;
  Json content = nullptr;  ///< an object when a form was accepted, else null
  Json meta = nullptr;
};

/// Fills in the schema's defaults for fields that `content` leaves out.
void apply_elicitation_defaults(Json& content, const Json& requested_schema);

std::string_view to_string(ElicitAction action) noexcept;

/// Checks nothing about the client: who sends asks its capabilities first. Throws as
/// `elicitation_schema_for`.
Json to_json(const ElicitParams& params, Revision revision);
Json to_json(const ElicitResult& result, Revision revision);

template <>
ElicitParams from_json<ElicitParams>(const Json& value);
template <>
ElicitResult from_json<ElicitResult>(const Json& value);

}  // namespace mcp
