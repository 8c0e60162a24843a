#include <client/cli/probe_lint.h>

#include <map>
#include <set>
#include <stdexcept>
#include <utility>
#include <variant>

#include <client/model/foreign_json.h>
#include <mcp/base/json_pointer.h>
#include <mcp/base/uri_template.h>
#include <mcp/protocol/header.h>
#include <mcp/protocol/tool.h>
#include <mcp/schema/lint.h>
#include <mcp/schema/schema.h>

namespace fairlead::agent {
namespace {

// What hosts and model APIs take, as their documentation and their errors say.
constexpr std::size_t model_api_name_bytes = 64;
constexpr std::size_t model_api_description_bytes = 1024;
constexpr std::size_t many_tools = 40;
constexpr std::size_t too_many_tools = 128;
constexpr std::size_t large_list_bytes = 100'000;
constexpr std::size_t named_at_most = 5;

std::string text_of(const Json& object, const char* name) {
  return string_or_empty(member(object, name));
}

/// "a, b, c and 4 more".
class Names {
 public:
  void add(const std::string& name) {
    if (++count_ <= named_at_most) text_ += (text_.empty() ? "" : ", ") + name;
  }
  bool empty() const { return count_ == 0; }
  std::string text() const {
    return count_ > named_at_most
               ? text_ + " and " + std::to_string(count_ - named_at_most) + " more"
               : text_;
  }

 private:
  std::size_t count_ = 0;
  std::string text_;
};

class Lint {
 public:
  explicit Lint(ProbeReport& report) : report_(report) {}

  void tools(const Json& tools) {
    for (const Json& tool : tools) this->tool(tool);
    const std::string length = std::to_string(tools.size());
    if (tools.size() > too_many_tools) {
      warn("tool-count", "",
           length + " tools; model APIs take " + std::to_string(too_many_tools) +
               " at a time, of all servers together");
    } else if (tools.size() > many_tools) {
      note("tool-count", "",
           length + " tools; models choose worse among many, and some hosts take only " +
               std::to_string(many_tools));
    }
    if (const std::size_t bytes = to_wire(tools).size(); bytes > large_list_bytes) {
      warn("tool-list-size", "",
           "the tools' descriptions and schemas take " + std::to_string(bytes / 1000) +
               " kB, which a model reads with every question");
    }
    if (!unhinted_.empty()) {
      note("annotations", "",
           "no annotations, so hosts take these for tools that may destroy something: " +
               unhinted_.text());
    }
  }

  void resources(const Json& resources) {
    Names nameless;
    std::set<std::string> seen;
    for (const Json& resource : resources) {
      const std::string uri = text_of(resource, "uri");
      if (text_of(resource, "name").empty()) nameless.add(uri.empty() ? "(no URI)" : uri);
      if (uri.find(':') == std::string::npos || uri.find(':') == 0) {
        fail("resource-uri", "resource " + uri, "its URI has no scheme");
      }
      if (!seen.insert(uri).second) {
        warn("resource-uri", "resource " + uri, "it is listed more than once");
      }
    }
    if (!nameless.empty()) {
      fail("resource-name", "", "resources without a name: " + nameless.text());
    }
  }

  void templates(const Json& templates) {
    for (const Json& one : templates) {
      const std::string text = text_of(one, "uriTemplate");
      try {
        if (mcp::UriTemplate(text).variables().empty()) {
          note("resource-template", "resource template " + text,
               "it has no variables: a resource would say the same");
        }
      } catch (const std::invalid_argument& error) {
        fail("resource-template", "resource template " + text, error.what());
      }
      if (text_of(one, "name").empty()) {
        fail("resource-name", "resource template " + text, "it has no name");
      }
    }
  }

  void prompts(const Json& prompts) {
    std::set<std::string> seen;
    for (const Json& prompt : prompts) {
      const std::string name = text_of(prompt, "name");
      const std::string where = "prompt " + name;
      if (name.empty()) fail("prompt-name", "", "a prompt without a name");
      if (!seen.insert(name).second) {
        fail("prompt-name", where, "another prompt has the same name");
      }
      if (name.find_first_of(" \t\n/") != std::string::npos) {
        warn("prompt-name", where, "hosts make a command of it: no blanks and no slashes");
      }
      if (text_of(prompt, "description").empty()) {
        warn("description", where, "it has no description");
      }
    }
  }

 private:
  void fail(std::string rule, std::string where, std::string message) {
    report_.add(Severity::problem, std::move(rule), std::move(where), std::move(message));
  }
  void warn(std::string rule, std::string where, std::string message) {
    report_.add(Severity::warning, std::move(rule), std::move(where), std::move(message));
  }
  void note(std::string rule, std::string where, std::string message) {
    report_.add(Severity::note, std::move(rule), std::move(where), std::move(message));
  }

