// Every feature that the official conformance suite looks for in a server, through the public API.
// What each tool, resource and prompt answers is the suite's contract.

#include <mcp/mcp.h>

#include <CLI/CLI.hpp>

#include <condition_variable>
#include <mutex>
#include <string>

namespace {

using mcp::Context;
using mcp::Json;
using mcp::ToolResult;

constexpr const char* png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJg"
    "gg==";
constexpr const char* wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const Json no_arguments = {{"type", "object"}, {"properties", Json::object()}};

void pause(Context& ctx, mcp::Duration duration) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, ctx.stop_token(), duration, [] { return false; });
}

Json one_text(const char* name, const char* description) {
  return {{"type", "object"},
          {"properties", {{name, {{"type", "string"}, {"description", description}}}}},
          {"required", {name}}};
}

mcp::CreateMessageParams question(std::string text, std::int64_t max_tokens) {
  mcp::CreateMessageParams params;
  params.messages.push_back(mcp::sampling_text(mcp::Role::user, std::move(text)));
  params.max_tokens = max_tokens;
  return params;
}

std::string described(const mcp::Elicited<Json>& answer) {
  return "action=" + std::string(mcp::to_string(answer.action())) +
         ", content=" + (answer.accepted() ? (*answer).dump() : "{}");
}

mcp::EmbeddedResource embedded(const char* uri, const char* mime_type, const char* text) {
  return {.resource = mcp::text_contents(uri, text, mime_type)};
}

void offer_content(mcp::Server& server) {
  const auto offer = [&](const char* name, const char* description, ToolResult result) {
    server.tool({.name = name, .description = description, .input_schema = no_arguments},
                [result = std::move(result)](const Json&, Context&) { return result; });
  };
  offer("test_simple_text", "Answers with a text",
        mcp::text("This is a simple text response for testing."));
  offer("test_image_content", "Answers with an image",
        {.content = {mcp::ImageContent{.data = png, .mime_type = "image/png"}}});
  offer("test_audio_content", "Answers with a sound",
        {.content = {mcp::AudioContent{.data = wav, .mime_type = "audio/wav"}}});
  offer("test_embedded_resource", "Answers with a resource",
        {.content = {embedded("test://embedded-resource", "text/plain",
                              "This is an embedded resource content.")}});
  offer("test_multiple_content_types", "Answers with several kinds of content",
        {.content = {mcp::text_content("Multiple content types test:"),
                     mcp::ImageContent{.data = png, .mime_type = "image/png"},
                     embedded("test://mixed-content-resource", "application/json",
                              R"({"test":"data","value":123})")}});
  server.tool({.name = "test_error_handling", .description = "Fails", .input_schema = no_arguments},
              [](const Json&, Context&) -> ToolResult {
                throw mcp::ToolError("This tool intentionally returns an error for testing");
              });
  server.tool({.name = "test_tool_with_progress",
               .description = "Tells its progress",
               .input_schema = no_arguments},
              [](const Json&, Context& ctx) {
                for (const double done : {0.0, 50.0, 100.0}) {
                  ctx.progress(done, 100);
                  pause(ctx, std::chrono::milliseconds(50));
                }
                return mcp::text("Tool with progress executed successfully");
              });
}

