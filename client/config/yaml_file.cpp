#include <charconv>
#include <cmath>
#include <set>

#include <yaml-cpp/yaml.h>

#include <client/config/config_document.h>
#include <mcp/base/json_pointer.h>

namespace fairlead::agent {
namespace {

constexpr int max_depth = 64;
constexpr int max_values = 100'000;

TextPosition position_of_mark(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

/// A number, a truth value or null when YAML's core schema says so; else text.
Json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return nullptr;
  }
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const char* const begin = text.data() + (text[0] == '+' ? 1 : 0);
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(begin, end, whole);
      read.ec == std::errc{} && read.ptr == end) {
    return whole;
  }
  double real = 0;
  if (const auto read = std::from_chars(begin, end, real);
      read.ec == std::errc{} && read.ptr == end && std::isfinite(real)) {
    return real;
  }
  return text;
}

class Reader {
 public:
  Reader(const std::string& file, ConfigDocument& document) : file_(file), document_(document) {}

  Json read(const YAML::Node& node, const std::string& pointer, int depth) {
    document_.positions[pointer] = position_of_mark(node.Mark());
    if (depth > max_depth) refuse(node, pointer, "nested more than 64 levels deep");
    if (++values_ > max_values) refuse(node, pointer, "more than 100,000 values");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return node.Tag() == "?" ? plain_scalar(node.Scalar()) : Json(node.Scalar());
      case YAML::NodeType::Sequence: {
        Json out = Json::array();
        for (const YAML::Node& item : node)
          out.push_back(read(item, pointer + "/" + std::to_string(out.size()), depth + 1));
        return out;
      }
      case YAML::NodeType::Map:
        return read_map(node, pointer, depth);
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        break;
    }
    return nullptr;
  }

 private:
  Json read_map(const YAML::Node& node, const std::string& pointer, int depth) {
    Json out = Json::object();
    for (const auto& member : node) {
      if (!member.first.IsScalar()) refuse(member.first, pointer, "a key must be text");
      const std::string& name = member.first.Scalar();
      if (out.contains(name)) {
        refuse(member.first, pointer, "the key \"" + name + "\" stands twice");
      }
      const std::string below = pointer + "/" + mcp::escape_json_pointer(name);
      out[name] = read(member.second, below, depth + 1);
      // What is wrong with a member is shown where its name stands.
      document_.positions[below] = position_of_mark(member.first.Mark());
    }
    return out;
  }

  [[noreturn]] void refuse(const YAML::Node& node, const std::string& pointer,
                           const std::string& message) const {
    throw ConfigError(file_, {{pointer, message, position_of_mark(node.Mark())}});
  }

  const std::string& file_;
  ConfigDocument& document_;
  int values_ = 0;
};

}  // namespace

ConfigDocument read_yaml(const std::string& file, std::string_view text) {
  ConfigDocument document;
  try {
    const std::vector<YAML::Node> all = YAML::LoadAll(std::string(text));
    if (all.size() > 1) {
      throw ConfigError(file, {{"", "more than one document", position_of_mark(all[1].Mark())}});
    }
    if (!all.empty()) document.value = Reader(file, document).read(all.front(), "", 0);
  } catch (const YAML::Exception& error) {
    throw ConfigError(file, {{"", "no YAML: " + error.msg, position_of_mark(error.mark)}});
  }
  return document;
}

}  // namespace fairlead::agent
