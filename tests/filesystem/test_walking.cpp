// Long walks tell how far they are and end when they are cancelled; links are followed as the
// operator says.

#include <functional>

#include "servers/filesystem/directory_entries.h"
#include "servers/filesystem/directory_tree.h"
#include "servers/filesystem/finding.h"
#include "servers/filesystem/first_of.h"
#include "servers/filesystem/glob_search.h"
#include "servers/filesystem/listing.h"
#include "tests/filesystem/client.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

constexpr int many = 10'500;

/// Some directories with many files.
void fill(const Folder& folder) {
  for (int i = 0; i < many; ++i) {
    folder.write("d" + std::to_string(i / 500) + "/" + std::to_string(i), "x\n");
  }
}

/// A tool's work on a watch.
using Walk = std::function<void(const Sandbox&, const Place&, const Limits&, const Watch&)>;

const std::vector<std::pair<const char*, Walk>>& walks() {
  static const std::vector<std::pair<const char*, Walk>> all = {
      {"tree", [](const Sandbox& sandbox, const Place& place, const Limits& limits,
                  const Watch& watch) { tree(sandbox, place, {}, "", limits, watch); }},
      {"search",
       [](const Sandbox& sandbox, const Place& place, const Limits& limits, const Watch& watch) {
         search(sandbox, place, "**/none", {}, "", limits, watch);
       }},
      {"find",
       [](const Sandbox& sandbox, const Place& place, const Limits& limits, const Watch& watch) {
         find_files(sandbox, place, {.include = {"none"}}, Wanted::any, "", limits, watch);
       }},
      {"content",
       [](const Sandbox& sandbox, const Place& place, const Limits& limits, const Watch& watch) {
         search_content(sandbox, place, {.pattern = "none"}, {}, "", limits, watch);
       }},
  };
  return all;
}

Limits roomy() {
  Limits limits;
  limits.max_entries = 100'000;
  limits.max_read_bytes = 10'000'000;
  return limits;
}

}  // namespace

TEST_CASE("long walks tell how far they are") {
  const Folder folder;
  fill(folder);
  const Sandbox sandbox = folder.sandbox();
  for (const auto& [name, walk] : walks()) {
    INFO(name);
    std::vector<std::uint64_t> told;
    const Watch watch({}, std::chrono::minutes(5),
                      [&told](std::uint64_t seen) { told.push_back(seen); });
    walk(sandbox, sandbox.find("."), roomy(), watch);
    CHECK(told == std::vector<std::uint64_t>{2000, 4000, 6000, 8000, 10000});
  }
}

TEST_CASE("a cancelled walk sees no entry more") {
  const Folder folder;
  fill(folder);
  const Sandbox sandbox = folder.sandbox();
  for (const auto& [name, walk] : walks()) {
    INFO(name);
    std::stop_source stop;
    std::uint64_t last = 0;
    const Watch watch(stop.get_token(), std::chrono::minutes(5), [&](std::uint64_t seen) {
      last = seen;
      if (seen == 4000) stop.request_stop();
    });
    CHECK(failure_of([&, &walk = walk] { walk(sandbox, sandbox.find("."), roomy(), watch); }) ==
          "The call was cancelled.");
    CHECK(last == 4000);
  }
}