void offer_session_tools(mcp::Server& server) {
  server.tool({.name = "test_tool_with_logging",
               .description = "Logs while it works",
               .input_schema = no_arguments},
              [](const Json&, Context& ctx) {
                ctx.log(mcp::LoggingLevel::info, "Tool execution started");
                pause(ctx, std::chrono::milliseconds(50));
                ctx.log(mcp::LoggingLevel::info, "Tool processing data");
                pause(ctx, std::chrono::milliseconds(50));
                ctx.log(mcp::LoggingLevel::info, "Tool execution completed");
                return mcp::text("Tool with logging executed successfully");
              });
  server.tool({.name = "test_sampling",
               .description = "Asks the client's model",
               .input_schema = one_text("prompt", "What to ask")},
              [](const Json& arguments, Context& ctx) {
                const auto answer =
                    ctx.sample("answer", question(arguments["prompt"].get<std::string>(), 100));
                return mcp::text("LLM response: " + answer.text());
              });
  server.tool(
      {.name = "test_elicitation",
       .description = "Asks the user",
       .input_schema = one_text("message", "What to ask")},
      [](const Json& arguments, Context& ctx) {
        const Json form = {
            {"type", "object"},
            {"properties",
             {{"username", {{"type", "string"}, {"description", "User's response"}}},
              {"email", {{"type", "string"}, {"description", "User's email address"}}}}},
            {"required", {"username", "email"}}};
        const auto answer = ctx.elicit("user", arguments["message"].get<std::string>(), form);
        return mcp::text("User response: <action: " + std::string(mcp::to_string(answer.action())) +
                         ", content: " + (answer.accepted() ? (*answer).dump() : "{}") + ">");
      });
  server.tool(
      {.name = "test_elicitation_sep1034_defaults",
       .description = "Asks with defaults of every type",
       .input_schema = no_arguments},
      [](const Json&, Context& ctx) {
        const Json form = {{"type", "object"},
                           {"properties",
                            {{"name", {{"type", "string"}, {"default", "John Doe"}}},
                             {"age", {{"type", "integer"}, {"default", 30}}},
                             {"score", {{"type", "number"}, {"default", 95.5}}},
                             {"status",
                              {{"type", "string"},
                               {"enum", {"active", "inactive", "pending"}},
                               {"default", "active"}}},
                             {"verified", {{"type", "boolean"}, {"default", true}}}}}};
        return mcp::text("Elicitation completed: " +
                         described(ctx.elicit("defaults", "Please review the defaults", form)));
      });
  server.tool({.name = "test_elicitation_sep1330_enums",
               .description = "Asks with every form of choice",
               .input_schema = no_arguments},
              [](const Json&, Context& ctx) {
                const auto titled = [](const char* value, const char* title) {
                  return Json{{"const", value}, {"title", title}};
                };
                const Json options = {"option1", "option2", "option3"};
                const Json form = {
                    {"type", "object"},
                    {"properties",
                     {{"untitledSingle", {{"type", "string"}, {"enum", options}}},
                      {"titledSingle",
                       {{"type", "string"},
                        {"oneOf",
                         {titled("value1", "First Option"), titled("value2", "Second Option"),
                          titled("value3", "Third Option")}}}},
                      {"legacyEnum",
                       {{"type", "string"},
                        {"enum", {"opt1", "opt2", "opt3"}},
                        {"enumNames", {"Option One", "Option Two", "Option Three"}}}},
                      {"untitledMulti",
                       {{"type", "array"}, {"items", {{"type", "string"}, {"enum", options}}}}},
                      {"titledMulti",
                       {{"type", "array"},
                        {"items",
                         {{"anyOf",
                           {titled("value1", "First Choice"), titled("value2", "Second Choice"),
                            titled("value3", "Third Choice")}}}}}}}}};
                return mcp::text("Elicitation completed: " +
                                 described(ctx.elicit("choices", "Please choose", form)));
              });
  server.tool({.name = "test_reconnection",
               .description = "Lets the connection go and answers later",
               .input_schema = no_arguments},
              [](const Json&, Context& ctx) {
                ctx.release_connection(std::chrono::milliseconds(500));
                pause(ctx, std::chrono::milliseconds(100));
                return mcp::text("Reconnection test completed successfully");
              });
}

void offer_diagnostics(mcp::Server& server) {
  server.tool({.name = "test_missing_capability",
               .description = "Needs a client that can sample",
               .input_schema = no_arguments},
              [](const Json&, Context&) { return mcp::text("The client can sample."); },
              {.requires_capability = {mcp::ClientFeature::sampling}});
  server.tool({.name = "test_streaming_elicitation",
               .description = "Answers on a stream",
               .input_schema = no_arguments},
              [](const Json&, Context& ctx) {
                ctx.progress(1, 1);
                return mcp::text("Nothing had to be asked.");
              });
  server.tool({.name = "test_logging_tool",
               .description = "Logs for clients that want to read it",
               .input_schema = no_arguments},
              [](const Json&, Context& ctx) {
                ctx.log(mcp::LoggingLevel::info, "The logging tool ran");
                return mcp::text("Logged.");
              });
  server.tool({.name = "test_trigger_tool_change",
               .description = "Tells that the tools have changed",
               .input_schema = no_arguments},
              [&server](const Json&, Context&) {
                server.tools_changed();
                return mcp::text("Told.");
              });
  server.tool({.name = "test_trigger_prompt_change",
               .description = "Tells that the prompts have changed",
               .input_schema = no_arguments},
              [&server](const Json&, Context&) {
                server.prompts_changed();
                return mcp::text("Told.");
              });
}

struct Work {
  int steps;
  std::string nonce;
};
struct Place {
  std::string uri;
};

