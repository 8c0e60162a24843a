#include "conversation.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <variant>

#include <mcp/jsonrpc/codec.h>
#include <mcp/schema/schema.h>

using mcp::Json;

namespace {

namespace fs = std::filesystem;

constexpr const char* version_key = "io.modelcontextprotocol/protocolVersion";
constexpr const char* subscription_key = "io.modelcontextprotocol/subscriptionId";
const std::string stateless = "2026-07-28";

std::atomic<long> checked_messages{0};

/// The schema of one revision: its definitions, compiled when first needed.
class Revision {
 public:
  explicit Revision(const fs::path& file) {
    std::ifstream in(file);
    document_ = Json::parse(in);
    documents_.add(uri, document_);
    const Json& all = document_.contains("$defs") ? document_["$defs"] : document_["definitions"];
    section_ = document_.contains("$defs") ? "$defs" : "definitions";
    for (const auto& [name, definition] : all.items()) {
      names_.insert(name);
      const Json method = definition.value("/properties/method/const"_json_pointer, Json());
      if (method.is_string()) methods_[method.get<std::string>()] = name;
    }
  }

  /// Why `message` is no message of this revision; empty when it is one. `answers` is the method of
  /// the request that a result answers.
  std::string problem(const Json& message, const std::string& answers) {
    if (message.contains("method")) return request_problem(message);
    if (message.contains("error"))
      return fit(names_.contains("JSONRPCError") ? "JSONRPCError" : "JSONRPCErrorResponse",
                 message);
    const std::string envelope =
        fit(names_.contains("JSONRPCResultResponse") ? "JSONRPCResultResponse" : "JSONRPCResponse",
            message);
    return envelope.empty() ? fit(result_of(answers, message["result"]), message["result"])
                            : envelope;
  }

 private:
  std::string request_problem(const Json& message) {
    const std::string envelope =
        fit(message.contains("id") ? "JSONRPCRequest" : "JSONRPCNotification", message);
    if (!envelope.empty()) return envelope;
    const auto method = message["method"].get<std::string>();
    const auto known = methods_.find(method);
    if (known != methods_.end()) return fit(known->second, message);
    // No schema here describes the extensions.
    if ((method == "notifications/tasks" || method.starts_with("tasks/")) &&
        names_.contains("InputRequiredResult"))
      return "";
    if (method.starts_with("skills/") || method == "resources/directory/read") return "";
    // So the tests call what only a caller of their own asks for.
    return method.starts_with("x/") ? "" : "no method of this revision";
  }

  std::string result_of(const std::string& method, const Json& result) const {
    if (result.value("resultType", "") == "input_required") return "InputRequiredResult";
    if (method == "tools/call" && result.value("resultType", "") == "task") return "Result";
    if (method == "tools/call" && result.contains("task")) return "CreateTaskResult";
    const auto known = methods_.find(method);
    if (known == methods_.end()) return "Result";
    std::string name = known->second.substr(0, known->second.rfind("Request")) + "Result";
    if (names_.contains(name)) return name;
    return names_.contains("EmptyResult") ? "EmptyResult" : "Result";
  }

  std::string fit(const std::string& name, const Json& value) {
    auto known = compiled_.find(name);
    if (known == compiled_.end()) {
      mcp::schema::CompileOptions options;
      options.documents = &documents_;
      if (section_ == "definitions") options.default_dialect = mcp::schema::Dialect::draft_07;
      known = compiled_
                  .emplace(name, mcp::schema::Schema::compile(
                                     {{"$ref", uri + ("#/" + section_ + "/" + name)}}, options))
                  .first;
    }
    const auto errors = known->second.validate(value);
    return errors.empty() ? "" : "no " + name + ": " + summary(errors);
  }

  static constexpr const char* uri = "urn:mcp:schema";
  Json document_;
  std::string section_;
  mcp::schema::Registry documents_;
  std::set<std::string> names_;
  std::map<std::string, std::string> methods_;  // the definition of each
  std::map<std::string, mcp::schema::Schema> compiled_;
};

/// All revisions; tests with threads check from several.
class Revisions {
 public:
  std::string problem(const std::string& revision, const Json& message,
                      const std::string& answers) {
    const std::lock_guard lock(mutex_);
    auto known = revisions_.find(revision);
    if (known == revisions_.end()) {
      const fs::path file = fs::path(SCHEMA_FOLDER) / (revision + ".json");
      if (!fs::exists(file)) return "";
      known = revisions_.try_emplace(revision, file).first;
    }
    std::string problem = known->second.problem(message, answers);
    if (problem.empty()) ++checked_messages;
    return problem;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Revision> revisions_;
};

Revisions& revisions() {
  static Revisions all;
  return all;
}

}  // namespace

/// What both sides said, as far as it decides what a message has to be.
class Conversation::State {
 public:
  void heard(const Json& message) {
    if (message.is_array()) {
      for (const Json& one : message) heard(one);
      return;
    }
    if (!message.is_object()) return;
    if (message.contains("method") && message.contains("id"))
      asked_of_us_[message["id"].dump()] = request(message);
    agree(message, asked_by_us_);
  }

