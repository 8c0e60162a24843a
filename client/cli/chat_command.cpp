#include <cstdio>
#include <memory>

#include <client/agent/mcp_toolbox.h>
#include <client/cli/agent_flags.h>
#include <client/cli/commands.h>
#include <client/cli/exit_code.h>
#include <client/cli/line_editor.h>
#include <client/cli/printer.h>
#include <client/cli/terminal_questions.h>
#include <client/cli/terminal_text.h>
#include <client/config/text_file.h>
#include <client/replay/recorder.h>

namespace fairlead::agent {
namespace {

constexpr const char* help_text =
    "/help          this list\n"
    "/tools         the tools that the servers offer\n"
    "/model [NAME]  show the model, or go on with another one\n"
    "/clear         forget the conversation\n"
    "/exit          leave (or Ctrl-D)\n"
    "Ctrl-C cancels an answer; anything else is a question.\n";

std::string history_file() {
  const std::string state = read_environment("XDG_STATE_HOME");
  if (!state.empty()) return state + "/fairlead/history";
  const std::string home = read_environment("HOME");
  return home.empty() ? std::string{} : home + "/.local/state/fairlead/history";
}

/// Sends the conversation to the model that is chosen at the moment.
class ChosenModel : public Model {
 public:
  explicit ChosenModel(ModelSource source) : source_(std::move(source)), model_(source_.model()) {}
  void choose(const std::string& name) { model_ = source_.model(name); }
  ModelReply reply(const ModelRequest& request, ModelListener& listener,
                   std::stop_token stop) override {
    return model_->reply(request, listener, std::move(stop));
  }
  std::string name() const override { return model_->name(); }

 private:
  ModelSource source_;
  std::unique_ptr<Model> model_;
};

class Chat {
 public:
  Chat(const AgentFlags& flags, Interrupt& interrupt)
      : flags_(flags),
        interrupt_(interrupt),
        model_(ModelSource(flags)),
        recorder_(model_),
        toolbox_(open_mcp_toolbox(flags.server_entries(), terminal_questions(),
                                  {flags.start_timeout(), interrupt.begin_work()})),
        agent_(recorder_, *toolbox_, flags.agent_options()),
        printer_(flags.json ? make_json_printer() : make_text_printer()) {
    interrupt_.end_work();
  }

  int talk() {
    const auto editor = make_line_editor(history_file());
    if (!flags_.json) std::fputs("Ask something, or type /help.\n", stderr);
    while (!interrupt_.ending()) {
      const auto line = editor->read("> ");
      if (!line) break;
      if (line->interrupted) interrupt_.read_interrupted();
      const std::size_t begin = line->text.find_first_not_of(" \t");
      if (begin == std::string::npos) continue;
      const std::string text = line->text.substr(begin);
      if (text == "/exit" || text == "/quit") break;
      if (text.front() == '/') {
        command(text);
      } else {
        ask(text);
      }
    }
    return exit_code::ok;
  }

 private:
  void ask(const std::string& question) {
    const Outcome outcome = agent_.ask(question, *printer_, interrupt_.begin_work());
    interrupt_.end_work();
    printer_->end(outcome, exit_code_of(outcome.end));
    if (!flags_.record_file.empty()) {
      replace_text_file(flags_.record_file, write_recording(recorder_.recording()));
    }
  }

  void command(const std::string& line) {
    const std::size_t space = line.find_first_of(" \t");
    const std::string word = line.substr(0, space);
    std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    rest.erase(0, rest.find_first_not_of(" \t"));
    if (word == "/help") {
      std::fputs(help_text, stderr);
    } else if (word == "/tools") {
      show_tools();
    } else if (word == "/model") {
      try {
        if (!rest.empty()) model_.choose(rest);
      } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "%s\n", error_text(error.what()).c_str());
        return;
      }
      std::fprintf(stderr, "model: %s\n", one_line(model_.name(), 200).c_str());
    } else if (word == "/clear") {
      agent_.clear();
      std::fputs("The conversation is forgotten.\n", stderr);
    } else {
      std::fprintf(stderr, "There is no command %s.\n%s", one_line(word, 60).c_str(), help_text);
    }
  }

  void show_tools() {
    const auto stop = interrupt_.begin_work();
    try {
      for (const Tool& tool : toolbox_->tools(stop)) {
        std::fprintf(stderr, "%s: %s  %s\n", one_line(tool.server, 60).c_str(),
                     one_line(tool.name, 128).c_str(), one_line(tool.description, 200).c_str());
      }
    } catch (const ServerFailed& error) {
      std::fprintf(stderr, "%s\n", error_text(error.what()).c_str());
    }
    interrupt_.end_work();
  }

  const AgentFlags& flags_;
  Interrupt& interrupt_;
  ChosenModel model_;
  Recorder recorder_;
  std::unique_ptr<Toolbox> toolbox_;
  Agent agent_;
  std::unique_ptr<Printer> printer_;
};

}  // namespace

void add_chat_command(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("chat", "Talk with a model that may use the servers' tools");
  auto flags = std::make_shared<AgentFlags>();
  flags->add_to(*command);
  command->callback(
      [flags, &context] { context.exit_code = Chat(*flags, context.interrupt).talk(); });
}

}  // namespace fairlead::agent
