#include <cerrno>
#include <clocale>
#include <cstdio>
#include <filesystem>

#include <histedit.h>

#include <client/cli/line_editor_plain.h>
#include <client/cli/standard_streams.h>

namespace fairlead::agent {
namespace {

constexpr int max_history = 1000;

class LibeditEditor : public LineEditor {
 public:
  explicit LibeditEditor(std::string history_file) : history_file_(std::move(history_file)) {
    std::setlocale(LC_CTYPE, "");
    editor_ = ::el_init("fairlead", stdin, stdout, stderr);
    history_ = ::history_init();
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, max_history);
    ::history(history_, &event, H_SETUNIQUE, 1);
    if (!history_file_.empty()) ::history(history_, &event, H_LOAD, history_file_.c_str());
    ::el_set(editor_, EL_CLIENTDATA, this);
    ::el_set(editor_, EL_PROMPT, &LibeditEditor::prompt);
    ::el_set(editor_, EL_EDITOR, "emacs");
    ::el_set(editor_, EL_HIST, ::history, history_);
    ::el_source(editor_, nullptr);
  }
  LibeditEditor(const LibeditEditor&) = delete;
  LibeditEditor& operator=(const LibeditEditor&) = delete;
  ~LibeditEditor() override {
    ::history_end(history_);
    ::el_end(editor_);
  }

  std::optional<Line> read(const std::string& prompt) override {
    prompt_ = prompt;
    int size = 0;
    errno = 0;
    // Before the prompt is there to be answered: left alone, libedit does it afterwards, and a key
    // in between is the terminal's.
    ::el_set(editor_, EL_PREP_TERM, 1);
    const char* text = ::el_gets(editor_, &size);
    if (text == nullptr || size <= 0) {
      if (errno != EINTR) return std::nullopt;
      ::el_reset(editor_);
      std::fputc('\n', stdout);
      return Line{"", true};
    }
    Line line{std::string(text, static_cast<std::size_t>(size)), false};
    while (!line.text.empty() && line.text.back() == '\n') line.text.pop_back();
    if (!line.text.empty()) remember(line.text);
    return line;
  }

 private:
  static char* prompt(EditLine* editor) {
    void* self = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &self);
    return static_cast<LibeditEditor*>(self)->prompt_.data();
  }

  void remember(const std::string& line) {
    HistEvent event;
    ::history(history_, &event, H_ENTER, line.c_str());
    if (history_file_.empty()) return;
    std::error_code ignored;
    const auto folder = std::filesystem::path(history_file_).parent_path();
    std::filesystem::create_directories(folder, ignored);
    ::history(history_, &event, H_SAVE, history_file_.c_str());
    // What a person asks is nobody else's business.
    std::filesystem::permissions(history_file_, std::filesystem::perms(0600), ignored);
  }

  std::string history_file_;
  std::string prompt_;
  EditLine* editor_ = nullptr;
  History* history_ = nullptr;
};

}  // namespace

std::unique_ptr<LineEditor> make_line_editor(const std::string& history_file) {
  if (!stdin_is_terminal() || !stdout_is_terminal()) return make_plain_line_editor();
  return std::make_unique<LibeditEditor>(history_file);
}

}  // namespace fairlead::agent
