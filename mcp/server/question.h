#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <mcp/protocol/input_required.h>
#include <mcp/schema/describe.h>

// What a handler asks the client: a key, the request, and how its answer is read. The key names the
// question within one call; the answer comes back under it, in both eras.

namespace mcp {

/// The answer to a form: what the user did, and the content when it was accepted.
template <class T>
class Elicited {
 public:
  Elicited(ElicitAction action, std::optional<T> content)
      : action_(action), content_(std::move(content)) {}

  ElicitAction action() const noexcept { return action_; }
  bool accepted() const noexcept { return action_ == ElicitAction::accept; }
  bool declined() const noexcept { return action_ == ElicitAction::decline; }
  bool cancelled() const noexcept { return action_ == ElicitAction::cancel; }
  /// Throws std::logic_error unless the form was accepted.
  const T& operator*() const {
    if (!content_) throw std::logic_error("the form was not accepted: there is no content");
    return *content_;
  }
  const T* operator->() const { return &**this; }

 private:
  ElicitAction action_;
  std::optional<T> content_;
};

template <class Answer>
struct Question {
  std::string key;
  InputRequest request;
  /// Reads the client's result; throws Malformed when it does not fit the question.
  std::function<Answer(const Json&)> read;
};

/// A form for the members of T, an aggregate of texts, numbers, booleans, enums and lists of enums.
/// What the client leaves out keeps its initial value. Throws std::invalid_argument when T has
/// other members: a form is flat.
template <class T>
Question<Elicited<T>> elicit(std::string key, std::string message);
/// A form by its schema (see ElicitSchema); the accepted content fits it, and holds the defaults of
/// what the client left out. Throws
/// std::invalid_argument when `schema` is no form's schema.
Question<Elicited<Json>> elicit(std::string key, std::string message, const Json& schema);
/// One answer of the client's model. Throws std::invalid_argument when the messages break the rules
/// of tool use.
Question<CreateMessageResult> sample(std::string key, CreateMessageParams params);
/// The folders that the client lets the server work in.
Question<std::vector<Root>> roots(std::string key);

// --- Implementation ---

namespace server {
/// Throws std::invalid_argument, with the reason, when this is no form's schema.
void require_form(const Json& schema);
/// Reads an ElicitResult; `content` receives what was accepted, still unchecked.
ElicitAction read_elicited(const Json& answer, std::optional<Json>& content);
[[noreturn]] void throw_unfit_content(const std::vector<schema::ValidationError>& errors);
}  // namespace server

template <class T>
Question<Elicited<T>> elicit(std::string key, std::string message) {
  Json schema = describe<T>();
  server::require_form(schema);
  auto read = [](const Json& answer) {
    std::optional<Json> content;
    const ElicitAction action = server::read_elicited(answer, content);
    if (!content) return Elicited<T>(action, std::nullopt);
    auto decoded = decode<T>(*content);
    if (auto* errors = std::get_if<1>(&decoded)) server::throw_unfit_content(*errors);
    return Elicited<T>(action, std::move(std::get<0>(decoded)));
  };
  return {std::move(key), ElicitParams(ElicitFormParams{std::move(message), std::move(schema)}),
          std::move(read)};
}

}  // namespace mcp
