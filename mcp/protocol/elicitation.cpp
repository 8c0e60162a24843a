#include <mcp/protocol/elicitation.h>

#include <array>
#include <utility>

#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

constexpr std::array<std::pair<std::string_view, ElicitAction>, 3> action_names = {
    {{"accept", ElicitAction::accept},
     {"decline", ElicitAction::decline},
     {"cancel", ElicitAction::cancel}}};

/// The schema quirk of the older revisions: fields of several choices can not be shown.
bool is_multi_select(const Json& field) {
  auto type = field.find("type");
  return type != field.end() && *type == "array";
}

/// `oneOf: [{const, title}]` as the `enum` and `enumNames` that came before it.
void use_enum_names(Json& field) {
  auto options = field.find("oneOf");
  if (options == field.end()) return;
  Json values = Json::array();
  Json titles = Json::array();
  for (const Json& option : *options) {
    values.push_back(option.at("const"));
    titles.push_back(option.at("title"));
  }
  field.erase(options);
  field["enum"] = std::move(values);
  field["enumNames"] = std::move(titles);
}

}  // namespace

Json elicitation_schema_for(const Json& schema, Revision revision) {
  if (has_multi_select(revision)) return schema;
  if (std::string problem = elicitation_schema_problem(schema); !problem.empty()) {
    throw Error(error_code::internal_error, "the form's schema can not be shown: " + problem);
  }
  Json converted = schema;
  converted.erase("$schema");
  Json& fields = converted["properties"];
  for (auto field = fields.begin(); field != fields.end();) {
    if (is_multi_select(*field)) {
      auto required = converted.value("required", Json::array());
      for (const Json& name : required) {
        if (name == field.key()) {
          throw Error(error_code::internal_error,
                      "/properties/" + field.key() +
                          ": this client's revision of the protocol can not ask for several "
                          "choices; make the field optional or ask one choice");
        }
      }
      field = fields.erase(field);
      continue;
    }
    use_enum_names(*field);
    if (auto value = field->find("default"); value != field->end() && !value->is_boolean()) {
      field->erase(value);
    }
    ++field;
  }
  return converted;
}

void apply_elicitation_defaults(Json& content, const Json& requested_schema) {
  auto fields = requested_schema.find("properties");
  if (fields == requested_schema.end() || !fields->is_object()) return;
  if (content.is_null()) content = Json::object();
  if (!content.is_object()) return;
  for (const auto& [name, field] : fields->items()) {
    auto value = field.find("default");
    if (value != field.end() && !content.contains(name)) content[name] = *value;
  }
}

std::string_view to_string(ElicitAction action) noexcept {
  return action_names[static_cast<std::size_t>(action)].first;
}

Json to_json(const ElicitParams& params, Revision revision) {
  if (const auto* form = std::get_if<ElicitFormParams>(&params)) {
    return ObjectWriter()
        .set("message", form->message)
        .set("requestedSchema", elicitation_schema_for(form->requested_schema, revision))
        .take();
  }
  const auto& page = std::get<ElicitUrlParams>(params);
  ObjectWriter out;
  out.set("mode", "url").set("message", page.message).set("url", page.url);
  if (has_elicitation_id(revision)) out.set("elicitationId", page.elicitation_id);
  return out.take();
}

Json to_json(const ElicitResult& result, Revision) {
  return ObjectWriter()
      .set("action", to_string(result.action))
      .object("content", result.content)
      .meta(result.meta)
      .take();
}

template <>
ElicitParams from_json<ElicitParams>(const Json& value) {
  ObjectReader in(value);
  auto mode = in.get_or<std::string>("mode", "form");
  if (mode == "url") {
    return ElicitUrlParams{.message = in.get<std::string>("message"),
                           .url = in.get<std::string>("url"),
                           .elicitation_id = in.get_or<std::string>("elicitationId", {})};
  }
  if (mode != "form") throw Malformed("/mode", "expected \"form\" or \"url\"");
  ElicitFormParams form{.message = in.get<std::string>("message"),
                        .requested_schema = in.required("requestedSchema")};
  if (std::string problem = elicitation_schema_problem(form.requested_schema); !problem.empty()) {
    throw Malformed("/requestedSchema", problem);
  }
  return form;
}

template <>
ElicitResult from_json<ElicitResult>(const Json& value) {
  ObjectReader in(value);
  return {.action = protocol::at("action",
                                 [&] {
                                   return protocol::read_name(in.required("action"), action_names,
                                                              "\"accept\", \"decline\" or "
                                                              "\"cancel\"");
                                 }),
          .content = in.optional_object("content"),
          .meta = in.meta()};
}

}  // namespace mcp
