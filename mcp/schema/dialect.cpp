#include <mcp/schema/dialect.h>

#include <array>
#include <stdexcept>
#include <string>

#include <mcp/schema/value.h>

namespace mcp::schema {
namespace {

struct Applicator {
  std::string_view keyword;
  Holds holds;
  enum class Since { both, draft_07_only, draft_2020_12 } since = Since::both;
};
using enum Applicator::Since;

constexpr std::array applicators = {
    Applicator{"additionalItems", Holds::schema, draft_07_only},
    Applicator{"additionalProperties", Holds::schema},
    Applicator{"contains", Holds::schema},
    Applicator{"else", Holds::schema},
    Applicator{"if", Holds::schema},
    Applicator{"items", Holds::schema_or_array, draft_07_only},
    Applicator{"items", Holds::schema, draft_2020_12},
    Applicator{"not", Holds::schema},
    Applicator{"propertyNames", Holds::schema},
    Applicator{"then", Holds::schema},
    Applicator{"unevaluatedItems", Holds::schema, draft_2020_12},
    Applicator{"unevaluatedProperties", Holds::schema, draft_2020_12},
    Applicator{"contentSchema", Holds::schema, draft_2020_12},
    Applicator{"allOf", Holds::array},
    Applicator{"anyOf", Holds::array},
    Applicator{"oneOf", Holds::array},
    Applicator{"prefixItems", Holds::array, draft_2020_12},
    Applicator{"$defs", Holds::map, draft_2020_12},
    // 2020-12 keeps both names of draft-07 for the transition.
    Applicator{"definitions", Holds::map},
    Applicator{"dependencies", Holds::map_or_names},
    Applicator{"dependentSchemas", Holds::map, draft_2020_12},
    Applicator{"patternProperties", Holds::map},
    Applicator{"properties", Holds::map},
};

constexpr std::string_view vocabulary_prefix = "https://json-schema.org/draft/2020-12/vocab/";

}  // namespace

std::optional<Dialect> standard_dialect(std::string_view uri) {
  if (uri.ends_with('#')) uri.remove_suffix(1);
  if (uri.starts_with("https://")) uri.remove_prefix(8);
  if (uri.starts_with("http://")) uri.remove_prefix(7);
  if (uri == "json-schema.org/draft/2020-12/schema") return Dialect::draft_2020_12;
  if (uri == "json-schema.org/draft-07/schema") return Dialect::draft_07;
  return std::nullopt;
}

void apply_vocabulary(const Json& meta_schema, Rules& rules) {
  const auto vocabulary = meta_schema.find("$vocabulary");
  if (vocabulary == meta_schema.end() || !vocabulary->is_object()) return;
  rules.applicator = rules.unevaluated = rules.validation = false;
  for (const auto& [uri, required] : vocabulary->items()) {
    std::string_view name = uri;
    const bool ours = name.starts_with(vocabulary_prefix);
    if (ours) name.remove_prefix(vocabulary_prefix.size());
    if (ours && name == "applicator")
      rules.applicator = true;
    else if (ours && name == "unevaluated")
      rules.unevaluated = true;
    else if (ours && name == "validation")
      rules.validation = true;
    else if (ours && name == "format-assertion")
      rules.assert_format = true;
    else if (ours && (name == "core" || name == "meta-data" || name == "content" ||
                      name == "format-annotation"))
      continue;
    else if (required == true)
      throw std::runtime_error("the meta-schema requires a vocabulary that is not supported: " +
                               quote(uri));
  }
}

Holds subschemas_of(std::string_view keyword, const Rules& rules) {
  for (const Applicator& applicator : applicators)
    if (applicator.keyword == keyword &&
        (applicator.since == both || (applicator.since == draft_07_only) == rules.draft_07()))
      return applicator.holds;
  return Holds::nothing;
}

}  // namespace mcp::schema
