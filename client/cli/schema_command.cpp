#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <variant>

#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/terminal_json.h>
#include <client/cli/terminal_text.h>
#include <client/config/json_position.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/elicitation.h>
#include <mcp/protocol/header.h>
#include <mcp/schema/lint.h>
#include <mcp/schema/schema.h>

namespace fairlead::agent {
namespace {

constexpr std::size_t max_bytes = 256 << 20;

struct Flags {
  std::string schema;
  std::string instance;
  std::vector<std::string> documents;  ///< URI=FILE
  std::string draft = "2020-12";
  bool assert_format = false;
  bool form = false;
  bool json = false;
};

/// A file and what it holds.
struct Document {
  std::string name;
  std::string text;
  Json value;
};

// Not past the limit: the name may be that of a device that never ends.
std::string read_all(std::istream& from, const std::string& name) {
  std::string text;
  char buffer[1 << 16];
  while (from.read(buffer, sizeof buffer), from.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(from.gcount()));
    if (text.size() > max_bytes)
      throw std::invalid_argument(name + " is larger than " + std::to_string(max_bytes >> 20) +
                                  " MiB");
  }
  return text;
}

Document read(const std::string& name) {
  Document document{name, {}, nullptr};
  if (name == "-") {
    document.text = read_all(std::cin, name);
  } else {
    std::ifstream file(name, std::ios::binary);
    if (!file) throw std::invalid_argument("can't read " + name);
    document.text = read_all(file, name);
  }
  mcp::jsonrpc::CodecLimits limits;
  limits.message_bytes = max_bytes;
  limits.values = max_bytes;
  auto decoded = mcp::jsonrpc::Decoder(limits).decode_value(document.text);
  if (const auto* error = std::get_if<mcp::jsonrpc::ErrorObject>(&decoded))
    throw std::invalid_argument(name + ": " + error->message);
  document.value = std::get<Json>(std::move(decoded));
  return document;
}

/// Something wrong at a place of a document.
struct Finding {
  const Document* document;
  std::string path;     ///< JSON pointer into the document
  std::string message;  ///< without the path
  Json more = Json::object();
};

/// Prints what was found, the document's line and column with it; 1 when anything was.
int report(std::vector<Finding> findings, bool as_json, const char* path_member) {
  const auto position = [&](const Finding& finding) {
    return position_of(finding.document->text, finding.path);
  };
  if (as_json) {
    Json errors = Json::array();
    for (Finding& finding : findings) {
      const TextPosition at = position(finding);
      Json error = std::move(finding.more);
      error["file"] = finding.document->name;
      error[path_member] = finding.path;
      error["error"] = finding.message;
      error["line"] = at.line;
      error["column"] = at.column;
      errors.push_back(std::move(error));
    }
    Json out = {{"valid", errors.empty()}};
    if (!errors.empty()) out["errors"] = std::move(errors);
    std::puts(terminal_json(out).c_str());
  } else {
    for (const Finding& finding : findings) {
      const TextPosition at = position(finding);
      const std::string path = finding.path.empty() ? "" : finding.path + ": ";
      std::printf("%s:%zu:%zu: %s\n", printable(finding.document->name).c_str(), at.line, at.column,
                  printable(path + finding.message).c_str());
    }
  }
  return findings.empty() ? exit_code::ok : exit_code::tool_error;
}

class SchemaTask {
 public:
  explicit SchemaTask(const Flags& flags) : flags_(flags), schema_(read(flags.schema)) {
    for (const std::string& document : flags.documents) {
      const std::size_t equals = document.find('=');
      if (equals == std::string::npos)
        throw std::invalid_argument("a document is URI=FILE, not " + document);
      const auto added = documents_.insert_or_assign(document.substr(0, equals),
                                                     read(document.substr(equals + 1)));
      registry_.add(added.first->first, added.first->second.value);
    }
    options_.documents = &registry_;
    options_.assert_format = flags.assert_format;
    if (flags.draft == "7") options_.default_dialect = mcp::schema::Dialect::draft_07;
  }

  int validate() {
    const auto schema = mcp::schema::Schema::compile(schema_.value, options_);
    const Document instance = read(flags_.instance);
    std::vector<Finding> findings;
    if (flags_.json) {
      const Json output = schema.basic_output(instance.value);
      for (const Json& error : output.value("errors", Json::array()))
        findings.push_back({&instance, error["instanceLocation"], error["error"], error});
    } else {
      for (const auto& error : schema.validate(instance.value))
        findings.push_back(
            {&instance,
             error.instance_path,
             error.message +
                 (error.schema_location.empty() ? "" : " (" + error.schema_location + ")"),
             {}});
      if (findings.empty()) std::printf("%s: valid\n", printable(instance.name).c_str());
    }
    return report(std::move(findings), flags_.json, "instanceLocation");
  }

  int lint() {
    std::vector<Finding> findings;
    for (const auto& remark : mcp::schema::lint(schema_.value, options_)) {
      const auto document = documents_.find(remark.document);
      findings.push_back({document != documents_.end() ? &document->second : &schema_,
                          remark.schema_path, remark.message});
    }
    const auto parameters = mcp::header_parameters(schema_.value);
    if (const auto* problem = std::get_if<mcp::HeaderProblem>(&parameters))
      findings.push_back({&schema_, problem->schema_path, problem->message});
    if (flags_.form) {
      const std::string problem = mcp::elicitation_schema_problem(schema_.value);
      if (!problem.empty()) findings.push_back({&schema_, "", "no form: " + problem});
    }
    if (findings.empty() && !flags_.json)
      std::printf("%s: nothing to say\n", printable(schema_.name).c_str());
    return report(std::move(findings), flags_.json, "schemaLocation");
  }

 private:
  const Flags& flags_;
  Document schema_;
  std::map<std::string, Document> documents_;  // by the URI that $ref may name
  mcp::schema::Registry registry_;
  mcp::schema::CompileOptions options_;
};

CLI::App* add(CLI::App& app, CommandContext& context, const char* verb, const char* description,
              int (SchemaTask::*action)(), const std::shared_ptr<Flags>& flags) {
  auto* command = app.add_subcommand(verb, description);
  command->add_option("schema", flags->schema, "A file with a JSON Schema; - for stdin")
      ->required();
  command->add_option("--document", flags->documents,
                      "URI=FILE: a document that $ref may name; nothing is ever fetched");
  command->add_option("--draft", flags->draft, "The dialect of schemas that do not say theirs")
      ->check(CLI::IsMember({"2020-12", "7"}))
      ->capture_default_str();
  command->add_flag("--format", flags->assert_format, "Let `format` decide, not only describe");
  command->add_flag("--json", flags->json, "What was found as JSON");
  command->callback(
      [flags, action, &context] { context.exit_code = (SchemaTask(*flags).*action)(); });
  return command;
}

}  // namespace

void add_schema_command(CLI::App& app, CommandContext& context) {
  auto* schema = app.add_subcommand("schema", "Check JSON against a JSON Schema, or a schema");
  schema->require_subcommand(1);
  auto flags = std::make_shared<Flags>();
  add(*schema, context, "validate", "Check an instance; exit status 1 when it is not valid",
      &SchemaTask::validate, flags)
      ->add_option("instance", flags->instance, "A file with JSON; - for stdin")
      ->required();
  flags = std::make_shared<Flags>();
  add(*schema, context, "lint", "Look for mistakes in a schema; exit status 1 when there are any",
      &SchemaTask::lint, flags)
      ->add_flag("--form", flags->form, "It is to be a form (elicitation): flat, primitives only");
}

}  // namespace fairlead::agent
