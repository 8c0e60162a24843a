#include "checked_transport.h"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include <mcp/schema/schema.h>

using mcp::Json;
using mcp::Transport;

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
    if (method == "notifications/tasks" && names_.contains("InputRequiredResult")) return "";
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
class CheckedLines::Conversation {
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

  void said(const Json& message) {
    if (message.contains("method") && message.contains("id"))
      asked_by_us_[message["id"].dump()] = request(message);
    agree(message, asked_of_us_);
    const auto [revision, method] = subject(message);
    if (revision.empty()) return;
    const std::string problem = revisions().problem(revision, message, method);
    if (!problem.empty())
      FAIL_CHECK("a message of " << revision << " is " << problem << "\n" << message.dump());
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

CheckedLines::CheckedLines() : conversation_(std::make_unique<Conversation>()) {}
CheckedLines::~CheckedLines() = default;

void CheckedLines::heard(std::string_view line) {
  const Json message = Json::parse(line, nullptr, false);
  if (!message.is_discarded()) conversation_->heard(message);
}

void CheckedLines::said(std::string_view line) {
  if (!schemas_are_here()) return;
  const Json message = Json::parse(line, nullptr, false);
  if (message.is_discarded()) {
    FAIL_CHECK("sent, and no JSON: " << line);
  } else if (message.is_array()) {
    for (const Json& one : message) conversation_->said(one);
  } else {
    conversation_->said(message);
  }
}

namespace {

class CheckedTransport final : public Transport {
 public:
  explicit CheckedTransport(std::unique_ptr<Transport> inner) : inner_(std::move(inner)) {}

  void start(Handler& handler) override {
    listener_.to = &handler;
    inner_->start(listener_);
  }
  bool send(std::string bytes) override {
    {
      const std::lock_guard lock(mutex_);
      lines_.said(bytes);
    }
    return inner_->send(std::move(bytes));
  }
  void close() override { inner_->close(); }

 private:
  // What the other side said, on its way to our own.
  class Listener final : public Handler {
   public:
    explicit Listener(CheckedTransport& owner) : owner_(owner) {}
    void message(std::string_view bytes) override {
      {
        const std::lock_guard lock(owner_.mutex_);
        owner_.lines_.heard(bytes);
      }
      to->message(bytes);
    }
    void oversized(std::size_t limit_bytes) override { to->oversized(limit_bytes); }
    bool input_ended() override { return to->input_ended(); }
    void closed(const std::string& reason) override { to->closed(reason); }

    Handler* to = nullptr;

   private:
    CheckedTransport& owner_;
  };

  std::mutex mutex_;
  CheckedLines lines_;
  Listener listener_{*this};
  std::unique_ptr<Transport> inner_;
};

}  // namespace

std::unique_ptr<Transport> checked(std::unique_ptr<Transport> transport) {
  if (!schemas_are_here()) return transport;
  return std::make_unique<CheckedTransport>(std::move(transport));
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
