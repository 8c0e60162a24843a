#include <mcp/server/context.h>

#include <utility>

#include <mcp/server/handlers.h>
#include <mcp/server/run.h>

namespace mcp {

// --- Context ---

server::Run& CallContext::run() const {
  run_.check_suspended();
  return run_;
}

const Json& CallContext::meta() const {
  return meta_of(run().call().params);
}
const TraceContext& CallContext::trace() const {
  return run().call().caller.trace;
}
const std::string& CallContext::principal() const {
  return run().call().caller.principal;
}
const std::optional<Implementation>& CallContext::client() const {
  return run().call().caller.client->info;
}
bool CallContext::client_can(ClientFeature feature) const {
  return run().client_can(feature);
}
std::stop_token CallContext::stop_token() const {
  return run().call().stop.get_token();
}
std::map<std::string, std::any>& CallContext::data() {
  return run().call().data;
}

void Context::release_connection(Duration retry) {
  run().release_connection(retry);
}

void Context::progress(double progress, std::string_view message) {
  run().progress(progress, std::nullopt, message);
}
void Context::progress(double progress, double total, std::string_view message) {
  run().progress(progress, total, message);
}
void Context::log(LoggingLevel level, Json data, std::string logger) {
  run().log(level, std::move(data), std::move(logger));
}
bool Context::continue_as_task(const TaskOptions& options) {
  return run().continue_as_task(options);
}
ElicitAction Context::elicit_url(std::string key, std::string url, std::string message,
                                 const std::function<bool()>& is_done) {
  return run().elicit_url(key, std::move(url), std::move(message), is_done);
}
std::string Context::elicitation_id(const std::string& key) {
  return run().elicitation_id(key);
}
const Json* Context::recorded_answer(const std::string& key, const InputRequest* request) {
  return run_.recorded_answer(key, request);
}
void Context::require(const InputRequest& request) {
  run().require(request);
}
void Context::claim_key(const std::string& key) {
  run_.check_place();
  run_.claim_key(key);
}
void Context::open_question(const std::string& key, const InputRequest& request) {
  run_.open_question(key, request);
}
void Context::reject_answer(const std::string& key, const Malformed& why) {
  run_.reject_answer(key, why);
}
void Context::keep_alive(std::shared_ptr<const void> value) {
  run_.keep_alive(std::move(value));
}
void Context::suspend() {
  run_.suspend();
}
Json Context::run_step(const std::string& key, bool ever, const std::function<Json()>& fn) {
  return run_.run_step(key, ever, fn);
}

// --- Responder ---

void Responder::finish(ToolResult result) const {
  run_->finish(std::move(result));
}
void Responder::fail(std::exception_ptr error) const {
  run_->fail(std::move(error));
}
void Responder::ask_all(std::vector<server::OpenQuestion> questions) const {
  run_->finish_asking(std::move(questions));
}
void Responder::progress(double progress, std::string_view message) const {
  run_->progress(progress, std::nullopt, message);
}
void Responder::log(LoggingLevel level, Json data, std::string logger) const {
  run_->log(level, std::move(data), std::move(logger));
}
std::stop_token Responder::stop_token() const {
  return run_->call().stop.get_token();
}

}  // namespace mcp
