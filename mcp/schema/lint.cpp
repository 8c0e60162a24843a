#include <mcp/schema/lint.h>

#include <array>
#include <string_view>
#include <utility>

#include <mcp/base/closest_match.h>
#include <mcp/base/json_pointer.h>
#include <mcp/schema/dialect.h>
#include <mcp/schema/number.h>
#include <mcp/schema/value.h>

namespace mcp::schema {
namespace {

constexpr std::size_t max_remarks = 256;

constexpr std::string_view keywords[] = {"$anchor",
                                         "$comment",
                                         "$defs",
                                         "$dynamicAnchor",
                                         "$dynamicRef",
                                         "$id",
                                         "$ref",
                                         "$schema",
                                         "$vocabulary",
                                         "additionalItems",
                                         "additionalProperties",
                                         "allOf",
                                         "anyOf",
                                         "const",
                                         "contains",
                                         "contentEncoding",
                                         "contentMediaType",
                                         "contentSchema",
                                         "default",
                                         "definitions",
                                         "dependencies",
                                         "dependentRequired",
                                         "dependentSchemas",
                                         "deprecated",
                                         "description",
                                         "else",
                                         "enum",
                                         "enumNames",
                                         "examples",
                                         "exclusiveMaximum",
                                         "exclusiveMinimum",
                                         "format",
                                         "if",
                                         "items",
                                         "maxContains",
                                         "maxItems",
                                         "maxLength",
                                         "maxProperties",
                                         "maximum",
                                         "minContains",
                                         "minItems",
                                         "minLength",
                                         "minProperties",
                                         "minimum",
                                         "multipleOf",
                                         "not",
                                         "oneOf",
                                         "pattern",
                                         "patternProperties",
                                         "prefixItems",
                                         "properties",
                                         "propertyNames",
                                         "readOnly",
                                         "required",
                                         "then",
                                         "title",
                                         "type",
                                         "unevaluatedItems",
                                         "unevaluatedProperties",
                                         "uniqueItems",
                                         "writeOnly",
                                         "x-mcp-header"};

constexpr std::pair<const char*, const char*> ranges[] = {{"minLength", "maxLength"},
                                                          {"minItems", "maxItems"},
                                                          {"minProperties", "maxProperties"},
                                                          {"minContains", "maxContains"},
                                                          {"minimum", "maximum"}};

class Linter {
 public:
  Linter(const Json& root, const CompileOptions& options) : root_(root), options_(options) {
    rules_.dialect = options.default_dialect;
    if (const auto named = root.is_object() ? root.find("$schema") : root.end();
        root.is_object() && named != root.end() && named->is_string())
      if (const auto dialect = standard_dialect(named->get<std::string>()))
        rules_.dialect = *dialect;
  }

  std::vector<LintRemark> run() {
    try {
      Schema::compile(root_, options_);
    } catch (const SchemaError& error) {
      compiles_ = false;
      remarks_.push_back({error.schema_path(), error.message(), error.document()});
    }
    visit(root_, "", 0);
    return std::move(remarks_);
  }

 private:
  void remark(const std::string& path, std::string_view keyword, std::string message) {
    if (remarks_.size() == max_remarks) return;
    std::string at = path;
    append_json_pointer(at, keyword);
    remarks_.push_back({std::move(at), std::move(message), {}});
  }

  void visit(const Json& schema, const std::string& path, std::size_t depth) {
    if (!schema.is_object() || remarks_.size() == max_remarks || depth == options_.max_schema_depth)
      return;
    spelling(schema, path);
    if (compiles_) {  // so every keyword has a value of its type
      limits(schema, path);
      required(schema, path);
      values(schema, path);
    }
    for (const auto& [keyword, value] : schema.items()) {
      std::string below = path;
      append_json_pointer(below, keyword);
      descend(subschemas_of(keyword, rules_), value, below, depth + 1);
    }
  }

