#include <cstdio>

#include <client/cli/printer.h>
#include <client/cli/terminal_json.h>
#include <client/cli/terminal_text.h>
#include <client/model/foreign_text.h>

namespace fairlead::agent {
namespace {

std::string text_of_result(const ToolResult& result) {
  std::string out;
  for (const ResultContent& content : result.content) {
    if (!out.empty()) out += '\n';
    if (const auto* text = std::get_if<Text>(&content)) {
      out += text->text;
    } else {
      out += "[image " + std::get<Image>(content).mime_type + "]";
    }
  }
  return out;
}

class TextPrinter : public Printer {
 public:
  void text(std::string_view delta) override {
    const std::string shown = printable(delta);
    if (shown.empty()) return;
    std::fwrite(shown.data(), 1, shown.size(), stdout);
    std::fflush(stdout);
    open_line_ = shown.back() != '\n';
  }

  void tool_started(const ToolCall& call) override {
    end_line();
    note("→ " + one_line(call.name, 64) + " " + one_line(call.arguments, 500));
  }

  void tool_ended(const ToolCall& call, const ToolResult& result,
                  std::chrono::milliseconds time) override {
    note((result.is_error ? "✗ " : "← ") + one_line(call.name, 64) + " (" +
         std::to_string(time.count()) + " ms) " + one_line(text_of_result(result), 500));
  }

  void retrying(int attempt, std::chrono::milliseconds delay, const ModelError& error) override {
    note(one_line(error.what(), 500) + "; try " + std::to_string(attempt + 1) + " in " +
         std::to_string(delay.count()) + " ms");
  }

  void falling_back(const std::string& from, const std::string& to,
                    const ModelError& error) override {
    note(one_line(from, 200) + " gave no answer (" + to_string(error.kind()) + "): asking " +
         one_line(to, 200));
  }

  void end(const Outcome& outcome, int) override {
    end_line();
    if (!outcome.message.empty()) note("fairlead: " + one_line(outcome.message, 2000));
  }

 private:
  void end_line() {
    if (open_line_) std::fputc('\n', stdout);
    std::fflush(stdout);
    open_line_ = false;
  }
  static void note(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

  bool open_line_ = false;
};

class JsonPrinter : public Printer {
 public:
  void text(std::string_view delta) override { print({{"event", "text"}, {"text", delta}}); }
  void tool_started(const ToolCall& call) override {
    print({{"event", "tool_call"},
           {"id", call.id},
           {"name", call.name},
           {"arguments", call.arguments}});
  }
  void tool_ended(const ToolCall& call, const ToolResult& result,
                  std::chrono::milliseconds time) override {
    print({{"event", "tool_result"},
           {"id", call.id},
           {"name", call.name},
           {"is_error", result.is_error},
           {"text", text_of_result(result)},
           {"ms", time.count()}});
  }
  void retrying(int attempt, std::chrono::milliseconds delay, const ModelError& error) override {
    print({{"event", "retry"},
           {"attempt", attempt},
           {"delay_ms", delay.count()},
           {"error", to_string(error.kind())},
           {"message", shortened(error.what())}});
  }
  void falling_back(const std::string& from, const std::string& to,
                    const ModelError& error) override {
    print({{"event", "fallback"},
           {"from", from},
           {"to", to},
           {"error", to_string(error.kind())},
           {"message", shortened(error.what())}});
  }
  bool take_back(const ModelError& error) override {
    print({{"event", "restart"},
           {"error", to_string(error.kind())},
           {"message", shortened(error.what())}});
    return true;
  }
  void end(const Outcome& outcome, int exit_code) override {
    print({{"event", "result"},
           {"end", to_string(outcome.end)},
           {"exit_code", exit_code},
           {"text", outcome.text},
           {"model", outcome.served_by},
           {"message", shortened(outcome.message)},
           {"turns", outcome.turns},
           {"tool_calls", outcome.tool_calls},
           {"usage",
            {{"input_tokens", outcome.usage.input_tokens},
             {"output_tokens", outcome.usage.output_tokens},
             {"cached_input_tokens", outcome.usage.cached_input_tokens}}}});
  }

 private:
  static void print(const Json& event) {
    std::puts(terminal_json_line(event).c_str());
    std::fflush(stdout);
  }
};

}  // namespace

std::unique_ptr<Printer> make_text_printer() {
  return std::make_unique<TextPrinter>();
}
std::unique_ptr<Printer> make_json_printer() {
  return std::make_unique<JsonPrinter>();
}

}  // namespace fairlead::agent