/// Not the suite's: what the peers need to see that a call was cancelled and a change told.
void offer_peers(mcp::Server& server) {
  struct Cancelled {
    std::mutex mutex;
    Json nonces = Json::array();
  };
  auto cancelled = std::make_shared<Cancelled>();
  server.tool("test_work", "Works step by step, and tells of each",
              [cancelled](const Work& in, Context& ctx) {
                for (int step = 1; step <= in.steps && !ctx.stop_token().stop_requested(); ++step) {
                  ctx.progress(step, in.steps);
                  pause(ctx, std::chrono::milliseconds(25));
                }
                if (!ctx.stop_token().stop_requested()) return mcp::text("worked: " + in.nonce);
                std::lock_guard lock(cancelled->mutex);
                cancelled->nonces.push_back(in.nonce);
                return mcp::text("cancelled");
              });
  server.tool("test_touch_resource", "Tells that a resource has changed",
              [&server](const Place& in) { server.resource_updated(in.uri); });
  server.resource({.uri = "test://cancelled",
                   .name = "Cancelled calls",
                   .description = "The nonces of test_work calls that were cancelled",
                   .mime_type = "application/json"},
                  [cancelled](const mcp::ResourceRequest& request, Context&) {
                    std::lock_guard lock(cancelled->mutex);
                    return mcp::ReadResourceResult{{mcp::text_contents(
                        request.uri, cancelled->nonces.dump(), "application/json")}};
                  });
}

struct Name {
  std::string name;
};
struct Ok {
  bool ok;
};
struct Color {
  std::string color;
};
struct Answered {
  std::string context;
};

void offer_rounds(mcp::Server& server) {
  const auto offer = [&](const char* name, const char* description, mcp::ToolHandler handler) {
    server.tool({.name = name, .description = description, .input_schema = no_arguments},
                std::move(handler));
  };
  offer("test_input_required_result_elicitation", "Asks for a name", [](const Json&, Context& ctx) {
    const auto answer = ctx.elicit<Name>("user_name", "What is your name?");
    return mcp::text(answer.accepted() ? "Hello, " + answer->name + "!" : "Hello!");
  });
  offer(
      "test_input_required_result_sampling", "Asks the client's model",
      [](const Json&, Context& ctx) {
        return mcp::text(
            ctx.sample("capital_question", question("What is the capital of France?", 100)).text());
      });
  offer("test_input_required_result_list_roots", "Asks for the roots",
        [](const Json&, Context& ctx) {
          std::string listed = "Roots:";
          for (const mcp::Root& root : ctx.roots("client_roots"))
            listed += " " + root.uri + " (" + root.name + ")";
          return mcp::text(listed);
        });
  offer("test_input_required_result_request_state", "Carries state from one round to the next",
        [](const Json&, Context& ctx) {
          const auto answer = ctx.elicit<Ok>("confirm", "Please confirm");
          return mcp::text(std::string("state-ok: ") +
                           (answer.accepted() && answer->ok ? "confirmed" : "not confirmed"));
        });
  offer("test_input_required_result_multiple_inputs", "Asks three things at once",
        [](const Json&, Context& ctx) {
          const auto [name, greeting, roots] =
              ctx.ask_all(mcp::elicit<Name>("user_name", "What is your name?"),
                          mcp::sample("greeting", question("Generate a greeting", 50)),
                          mcp::roots("client_roots"));
          return mcp::text(greeting.text() + " " + (name.accepted() ? name->name : "somebody") +
                           ", " + std::to_string(roots.size()) + " roots");
        });
  offer("test_input_required_result_multi_round", "Asks twice", [](const Json&, Context& ctx) {
    const auto name = ctx.elicit<Name>("step1", "Step 1: What is your name?");
    const auto color = ctx.elicit<Color>("step2", "Step 2: What is your favorite color?");
    return mcp::text((name.accepted() ? name->name : "Somebody") + " likes " +
                     (color.accepted() ? color->color : "nothing"));
  });
  offer("test_input_required_result_tampered_state", "Notices when its state is changed",
        [](const Json&, Context& ctx) {
          const auto answer = ctx.elicit<Ok>("confirm", "Please confirm");
          return mcp::text(answer.accepted() ? "confirmed" : "not confirmed");
        });
  offer("test_input_required_result_capabilities", "Asks only what the client can",
        [](const Json&, Context& ctx) {
          if (ctx.client_can(mcp::ClientFeature::sampling))
            return mcp::text(ctx.sample("joke", question("Tell a joke", 50)).text());
          if (ctx.client_can(mcp::ClientFeature::elicit_form)) {
            const auto answer = ctx.elicit<Name>("user_name", "What is your name?");
            return mcp::text(answer.accepted() ? answer->name : "somebody");
          }
          return mcp::text("This client can't be asked anything.");
        });
}

