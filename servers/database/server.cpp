#include "servers/database/server.h"

#include <utility>

#include <mcp/base/version.h>

#include "servers/database/answers.h"
#include "servers/database/failure_text.h"

namespace fairlead::database {
namespace {

constexpr const char* schema_uri = "db://schema";
constexpr const char* table_template = "db://tables/{name}";

using Shared = std::shared_ptr<Database>;

Json input_schema(Json properties, Json required = Json::array()) {
  Json schema = {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

template <typename Answer>
mcp::ToolResult tool_result(const Answer& answer) {
  mcp::ToolResult result = mcp::text(to_text(answer));
  result.structured_content = to_json(answer);
  return result;
}

mcp::ToolAnnotations annotations(bool writes) {
  return {.read_only_hint = !writes,
          .destructive_hint = writes,
          .idempotent_hint = !writes,
          .open_world_hint = false};
}

std::string query_description(const Database& database) {
  const Options& options = database.options();
  const bool writes = options.mode == Mode::write;
  return std::string(writes ? "Run one SQL statement (SELECT, INSERT, UPDATE, DELETE, CREATE, "
                              "ALTER, DROP) on"
                            : "Run one SQL SELECT statement on") +
         " the SQLite database " + database.name() +
         " and return the rows with their column names.\n" +
         (writes ? "Each call is a transaction of its own, committed at its end; BEGIN, ATTACH and "
                   "PRAGMAs that set something are refused.\n"
                 : "Only supports read operations (SELECT, WITH, EXPLAIN), not writes.\n") +
         "Pass values in params, bound to placeholders, never pasted into the SQL: that is safe "
         "against SQL injection.\n"
         "Returns columns, rows (one array a row), row_count and truncated: at most " +
         std::to_string(options.max_rows) + " rows or " + std::to_string(options.max_bytes) +
         " bytes, and " + seconds_text(options.timeout) +
         ". Aggregate in SQL rather than reading many rows. "
         "Call list_tables first if you do not know the tables.";
}

void add_query(mcp::Server& server, const Shared& database) {
  const bool writes = database->options().mode == Mode::write;
  const std::string example =
      "SELECT name, email FROM customers WHERE country = ? ORDER BY name LIMIT 10";
  Json properties = {
      {"sql",
       {{"type", "string"},
        {"minLength", 1},
        {"description", (writes ? "One SQL statement in SQLite's dialect, e.g. "
                                : "The SQL SELECT query to execute, in SQLite's dialect, e.g. ") +
                            example}}},
      {"params",
       {{"type", {"array", "object"}},
        {"description",
         "Values for the placeholders: an array for ?, e.g. [\"France\", 10], or an object for "
         ":name, e.g. {\"country\": \"France\"}. Each is null, true, false, a number, a string or "
         "{\"base64\": \"...\"} for a blob."}}},
      {"max_rows",
       {{"type", "integer"},
        {"minimum", 1},
        {"description", "Return fewer rows than the limit of " +
                            std::to_string(database->options().max_rows) + ", e.g. 20"}}}};
  server.tool({.name = "query_database",
               .title = "Query the database",
               .description = query_description(*database),
               .input_schema = input_schema(std::move(properties), {"sql"}),
               .output_schema = query_result_schema(),
               .annotations = annotations(writes)},
              [database](const Json& arguments, mcp::Context& context) {
                Query query{.sql = arguments.at("sql").get<std::string>()};
                if (arguments.contains("params")) query.params = arguments["params"];
                if (arguments.contains("max_rows")) {
                  query.max_rows = arguments["max_rows"].get<std::size_t>();
                }
                return tool_result(database->query(query, context.stop_token()));
              });
}

void add_schema_tools(mcp::Server& server, const Shared& database) {
  server.tool({.name = "list_tables",
               .title = "List tables",
               .description =
                   "List the tables and views of the SQLite database " + database->name() +
                   " with their columns (name, type, nullable, key) and about how many rows each "
                   "has. Takes no parameters. Reads only the schema. Use describe_table for keys, "
                   "indexes and sample rows of one table.",
               .input_schema = input_schema(Json::object()),
               .output_schema = table_list_schema(),
               .annotations = annotations(false)},
              [database](const Json&, mcp::Context& context) {
                return tool_result(database->list_tables(context.stop_token()));
              });
  Json properties = {
      {"table",
       {{"type", "string"},
        {"minLength", 1},
        {"description", "Name of a table or view as list_tables shows it, e.g. customers"}}}};
  server.tool({.name = "describe_table",
               .title = "Describe a table",
               .description =
                   "Describe one table or view of the SQLite database " + database->name() +
                   ": columns, primary key, foreign keys (how to join), indexes, the CREATE "
                   "statement and the first rows. The name is data, never run as SQL. Only reads.",
               .input_schema = input_schema(std::move(properties), {"table"}),
               .output_schema = table_description_schema(),
               .annotations = annotations(false)},
              [database](const Json& arguments, mcp::Context& context) {
                return tool_result(database->describe_table(
                    arguments.at("table").get_ref<const std::string&>(), context.stop_token()));
              });
}

mcp::ReadResourceResult json_resource(const std::string& uri, const Json& value) {
  return {.contents = {mcp::text_contents(uri, value.dump(2), "application/json")}};
}

// A resource has no result that says "failed": the same words as a protocol error.
template <typename Read>
mcp::ReadResourceResult read_resource(const std::string& uri, const Read& read) {
  try {
    return json_resource(uri, read());
  } catch (const Failure& failure) {
    const int code = failure.reason() == Reason::bad_parameter ? mcp::error_code::resource_not_found
                                                               : mcp::error_code::internal_error;
    throw mcp::Error(code, failure.what(), {{"uri", uri}});
  }
}

mcp::CompletionHandler complete_tables(const Shared& database) {
  return [database](const mcp::CompletionRequest& request, mcp::CallContext& context) {
    auto found =
        database->complete_table(request.value, mcp::max_completion_values, context.stop_token());
    const bool more = found.total > found.values.size();
    return mcp::CompleteResult{
        .values = std::move(found.values), .total = found.total, .has_more = more};
  };
}

void add_resources(mcp::Server& server, const Shared& database) {
  server.resource({.uri = schema_uri,
                   .name = "database-schema",
                   .title = "Schema of " + database->name(),
                   .description = "Every table, view, index and trigger with its CREATE statement, "
                                  "as the rows of sqlite_schema",
                   .mime_type = "application/json"},
                  [database](const mcp::ResourceRequest& request, mcp::Context& context) {
                    return read_resource(request.uri,
                                         [&] { return database->schema(context.stop_token()); });
                  });
  server.resource_template(
      {.uri_template = table_template,
       .name = "database-table",
       .title = "One table of " + database->name(),
       .description = "Columns, keys, indexes, CREATE statement and first rows of one table",
       .mime_type = "application/json"},
      [database](const mcp::ResourceRequest& request, mcp::Context& context) {
        return read_resource(request.uri, [&] {
          return to_json(
              database->describe_table(request.variables.at("name"), context.stop_token()));
        });
      },
      {.complete = {{"name", complete_tables(database)}}});
}

void add_prompt(mcp::Server& server, const Shared& database) {
  server.prompt(
      {.name = "explore_database",
       .title = "Explore the database",
       .description = "Get to know " + database->name() + " and answer a question from it",
       .arguments = {{.name = "question",
                      .description =
                          "What you want to know, e.g. Which customers spent most in 2025?"},
                     {.name = "table", .description = "A table to begin with, e.g. orders"}}},
      [database](const mcp::PromptArguments& arguments, mcp::Context& context) {
        const auto argument = [&](const char* name) {
          const auto found = arguments.find(name);
          return found == arguments.end() ? std::string() : found->second;
        };
        std::string tables;
        try {
          tables = to_text(database->list_tables(context.stop_token()));
        } catch (const Failure& failure) {
          throw mcp::Error(mcp::error_code::internal_error, failure.what());
        }
        const std::string question = argument("question");
        const std::string table = argument("table");
        std::string text =
            "You have the SQLite database " + database->name() +
            " through the tools query_database, list_tables and describe_table.\n\n" + tables +
            "\n\n";
        if (!table.empty()) text += "Begin with the table " + quote_identifier(table) + ".\n";
        text += question.empty()
                    ? "Tell in a few sentences what the data is about, how the tables belong "
                      "together and which time they cover. Then give three questions that this "
                      "data answers well, each with its answer and the SQL."
                    : "Answer this question: " + question;
        text +=
            "\n\nLook at the tables you need with describe_table before you write SQL. Let the "
            "database count, sum and sort. Name the SQL behind each number, and say so when the "
            "data does not answer something.";
        return mcp::PromptResult{.messages = {mcp::user_text(std::move(text))}};
      },
      {.complete = {{"table", complete_tables(database)}}});
}

std::string instructions(const Database& database) {
  return "Answers questions from the SQLite database " + database.name() + ". " +
         (database.options().mode == Mode::write ? "Reading and writing are allowed. "
                                                 : "Read-only. ") +
         "Call list_tables, then describe_table for what you need, then query_database.";
}

}  // namespace

std::unique_ptr<mcp::Server> make_server(std::shared_ptr<Database> database) {
  // Nothing is registered or removed while it runs.
  constexpr mcp::CacheHints fixed{.ttl_ms = 300'000, .scope = mcp::CacheScope::private_};
  mcp::ServerOptions options{.instructions = instructions(*database),
                             .caching = {.tools = fixed,
                                         .resources = fixed,
                                         .resource_templates = fixed,
                                         .prompts = fixed,
                                         .discover = fixed}};
  auto server =
      std::make_unique<mcp::Server>(mcp::Implementation{.name = "database-query-server",
                                                        .version = mcp::version(),
                                                        .title = "Database " + database->name()},
                                    std::move(options));
  add_query(*server, database);
  add_schema_tools(*server, database);
  add_resources(*server, database);
  add_prompt(*server, database);
  return server;
}

}  // namespace fairlead::database