  void descend(Holds holds, const Json& value, const std::string& path, std::size_t depth) {
    if (holds == Holds::nothing) return;
    if (holds == Holds::schema || (holds == Holds::schema_or_array && !value.is_array()))
      return visit(value, path, depth);
    std::size_t index = 0;
    for (const auto& [name, child] : value.items()) {
      std::string below = path;
      if (value.is_array())
        append_json_pointer(below, index++);
      else
        append_json_pointer(below, name);
      visit(child, below, depth);
    }
  }

  void spelling(const Json& schema, const std::string& path) {
    for (const auto& [name, value] : schema.items()) {
      if (name.starts_with("x-") && name != "x-mcp-header" && name.size() < 6) continue;
      const std::string_view wrong = name;
      const auto meant = closest_match(wrong, std::span<const std::string_view>(keywords));
      if (meant && *meant != wrong)
        remark(path, name,
               "unknown keyword " + quote(name) + "; did you mean " + quote(*meant) + "?");
    }
  }

  void limits(const Json& schema, const std::string& path) {
    for (const auto& [least, most] : ranges) {
      const auto low = schema.find(least);
      const auto high = schema.find(most);
      // Beside a $ref of draft-07 they may be anything.
      if (low == schema.end() || high == schema.end() || !is_number(*low) || !is_number(*high) ||
          compare_numbers(*low, *high) <= 0)
        continue;
      remark(path, least,
             show(*low) + " is more than " + most + ", " + show(*high) + ": nothing fits both");
    }
  }

  void required(const Json& schema, const std::string& path) {
    const auto names = schema.find("required");
    const auto additional = schema.find("additionalProperties");
    if (names == schema.end() || additional == schema.end() || *additional != false ||
        schema.contains("patternProperties"))
      return;
    const auto properties = schema.find("properties");
    for (const Json& name : *names) {
      if (!name.is_string()) continue;
      if (properties != schema.end() && properties->contains(name.get<std::string>())) continue;
      remark(path, "required",
             "the required property " + quote(name.get<std::string>()) +
                 " is not among the properties, and no others are allowed");
    }
  }

  // What the author says is a good value.
  void values(const Json& schema, const std::string& path) {
    const auto default_value = schema.find("default");
    const auto examples = schema.find("examples");
    if (default_value == schema.end() && examples == schema.end()) return;
    const auto compiled = compile_part(schema, path);
    if (!compiled) return;
    const auto check = [&](const std::string& keyword, const Json& value) {
      const auto errors = compiled->validate(value);
      if (!errors.empty()) remark(path, keyword, "does not fit its own schema: " + summary(errors));
    };
    if (default_value != schema.end()) check("default", *default_value);
    if (examples == schema.end() || !examples->is_array()) return;
    for (const Json& example : *examples) check("examples", example);
  }

  // A reference into the document keeps its meaning: the part is reached by one from outside.
  std::optional<Schema> compile_part(const Json& schema, const std::string& path) {
    try {
      if (path.empty()) return Schema::compile(schema, options_);
      if (++compiled_parts_ > max_remarks) return std::nullopt;
      static const std::string name = "urn:lint:document";
      if (!documents_) {
        documents_ = options_.documents != nullptr ? *options_.documents : Registry();
        documents_->add(name, root_);
      }
      CompileOptions options = options_;
      options.documents = &*documents_;
      return Schema::compile({{"$ref", name + "#" + path}}, options);
    } catch (const SchemaError&) {
      return std::nullopt;  // inside a resource of another name
    }
  }

  const Json& root_;
  const CompileOptions& options_;
  Rules rules_;
  std::vector<LintRemark> remarks_;
  std::optional<Registry> documents_;  // the caller's and the linted one
  std::size_t compiled_parts_ = 0;
  bool compiles_ = true;
};

}  // namespace

std::vector<LintRemark> lint(const Json& schema, const CompileOptions& options) {
  return Linter(schema, options).run();
}

}  // namespace mcp::schema