struct Compute {
  double seconds;
  std::string label;
};
struct File {
  std::string filename;
};
struct Confirmed {
  bool confirm;
};
struct Nothing {};

mcp::Duration seconds(double count) {
  return std::chrono::duration_cast<mcp::Duration>(std::chrono::duration<double>(count));
}

void offer_tasks(mcp::Server& server) {
  const mcp::ToolOptions optional{.task_support = mcp::TaskSupport::optional};
  const mcp::ToolOptions required{.task_support = mcp::TaskSupport::required};
  server.tool("greet", "Greets at once",
              [](const Name& in) { return mcp::text("Hello, " + in.name + "!"); });
  server.tool(
      "slow_compute", "Takes as long as it is told",
      [](const Compute& in, Context& ctx) {
        ctx.continue_as_task();
        pause(ctx, seconds(in.seconds));
        return mcp::text("Computed " + in.label);
      },
      optional);
  server.tool(
      "failing_job", "Fails after a while",
      [](const Nothing&, Context& ctx) -> ToolResult {
        ctx.continue_as_task();
        pause(ctx, seconds(1));
        throw mcp::ToolError("The job failed");
      },
      required);
  server.tool(
      "protocol_error_job", "Ends with a protocol error",
      [](const Nothing&, Context& ctx) -> ToolResult {
        ctx.continue_as_task();
        throw mcp::Error(mcp::error_code::internal_error, "The job broke");
      },
      optional);
  server.tool(
      "confirm_delete", "Asks before it deletes",
      [](const File& in, Context& ctx) {
        ctx.continue_as_task();
        const auto answer = ctx.elicit<Confirmed>("confirm", "Delete " + in.filename + "?");
        return mcp::text(answer.accepted() && answer->confirm ? "Deleted " + in.filename
                                                              : "Kept " + in.filename);
      },
      optional);
  server.tool(
      "multi_input", "Asks two things at once",
      [](const Nothing&, Context& ctx) {
        ctx.continue_as_task();
        const auto [first, second] = ctx.ask_all(mcp::elicit<Name>("first", "Who comes first?"),
                                                 mcp::elicit<Name>("second", "Who follows?"));
        return mcp::text((first.accepted() ? first->name : "Somebody") + " before " +
                         (second.accepted() ? second->name : "somebody"));
      },
      optional);
  server.tool(
      "test_tool_with_task", "Asks first, then goes on as a task",
      [](const Nothing&, Context& ctx) {
        const auto answer = ctx.elicit<Name>("user_name", "What is your name?");
        ctx.continue_as_task();
        return mcp::text("Worked for " + (answer.accepted() ? answer->name : "somebody"));
      },
      required);
}

void offer_schemas(mcp::Server& server) {
  const Json schema = Json::parse(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object",
                          "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
    "properties": {"name": {"type": "string"},
                   "address": {"$ref": "#/$defs/address"},
                   "contactMethod": {"type": "string", "enum": ["phone", "email"]},
                   "phone": {"type": "string"},
                   "email": {"type": "string"}},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": false})");
  server.tool({.name = "json_schema_2020_12_tool",
               .description = "Tool with JSON Schema 2020-12 features",
               .input_schema = schema},
              [](const Json& arguments, Context&) { return mcp::text(arguments.dump()); });
  const Json mirrored = {{"type", "object"},
                         {"properties",
                          {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}},
                           {"level", {{"type", "integer"}}}}}};
  server.tool({.name = "test_x_mcp_header",
               .description = "Has a parameter that travels in a header too",
               .input_schema = mirrored},
              [](const Json& arguments, Context&) {
                return mcp::text("region: " + arguments.value("region", "none"));
              });
}

void offer_resources(mcp::Server& server) {
  const auto offer = [&](const char* uri, const char* name, const char* mime_type,
                         mcp::ResourceContents contents) {
    server.resource({.uri = uri, .name = name, .description = name, .mime_type = mime_type},
                    [contents = std::move(contents)](const mcp::ResourceRequest&, Context&) {
                      return mcp::ReadResourceResult{{contents}};
                    });
  };
  offer(
      "test://static-text", "Static text", "text/plain",
      mcp::text_contents("test://static-text", "This is the content of the static text resource."));
  offer("test://static-binary", "Static binary", "image/png",
        {.uri = "test://static-binary", .mime_type = "image/png", .blob = png});
  offer("test://watched-resource", "Watched resource", "text/plain",
        mcp::text_contents("test://watched-resource", "Watched resource content."));
  server.resource_template(
      {.uri_template = "test://template/{id}/data",
       .name = "Template",
       .description = "Data by id",
       .mime_type = "application/json"},
      [](const mcp::ResourceRequest& request, Context&) {
        const std::string& id = request.variables.at("id");
        const Json data = {{"id", id}, {"templateTest", true}, {"data", "Data for ID: " + id}};
        return mcp::ReadResourceResult{
            {mcp::text_contents(request.uri, data.dump(), "application/json")}};
      });
}

