// everything_client URL
//
// The client that the official conformance suite drives: it is started once for each scenario, told
// by the environment which revision to speak and what to call, and judged by what it sends. Only
// the public interface is used; the scenario decides nothing but what is called.

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/oauth.h>
#include <mcp/client/client.h>
#include <mcp/client/http_target.h>

namespace {

using mcp::Json;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// What the suite tells besides: credentials, and what to call.
Json context() {
  const std::string text = environment("MCP_CONFORMANCE_CONTEXT");
  return text.empty() ? Json::object() : Json::parse(text);
}

/// The simplest value that a form's field allows.
Json sample(const Json& schema) {
  const std::string type = schema.value("type", "string");
  if (schema.contains("enum")) return schema["enum"].at(0);
  if (type == "boolean") return true;
  if (type == "integer" || type == "number") return schema.value("minimum", 1);
  return "sample";
}

/// Fills the fields that have no default of their own: the client adds the defaults.
mcp::ElicitResult fill_in(const mcp::ElicitFormParams& form, const mcp::InputContext&) {
  Json content = Json::object();
  const Json fields = form.requested_schema.value("properties", Json::object());
  for (const auto& [name, field] : fields.items()) {
    if (!field.contains("default")) content[name] = sample(field);
  }
  return {mcp::ElicitAction::accept, content};
}

mcp::ClientOptions options() {
  mcp::ClientOptions options;
  options.info = {.name = "everything-client", .version = "0.1.0"};
  if (auto revision = mcp::parse_revision(environment("MCP_CONFORMANCE_PROTOCOL_VERSION"))) {
    options.era = mcp::era(*revision);
  }
  options.handlers.elicit_form = fill_in;
  options.handlers.sample = [](const mcp::CreateMessageParams&, const mcp::InputContext&) {
    return mcp::CreateMessageResult{.content = {mcp::TextContent{"A sampled answer."}},
                                    .model = "none",
                                    .stop_reason = "endTurn"};
  };
  options.handlers.roots = [](const mcp::InputContext&) {
    return std::vector<mcp::Root>{{.uri = "file:///tmp", .name = "tmp"}};
  };
  options.observer.on_violation = [](const std::string& what) { std::cerr << what << "\n"; };
  return options;
}

// --- Authorization ---

/// The user and the browser in one: agrees to everything, and brings back where that leads.
class AgreeingUser : public mcp::auth::UserAgent {
 public:
  std::string redirect_uri(const std::optional<std::string>&) override {
    return "http://127.0.0.1:8765/callback";
  }
  std::string authorize(const std::string& url, std::stop_token stop) override {
    mcp::outbound::HttpRequest request;
    request.url = url;
    const auto page = mcp::outbound::http_call(request, {}, stop);
    const auto location = page.header("location");
    if (!location) {
      throw mcp::auth::AuthError("the page answered HTTP " + std::to_string(page.status));
    }
    return *location;
  }
};

mcp::auth::AuthorizationCodeGrant with_a_user() {
  mcp::auth::AuthorizationCodeGrant grant;
  grant.user_agent = std::make_shared<AgreeingUser>();
  grant.client_metadata_url = "https://conformance-test.local/client-metadata.json";
  return grant;
}

/// What the credentials in the context are for.
mcp::auth::Grant grant_of(const Json& context) {
  if (context.contains("idp_id_token")) {
    return mcp::auth::EnterpriseManagedGrant{
        .token_endpoint = context.at("idp_token_endpoint"),
        .client_id = context.at("idp_client_id"),
        .id_token = [token = context.at("idp_id_token").get<std::string>()] { return token; }};
  }
  if (context.contains("valid_jwt")) {
    return mcp::auth::WorkloadIdentityGrant{
        [token = context.at("valid_jwt").get<std::string>()] { return token; }};
  }
  if (context.value("name", "").starts_with("auth/client-credentials")) {
    return mcp::auth::ClientCredentialsGrant{};
  }
  return with_a_user();
}

std::shared_ptr<mcp::Authorizer> authorizer(mcp::Runtime& runtime, const std::string& url) {
  const Json given = context();
  mcp::auth::OAuthOptions options;
  options.grant = grant_of(given);
  if (given.contains("client_id")) {
    options.clients.push_back({.issuer = given.value("issuer", ""),
                               .client_id = given.at("client_id"),
                               .client_secret = given.value("client_secret", ""),
                               .private_key_pem = given.value("private_key_pem", "")});
  }
  return mcp::auth::make_oauth_authorizer(runtime, url, std::move(options));
}

// --- What to call ---

void list_tools(mcp::Client& client) {
  for (const mcp::Tool& tool : client.list_tools()) std::cout << tool.name << "\n";
}

std::function<void(mcp::Client&)> calls(const std::string& tool, Json arguments) {
  return [tool, arguments = std::move(arguments)](mcp::Client& client) {
    client.list_tools();
    for (const auto& content : client.call_tool(tool, arguments).content) {
      std::cout << mcp::to_text(content) << "\n";
    }
  };
}

void call_all_that_is_listed(mcp::Client& client) {
  for (const mcp::Tool& tool : client.list_tools()) {
    Json arguments = Json::object();
    const Json properties = tool.input_schema.value("properties", Json::object());
    for (const auto& [name, property] : properties.items()) arguments[name] = sample(property);
    client.call_tool(tool.name, arguments);
  }
}

void call_what_the_context_names(mcp::Client& client) {
  client.list_tools();
  const Json given = context();
  for (const Json& call : given.at("toolCalls")) {
    client.call_tool(call.at("name"), call.at("arguments"));
  }
}

void use_every_kind(mcp::Client& client) {
  for (const mcp::Tool& tool : client.list_tools()) client.call_tool(tool.name);
  for (const mcp::Resource& resource : client.list_resources()) client.read_resource(resource.uri);
  for (const mcp::Prompt& prompt : client.list_prompts()) client.get_prompt({prompt.name, {}});
}

void ask_in_turn(mcp::Client& client) {
  client.list_tools();
  for (const char* tool : {"test_mrtr_echo_state", "test_mrtr_no_state", "test_mrtr_unrelated",
                           "test_mrtr_no_result_type"}) {
    client.call_tool(tool);
  }
}

void echo_a_schema(mcp::Client& client) {
  for (const mcp::Tool& tool : client.list_tools()) {
    if (tool.name == "json_schema_2020_12_tool") {
      client.call_tool("json_schema_echo", {{"schema", tool.input_schema}});
    }
  }
}

// --- Skills ---

/// Reads the files of each skill; the client trusts none that is not what the listing says.
void read_skills(mcp::Client& client) {
  for (const mcp::Skill& skill : client.list_skills()) {
    for (const mcp::SkillResource& file : skill.resources.value()) {
      client.read_skill_file(skill, file.uri);
    }
  }
}

/// What to call. Those about authorization call `test-tool`, every other one lists the tools.
const std::map<std::string, std::function<void(mcp::Client&)>> scenarios = {
    {"tools_call", calls("add_numbers", {{"a", 5}, {"b", 3}})},
    {"elicitation-sep1034-client-defaults",
     calls("test_client_elicitation_defaults", Json::object())},
    {"sse-retry", calls("test_reconnection", Json::object())},
    {"sep-2322-client-request-state", ask_in_turn},
    {"http-standard-headers", use_every_kind},
    {"http-custom-headers", call_what_the_context_names},
    {"http-invalid-tool-headers", call_all_that_is_listed},
    {"json-schema-2020-12-preservation", echo_a_schema},
    {"sep-2640-client-no-prefetch", [](mcp::Client& client) { client.list_skills(); }},
    {"sep-2640-client-verify-digest", read_skills},
    {"sep-2640-client-verify-size", read_skills},
    {"sep-2640-client-verify-frontmatter", read_skills},
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) {
    std::cerr << "usage: everything_client URL\n";
    return 2;
  }
  const std::string url = argv[argc - 1];
  const std::string scenario = environment("MCP_CONFORMANCE_SCENARIO");
  auto runtime = mcp::make_runtime();
  mcp::HttpClientOptions http;
  http.authorizer = authorizer(*runtime, url);
  auto client = mcp::Client::connect(*runtime, mcp::http_target(url, std::move(http)), options());
  const auto known = scenarios.find(scenario);
  if (known != scenarios.end()) {
    known->second(client);
  } else if (scenario.starts_with("auth/")) {
    calls("test-tool", Json::object())(client);
  } else {
    list_tools(client);
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "everything_client: " << error.what() << "\n";
  return 1;
}
