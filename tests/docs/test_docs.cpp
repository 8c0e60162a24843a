// The documentation is true: every C++ block is a file of examples/ (or a part of one) that is
// built and run, every block of output is what the command above it prints.
//
//   <!-- example: weather -->            the next block is examples/weather.cpp without its
//                                        first comment
//   <!-- example: weather#handler -->    … what stands there between "// [handler]" and "// [end]"
//   <!-- output: command -->             the next block is what `sh -c command` prints, run in a
//                                        folder of its own with build/bin on the PATH

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Block {
  std::string page;
  int line = 0;
  std::string language;
  std::string marker;  // the text of the HTML comment right above, if any
  std::string text;
};

std::string read(const fs::path& path) {
  std::ifstream file(path);
  REQUIRE_MESSAGE(file.is_open(), "cannot read " << path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Block> blocks_of(const fs::path& page) {
  std::istringstream lines(read(page));
  std::vector<Block> found;
  std::string marker;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.rfind("<!-- ", 0) == 0 && line.size() > 9) {
      marker = line.substr(5, line.size() - 9);
    } else if (line.rfind("```", 0) == 0) {
      Block block{page.filename().string(), number, line.substr(3), marker, {}};
      while (std::getline(lines, line) && line != "```") {
        ++number;
        block.text += line + '\n';
      }
      ++number;
      found.push_back(std::move(block));
      marker.clear();
    } else if (!line.empty()) {
      marker.clear();
    }
  }
  return found;
}

std::vector<Block> all_blocks() {
  std::vector<Block> found = blocks_of(fs::path(PROJECT_DIRECTORY) / "README.md");
  for (const auto& entry : fs::directory_iterator(fs::path(PROJECT_DIRECTORY) / "docs")) {
    if (entry.path().extension() != ".md") continue;
    std::vector<Block> more = blocks_of(entry.path());
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

std::string example(const std::string& reference) {
  const std::size_t hash = reference.find('#');
  std::string text =
      read(fs::path(PROJECT_DIRECTORY) / "examples" / (reference.substr(0, hash) + ".cpp"));
  if (hash == std::string::npos) {
    while (text.rfind("//", 0) == 0 || text.rfind('\n', 0) == 0) text.erase(0, text.find('\n') + 1);
    return text;
  }
  const std::string opening = "// [" + reference.substr(hash + 1) + "]\n";
  std::size_t begin = text.find(opening);
  REQUIRE_MESSAGE(begin != std::string::npos, "no part " << reference);
  begin = text.find('\n', begin) + 1;
  std::istringstream lines(text.substr(begin, text.find("// [end]", begin) - begin));
  // A part is shown without the indentation of its place.
  std::vector<std::string> kept;
  std::size_t indentation = std::string::npos;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blanks = line.find_first_not_of(' ');
    if (blanks != std::string::npos) indentation = std::min(indentation, blanks);
    kept.push_back(line);
  }
  if (!kept.empty() && kept.back().find_first_not_of(' ') == std::string::npos) kept.pop_back();
  std::string part;
  for (const std::string& line : kept) {
    part += (line.size() >= indentation ? line.substr(indentation) : "") + '\n';
  }
  return part;
}

std::string output_of(const std::string& command) {
  std::string folder = (fs::temp_directory_path() / "fairlead-docs-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const std::string script = "cd '" + folder + "' && PATH='" BINARY_DIRECTORY "':\"$PATH\" && { " +
                             command + "; } </dev/null 2>/dev/null";
  FILE* pipe = popen(script.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 4096> chunk{};
  while (const std::size_t count = fread(chunk.data(), 1, chunk.size(), pipe)) {
    output.append(chunk.data(), count);
  }
  pclose(pipe);
  fs::remove_all(folder);
  return output;
}

}  // namespace

TEST_CASE("every C++ block in the documentation is part of an example that is built and run") {
  int checked = 0;
  for (const Block& block : all_blocks()) {
    if (block.language != "cpp") continue;
    CAPTURE(block.page);
    CAPTURE(block.line);
    REQUIRE_MESSAGE(block.marker.rfind("example: ", 0) == 0,
                    "a C++ block needs a line <!-- example: NAME --> above it");
    CHECK(block.text == example(block.marker.substr(9)));
    ++checked;
  }
  CHECK(checked > 0);
}

TEST_CASE("every block of output in the documentation is what its command prints") {
  int checked = 0;
  for (const Block& block : all_blocks()) {
    if (block.marker.rfind("output: ", 0) != 0) continue;
    CAPTURE(block.page);
    CAPTURE(block.line);
    CHECK(block.text == output_of(block.marker.substr(8)));
    ++checked;
  }
  CHECK(checked > 0);
}