void offer_skills(mcp::Server& server) {
  server.skill({{{"SKILL.md",
                  "---\n"
                  "name: pdf-processing\n"
                  "description: Extract, fill, and assemble PDF documents\n"
                  "license: MIT\n"
                  "metadata:\n"
                  "  version: \"2.1.0\"\n"
                  "---\n\n"
                  "# PDF processing\n\n"
                  "For forms see references/FORMS.md.\n"},
                 {"references/FORMS.md", "# Forms\n\nFill fields by name.\n"}}});
  server.skill({{{"SKILL.md",
                  "---\n"
                  "name: refunds\n"
                  "description: >\n"
                  "  Process customer refund requests\n"
                  "  per company policy\n"
                  "---\n"},
                 {"examples/email.md", "Dear customer, ...\n"}},
                "acme/billing"});
}

mcp::PromptMessage user(mcp::Content content) {
  return {.role = mcp::Role::user, .content = std::move(content)};
}

void offer_prompts(mcp::Server& server) {
  server.prompt(
      {.name = "test_simple_prompt", .description = "A prompt of one text"},
      [](const mcp::PromptArguments&, Context&) {
        return mcp::PromptResult{{mcp::user_text("This is a simple prompt for testing.")}};
      });
  mcp::PromptOptions completed;
  for (const char* name : {"arg1", "arg2"}) {
    completed.complete[name] = [](const mcp::CompletionRequest& request, mcp::CallContext&) {
      mcp::CompleteResult result;
      for (const char* value : {"testValue1", "testValue2"}) {
        if (std::string_view(value).starts_with(request.value)) result.values.emplace_back(value);
      }
      return result;
    };
  }
  server.prompt(
      {.name = "test_prompt_with_arguments",
       .description = "A prompt with two arguments",
       .arguments = {{.name = "arg1", .description = "The first", .required = true},
                     {.name = "arg2", .description = "The second", .required = true}}},
      [](const mcp::PromptArguments& arguments, Context&) {
        return mcp::PromptResult{
            {mcp::user_text("Prompt with arguments: arg1='" + arguments.at("arg1") + "', arg2='" +
                            arguments.at("arg2") + "'")}};
      },
      std::move(completed));
  server.prompt(
      {.name = "test_prompt_with_embedded_resource",
       .description = "A prompt with a resource",
       .arguments = {{.name = "resourceUri", .description = "Which one", .required = true}}},
      [](const mcp::PromptArguments& arguments, Context&) {
        return mcp::PromptResult{{user(embedded(arguments.at("resourceUri").c_str(), "text/plain",
                                                "Embedded resource content for testing.")),
                                  mcp::user_text("Please process the embedded resource above.")}};
      });
  server.prompt(
      {.name = "test_prompt_with_image", .description = "A prompt with an image"},
      [](const mcp::PromptArguments&, Context&) {
        return mcp::PromptResult{{user(mcp::ImageContent{.data = png, .mime_type = "image/png"}),
                                  mcp::user_text("Please analyze the image above.")}};
      });
  server.prompt(
      {.name = "test_input_required_result_prompt", .description = "A prompt that asks first"},
      [](const mcp::PromptArguments&, Context& ctx) {
        const auto answer =
            ctx.elicit<Answered>("user_context", "What context should the prompt use?");
        return mcp::PromptResult{{mcp::user_text("Use this context: " +
                                                 (answer.accepted() ? answer->context : "none"))}};
      });
}

}  // namespace

int main(int argc, char** argv) {
  mcp::Server server{{.name = "everything-server", .version = "1.0.0"},
                     {.instructions = "Everything that the conformance suite looks for."}};
  offer_content(server);
  offer_session_tools(server);
  offer_diagnostics(server);
  offer_rounds(server);
  offer_tasks(server);
  offer_schemas(server);
  offer_resources(server);
  offer_prompts(server);
  offer_skills(server);
  offer_peers(server);

  CLI::App app("Everything that the conformance suite looks for", "everything-server");
  mcp::ServeOptions options;
  mcp::add_serve_options(app, options);
  app.add_option("--port", options.http_address, "The same as --http 127.0.0.1:N")
      ->option_text("N");
  CLI11_PARSE(app, argc, argv);
  return mcp::serve(server, options);
}