  void tool(const Json& tool) {
    const std::string name = text_of(tool, "name");
    const std::string where = "tool " + name;
    this->name(name, where);
    const std::string description = text_of(tool, "description");
    if (description.empty()) {
      warn("description", where, "it has no description: a model can't know what it does");
    } else if (description.size() > model_api_description_bytes) {
      note("description", where,
           "a description of " + std::to_string(description.size()) +
               " bytes; some model APIs take " + std::to_string(model_api_description_bytes));
    }
    if (!member(tool, "annotations").is_object()) unhinted_.add(name);
    const Json& input = member(tool, "inputSchema");
    if (!input.is_object()) {
      fail("input-schema", where, "it has no input schema");
      return;
    }
    if (text_of(input, "type") != "object") {
      fail("input-schema", where + ", /inputSchema", "the root must have \"type\": \"object\"");
    }
    schema(input, where + ", /inputSchema");
    root(input, where + ", /inputSchema");
    const auto parameters = mcp::header_parameters(input);
    if (const auto* problem = std::get_if<mcp::HeaderProblem>(&parameters)) {
      fail("x-mcp-header", where + ", /inputSchema" + problem->schema_path,
           problem->message + "; clients leave the tool out");
    }
    undescribed(input, where);
    if (const Json& output = member(tool, "outputSchema"); !output.is_null()) {
      schema(output, where + ", /outputSchema");
      if (text_of(output, "type") != "object") {
        note("output-schema", where + ", /outputSchema",
             "the root is no object, which only clients of 2026-07-28 take");
      }
    }
  }

  void name(const std::string& name, const std::string& where) {
    if (!names_.insert(name).second) fail("tool-name", where, "another tool has the same name");
    if (const std::string problem = mcp::tool_name_problem(name); !problem.empty()) {
      warn("tool-name", where, problem);
    } else if (name.size() > model_api_name_bytes || name.find('.') != std::string::npos) {
      warn("tool-name", where,
           "model APIs take 1 to " + std::to_string(model_api_name_bytes) +
               " of A-Za-z0-9_-, so a host refuses or renames it");
    }
  }

  void schema(const Json& schema, const std::string& where) {
    try {
      mcp::schema::Schema::compile(schema);
      for (const mcp::schema::LintRemark& remark : mcp::schema::lint(schema)) {
        warn("schema", where + remark.schema_path, remark.message);
      }
    } catch (const mcp::schema::SchemaError& error) {
      fail("schema", where + error.schema_path(), error.what());
    }
    references(schema, where);
  }

  /// What the APIs of models refuse although JSON Schema allows it.
  void root(const Json& schema, const std::string& where) {
    for (const char* keyword : {"anyOf", "oneOf", "allOf", "not", "enum", "$ref"}) {
      if (schema.contains(keyword)) {
        warn("schema-root", where + "/" + keyword,
             "model APIs refuse it at the root of a tool's schema");
      }
    }
  }

  void references(const Json& schema, const std::string& where) {
    if (schema.is_array()) {
      for (std::size_t i = 0; i < schema.size(); ++i) {
        references(schema[i], where + "/" + std::to_string(i));
      }
    }
    if (!schema.is_object()) return;
    for (const auto& [keyword, value] : schema.items()) {
      if (keyword == "enum" || keyword == "const" || keyword == "default") continue;
      if (keyword == "$ref" && value.is_string()) {
        const auto& target = value.get_ref<const std::string&>();
        if (target.starts_with("http://") || target.starts_with("https://")) {
          warn("schema-reference", where + "/$ref", "nobody fetches " + target);
        } else {
          note("schema-reference", where + "/$ref",
               "some hosts resolve no references: write the schema out");
        }
      } else {
        references(value, where + "/" + mcp::escape_json_pointer(keyword));
      }
    }
  }

  void undescribed(const Json& schema, const std::string& where) {
    const Json& properties = member(schema, "properties");
    if (!properties.is_object()) return;
    Names names;
    for (const auto& [name, property] : properties.items()) {
      if (text_of(property, "description").empty() && !member(property, "$ref").is_string()) {
        names.add(name);
      }
    }
    if (!names.empty()) note("description", where, "parameters without one: " + names.text());
  }

  ProbeReport& report_;
  std::set<std::string> names_;
  Names unhinted_;
};

}  // namespace

void lint_lists(const ServerLists& lists, ProbeReport& report) {
  Lint lint(report);
  lint.tools(lists.tools);
  lint.resources(lists.resources);
  lint.templates(lists.templates);
  lint.prompts(lists.prompts);
}

}  // namespace fairlead::agent
