#include <mcp/server/question.h>

#include <mcp/schema/schema.h>

namespace mcp {

namespace server {

void require_form(const Json& schema) {
  if (const std::string problem = elicitation_schema_problem(schema); !problem.empty())
    throw std::invalid_argument(problem);
}

ElicitAction read_elicited(const Json& answer, std::optional<Json>& content) {
  ElicitResult result = from_json<ElicitResult>(answer);
  if (result.action == ElicitAction::accept)
    content = result.content.is_null() ? Json::object() : std::move(result.content);
  return result.action;
}

void throw_unfit_content(const std::vector<schema::ValidationError>& errors) {
  throw Malformed("/content", schema::summary(errors));
}

}  // namespace server

Question<Elicited<Json>> elicit(std::string key, std::string message, const Json& schema) {
  server::require_form(schema);
  auto read = [schema, compiled = schema::Schema::compile(schema)](const Json& answer) {
    std::optional<Json> content;
    const ElicitAction action = server::read_elicited(answer, content);
    if (content) apply_elicitation_defaults(*content, schema);
    if (content && !compiled.valid(*content))
      server::throw_unfit_content(compiled.validate(*content));
    return Elicited<Json>(action, std::move(content));
  };
  return {std::move(key), ElicitParams(ElicitFormParams{std::move(message), schema}),
          std::move(read)};
}

Question<CreateMessageResult> sample(std::string key, CreateMessageParams params) {
  if (const std::string problem = sampling_problem(params.messages); !problem.empty())
    throw std::invalid_argument(problem);
  return {std::move(key), std::move(params), from_json<CreateMessageResult>};
}

Question<std::vector<Root>> roots(std::string key) {
  return {std::move(key), ListRootsParams{},
          [](const Json& answer) { return from_json<ListRootsResult>(answer).roots; }};
}

}  // namespace mcp
