#include <mcp/protocol/meta.h>

#include <array>
#include <utility>

#include <mcp/base/ascii.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;

namespace {

bool is_label(std::string_view label) {
  if (label.empty() || !is_ascii_letter(label.front()) || !is_ascii_alphanumeric(label.back()))
    return false;
  for (char c : label) {
    if (!is_ascii_alphanumeric(c) && c != '-') return false;
  }
  return true;
}

/// Calls `use` for each label of a prefix such as `com.example`; false when one is refused.
template <class Function>
bool each_label(std::string_view prefix, Function&& use) {
  while (true) {
    auto dot = prefix.find('.');
    if (!use(prefix.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    prefix.remove_prefix(dot + 1);
  }
}

void add_text(Json& meta, const char* key, const std::string& text) {
  if (!text.empty()) meta[key] = text;
}

/// A trace header that is no text belongs to no trace of ours; the call goes on without it.
std::string text_or_nothing(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

template <class T>
void read_into(std::optional<T>& to, const char* key, const Json& value) {
  if (!value.is_null()) to = protocol::at(key, [&] { return protocol::read<T>(value); });
}

void read_member(RequestMeta& read, std::string_view key, const Json& value) {
  if (key == meta_key::progress_token) {
    if (!value.is_null())
      read.progress_token = protocol::at(key, [&] { return protocol::read_token(value); });
  } else if (key == meta_key::protocol_version) {
    read_into(read.protocol_version, meta_key::protocol_version, value);
  } else if (key == meta_key::client_capabilities) {
    read_into(read.client_capabilities, meta_key::client_capabilities, value);
  } else if (key == meta_key::client_info) {
    read_into(read.client_info, meta_key::client_info, value);
  } else if (key == meta_key::log_level) {
    read_into(read.log_level, meta_key::log_level, value);
  } else if (key == meta_key::traceparent) {
    read.trace.traceparent = text_or_nothing(value);
  } else if (key == meta_key::tracestate) {
    read.trace.tracestate = text_or_nothing(value);
  } else if (key == meta_key::baggage) {
    read.trace.baggage = text_or_nothing(value);
  } else {
    read.other[std::string(key)] = value;
  }
}

}  // namespace

const Json& meta_of(const Json& holder) noexcept {
  static const Json none;
  if (!holder.is_object()) return none;
  auto meta = holder.find("_meta");
  return meta == holder.end() ? none : *meta;
}

bool is_stateless_request(const Json& params) noexcept {
  const Json& meta = meta_of(params);
  if (!meta.is_object() || meta.empty()) return false;
  // The log level alone marks nothing: it is refused or ignored by what the others say.
  return meta.contains(meta_key::protocol_version) || meta.contains(meta_key::client_info) ||
         meta.contains(meta_key::client_capabilities);
}

RequestMeta read_request_meta(const Json& params) {
  RequestMeta read;
  const Json& meta = meta_of(params);
  if (meta.is_null()) return read;
  protocol::at("_meta", [&] {
    const ObjectReader in(meta);  // it is an object
    // One walk over the few members that are there is cheaper than looking for all that may be.
    for (const auto& [key, value] : meta.get_ref<const Json::object_t&>())
      read_member(read, key, value);
  });
  return read;
}

void add_request_meta(Json& params, const RequestMeta& meta, Revision revision) {
  Json written = meta.other.is_object() ? meta.other : Json::object();
  if (!meta.progress_token.is_null()) written[meta_key::progress_token] = meta.progress_token;
  add_text(written, meta_key::traceparent, meta.trace.traceparent);
  add_text(written, meta_key::tracestate, meta.trace.tracestate);
  add_text(written, meta_key::baggage, meta.trace.baggage);
  if (era(revision) == Era::stateless) {
    written[meta_key::protocol_version] =
        meta.protocol_version ? *meta.protocol_version : std::string(to_string(revision));
    written[meta_key::client_capabilities] =
        to_json(meta.client_capabilities.value_or(ClientCapabilities{}), revision);
    if (meta.client_info) written[meta_key::client_info] = to_json(*meta.client_info, revision);
    if (meta.log_level) written[meta_key::log_level] = to_string(*meta.log_level);
  }
  if (!written.empty()) params["_meta"] = std::move(written);
}

void add_server_info(Json& result, const Implementation& server, Revision revision) {
  if (!has_server_info_meta(revision)) return;
  result["_meta"][meta_key::server_info] = to_json(server, revision);
}

std::optional<Implementation> read_server_info(const Json& result) {
  const Json& meta = meta_of(result);
  if (!meta.is_object()) return std::nullopt;
  auto server = meta.find(meta_key::server_info);
  if (server == meta.end()) return std::nullopt;
  try {
    return from_json<Implementation>(*server);
  } catch (const Malformed&) {
    return std::nullopt;  // it only serves display
  }
}

std::string meta_key_problem(std::string_view key) {
  std::string_view name = key;
  if (auto slash = key.find('/'); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
    if (!each_label(key.substr(0, slash), is_label)) {
      return "the prefix of a _meta key is labels with dots between them; a label begins with a "
             "letter, ends with a letter or digit and may hold hyphens, such as com.example/";
    }
  }
  if (name.empty()) return key.empty() ? "a _meta key must not be empty" : "";
  bool good = is_ascii_alphanumeric(name.front()) && is_ascii_alphanumeric(name.back());
  for (char c : name) {
    good = good && (is_ascii_alphanumeric(c) || c == '-' || c == '_' || c == '.');
  }
  if (good) return {};
  return "the name of a _meta key begins and ends with a letter or digit and may hold hyphens, "
         "underscores and dots between them";
}

bool is_reserved_meta_key(std::string_view key) noexcept {
  auto slash = key.find('/');
  if (slash == std::string_view::npos) return false;
  std::size_t index = 0;
  bool reserved = false;
  each_label(key.substr(0, slash), [&](std::string_view label) {
    if (index++ == 1) reserved = label == "modelcontextprotocol" || label == "mcp";
    return index < 2;
  });
  return reserved;
}

ResultType result_type(const Json& result) {
  auto type = result.find("resultType");
  if (type == result.end()) return ResultType::complete;
  static constexpr std::array<std::pair<std::string_view, ResultType>, 3> types = {
      {{"complete", ResultType::complete},
       {"input_required", ResultType::input_required},
       {"task", ResultType::task}}};
  return protocol::at("resultType", [&] {
    return protocol::read_name(*type, types, "\"complete\", \"input_required\" or \"task\"");
  });
}

void add_result_type(Json& result, ResultType type, Revision revision) {
  if (!requires_result_type(revision)) return;
  result["resultType"] = type == ResultType::complete         ? "complete"
                         : type == ResultType::input_required ? "input_required"
                                                              : "task";
}

}  // namespace mcp
