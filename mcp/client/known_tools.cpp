#include <mcp/client/known_tools.h>

#include <utility>

#include <mcp/base/json_memory.h>
#include <mcp/protocol/http_header.h>

namespace mcp::client {
namespace {

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

bool is_true(const Json* value) {
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

}  // namespace

void KnownTools::remember(const Json& page) {
  const Json* tools = member(page, "tools");
  if (tools == nullptr || !tools->is_array()) return;
  for (const Json& tool : *tools) {
    const Json* stated = member(tool, "name");
    if (stated == nullptr || !stated->is_string()) continue;
    const auto& name = stated->get_ref<const std::string&>();
    Known known;
    if (const Json* hints = member(tool, "annotations")) {
      known.repeatable =
          is_true(member(*hints, "readOnlyHint")) || is_true(member(*hints, "idempotentHint"));
    }
    if (const Json* execution = member(tool, "execution")) {
      const Json* support = member(*execution, "taskSupport");
      if (support != nullptr && *support == "required") known.task_support = TaskSupport::required;
      if (support != nullptr && *support == "optional") known.task_support = TaskSupport::optional;
    }
    if (const Json* schema = member(tool, "outputSchema")) known.output_schema = *schema;
    if (const Json* schema = member(tool, "inputSchema")) {
      auto parameters = header_parameters(*schema);
      if (auto* found = std::get_if<std::vector<HeaderParameter>>(&parameters)) {
        known.headers = std::move(*found);
      }
    }
    auto old = tools_.find(name);
    if (old != tools_.end() && old->second.output_schema == known.output_schema) {
      old->second.repeatable = known.repeatable;  // the compiled schema stays
      old->second.task_support = known.task_support;
      old->second.headers = std::move(known.headers);
      continue;
    }
    if (old != tools_.end()) {
      bytes_ -= old->second.bytes;
      tools_.erase(old);
    }
    known.bytes = name.size() + held_bytes(known.output_schema);
    for (const HeaderParameter& parameter : known.headers) {
      for (const std::string& step : parameter.path) known.bytes += step.size();
      known.bytes += parameter.name.size() + sizeof parameter;
    }
    if (tools_.size() >= max_tools_ || bytes_ + known.bytes > max_bytes_) continue;
    bytes_ += known.bytes;
    tools_.emplace(name, std::move(known));
  }
}

void KnownTools::clear() {
  tools_.clear();
  bytes_ = 0;
}

bool KnownTools::repeatable(const std::string& name) const {
  auto found = tools_.find(name);
  return found != tools_.end() && found->second.repeatable;
}

TaskSupport KnownTools::task_support(const std::string& name) const {
  auto found = tools_.find(name);
  return found == tools_.end() ? TaskSupport::forbidden : found->second.task_support;
}

HttpHeaders KnownTools::headers(const Json& params) const {
  HttpHeaders out;
  const Json* name = member(params, "name");
  const Json* arguments = member(params, "arguments");
  if (name == nullptr || !name->is_string() || arguments == nullptr) return out;
  auto found = tools_.find(name->get_ref<const std::string&>());
  if (found == tools_.end()) return out;
  for (const HeaderParameter& parameter : found->second.headers) {
    if (auto value = header_value(parameter, *arguments)) {
      out.emplace_back(std::string(http_header::parameter_prefix) + parameter.name,
                       std::move(*value));
    }
  }
  return out;
}

std::vector<std::string> leave_out_invalid_headers(Json& page) {
  std::vector<std::string> problems;
  if (!page.is_object() || !page.contains("tools") || !page["tools"].is_array()) return problems;
  Json kept = Json::array();
  for (Json& tool : page["tools"]) {
    const Json* schema = member(tool, "inputSchema");
    if (schema != nullptr) {
      auto parameters = header_parameters(*schema);
      if (auto* problem = std::get_if<HeaderProblem>(&parameters)) {
        const Json* name = member(tool, "name");
        problems.push_back("the tool " +
                           (name != nullptr && name->is_string() ? name->get<std::string>()
                                                                 : std::string("without name")) +
                           " is left out: " + problem->schema_path + ": " + problem->message);
        continue;
      }
    }
    kept.push_back(std::move(tool));
  }
  page["tools"] = std::move(kept);
  return problems;
}

std::string KnownTools::output_problem(const std::string& name, const Json& result) {
  auto found = tools_.find(name);
  if (found == tools_.end() || found->second.output_schema.is_null()) return {};
  if (is_true(member(result, "isError"))) return {};
  Known& known = found->second;
  if (!known.compiled && known.problem.empty()) {
    try {
      known.compiled = schema::Schema::compile(known.output_schema);
    } catch (const schema::SchemaError& error) {
      known.problem = error.what();
    }
  }
  if (!known.compiled) return {};  // the tool works, only its schema does not
  const Json* structured = member(result, "structuredContent");
  if (structured == nullptr) return "no structuredContent, although the tool has an output schema";
  auto errors = known.compiled->validate(*structured);
  return errors.empty() ? std::string() : "structuredContent " + schema::summary(errors);
}

}  // namespace mcp::client
