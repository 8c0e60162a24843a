#include <algorithm>
#include <utility>

#include <mcp/base/json_memory.h>
#include <mcp/client/core.h>
#include <mcp/protocol/method.h>

// What the server asks: as a request (session era), as an answer to a call (stateless era), and as
// the error "visit this page first".

namespace mcp::client {
namespace {

/// An id longer than that is not kept for a call that may name it later.
constexpr std::size_t kept_id_bytes = 1024;

std::string at_most_bytes(const ClientLimits& limits) {
  return " may take at most " + std::to_string(limits.ask_bytes) +
         " bytes of memory at a time (ClientLimits::ask_bytes)";
}

}  // namespace

// Runs the handler for one question on the executor; `done` is called on the loop. The question,
// and with it its part of the memory, is held until the handler is done, not only until somebody
// waits for the answer.
void Core::ask(InputRequest request, ByteBudget::Part held, std::stop_token stop,
               std::function<void(Answer)> done) {
  InputContext context{server_.implementation, options_.label, std::move(stop)};
  auto shared = std::make_shared<std::function<void(Answer)>>(std::move(done));
  bool taken = runtime_.executor().try_submit(
      [self = shared_from_this(), shared, context, revision = server_.revision,
       question = std::move(request), held = std::move(held)]() mutable {
        std::string thrown;
        Answer answer = Error(error_code::internal_error, "the client's handler failed");
        try {
          answer = answer_input(self->options_.handlers, question, context, revision);
        } catch (const Error& error) {
          answer = error;
        } catch (const std::exception& error) {
          thrown = error.what();
        } catch (...) {
          thrown = "something that is no std::exception";
        }
        question = ListRootsParams{};
        held.reset();
        self->loop_.post([self, shared, answer = std::move(answer), thrown] {
          if (!thrown.empty()) self->violation("an input handler threw: " + thrown);
          (*shared)(answer);
        });
      });
  if (!taken) {
    (*shared)(Error(error_code::internal_error, "the client is busy: too many handlers wait"));
  }
}

// --- Session era: requests of the server ---

void Core::received(jsonrpc::Request request) {
  auto refuse = [&](int code, const std::string& message) {
    connection_->respond({request.id, jsonrpc::ErrorObject{code, message, nullptr}});
  };
  bool known = state_ == State::ready;
  if (known && uses_input_required(server_.revision)) {
    violation("the server sent the request " + request.method +
              ", which this revision does not allow; ignored");
    return;
  }
  if (request.method == method::ping) {
    connection_->respond({request.id, Json::object()});
  } else if (!known) {
    refuse(error_code::invalid_request, "the session is not initialized yet");
  } else if (request.method != method::elicitation_create &&
             request.method != method::sampling_create_message &&
             request.method != method::roots_list) {
    refuse(error_code::method_not_found, "this client has no method " + request.method);
  } else if (asks_.contains(request.id)) {
    refuse(error_code::invalid_request, "a request with this id is being answered already");
  } else if (asks_.size() >= options_.limits.open_asks) {
    refuse(error_code::internal_error, "the client is busy: too many requests are open");
  } else {
    ByteBudget::Part held =
        ask_bytes_.take(held_bytes(request.id.to_json()) + held_bytes(request.params));
    if (!held) {
      return refuse(error_code::internal_error,
                    "the client is busy: what it is asked" + at_most_bytes(options_.limits));
    }
    if (request.params.is_null()) request.params = Json::object();
    InputRequest question;
    try {
      question = from_json<InputRequest>(
          Json{{"method", request.method}, {"params", std::move(request.params)}});
    } catch (const Malformed& malformed) {
      return refuse(error_code::invalid_params, malformed.what());
    }
    const auto number = connection_->hold();
    if (!number) {
      refuse(error_code::internal_error, "the client answers at most " +
                                             std::to_string(options_.limits.asks_per_call) +
                                             " requests during one call");
      return connection_->count_refused_ask();
    }
    std::stop_source stop;
    asks_.emplace(request.id, OpenAsk{stop, *number});
    auto answered = [this, id = request.id, stop](Answer answer) {
      // Another question may have the same id by now, on another connection.
      auto open = asks_.find(id);
      if (open == asks_.end() || open->second.stop != stop) return;
      connection_->release(open->second.number);
      asks_.erase(open);
      if (auto* error = std::get_if<Error>(&answer)) {
        connection_->respond(
            {id, jsonrpc::ErrorObject{error->code(), error->what(), error->data()}});
      } else {
        connection_->respond({id, std::get<Json>(std::move(answer))});
      }
    };
    ask(std::move(question), std::move(held), stop.get_token(), std::move(answered));
  }
}

void Core::end_asks() {
  auto ended = std::exchange(asks_, {});
  for (auto& [id, ask] : ended) ask.stop.request_stop();
}

// --- Stateless era: "input required" ---

void Core::input_required(std::uint64_t key, const Json& result) {
  Call& call = calls_.at(key);
  if (++call.rounds > options_.limits.input_rounds) {
    return finish(key, CallError(CallError::Kind::limit,
                                 call.method + ": the server asked for input more than " +
                                     std::to_string(options_.limits.input_rounds) + " times"));
  }
  const ByteBudget::Part held = ask_bytes_.take(held_bytes(result));
  if (!held) {
    return finish(key, CallError(CallError::Kind::limit,
                                 call.method + ": not answered: what the client is asked" +
                                     at_most_bytes(options_.limits)));
  }
  auto required = from_json<InputRequiredResult>(result);  // Malformed: see `replied`
  const std::size_t state_bytes = required.request_state ? required.request_state->size() : 0;
  if (state_bytes > options_.limits.request_state_bytes) {
    return finish(key, CallError(CallError::Kind::limit,
                                 call.method + ": the server's requestState has " +
                                     std::to_string(state_bytes) + " bytes; at most " +
                                     std::to_string(options_.limits.request_state_bytes) +
                                     " are taken (ClientLimits::request_state_bytes)"));
  }
  if (required.input_requests.size() > options_.limits.open_asks) {
    return finish(
        key, CallError(CallError::Kind::limit, call.method + ": the server asked " +
                                                   std::to_string(required.input_requests.size()) +
                                                   " questions at once; at most " +
                                                   std::to_string(options_.limits.open_asks) +
                                                   " are taken (ClientLimits::open_asks)"));
  }
  call.inputs = {.input_responses = {}, .request_state = std::move(required.request_state)};
  call.unanswered = required.input_requests.size();
  if (call.unanswered == 0) return send_or_wait(key);
  for (auto& [name, question] : required.input_requests) {
    // A question that failed at once has ended the call, and with it the round.
    if (!calls_.contains(key)) return;
    ask(std::move(question), held, call.asks.get_token(),
        [this, key, name = name](Answer answer) { input_answered(key, name, std::move(answer)); });
  }
}

void Core::input_answered(std::uint64_t key, const std::string& name, Answer answer) {
  auto found = calls_.find(key);
  if (found == calls_.end()) return;
  Call& call = found->second;
  if (auto* error = std::get_if<Error>(&answer)) {
    return finish(key, CallError(CallError::Kind::refused,
                                 call.method + ": the server's question \"" + name +
                                     "\" was not answered: " + error->what(),
                                 error->code(), error->data()));
  }
  call.inputs.input_responses[name] = std::get<Json>(std::move(answer));
  if (--call.unanswered == 0) send_or_wait(key);
}

// --- Tasks of the stateless era ---

void Core::answer_questions(const Json& questions, const std::stop_token& stop,
                            std::function<void(Outcome<InputResponses>)> done) {
  const ByteBudget::Part held = ask_bytes_.take(held_bytes(questions));
  if (!held || questions.size() > options_.limits.open_asks) {
    return done(CallError(
        CallError::Kind::limit,
        held
            ? "a task asked " + std::to_string(questions.size()) + " questions at once; at most " +
                  std::to_string(options_.limits.open_asks) + " are taken (ClientLimits::open_asks)"
            : "a task's questions were not answered: what the client is asked" +
                  at_most_bytes(options_.limits)));
  }
  struct Round {
    InputResponses answers = {};
    std::size_t unanswered;
    std::function<void(Outcome<InputResponses>)> done;
  };
  auto required = from_json<InputRequiredResult>(Json{{"inputRequests", questions}});
  const auto round = std::make_shared<Round>(
      Round{.unanswered = required.input_requests.size(), .done = std::move(done)});
  for (auto& [name, question] : required.input_requests) {
    ask(std::move(question), held, stop, [round, name = name](Answer answer) {
      if (!round->done) return;
      if (auto* error = std::get_if<Error>(&answer)) {
        return std::exchange(round->done, nullptr)(
            CallError(CallError::Kind::refused,
                      "the task's question \"" + name + "\" was not answered: " + error->what(),
                      error->code(), error->data()));
      }
      round->answers[name] = std::get<Json>(std::move(answer));
      if (--round->unanswered == 0) {
        std::exchange(round->done, nullptr)(std::move(round->answers));
      }
    });
  }
}

// --- 2025-11-25's error "visit these pages first" ---

// True when the call goes on: it is repeated once, after the user has been there.
bool Core::visit_urls(std::uint64_t key, const jsonrpc::ErrorObject& error) {
  Call& call = calls_.at(key);
  if (error.code != error_code::url_elicitation_required || call.url_retried ||
      !has_url_elicitation_error(server_.revision) || !options_.handlers.elicit_url) {
    return false;
  }
  auto visit = std::make_shared<Visit>(
      Visit{{}, {CallError::Kind::answered, error.message, error.code, error.data}, nullptr});
  visit->held = ask_bytes_.take(held_bytes(error.data));
  if (!visit->held) {
    violation("pages to visit were not shown: what the client is asked" +
              at_most_bytes(options_.limits));
    return false;
  }
  try {
    for (const Json& item : error.data.at("elicitations")) {
      visit->urls.push_back(std::get<ElicitUrlParams>(from_json<ElicitParams>(item)));
    }
  } catch (const std::exception& malformed) {
    violation(std::string("malformed data of a URL elicitation error: ") + malformed.what());
    return false;
  }
  if (visit->urls.empty() || visit->urls.size() > options_.limits.open_asks) return false;
  call.url_retried = true;
  call.unanswered = visit->urls.size();
  for (const ElicitUrlParams& url : visit->urls) {
    ask(ElicitParams(url), visit->held, call.asks.get_token(), [this, key, visit](Answer answer) {
      auto found = calls_.find(key);
      if (found == calls_.end()) return;
      auto* json = std::get_if<Json>(&answer);
      if (json == nullptr || json->value("action", "") != to_string(ElicitAction::accept)) {
        return finish(key, visit->failure);
      }
      if (--found->second.unanswered == 0) consented(key, visit);
    });
    if (!calls_.contains(key)) break;
  }
  return true;
}

void Core::consented(std::uint64_t key, const std::shared_ptr<const Visit>& visit) {
  Call& call = calls_.at(key);
  for (const ElicitUrlParams& url : visit->urls) {
    bool completed = std::find(completed_urls_.begin(), completed_urls_.end(),
                               url.elicitation_id) != completed_urls_.end();
    if (!completed) call.open_urls.insert(url.elicitation_id);
  }
  if (call.open_urls.empty()) return send_or_wait(key);
  call.url_timer = loop_.schedule(options_.url_timeout, [weak = weak_from_this(), key, visit] {
    if (auto self = weak.lock()) self->finish(key, visit->failure);
  });
  if (!options_.handlers.url_finished) return;
  InputContext context{server_.implementation, options_.label, call.asks.get_token()};
  for (const ElicitUrlParams& url : visit->urls) {
    if (!call.open_urls.contains(url.elicitation_id)) continue;
    runtime_.executor().submit_admitted([self = shared_from_this(), key, url, context, visit] {
      bool finished = false;
      try {
        finished = self->options_.handlers.url_finished(url, context);
      } catch (...) {
        finished = false;  // as if the user had given up
      }
      self->loop_.post([self, key, url, visit, finished] {
        auto found = self->calls_.find(key);
        if (found == self->calls_.end() || !found->second.open_urls.contains(url.elicitation_id)) {
          return;
        }
        if (finished) {
          self->url_completed(url.elicitation_id);
        } else {
          self->finish(key, visit->failure);
        }
      });
    });
  }
}

void Core::url_completed(const std::string& elicitation_id) {
  if (elicitation_id.size() <= kept_id_bytes) completed_urls_.push_back(elicitation_id);
  if (completed_urls_.size() > options_.limits.cache_entries) completed_urls_.pop_front();
  std::vector<std::uint64_t> done;
  for (auto& [key, call] : calls_) {
    if (call.open_urls.erase(elicitation_id) > 0 && call.open_urls.empty()) done.push_back(key);
  }
  for (std::uint64_t key : done) {
    Call& call = calls_.at(key);
    loop_.cancel(call.url_timer);
    call.asks.request_stop();  // whoever asks the user whether the page is done can stop asking
    call.asks = std::stop_source();
    send_or_wait(key);
  }
}

}  // namespace mcp::client
