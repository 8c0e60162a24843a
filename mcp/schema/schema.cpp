#include <mcp/schema/schema.h>

#include <mcp/schema/compiler.h>
#include <mcp/schema/error_walk.h>
#include <mcp/schema/verdict.h>

namespace mcp::schema {
namespace {

// More would tell a reader nothing, and a large instance could make any number of them.
constexpr std::size_t max_errors = 256;

std::string shortened(const std::string& path) {
  constexpr std::size_t most_bytes = 1000;
  return path.size() <= most_bytes ? path : path.substr(0, most_bytes) + "...";
}

std::string spoken_place(const std::string& document, const std::string& path) {
  if (document.empty()) return path.empty() ? "its root" : shortened(path);
  return shortened(document) + "#" + shortened(path);
}

}  // namespace

SchemaError::SchemaError(std::string schema_path, std::string message, std::string document)
    : std::runtime_error("invalid JSON Schema at " + spoken_place(document, schema_path) + ": " +
                         message),
      document_(std::move(document)),
      schema_path_(std::move(schema_path)),
      message_(std::move(message)) {}

void Registry::add(std::string uri, Json document) {
  documents_.insert_or_assign(std::move(uri), std::move(document));
}

const Json* Registry::find(std::string_view uri) const {
  const auto found = documents_.find(uri);
  return found == documents_.end() ? nullptr : &found->second;
}

std::string to_string(const ValidationError& error) {
  return error.instance_path.empty() ? error.message : error.instance_path + ": " + error.message;
}

std::string summary(const std::vector<ValidationError>& errors, std::size_t max_listed) {
  std::string out;
  for (std::size_t i = 0; i < errors.size() && i < max_listed; ++i)
    out += (i > 0 ? "; " : "") + to_string(errors[i]);
  if (errors.size() > max_listed)
    out += "; and " + std::to_string(errors.size() - max_listed) + " more";
  return out;
}

Schema Schema::compile(const Json& schema, const CompileOptions& options) {
  return Schema(compile_program(schema, options));
}

bool Schema::valid(const Json& instance) const {
  return decide(*program_, instance).valid;
}

std::vector<ValidationError> Schema::validate(const Json& instance, Collect collect) const {
  return find_errors(*program_, instance, Branches::closest,
                     collect == Collect::first ? 1 : max_errors);
}

Json Schema::flag_output(const Json& instance) const {
  return {{"valid", valid(instance)}};
}

Json Schema::basic_output(const Json& instance) const {
  const auto found = find_errors(*program_, instance, Branches::all, max_errors);
  if (found.empty()) return {{"valid", true}};
  Json errors = Json::array();
  for (const auto& error : found) {
    Json unit = {{"keywordLocation", error.schema_path},
                 {"instanceLocation", error.instance_path},
                 {"error", error.message}};
    if (!error.schema_location.starts_with('#'))
      unit["absoluteKeywordLocation"] = error.schema_location;
    errors.push_back(std::move(unit));
  }
  return {{"valid", false}, {"errors", std::move(errors)}};
}

}  // namespace mcp::schema
