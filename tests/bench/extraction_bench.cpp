// Turns pages into Markdown: one line of JSON for each, with the time of one round, and the most
// memory at the end.
// usage: extraction_bench FOLDER ROUNDS

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <mcp/base/json.h>

#include "servers/websearch/page.h"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  using Clock = std::chrono::steady_clock;
  if (argc != 3) {
    std::fputs("usage: extraction_bench FOLDER ROUNDS\n", stderr);
    return 2;
  }
  const int rounds = std::max(1, std::atoi(argv[2]));
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(argv[1])) {
    if (entry.path().extension() == ".html") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::string html{std::istreambuf_iterator<char>(file), {}};
    const auto extract = [&html] {
      return fairlead::websearch::extract_page(
          html, "https://a.example/", fairlead::websearch::Deadline(std::chrono::seconds(30)));
    };
    const auto page = extract();
    const auto begin = Clock::now();
    for (int i = 0; i < rounds; ++i) extract();
    const std::chrono::duration<double, std::milli> time = Clock::now() - begin;
    const mcp::Json line = {
        {"name", path.stem().string()}, {"ms", time.count() / rounds}, {"markdown", page.markdown}};
    std::puts(line.dump().c_str());
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("{\"mb\": %.1f}\n", static_cast<double>(usage.ru_maxrss) / 1024);
  return 0;
}