TEST_CASE("a cancelled call does not wait for the end of one large directory or file") {
  const Folder folder;
  for (int i = 0; i < 20'000; ++i) folder.write("d/" + std::to_string(i), "");
  folder.write("large", std::string(12 << 20, 'a') + "\n" + std::string(3 << 20, 'b'));
  const Sandbox sandbox = folder.sandbox();
  std::stop_source stop;
  stop.request_stop();
  const Watch watch(stop.get_token(), std::chrono::minutes(5));
  const std::string cancelled = "The call was cancelled.";
  CHECK(failure_of([&] { entries_of(open_directory(sandbox.find("d")), watch); }) == cancelled);
  CHECK(failure_of([&] {
          search_content(sandbox, sandbox.find("large"), {.pattern = "none"}, {}, "", {}, watch);
        }) == cancelled);
  std::vector<int> numbers;
  for (int i = 0; i < 20'000; ++i) numbers.push_back((i * 7919) % 20'011);
  CHECK(failure_of([&] { sort_watched(numbers, watch, std::less<>()); }) == cancelled);
}

TEST_CASE("progress reaches a client that asked for it, and none else") {
  const Folder folder;
  fill(folder);
  Client client(folder, {.limits = roomy()});
  const Json arguments = {{"path", "."}};
  const auto progress = [&client] {
    std::vector<double> told;
    for (const Json& message : client.received) {
      if (message.value("method", "") == "notifications/progress")
        told.push_back(message["params"]["progress"]);
    }
    return told;
  };
  client.call("find_files", arguments);
  CHECK(progress().empty());
  client.ask(
      "tools/call",
      {{"name", "find_files"}, {"arguments", arguments}, {"_meta", {{"progressToken", "p"}}}});
  CHECK(progress() == std::vector<double>{2000, 4000, 6000, 8000, 10000});
}

TEST_CASE("links are followed as --follow-symlinks says") {
  const Folder folder;
  folder.write("real/x.txt", "needle\n");
  folder.link("into", folder.inside("real"));
  folder.link("out", folder.outside());
  folder.link("real/up", folder.inside());  // a loop
  folder.link("real/x.link", "x.txt");
  const Json everything = {{"path", "."}, {"includeIgnored", true}};
  const std::string top = folder.inside();
  SUBCASE("never") {
    Client client(folder, {}, Links::never);
    CHECK(client.text("read_text_file", {{"path", "real/x.txt"}}) == "needle\n");
    for (const char* path : {"into/x.txt", "real/x.link", "into", "out"}) {
      CHECK(client.text("read_text_file", {{"path", path}}) ==
            std::string("Access denied - symbolic links are not followed: ") + path);
    }
    CHECK(client.text("find_files", everything) == top + "/into\n" + top + "/out\n" + top +
                                                       "/real\n" + top + "/real/up\n" + top +
                                                       "/real/x.link\n" + top + "/real/x.txt");
  }
  SUBCASE("named") {
    Client client(folder);
    CHECK(client.text("read_text_file", {{"path", "into/x.txt"}}) == "needle\n");
    CHECK(client.text("search_content", {{"path", "."}, {"pattern", "needle"}}) ==
          top + "/real/x.txt:1:needle");
  }
  SUBCASE("inside") {
    Client client(folder, {}, Links::inside);
    CHECK(client.text("search_content", {{"path", "."}, {"pattern", "needle"}}) ==
          top + "/into/x.txt:1:needle\n" + top + "/real/x.txt:1:needle");
    CHECK(client.text("read_text_file", {{"path", "out/secret.txt"}}).find("Access denied") == 0);
    const Json tree = Json::parse(client.text("directory_tree", {{"path", "."}}));
    CHECK(tree[0]["name"] == "into");
    CHECK(tree[0]["type"] == "directory");
    CHECK(tree[0]["children"].size() == 3);                                   // up, x.link, x.txt
    CHECK(tree[0]["children"][0] == Json{{"name", "up"}, {"type", "file"}});  // a loop
    CHECK(tree[1] == Json{{"name", "out"}, {"type", "file"}});                // leads out
  }
}

TEST_CASE("a tree as deep as is asked for, and never deeper than allowed") {
  const Folder folder;
  folder.write("a/b/c/d.txt", "");
  Options options;
  options.limits.max_depth = 3;
  Client client(folder, options);
  const auto depth_of = [&](const Json& arguments) {
    Json level = Json::parse(client.text("directory_tree", arguments));
    int depth = 0;
    for (; !level.empty(); level = level[0].value("children", Json::array())) ++depth;
    return depth;
  };
  CHECK(depth_of({{"path", "."}, {"depth", 1}}) == 1);
  CHECK(depth_of({{"path", "."}, {"depth", 2}}) == 2);
  CHECK(depth_of({{"path", "."}, {"depth", 50}}) == 3);
  CHECK(depth_of({{"path", "."}}) == 3);
  const Json cut = client.call("directory_tree", {{"path", "."}, {"depth", 2}});
  CHECK(cut["structuredContent"]["truncated"] == true);
  CHECK(cut["content"][1]["text"] ==
        "Truncated: what lies deeper than 2 levels is left out. Ask for a directory further down.");
  CHECK(client.call("directory_tree", {{"path", "."}, {"depth", 0}})["isError"] == true);
}
