#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include <client/model/message.h>

namespace fairlead::agent {

/// A tool that some server offers, under the name that the server gave it.
struct Tool {
  std::string server;
  std::string name;
  std::string description;
  Json input_schema = Json::object();
};

struct ToolOutcome {
  std::vector<ResultContent> content;
  bool is_error = false;
};

/// Where the agent finds tools and has them called. `call` is used from several threads at once.
class Toolbox {
 public:
  virtual ~Toolbox() = default;
  /// What is offered now; asked before every turn. Returns or throws soon after a stop request.
  /// Throws std::exception when it can't be known.
  virtual std::vector<Tool> tools(std::stop_token stop) = 0;
  /// Calls a tool of `tools()`. `arguments` is an object. Returns soon after a stop request.
  /// A failure that the model should read is an outcome with `is_error`; so is what this throws.
  virtual ToolOutcome call(const Tool& tool, const Json& arguments, std::stop_token stop) = 0;
};

}  // namespace fairlead::agent
