#include <client/config/config_document.h>
#include <client/config/model_config.h>
#include <mcp/base/closest_match.h>
#include <mcp/base/json_pointer.h>
#include <mcp/outbound/url.h>
#include <mcp/schema/schema.h>
#include <re2/re2.h>

namespace fairlead::agent {
namespace {

using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// A mistyped member must not be left alone in silence.
void close_objects(Json& schema) {
  if (schema.is_object()) {
    if (schema.contains("properties") && !schema.contains("additionalProperties")) {
      schema["additionalProperties"] = false;
    }
    for (auto& [name, value] : schema.items())
      if (name != "default") close_objects(value);
  } else if (schema.is_array()) {
    for (Json& value : schema) close_objects(value);
  }
}

const mcp::schema::Schema& compiled_schema() {
  static const auto schema = mcp::schema::Schema::compile(model_config_schema());
  return schema;
}

class Check {
 public:
  Check(const std::string& file, ConfigDocument document)
      : file_(file), document_(std::move(document)) {}

  ModelConfig run(const Environment& environment) {
    expand(document_.value, "", environment);
    for (const auto& error : compiled_schema().validate(document_.value))
      note(place_of(error), error.message);
    give_up_if_wrong();
    auto decoded = mcp::decode<ModelConfig>(document_.value);
    if (const auto* errors = std::get_if<1>(&decoded)) {
      for (const auto& error : *errors) note(error.instance_path, error.message);
    }
    give_up_if_wrong();
    ModelConfig config = std::get<ModelConfig>(std::move(decoded));
    check_names(config);
    give_up_if_wrong();
    return config;
  }

 private:
  /// A member that must not be there is shown itself, not the object around it.
  std::string place_of(const mcp::schema::ValidationError& error) const {
    const Json* object = &document_.value;
    const Json::json_pointer path(error.instance_path);
    if (object->contains(path)) object = &object->at(path);
    if (error.keyword != "additionalProperties" || !object->is_object()) return error.instance_path;
    for (const auto& [name, value] : object->items()) {
      if (error.message.starts_with("unknown property " + Json(name).dump())) {
        return error.instance_path + "/" + mcp::escape_json_pointer(name);
      }
    }
    return error.instance_path;
  }

  void note(const std::string& path, const std::string& message) {
    problems_.push_back({path, message, document_.position(path)});
  }

  void give_up_if_wrong() {
    if (!problems_.empty()) throw ConfigError(file_, std::move(problems_));
  }

  void expand(Json& json, const std::string& path, const Environment& environment) {
    if (json.is_object()) {
      for (auto& [name, value] : json.items())
        expand(value, path + "/" + mcp::escape_json_pointer(name), environment);
    } else if (json.is_array()) {
      for (std::size_t i = 0; i < json.size(); ++i)
        expand(json[i], path + "/" + std::to_string(i), environment);
    } else if (json.is_string()) {
      json = expanded(json.get<std::string>(), path, environment);
    }
  }

  std::string expanded(const std::string& text, const std::string& path,
                       const Environment& environment) {
    std::string out;
    std::size_t at = 0;
    for (std::size_t begin; (begin = text.find("${", at)) != std::string::npos;) {
      if (begin > at && text[begin - 1] == '$') {  // "$${" stands for "${"
        out += text.substr(at, begin - at) + "{";
        at = begin + 2;
        continue;
      }
      out += text.substr(at, begin - at);
      const std::size_t end = text.find('}', begin);
      if (end == std::string::npos) {
        note(path, "\"${\" without \"}\"; write \"$${\" for the characters themselves");
        return out;
      }
      const std::string inside = text.substr(begin + 2, end - begin - 2);
      const std::size_t otherwise = inside.find(":-");
      const std::string name = inside.substr(0, otherwise);
      const auto value = environment(name);
      if (value && (!value->empty() || otherwise == std::string::npos)) {
        out += *value;
      } else if (otherwise != std::string::npos) {
        out += inside.substr(otherwise + 2);
      } else {
        note(path, "the environment has no variable " + name + "; ${" + name +
                       ":-text} gives what holds without it");
      }
      at = end + 1;
    }
    return out + text.substr(at);
  }

  void check_known(const std::string& path, const std::string& kind, const std::string& name,
                   const std::vector<std::string>& known) {
    for (const std::string& one : known)
      if (one == name) return;
    std::string message = "there is no " + kind + " \"" + name + "\"";
    if (const auto near = mcp::closest_match(name, known)) {
      message += "; did you mean \"" + std::string(*near) + "\"?";
    }
    note(path, message);
  }

  void check_names(const ModelConfig& config) {
    std::vector<std::string> gateways;
    std::vector<std::string> models;
    for (const auto& [name, gateway] : config.gateways) {
      gateways.push_back(name);
      if (!mcp::outbound::parse_http_url(gateway.base_url)) {
        note("/gateways/" + mcp::escape_json_pointer(name) + "/base_url",
             "must be an http or https URL");
      }
    }
    for (const auto& [name, model] : config.models) {
      models.push_back(name);
      const std::string path = "/models/" + mcp::escape_json_pointer(name);
      if (name == "auto") note(path, "\"auto\" stands for the routes: choose another name");
      for (std::size_t i = 0; i < model.deployments.size(); ++i)
        check_known(path + "/deployments/" + std::to_string(i) + "/gateway", "gateway",
                    model.deployments[i].gateway, gateways);
    }
    std::vector<std::string> choices = models;
    for (const auto& [name, chain] : config.chains) {
      const std::string path = "/chains/" + mcp::escape_json_pointer(name);
      if (config.models.contains(name) || name == "auto") {
        note(path, "a model is called so already");
      }
      if (chain.empty()) note(path, "a chain needs a model");
      for (std::size_t i = 0; i < chain.size(); ++i)
        check_known(path + "/" + std::to_string(i), "model", chain[i], models);
      choices.push_back(name);
    }
    for (std::size_t i = 0; i < config.routes.size(); ++i) {
      const RouteEntry& route = config.routes[i];
      const std::string path = "/routes/" + std::to_string(i);
      for (std::size_t k = 0; k < route.models.size(); ++k)
        check_known(path + "/models/" + std::to_string(k), "model or chain", route.models[k],
                    choices);
      if (route.pattern) {
        const re2::RE2 pattern(*route.pattern, re2::RE2::Quiet);
        if (!pattern.ok()) note(path + "/pattern", "no regular expression: " + pattern.error());
      }
      if (route.language) {
        check_known(path + "/language", "language", *route.language,
                    {"zh", "ja", "ko", "ru", "ar", "latin"});
      }
    }
    choices.push_back("auto");
    check_known("/default_model", "model or chain", config.default_model, choices);
    if (config.default_model == "auto" && config.routes.empty()) {
      note("", "\"auto\" needs routes: give some, or a default_model");
    }
  }

  const std::string& file_;
  ConfigDocument document_;
  std::vector<ConfigProblem> problems_;
};

}  // namespace

Json model_config_schema() {
  Json schema = mcp::describe<ModelConfig>();
  close_objects(schema);
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "Models of fairlead";
  return schema;
}

ModelConfig read_model_config(const std::string& file, std::string_view text,
                              const Environment& environment) {
  return Check(file, read_config_document(file, text)).run(environment);
}

}  // namespace fairlead::agent
