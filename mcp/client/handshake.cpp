#include <mcp/client/handshake.h>

#include <algorithm>

#include <mcp/protocol/lifecycle.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/task.h>

namespace mcp::client {
namespace {

bool has(const jsonrpc::ErrorObject& error, const char* member, bool (Json::*is)() const noexcept) {
  return error.data.is_object() && error.data.contains(member) && (error.data.at(member).*is)();
}

/// An error that only a server of the stateless era answers, with the data that goes with it.
bool is_stateless_error(const jsonrpc::ErrorObject& error) {
  return error.code == error_code::header_mismatch || is_version_error(error) ||
         (error.code == error_code::missing_client_capability &&
          has(error, "requiredCapabilities", &Json::is_object));
}

CallError::Kind kind_of(NoReply::Why why) {
  switch (why) {
    case NoReply::Why::timed_out:
      return CallError::Kind::timed_out;
    case NoReply::Why::lost:
    case NoReply::Why::exchange_lost:
    case NoReply::Why::not_sent:
    case NoReply::Why::not_run:
      return CallError::Kind::not_connected;
    case NoReply::Why::refused:
      return CallError::Kind::refused;
    case NoReply::Why::too_long:
    case NoReply::Why::asked_too_often:
      return CallError::Kind::limit;
    case NoReply::Why::garbled:
      break;
  }
  return CallError::Kind::invalid_result;
}

/// HTTP statuses that a server of the session era may answer to a request that it does not know
/// (2026-07-28, basic/transports/streamable-http, "Backward Compatibility"); 401, 403 and 429 are
/// about who asks.
bool may_be_unknown(int status) {
  return status >= 400 && status < 500 && status != 401 && status != 403 && status != 407 &&
         status != 429;
}

std::string list(const std::vector<std::string>& dates) {
  std::string text;
  for (const std::string& date : dates) text += (text.empty() ? "" : ", ") + date;
  return text.empty() ? "none" : text;
}

}  // namespace

bool is_version_error(const jsonrpc::ErrorObject& error) {
  return error.code == error_code::unsupported_protocol_version &&
         has(error, "supported", &Json::is_array);
}

ClientCapabilities declared_capabilities(const ClientOptions& options) {
  ClientCapabilities capabilities = capabilities_of(options.handlers);
  capabilities.extensions = options.extensions;
  if (options.tasks) {
    if (capabilities.extensions.is_null()) capabilities.extensions = Json::object();
    capabilities.extensions.emplace(tasks_extension, Json::object());
  }
  capabilities.experimental = options.experimental;
  return capabilities;
}

RequestMeta request_meta(const ClientOptions& options, Revision revision) {
  RequestMeta meta;
  if (era(revision) == Era::session) return meta;
  meta.protocol_version = std::string(to_string(revision));
  meta.client_info = options.info;
  meta.client_capabilities = declared_capabilities(options);
  return meta;
}

Handshake::Handshake(Loop& loop, Connection& connection, const ClientOptions& options,
                     std::optional<Era> verdict, Done done)
    : loop_(loop),
      connection_(connection),
      options_(options),
      verdict_(verdict),
      done_(std::move(done)) {}

Handshake::~Handshake() {
  loop_.cancel(timer_);
  if (discover_id_) connection_.forget(*discover_id_);
  if (initialize_id_) connection_.forget(*initialize_id_);
}

std::optional<Era> Handshake::wanted() const {
  return options_.revision ? std::optional(era(*options_.revision)) : options_.era;
}

void Handshake::start() {
  Era first = wanted().value_or(verdict_.value_or(Era::stateless));
  if (first == Era::stateless && options_.revision) asked_ = *options_.revision;
  if (first == Era::session) {
    initialize();
  } else {
    discover();
  }
}

void Handshake::discover() {
  bool only = wanted() == Era::stateless;
  Connection::Waiting waiting{[this](Reply reply) { discovered(std::move(reply)); }};
  if (only) waiting.deadline.timeout = options_.initialize_timeout;
  discover_id_ = connection_.send(
      method::discover,
      [this](const jsonrpc::Id&) {
        Json params = Json::object();
        add_request_meta(params, request_meta(options_, asked_), asked_);
        return params;
      },
      std::move(waiting));
  if (!discover_id_) {
    fail({CallError::Kind::not_connected, "server/discover could not be sent"});
  } else if (!only && !initialize_sent_) {
    timer_ = loop_.schedule(options_.probe_timeout, [this] { initialize(); });
  }
}

void Handshake::discovered(Reply reply) {
  discover_id_.reset();
  if (auto* lost = std::get_if<NoReply>(&reply)) {
    if (lost->why == NoReply::Why::lost) {
      bool may_be_session = !wanted() && !verdict_ && !initialize_error_;
      fail({CallError::Kind::not_connected, "the server ended before it could be asked: " +
                                                (lost->text.empty() ? "it exited" : lost->text)},
           may_be_session);
    } else if (lost->why == NoReply::Why::not_sent) {
      fail({CallError::Kind::not_connected, lost->text});
    } else if (lost->why == NoReply::Why::refused &&
               (wanted() == Era::stateless || !may_be_unknown(lost->status))) {
      fail({CallError::Kind::refused, "server/discover: " + lost->text});
    } else if (lost->why == NoReply::Why::refused || lost->why == NoReply::Why::exchange_lost) {
      if (wanted() == Era::stateless) {
        fail({CallError::Kind::not_connected, "server/discover: " + lost->text});
      } else if (!initialize_sent_) {
        initialize();
      } else if (initialize_error_) {
        fail(*initialize_error_);
      }
    } else if (lost->why == NoReply::Why::garbled && wanted() != Era::stateless) {
      if (!initialize_sent_) initialize();
    } else {
      fail({kind_of(lost->why), "server/discover: " + lost->text});
    }
    return;
  }
  if (auto* error = std::get_if<jsonrpc::ErrorObject>(&reply)) {
    discover_failed(*error);
    return;
  }
  const Json& result = std::get<Json>(reply);
  try {
    if (result_type(result) != ResultType::complete) {
      throw Malformed("/resultType", "server/discover answers complete results only");
    }
    auto discovered = from_json<DiscoverResult>(result);
    const auto& supported = discovered.supported_versions;
    if (std::find(supported.begin(), supported.end(), to_string(asked_)) == supported.end()) {
      choose(supported, "server/discover");
      return;
    }
    ServerInfo server{.revision = asked_,
                      .capabilities = std::move(discovered.capabilities),
                      .instructions = std::move(discovered.instructions)};
    if (auto named = read_server_info(result)) server.implementation = std::move(*named);
    succeed(std::move(server));
  } catch (const Malformed& malformed) {
    // Some servers of the session era answer a method they do not know with a result.
    if (wanted() == Era::stateless) {
      fail({CallError::Kind::invalid_result,
            std::string("server/discover: invalid result: ") + malformed.what()});
    } else if (!initialize_sent_) {
      initialize();
    }
  }
}

void Handshake::discover_failed(const jsonrpc::ErrorObject& error) {
  if (!is_stateless_error(error)) {
    if (wanted() == Era::stateless) {
      fail({CallError::Kind::answered,
            "the server does not speak " + std::string(to_string(asked_)) +
                " (server/discover: " + error.message + ")",
            error.code, error.data});
    } else if (!initialize_sent_) {
      initialize();
    } else if (initialize_error_) {
      fail(*initialize_error_);
    }
    return;
  }
  if (error.code != error_code::unsupported_protocol_version) {
    fail({CallError::Kind::answered, "server/discover: " + error.message, error.code, error.data});
    return;
  }
  std::vector<std::string> supported;
  for (const Json& date : error.data.at("supported")) {
    if (date.is_string()) supported.push_back(date.get<std::string>());
  }
  choose(supported, "the error " + std::to_string(error.code));
}

// The server is of the stateless era, but not with the revision that was asked.
void Handshake::choose(const std::vector<std::string>& supported, const std::string& why) {
  auto stateless = newest_stateless(supported);
  if (stateless && !asked_again_ && (!options_.revision || *options_.revision == *stateless)) {
    asked_again_ = true;
    asked_ = *stateless;
    loop_.cancel(timer_);
    discover();
    return;
  }
  bool has_session = std::any_of(supported.begin(), supported.end(), [](const auto& date) {
    auto known = parse_revision(date);
    return known && era(*known) == Era::session;
  });
  if (!stateless && has_session && wanted() != Era::stateless) {
    if (!initialize_sent_) initialize();
    return;
  }
  fail({CallError::Kind::unsupported, "no common revision: " + why + " names " + list(supported) +
                                          ", this client speaks " + list(supported_versions())});
}

void Handshake::initialize() {
  loop_.cancel(timer_);
  initialize_sent_ = true;
  Revision revision = options_.revision && era(*options_.revision) == Era::session
                          ? *options_.revision
                          : latest_session_revision;
  Connection::Waiting waiting{[this](Reply reply) { initialized(std::move(reply)); }};
  waiting.deadline.timeout = options_.initialize_timeout;
  initialize_id_ = connection_.send(
      method::initialize,
      [&](const jsonrpc::Id&) {
        return to_json(InitializeParams{.protocol_version = std::string(to_string(revision)),
                                        .capabilities = declared_capabilities(options_),
                                        .client_info = options_.info},
                       revision);
      },
      std::move(waiting));
  if (!initialize_id_) fail({CallError::Kind::not_connected, "initialize could not be sent"});
}

void Handshake::initialized(Reply reply) {
  initialize_id_.reset();
  if (auto* none = std::get_if<NoReply>(&reply)) {
    CallError failure{kind_of(none->why),
                      "initialize: " + (none->text.empty() ? "the server exited" : none->text)};
    if (none->why == NoReply::Why::refused) return initialize_refused(failure);
    fail(failure);
    return;
  }
  if (auto* error = std::get_if<jsonrpc::ErrorObject>(&reply)) {
    CallError failure{CallError::Kind::answered, "initialize: " + error->message, error->code,
                      error->data};
    initialize_refused(failure);
    return;
  }
  try {
    auto result = from_json<InitializeResult>(std::get<Json>(reply));
    auto revision = parse_revision(result.protocol_version);
    if (!revision || era(*revision) != Era::session ||
        (options_.revision && *options_.revision != *revision)) {
      fail({CallError::Kind::unsupported,
            "the server answers initialize with the revision \"" + result.protocol_version +
                "\", this client " +
                (options_.revision ? "wants " + std::string(to_string(*options_.revision))
                                   : "speaks " + list(supported_versions()))});
      return;
    }
    connection_.set_revision(*revision);
    connection_.notify(method::initialized, nullptr);
    succeed({.revision = *revision,
             .implementation = std::move(result.server_info),
             .capabilities = std::move(result.capabilities),
             .instructions = std::move(result.instructions)});
  } catch (const Malformed& malformed) {
    fail({CallError::Kind::invalid_result,
          std::string("initialize: invalid result: ") + malformed.what()});
  }
}

void Handshake::initialize_refused(const CallError& failure) {
  if (verdict_ == Era::session && !wanted()) {
    // It used to be a server of the session era: ask afresh.
    verdict_.reset();
    initialize_error_ = failure;
    discover();
    loop_.cancel(timer_);
    timer_ = loop_.schedule(options_.probe_timeout, [this] { fail(*initialize_error_); });
  } else if (discover_id_) {
    // A slow server of the stateless era refuses initialize; its answer to discover may follow.
    initialize_error_ = failure;
    timer_ = loop_.schedule(options_.initialize_timeout, [this] { fail(*initialize_error_); });
  } else {
    fail(failure);
  }
}

void Handshake::succeed(ServerInfo server) {
  if (auto done = std::exchange(done_, nullptr)) done(std::move(server));
}

void Handshake::fail(CallError error, bool retry_with_initialize) {
  if (auto done = std::exchange(done_, nullptr)) {
    done(Failure{std::move(error), retry_with_initialize});
  }
}

}  // namespace mcp::client
