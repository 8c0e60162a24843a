#include <algorithm>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <client/cli/standard_streams.h>
#include <client/cli/terminal_questions.h>
#include <client/cli/terminal_text.h>
#include <client/model/foreign_json.h>
#include <mcp/base/number_text.h>
#include <mcp/outbound/url.h>

namespace fairlead::agent {
namespace {

/// The person gave the question up, or it is moot.
class GivenUp : public std::runtime_error {
 public:
  GivenUp() : std::runtime_error("given up") {}
};

class Questions {
 public:
  mcp::ElicitResult form(const mcp::ElicitFormParams& params, const mcp::InputContext& context) {
    const std::lock_guard one_at_a_time(mutex_);
    std::fprintf(stderr, "\n%s asks:\n%s\n", who(context).c_str(),
                 marked_lines(params.message).c_str());
    try {
      const Json& properties = member(params.requested_schema, "properties");
      Json content = Json::object();
      for (const auto& [name, required] : fields_in_order(params.requested_schema)) {
        if (auto value = field(name, properties[name], required, context.stop))
          content[name] = *value;
      }
      const std::string sent = one_line(to_wire(content), 500);
      const std::string answer = line("Send " + sent + "? [y/N] ", context.stop);
      if (answer != "y" && answer != "yes") return {mcp::ElicitAction::decline, nullptr, nullptr};
      return {mcp::ElicitAction::accept, content, nullptr};
    } catch (const GivenUp&) {
      return {mcp::ElicitAction::cancel, nullptr, nullptr};
    }
  }

  mcp::ElicitAction url(const mcp::ElicitUrlParams& params, const mcp::InputContext& context) {
    const std::lock_guard one_at_a_time(mutex_);
    const auto url = mcp::outbound::parse_http_url(params.url);
    if (!url || !is_plain(*url) || params.url.size() > max_url_bytes) {
      std::fprintf(stderr,
                   "\n%s asked for a page whose address is no plain https URL, and was refused:\n"
                   "%s\n",
                   who(context).c_str(), marked_lines(params.url).c_str());
      return mcp::ElicitAction::decline;
    }
    std::fprintf(stderr, "\n%s asks you to open a page:\n%s\nThe page: %s\nOn the host: %s\n",
                 who(context).c_str(), marked_lines(params.message).c_str(),
                 printable(params.url).c_str(), one_line(url->host, 300).c_str());
    try {
      const std::string answer = line("Will you open it yourself? [y/N] ", context.stop);
      return answer == "y" || answer == "yes" ? mcp::ElicitAction::accept
                                              : mcp::ElicitAction::decline;
    } catch (const GivenUp&) {
      return mcp::ElicitAction::cancel;
    }
  }

  bool finished(const mcp::InputContext& context) {
    const std::lock_guard one_at_a_time(mutex_);
    try {
      return line("Enter when the page is done, n to give up: ", context.stop) != "n";
    } catch (const GivenUp&) {
      return context.stop.stop_requested();
    }
  }

 private:
  /// A person can't judge more than that.
  static constexpr std::size_t max_url_bytes = 4 * 1024;

  /// Browsers read some characters of a host as others: a backslash as a slash, "%2e" as a dot. A
  /// foreign host is named as "xn--…".
  static bool is_plain(const mcp::outbound::HttpUrl& url) {
    if (url.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._:") !=
        std::string::npos) {
      return false;
    }
    return url.user.empty() && (url.secure || mcp::outbound::is_loopback_host(url.host));
  }

  static std::string who(const mcp::InputContext& context) {
    return "The server \"" + one_line(context.server_label, 100) + "\"";
  }

  struct Field {
    std::string name;
    bool required;
  };

  /// The required ones in the server's order, then the others by their names: members of an object
  /// have no order, only the list of what is required tells one.
  static std::vector<Field> fields_in_order(const Json& schema) {
    const Json& properties = member(schema, "properties");
    std::vector<Field> fields;
    std::set<std::string> seen;
    const auto add = [&](const std::string& name, bool required) {
      if (properties.contains(name) && seen.insert(name).second) fields.push_back({name, required});
    };
    if (const Json& required = member(schema, "required"); required.is_array())
      for (const Json& name : required) add(string_or_empty(name), true);
    for (const auto& [name, field] : properties.items()) add(name, false);
    return fields;
  }

  /// Asks until the text fits the field's type; nothing when an optional field is left out.
  std::optional<Json> field(const std::string& name, const Json& schema, bool required,
                            const std::stop_token& stop) {
    std::string prompt = "  " + one_line(name, 100);
    if (const auto title = string_or_empty(member(schema, "title")); !title.empty()) {
      prompt += " (" + one_line(title, 200) + ")";
    }
    if (const auto about = string_or_empty(member(schema, "description")); !about.empty()) {
      prompt += ", " + one_line(about, 500);
    }
    if (member(schema, "enum").is_array()) prompt += " " + one_line(to_wire(schema["enum"]), 500);
    if (schema.is_object() && schema.contains("default")) {
      prompt += " [" + one_line(to_wire(schema["default"]), 200) + "]";
    } else if (!required) {
      prompt += " [leave out]";
    }
    for (;;) {
      const std::string text = line(prompt + ": ", stop);
      if (text.empty() && schema.is_object() && schema.contains("default")) {
        return schema["default"];
      }
      if (text.empty() && !required) return std::nullopt;
      if (auto value = typed(text, schema)) return value;
      std::fprintf(stderr, "  That is no %s.\n",
                   one_line(string_or_empty(member(schema, "type")), 40).c_str());
    }
  }

  static std::optional<Json> typed(const std::string& text, const Json& schema) {
    const std::string type = string_or_empty(member(schema, "type"));
    if (type == "boolean") {
      if (text == "y" || text == "yes" || text == "true") return Json(true);
      if (text == "n" || text == "no" || text == "false") return Json(false);
      return std::nullopt;
    }
    if (type == "string") return Json(text);
    try {
      const Json value = parse_foreign_json(text);
      const std::string_view large = mcp::number_text(value);
      if (type == "integer" && (value.is_number_integer() || mcp::is_json_integer(large)))
        return value;
      if (type == "number" && (value.is_number() || !large.empty())) return value;
      if (type == "array" && value.is_array()) return value;
    } catch (const std::invalid_argument&) {
    }
    return std::nullopt;
  }

  /// Reads a line, or throws GivenUp at the end of the input or when the question is moot.
  std::string line(const std::string& prompt, const std::stop_token& stop) {
    std::fputs(prompt.c_str(), stderr);
    std::string text;
    for (;;) {
      if (stop.stop_requested()) throw GivenUp();
      if (!stdin_is_ready(std::chrono::milliseconds(100))) continue;
      // No more than this line: the rest is for whoever reads next.
      const StdinRead got = read_stdin(1);
      if (got.bytes.empty()) throw GivenUp();
      if (got.bytes == "\n") return text;
      if (text.size() < 64 * 1024) text += got.bytes;
    }
  }

  std::mutex mutex_;
};

}  // namespace

mcp::InputHandlers terminal_questions() {
  auto questions = std::make_shared<Questions>();
  mcp::InputHandlers handlers;
  handlers.elicit_form = [questions](const auto& params, const auto& context) {
    return questions->form(params, context);
  };
  handlers.elicit_url = [questions](const auto& params, const auto& context) {
    return questions->url(params, context);
  };
  handlers.url_finished = [questions](const auto&, const auto& context) {
    return questions->finished(context);
  };
  return handlers;
}

}  // namespace fairlead::agent
