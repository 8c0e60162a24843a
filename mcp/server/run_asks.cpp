#include <mcp/server/run.h>

#include <exception>
#include <stdexcept>
#include <utility>

#include <mcp/base/digest.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/server/call_era.h>

// What a handler asks of its client, and what it does once: the parts of Run that depend on the
// round, on what earlier runs of the handler have learnt.

namespace mcp::server {

void Run::check_suspended() const {
  if (std::this_thread::get_id() != thread_ || !suspended_) return;
  // What a destructor does while the handler is unwound can't be answered by one more exception.
  if (std::uncaught_exceptions() == 0) throw Suspended();
}

void Run::check_thread() const {
  if (std::this_thread::get_id() != thread_)
    throw std::logic_error("asks are for the handler's own thread");
  if (suspended_) throw Suspended();
  if (in_step_) throw std::logic_error("asking and `once` are not possible inside `once`");
}

void Run::check_place() const {
  check_thread();
  if (!may_require_input(call_->method))
    throw std::logic_error(call_->method + " can't ask the client");
}

const Json* Run::recorded_answer(const std::string& key, const InputRequest* request) {
  check_place();
  unread_.erase(key);
  all_read_ = unread_.empty();
  const auto found = call_->round.answers.find(key);
  if (found == call_->round.answers.end()) return nullptr;
  RecordedAnswer& answer = found->second;
  if (answer.question.empty()) {
    // Accepted if it fits: from here on it belongs to this question and travels like the others.
    answer.question = request != nullptr ? question_digest(*request, call_->revision()) : "*";
  } else if (request != nullptr && answer.question != "*" &&
             answer.question != question_digest(*request, call_->revision())) {
    return nullptr;  // the question has changed
  }
  if (answer.error) throw Error(answer.error->code, answer.error->message, answer.error->data);
  return &answer.value;
}

void Run::reject_answer(const std::string& key, const Malformed& why) {
  call_era(*call_).unfit(*call_, key, why);
}

void Run::claim_key(const std::string& key) {
  if (!keys_.insert(key).second)
    throw std::logic_error("the key '" + key + "' is used for two questions");
}

void Run::require(const InputRequest& request) const {
  ClientFeature feature = ClientFeature::roots;
  if (const auto* sampling = std::get_if<CreateMessageParams>(&request)) {
    const bool tools = !sampling->tools.empty() || sampling->tool_choice.has_value();
    feature = tools && client_can(ClientFeature::sampling) ? ClientFeature::sampling_tools
                                                           : ClientFeature::sampling;
  } else if (const auto* elicitation = std::get_if<ElicitParams>(&request)) {
    feature = std::holds_alternative<ElicitUrlParams>(*elicitation) ? ClientFeature::elicit_url
                                                                    : ClientFeature::elicit_form;
  }
  if (!client_can(feature)) call_era(*call_).lacks(*call_, feature);
}

void Run::open_question(const std::string& key, const InputRequest& request) {
  if (suspended_) throw Suspended();
  require(request);
  Ask ask{key, std::string(method_of(request)), to_json(request, call_->revision())};
  call_->round.answers.erase(key);
  call_->round.asked[key] = question_digest(request, call_->revision());
  questions_.push_back(std::move(ask));
}

void Run::suspend() {
  suspended_ = true;
  throw Suspended();
}

std::string Run::elicitation_id(const std::string& key) {
  return sha256_hex(nonce() + "/" + key).substr(0, 32);
}

ElicitAction Run::elicit_url(const std::string& key, std::string url, std::string message,
                             const std::function<bool()>& is_done) {
  check_place();
  claim_key(key);
  const InputRequest request =
      ElicitParams(ElicitUrlParams{std::move(message), std::move(url), elicitation_id(key)});
  const Json* recorded = recorded_answer(key, &request);
  std::optional<ElicitAction> action;
  if (recorded != nullptr) {
    try {
      action = from_json<ElicitResult>(*recorded).action;
    } catch (const Malformed& why) {
      reject_answer(key, why);
    }
  }
  if (action && (*action != ElicitAction::accept || is_done())) return *action;
  if (action && !call_->url_wait_over) {
    waits_for_ = elicitation_id(key);
    suspend();
  }
  if (action) {
    if (const auto given_up = call_era(*call_).overdue(*call_, key)) return *given_up;
  }
  open_question(key, request);
  suspend();
}

Json Run::run_step(const std::string& key, bool ever, const std::function<Json()>& fn) {
  check_thread();
  if (!step_keys_.insert(key).second)
    throw std::logic_error("the key '" + key + "' is used for two steps");
  if (const auto known = call_->round.steps.find(key); known != call_->round.steps.end())
    return known->second;
  static const std::string began = "began";
  const auto lifetime = 2 * call_->core->options().state_lifetime;
  const std::string stored = "once/" + (ever ? nonce() : std::string()) + "/" + key;
  Store& store = *call_->core->store;
  if (ever) {
    if (const auto earlier = store.insert(stored, began, lifetime)) {
      if (*earlier == began)
        throw Error(error_code::internal_error,
                    "step '" + key + "' began before and its end is not known: it is not repeated");
      return call_->round.steps[key] = Json::parse(*earlier);
    }
  }
  struct Inside {
    bool& flag;
    explicit Inside(bool& in_step) : flag(in_step) { flag = true; }
    ~Inside() { flag = false; }
  };
  Json value = [&] {
    Inside inside(in_step_);
    return fn();
  }();
  if (ever) store.put(stored, jsonrpc::encode_value(value), lifetime);
  return call_->round.steps[key] = std::move(value);
}

}  // namespace mcp::server
