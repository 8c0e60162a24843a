#include <mcp/transport/command_line.h>

#include <stdexcept>
#include <utility>

namespace mcp {

std::vector<std::string> split_command_line(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;  // also for an empty pair of quotes
  char quote = 0;
  std::size_t quoted_at = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const char following = i + 1 < line.size() ? line[i + 1] : '\0';
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else if (quote == '"' && c == '\\' && (following == '"' || following == '\\')) {
        word += line[++i];
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      quoted_at = i;
      in_word = true;
    } else if (c == '\\') {
      if (i + 1 == line.size()) {
        throw std::invalid_argument("the command line ends in a backslash: " + std::string(line));
      }
      word += line[++i];
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) {
    throw std::invalid_argument("the quote at character " + std::to_string(quoted_at + 1) +
                                " of the command line is not closed: " + std::string(line));
  }
  if (in_word) words.push_back(word);
  if (words.empty()) throw std::invalid_argument("the command line is empty");
  return words;
}

}  // namespace mcp