  std::string problem(const Json& message) {
    if (message.contains("method") && message.contains("id"))
      asked_by_us_[message["id"].dump()] = request(message);
    agree(message, asked_of_us_);
    const auto [revision, method] = subject(message);
    if (revision.empty()) return "";
    const std::string problem = revisions().problem(revision, message, method);
    return problem.empty() ? ""
                           : "a message of " + revision + " is " + problem + "\n" + message.dump();
  }

 private:
  struct Request {
    std::string method;
    std::string revision;
  };

  // A member of `_meta`, as text.
  static std::string meta(const Json& message, const char* key) {
    const Json* at = &message;
    for (const char* name : {"params", "_meta", key}) {
      if (!at->is_object() || !at->contains(name)) return "";
      at = &(*at)[name];
    }
    return at->is_string() ? at->get<std::string>() : at->dump();
  }

  Request request(const Json& message) const {
    if (!message["method"].is_string()) return {};
    const std::string named = meta(message, version_key);
    return {message["method"].get<std::string>(), named.empty() ? agreed_ : named};
  }

  // An answer to `initialize` says what the session is held in.
  void agree(const Json& message, const std::map<std::string, Request>& asked) {
    if (!message.contains("result") || !message.contains("id")) return;
    const auto to = asked.find(message["id"].dump());
    if (to == asked.end() || to->second.method != "initialize") return;
    if (message["result"].is_object() && message["result"].contains("protocolVersion"))
      if (message["result"]["protocolVersion"].is_string())
        agreed_ = message["result"]["protocolVersion"].get<std::string>();
  }

  // The revision of a message that we sent, and the method that it answers.
  std::pair<std::string, std::string> subject(const Json& message) const {
    if (!message.is_object()) return {};
    if (message.contains("method")) {
      // `initialize` and `server/discover` come before anything is agreed.
      if (message["method"] == "initialize")
        return {message["params"].value("protocolVersion", ""), ""};
      const std::string named = meta(message, version_key);
      if (!named.empty()) return {named, ""};
      // A subscription of the stateless era may live on a session's pipe.
      if (!meta(message, subscription_key).empty()) return {stateless, ""};
      return {agreed_.empty() && !message.contains("id") ? stateless : agreed_, ""};
    }
    if (!message.contains("id")) return {};
    const auto to = asked_of_us_.find(message["id"].dump());
    if (to == asked_of_us_.end()) return {};
    std::string revision = to->second.revision;
    if (to->second.method == "initialize") revision = agreed_;
    return {revision, to->second.method};
  }

  std::map<std::string, Request> asked_of_us_, asked_by_us_;
  std::string agreed_;  // by initialize
};

Conversation::Conversation() : state_(std::make_unique<State>()) {}
Conversation::~Conversation() = default;

void Conversation::heard(std::string_view line) {
  const auto message = mcp::jsonrpc::Decoder().decode_value(line);
  if (const Json* json = std::get_if<Json>(&message)) state_->heard(*json);
}

std::string Conversation::problem(std::string_view line) {
  if (!schemas_are_here()) return "";
  const auto decoded = mcp::jsonrpc::Decoder().decode_value(line);
  if (!std::holds_alternative<Json>(decoded)) return "sent, and no JSON: " + std::string(line);
  const Json& message = std::get<Json>(decoded);
  if (!message.is_array()) return state_->problem(message);
  for (const Json& one : message)
    if (std::string problem = state_->problem(one); !problem.empty()) return problem;
  return "";
}

bool schemas_are_here() {
  static const bool here = fs::exists(fs::path(SCHEMA_FOLDER) / (stateless + ".json"));
  return here;
}

std::string message_problem(const std::string& revision, const Json& message,
                            const std::string& answers) {
  return revisions().problem(revision, message, answers);
}

long messages_checked() {
  return checked_messages;
}
