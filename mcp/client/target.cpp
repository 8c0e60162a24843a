#include <mcp/client/target.h>

#include <iterator>
#include <stdexcept>
#include <utility>

#include <mcp/client/http_reaching.h>

namespace mcp {

Target::Target(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}

Target::Target(std::string key, Opener opener) : key_(std::move(key)), opener_(std::move(opener)) {}

Target::Target(ChildProcessOptions program) {
  key_ = program.working_directory;
  for (const auto& [name, value] : program.environment) key_ += '\0' + name + '=' + value;
  key_ += '\0' + program.command;
  for (const std::string& argument : program.arguments) key_ += '\0' + argument;
  opener_ = [program = std::move(program)](Runtime& runtime, auto on_stderr) {
    ChildProcessOptions options = program;
    options.on_stderr_line = [own = program.on_stderr_line,
                              on_stderr = std::move(on_stderr)](std::string_view line) {
      if (own) own(line);
      on_stderr(line);
    };
    return make_child_process_transport(runtime, options);
  };
}

Target Target::command(std::vector<std::string> command_line) {
  if (command_line.empty()) throw std::invalid_argument("an empty command line names no server");
  ChildProcessOptions program;
  program.command = std::move(command_line.front());
  program.arguments.assign(std::make_move_iterator(command_line.begin() + 1),
                           std::make_move_iterator(command_line.end()));
  return Target(std::move(program));
}

std::unique_ptr<Transport> Target::open(Runtime& runtime,
                                        std::function<void(std::string_view)> on_stderr) {
  if (opener_) return opener_(runtime, std::move(on_stderr));
  return std::move(transport_);
}

bool client::names_url(std::string_view address) {
  return address.find("://") < address.find_first_of(" \t\"'\\");
}

client::HttpReaching& client::http_reaching() {
  static HttpReaching reaching = nullptr;
  return reaching;
}

}  // namespace mcp
