#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp/base/json.h>

namespace mcp::schema {

/// The dialects that can be compiled. A schema's own `$schema` decides; the default holds where
/// there is none.
enum class Dialect { draft_2020_12, draft_07 };

/// A schema that can't be compiled: malformed, of an unknown dialect, with a reference that leads
/// nowhere or a pattern that can't be expressed. `what()` says where, what is wrong and what would
/// be right.
class SchemaError : public std::runtime_error {
 public:
  SchemaError(std::string schema_path, std::string message, std::string document = {});

  /// The URI of the registered document that holds the mistake; empty when it is in the schema
  /// that was to be compiled.
  const std::string& document() const noexcept { return document_; }
  /// JSON pointer into the document that holds the mistake; empty for its root.
  const std::string& schema_path() const noexcept { return schema_path_; }
  /// What is wrong and what would be right, without the place.
  const std::string& message() const noexcept { return message_; }

 private:
  std::string document_;
  std::string schema_path_;
  std::string message_;
};

/// Documents that `$ref` and `$schema` may name. Nothing is ever fetched: what is not registered
/// here (and is no meta-schema of a supported dialect, those are built in) is an unresolved
/// reference. Fill it first; it may then be shared by threads.
class Registry {
 public:
  /// Registers (or replaces) `document` under an absolute URI without fragment. An `$id` inside the
  /// document works too, once the document has been reached by its registered URI.
  void add(std::string uri, Json document);
  /// The document of exactly this URI, or nullptr. Lives as long as the registry.
  const Json* find(std::string_view uri) const;

 private:
  std::map<std::string, Json, std::less<>> documents_;
};

struct CompileOptions {
  /// For schemas (and registered documents) without `$schema`.
  Dialect default_dialect = Dialect::draft_2020_12;
  /// Where the schema came from; relative `$id` and `$ref` are resolved against it.
  std::string base_uri;
  /// Documents for references; only used while compiling.
  const Registry* documents = nullptr;
  /// Whether `format` decides validity; in draft-07 so do the content keywords.
  /// By default they are annotations, as the standard says.
  bool assert_format = false;
  /// Whether `contentEncoding` (base64) and `contentMediaType` (application/json) decide validity
  /// in every dialect.
  bool assert_content = false;

  /// Levels of subschemas inside each other, and of arrays and objects in `const` and `enum`.
  std::size_t max_schema_depth = 128;
  /// Subschemas in the whole program, referenced documents included.
  std::size_t max_subschemas = 20'000;
  /// Bytes of all locations together: the JSON pointers of subschemas, the URIs of resources.
  std::size_t max_location_bytes = 16 << 20;
  /// Steps that all different patterns are translated into; about 0.5 µs of compiling and 16 bytes
  /// each. `^[a-z]+$` has some ten, `\p{L}` more than a thousand.
  std::size_t max_pattern_steps = 2'000'000;
  /// Subschemas being applied inside each other while validating: bounds the stack, and with it
  /// schemas that refer to themselves without end.
  std::size_t max_validation_depth = 512;
  /// Steps of one validation; a step is a subschema applied, a member or item looked at, or some
  /// bytes compared. About 20 ns each.
  std::uint64_t max_work = 20'000'000;
};

/// One reason why an instance is not valid.
struct ValidationError {
  std::string instance_path;  ///< JSON pointer into the instance; empty for its root
  /// JSON pointer of the keyword as it was reached, through `$ref` (standard: keywordLocation).
  std::string schema_path;
  /// URI of the keyword without such detours (standard: absoluteKeywordLocation); just `#/pointer`
  /// when the schema has no `$id` and no base URI.
  std::string schema_location;
  /// The keyword that failed; empty when validation was given up at a limit.
  std::string keyword;
  std::string message;  ///< what was found and what would be right, without the path
};

/// `/days: 20 is more than the maximum 14`; just the message for the root.
std::string to_string(const ValidationError& error);

/// The errors on one line for a person or a model, `; ` between them; past `max_listed` only their
/// number is told. Empty for no errors.
std::string summary(const std::vector<ValidationError>& errors, std::size_t max_listed = 5);

/// Whether validation ends with the first error.
enum class Collect { first, all };

struct Program;

/// A compiled JSON Schema: immutable, cheap to copy, safe to use from any number of threads.
class Schema {
 public:
  /// Compiles `schema` (which need not outlive the call). Throws SchemaError.
  static Schema compile(const Json& schema, const CompileOptions& options = {});

  /// Whether `instance` is valid. Allocates nothing in the usual case. An instance that
  /// exhausts a limit is not valid. Never throws, except std::bad_alloc.
  bool valid(const Json& instance) const;

  /// Why `instance` is not valid; empty when it is. Of a failed `anyOf` or `oneOf` the error itself
  /// is given, then those of its closest alternative. At most 256; when a limit of the schema is
  /// exhausted, that is the only one. Never throws, except std::bad_alloc.
  std::vector<ValidationError> validate(const Json& instance, Collect collect = Collect::all) const;

  /// The standard's output formats (core, section 12.4): `{"valid": …}`, and for *basic* also
  /// `errors` with every failure (of every alternative; at most 256): keywordLocation,
  /// absoluteKeywordLocation where the schema has an absolute URI, instanceLocation, error.
  Json flag_output(const Json& instance) const;
  Json basic_output(const Json& instance) const;

 private:
  explicit Schema(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const Program> program_;
};

}  // namespace mcp::schema
