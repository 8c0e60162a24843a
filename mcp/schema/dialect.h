#pragma once

#include <optional>
#include <string_view>

#include <mcp/base/json.h>
#include <mcp/schema/schema.h>

namespace mcp::schema {

/// What `$schema` switches on: a dialect, less the vocabularies that a meta-schema leaves out.
struct Rules {
  Dialect dialect = Dialect::draft_2020_12;
  bool applicator = true, unevaluated = true, validation = true;
  bool assert_format = false;

  bool draft_07() const { return dialect == Dialect::draft_07; }
};

/// The dialect whose own meta-schema has this URI (with or without an empty fragment).
std::optional<Dialect> standard_dialect(std::string_view uri);

/// Applies the `$vocabulary` of a meta-schema to `rules`. Throws std::runtime_error for a required
/// vocabulary that is not known.
void apply_vocabulary(const Json& meta_schema, Rules& rules);

/// A built-in meta-schema document by its URI, or nullptr.
const Json* find_meta_schema(std::string_view uri);

/// Where a keyword's value holds subschemas.
enum class Holds { nothing, schema, schema_or_array, array, map, map_or_names };
Holds subschemas_of(std::string_view keyword, const Rules& rules);

}  // namespace mcp::schema
