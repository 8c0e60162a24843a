// The table of tools in docs/filesystem-server.md is what the server says of them.

#include <iterator>

#include "tests/filesystem/client.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

std::string kind_of(const Json& annotations) {
  if (annotations.value("readOnlyHint", false)) return "reads";
  return annotations.value("destructiveHint", true) ? "changes or removes" : "adds";
}

std::string table_of(Client& client) {
  std::string table = "| Tool | What it does | Files |\n|---|---|---|\n";
  const Json answer = client.ask("tools/list");
  for (const Json& tool : answer["result"]["tools"]) {
    const std::string description = tool["description"];
    const std::string first = description.substr(0, description.find(". ")) +
                              (description.find(". ") == description.npos ? "" : ".");
    table += "| `" + tool["name"].get<std::string>() + "` | " + first + " | " +
             kind_of(tool["annotations"]) + " |\n";
  }
  return table;
}

}  // namespace

TEST_CASE("the documentation has the tools as they are") {
  std::ifstream in(FILESYSTEM_PAGE);
  const std::string page(std::istreambuf_iterator<char>(in), {});
  const std::string begin = "<!-- tools -->\n";
  const auto at = page.find(begin);
  REQUIRE(at != std::string::npos);
  const auto from = at + begin.size();
  const Folder folder;
  Client client(folder);
  CHECK(page.substr(from, page.find("\n\n", from) + 1 - from) == table_of(client));
}
