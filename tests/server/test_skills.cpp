// Skills (SEP-2640): what a server declares, lists, shows and serves, and what it refuses to.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

namespace {

namespace fs = std::filesystem;

const std::string refunds_text =
    "---\nname: refunds\ndescription: Pays back\nlicense: MIT\n---\nRead references/POLICY.md.\n";
mcp::SkillDirectory refunds() {
  return {{{"SKILL.md", refunds_text},
           {"references/POLICY.md", "Within 30 days."},
           {"assets/logo x.png", std::string("\x89PNG\0", 5)}},
          "acme/billing"};
}

std::string failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

/// A folder of its own, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "skills-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path write(const std::string& name, const std::string& contents) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << contents;
    return path_ / name;
  }
  /// A SKILL.md whose name is that of its directory.
  void skill(const std::string& directory) const {
    write(directory + "/SKILL.md",
          "---\nname: " + fs::path(directory).filename().string() + "\ndescription: d\n---\n");
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::string> described(const mcp::SkillFolder& folder) {
  std::vector<std::string> lines;
  for (const mcp::SkillDirectory& skill : folder.skills) {
    std::string line = mcp::server::make_skill(skill).skill.uri + ":";
    for (const mcp::SkillFile& file : skill.files) line += " " + file.path;
    lines.push_back(line);
  }
  for (const mcp::SkillProblem& problem : folder.problems)
    lines.push_back(problem.path + ": " + problem.message);
  return lines;
}

mcp::Json result_of(const std::string& line) {
  return mcp::Json::parse(line).at("result");
}

}  // namespace

TEST_CASE("a skill is declared, listed with its files' digests, and read") {
  mcp::ServerOptions options;
  options.caching.skills = {.ttl_ms = 60'000, .scope = mcp::CacheScope::public_};
  mcp::Server server{{.name = "test", .version = "1"}, quiet(options)};
  server.skill(refunds());
  Wire wire(server);

  const auto discovered = result_of(wire.ask(modern("1", "server/discover")));
  CHECK(discovered["capabilities"]["extensions"].dump() ==
        R"({"io.modelcontextprotocol/skills":{"directoryRead":true}})");
  CHECK(discovered["capabilities"]["resources"].is_object());

  const auto list = result_of(wire.ask(modern("2", "skills/list")));
  CHECK(list["resultType"] == "complete");
  CHECK(list["ttlMs"] == 60'000);
  CHECK(list["cacheScope"] == "public");
  REQUIRE(list["skills"].size() == 1);
  const auto& skill = list["skills"][0];
  CHECK(skill["uri"] == "skill://acme/billing/refunds/SKILL.md");
  CHECK(skill["frontmatter"].dump() ==
        R"({"description":"Pays back","license":"MIT","name":"refunds"})");
  REQUIRE(skill["resources"].size() == 3);
  CHECK(skill["resources"][0]["uri"] == "skill://acme/billing/refunds/SKILL.md");
  CHECK(skill["resources"][0]["digest"] ==
        "sha256:85cdc73b1105d648228a0b3d03ce2f0f854c0c3dddd785f2a9f01b1d03a8e1a6");
  CHECK(skill["resources"][0]["size"] == 85);
  CHECK(
      skill["resources"][1].dump() ==
      R"({"digest":"sha256:ba143a31109664ae8832f54964d3c54fa395ca33384d5f04b745e891f1893c2c","size":15,"uri":"skill://acme/billing/refunds/references/POLICY.md"})");
  CHECK(skill["resources"][2]["uri"] == "skill://acme/billing/refunds/assets/logo%20x.png");

  const auto get = result_of(
      wire.ask(modern("3", "skills/get", R"("uri":"skill://acme/billing/refunds/SKILL.md")")));
  CHECK(get["skill"] == skill);
  CHECK(get["ttlMs"] == 60'000);
  CHECK(!get.contains("nextCursor"));

  const auto read = result_of(
      wire.ask(modern("4", "resources/read", R"("uri":"skill://acme/billing/refunds/SKILL.md")")));
  CHECK(
      read["contents"].dump() ==
      R"([{"mimeType":"text/markdown","text":"---\nname: refunds\ndescription: Pays back\nlicense: MIT\n---\nRead references/POLICY.md.\n","uri":"skill://acme/billing/refunds/SKILL.md"}])");
  CHECK(read["ttlMs"] == 60'000);
  const auto logo = result_of(wire.ask(modern(
      "5", "resources/read", R"("uri":"skill://acme/billing/refunds/assets/logo%20x.png")")));
  CHECK(
      logo["contents"].dump() ==
      R"([{"blob":"iVBORwA=","mimeType":"image/png","uri":"skill://acme/billing/refunds/assets/logo%20x.png"}])");
  const auto resources = result_of(wire.ask(modern("6", "resources/list")))["resources"];
  CHECK(resources[0]["name"] == "refunds");
  CHECK(resources[0]["description"] == "Pays back");
  CHECK(resources[0]["mimeType"] == "text/markdown");
  CHECK(resources[1]["name"] == "references/POLICY.md");
}

TEST_CASE("directories are read one level at a time, those above the skills too") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet({.page_size = 2})};
  server.skill(refunds());
  Wire wire(server);
  const auto read = [&](const std::string& uri, const std::string& more = "") {
    return result_of(
        wire.ask(modern("1", "resources/directory/read", R"("uri":")" + uri + '"' + more)));
  };
  const auto first = read("skill://acme/billing/refunds");
  CHECK(first["resultType"] == "complete");
  CHECK(!first.contains("ttlMs"));
  REQUIRE(first["resources"].size() == 2);
  CHECK(first["resources"][0]["uri"] == "skill://acme/billing/refunds/SKILL.md");
  CHECK(first["resources"][0]["name"] == "refunds");
  CHECK(
      first["resources"][1].dump() ==
      R"({"mimeType":"inode/directory","name":"assets","uri":"skill://acme/billing/refunds/assets"})");
  const auto second =
      read("skill://acme/billing/refunds", R"(,"cursor":)" + first["nextCursor"].dump());
  REQUIRE(second["resources"].size() == 1);
  CHECK(second["resources"][0]["uri"] == "skill://acme/billing/refunds/references");
  CHECK(!second.contains("nextCursor"));
  CHECK(read("skill://acme")["resources"].dump() ==
        R"([{"mimeType":"inode/directory","name":"billing","uri":"skill://acme/billing"}])");
  CHECK(read("skill://acme/billing/refunds/assets")["resources"][0]["uri"] ==
        "skill://acme/billing/refunds/assets/logo%20x.png");

  for (const char* uri : {"skill://acme/billing/refunds/SKILL.md", "skill://acme/billing/refunds/",
                          "skill://none", "skill://", "file:///etc", ""}) {
    CAPTURE(uri);
    const auto error = mcp::Json::parse(wire.ask(
        modern("1", "resources/directory/read", R"("uri":")" + std::string(uri) + '"')))["error"];
    CHECK(error["code"] == -32602);
    CHECK(error["data"]["uri"] == uri);
  }
}

TEST_CASE("the list has pages, and no skill is split") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet({.page_size = 1})};
  server.skill(refunds());
  server.skill({{{"SKILL.md", "---\nname: second\ndescription: d\n---\n"}}});
  Wire wire(server);
  const auto first = result_of(wire.ask(modern("1", "skills/list")));
  CHECK(first["skills"].size() == 1);
  const auto second =
      result_of(wire.ask(modern("2", "skills/list", R"("cursor":)" + first["nextCursor"].dump())));
  CHECK(second["skills"][0]["uri"] == "skill://second/SKILL.md");
  CHECK(!second.contains("nextCursor"));
  CHECK(wire.ask(modern("3", "skills/list", R"("cursor":"x")")).find("-32602") !=
        std::string::npos);
}

TEST_CASE("an unknown skill is invalid, and the one that was meant is named") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.skill(refunds());
  Wire wire(server);
  CHECK(
      wire.ask(modern("1", "skills/get", R"("uri":"skill://acme/billing/refund/SKILL.md")")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"unknown skill 'skill://acme/billing/refund/SKILL.md'; did you mean 'skill://acme/billing/refunds/SKILL.md'?","data":{"uri":"skill://acme/billing/refund/SKILL.md"}}})");
  CHECK(wire.ask(modern("2", "skills/get")).find(R"("code":-32602)") != std::string::npos);
}

TEST_CASE("the extension belongs to the stateless era; before, the files are resources") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.skill(refunds());
  Wire wire(server);
  const auto initialized = wire.ask(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})");
  CHECK(initialized.find("extensions") == std::string::npos);
  wire.say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  for (const char* method : {"skills/list", "skills/get", "resources/directory/read"}) {
    CAPTURE(method);
    CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) +
                   R"(","params":{"uri":"skill://acme/billing/refunds"}})")
              .find(R"("code":-32601)") != std::string::npos);
  }
  const auto read = result_of(wire.ask(
      R"({"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"skill://acme/billing/refunds/references/POLICY.md"}})"));
  CHECK(read["contents"][0]["text"] == "Within 30 days.");
}

TEST_CASE("a server without skills has none of their methods") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  Wire wire(server);
  CHECK(result_of(wire.ask(modern("1", "server/discover")))["capabilities"].contains(
            "extensions") == false);
  CHECK(wire.ask(modern("2", "skills/list")).find(R"("code":-32601)") != std::string::npos);
}

TEST_CASE("clients hear of skills that come, change and go") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet({.declare = {.skills = true}})};
  Wire wire(server);
  wire.say(modern(
      "9", "subscriptions/listen",
      R"("notifications":{"resourcesListChanged":true,"resourceSubscriptions":["skill://acme/billing/refunds/references/POLICY.md"]})"));
  CHECK(result_of(wire.ask(modern("1", "skills/list")))["skills"].empty());
  server.skill(refunds());
  wire.runtime.run();
  CHECK(wire.heard_one().find("notifications/resources/list_changed") != std::string::npos);

  auto changed = refunds();
  changed.files[1].contents = "Within 60 days.";
  changed.files.pop_back();
  server.skill(changed);
  wire.runtime.run();
  const auto lines = wire.heard();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].find("notifications/resources/updated") != std::string::npos);
  CHECK(lines[1].find("POLICY.md") != std::string::npos);
  CHECK(wire.ask(modern("2", "resources/read",
                        R"("uri":"skill://acme/billing/refunds/assets/logo%20x.png")"))
            .find(R"("code":-32602)") != std::string::npos);

  CHECK(server.remove_skill("skill://acme/billing/refunds/SKILL.md"));
  CHECK(!server.remove_skill("skill://acme/billing/refunds/SKILL.md"));
  wire.runtime.run();
  wire.heard_one();
  CHECK(result_of(wire.ask(modern("3", "resources/list")))["resources"].empty());
  CHECK(result_of(wire.ask(modern("4", "skills/list")))["skills"].empty());
}

TEST_CASE("what is no skill is refused, and says why") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  const auto refused = [&](mcp::SkillDirectory skill) {
    return failure([&] { server.skill(std::move(skill)); });
  };
  const auto manifest = [](const std::string& name) {
    return mcp::SkillFile{"SKILL.md", "---\nname: " + name + "\ndescription: d\n---\n"};
  };
  CHECK(refused({}) == "a skill needs a file SKILL.md in its directory");
  CHECK(refused({{{"SKILL.md", "# No front matter"}}}) ==
        "SKILL.md: line 1: the file must begin with a line '---'");
  CHECK(refused({{{"SKILL.md", "---\nname: a\n---\n"}}}) ==
        "SKILL.md: its front matter needs a text 'description'");
  CHECK(refused({{{"SKILL.md", "---\nname: 1\ndescription: d\n---\n"}}}) ==
        "SKILL.md: its front matter needs a text 'name'");
  CHECK(
      refused(
          {{{"SKILL.md",
             "---\nname: a\ndescription: d\nmetadata:\n  io.modelcontextprotocol/x: 1\n---\n"}}}) ==
      "SKILL.md: metadata 'io.modelcontextprotocol/x' is a name that is reserved for the protocol");
  for (const char* name : {"A", "a_b", "-a", "a-", "a--b", "a.b", "../a"}) {
    CAPTURE(name);
    CHECK(refused({{manifest(name)}}) ==
          "'" + std::string(name) +
              "': a skill's name has 1 to 64 lower-case letters, digits and single hyphens between "
              "them");
  }
  CHECK(refused({{manifest(std::string(65, 'a'))}}).find("1 to 64") != std::string::npos);
  for (const char* path : {"../x", "/etc/passwd", "a//b", "a/./b", "", "a\nb", "\xff", "a/"}) {
    CAPTURE(path);
    CHECK(refused({{manifest("a"), {path, ""}}}) ==
          "a file's path is no relative path of UTF-8 names without control characters");
  }
  CHECK(refused({{manifest("a")}, "../b"}) ==
        "the skill's prefix is no relative path of UTF-8 names without control characters");
  CHECK(refused({{manifest("a"), {"x", ""}, {"x", ""}}}) ==
        "skill 'a' can't be served: its list names a file twice");
  mcp::SkillDirectory many{{manifest("a")}};
  for (int i = 0; i < 512; ++i) many.files.push_back({std::to_string(i), ""});
  CHECK(refused(many) == "skill 'a' can't be served: it has more than 512 files");
  many.files.pop_back();
  CHECK(refused(many) == "nothing was thrown");
  mcp::SkillDirectory large{{manifest("b"), {"x", std::string(16 << 20, 'x')}}};
  CHECK(refused(large) == "skill 'b' can't be served: its files have more than 16777216 bytes");
}

TEST_CASE("a folder of skills is read, with its order and its prefixes") {
  Folder folder;
  folder.skill("second");
  folder.skill("acme/billing/refunds");
  folder.write("acme/billing/refunds/references/A.md", "a");
  folder.write("acme/billing/refunds/.git/config", "not served");
  folder.write("README.md", "of no skill");
  const auto read = mcp::read_skill_folder(folder.path());
  CHECK(described(read) ==
        std::vector<std::string>{"skill://acme/billing/refunds/SKILL.md: SKILL.md references/A.md",
                                 "skill://second/SKILL.md: SKILL.md"});
  CHECK(described(mcp::read_skill_folder(folder.path() / "second")) ==
        std::vector<std::string>{"skill://second/SKILL.md: SKILL.md"});
  CHECK(failure([&] { mcp::read_skill_folder(folder.path() / "none"); }).find("can't be opened") !=
        std::string::npos);
}

TEST_CASE("a skill within a skill is both: a part of the outer one, and one of its own") {
  Folder folder;
  folder.skill("outer");
  folder.skill("outer/parts/inner");
  folder.write("outer/parts/inner/x.txt", "x");
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  CHECK(server.skills(folder.path()).empty());
  Wire wire(server);
  const auto skills = result_of(wire.ask(modern("1", "skills/list")))["skills"];
  REQUIRE(skills.size() == 2);
  CHECK(skills[0]["uri"] == "skill://outer/SKILL.md");
  CHECK(skills[0]["resources"].size() == 3);
  CHECK(skills[1]["uri"] == "skill://outer/parts/inner/SKILL.md");
  CHECK(skills[1]["resources"].size() == 2);
  CHECK(server.remove_skill("skill://outer/SKILL.md"));
  CHECK(result_of(wire.ask(
            modern("2", "resources/read",
                   R"("uri":"skill://outer/parts/inner/x.txt")")))["contents"][0]["text"] == "x");
  CHECK(wire.ask(modern("3", "resources/read", R"("uri":"skill://outer/SKILL.md")"))
            .find(R"("code":-32602)") != std::string::npos);
}

TEST_CASE("a folder that is served again loses the skills that it lost") {
  Folder folder;
  folder.skill("kept");
  folder.skill("gone");
  folder.write("gone/x.txt", "x");
  folder.skill("broken");
  folder.skill("outer");
  folder.skill("outer/inner");
  Folder other;
  other.skill("elsewhere");
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.skill(refunds());
  CHECK(server.skills(other.path()).empty());
  CHECK(server.skills(folder.path()).empty());
  Wire wire(server);
  const auto listed = [&](const char* id) {
    std::vector<std::string> uris;
    const mcp::Json result = result_of(wire.ask(modern(id, "skills/list")));
    for (const auto& skill : result["skills"]) uris.push_back(skill["uri"]);
    std::sort(uris.begin(), uris.end());
    return uris;
  };
  CHECK(listed("1").size() == 7);

  fs::remove_all(folder.path() / "gone");
  fs::remove(folder.path() / "outer/SKILL.md");
  folder.write("broken/SKILL.md", "no front matter");
  folder.skill("new");
  CHECK(server.skills(folder.path() / "kept" / "..").size() == 1);
  CHECK(listed("2") == std::vector<std::string>{"skill://acme/billing/refunds/SKILL.md",
                                                "skill://elsewhere/SKILL.md",
                                                "skill://kept/SKILL.md", "skill://new/SKILL.md",
                                                "skill://outer/inner/SKILL.md"});
  CHECK(wire.ask(modern("3", "resources/read", R"("uri":"skill://gone/x.txt")"))
            .find(R"("code":-32602)") != std::string::npos);

  // What the author declares in its place is the author's.
  server.skill({{{"SKILL.md", "---\nname: kept\ndescription: by hand\n---\n"}}});
  fs::remove_all(folder.path() / "kept");
  server.skills(folder.path());
  CHECK(listed("4").size() == 5);
  // A folder that is gone takes nothing with it: perhaps it comes back.
  fs::remove_all(other.path());
  CHECK(failure([&] { server.skills(other.path()); }).find("can't be opened") != std::string::npos);
  CHECK(listed("5").size() == 5);
}

TEST_CASE("a hostile folder: nothing outside of it is read, and what is wrong is named") {
  Folder outside;
  outside.write("secret", "secret");
  Folder folder;
  folder.skill("good");
  folder.skill("linked-file");
  fs::create_symlink(outside.path() / "secret", folder.path() / "linked-file/x");
  folder.skill("linked-directory");
  fs::create_directory_symlink(outside.path(), folder.path() / "linked-directory/x");
  fs::create_directories(folder.path() / "linked-manifest");
  fs::create_symlink(folder.path() / "good/SKILL.md", folder.path() / "linked-manifest/SKILL.md");
  fs::create_directory_symlink(folder.path() / "good", folder.path() / "linked-skill");
  fs::create_directory_symlink(folder.path(), folder.path() / "loop");
  folder.skill("pipe");
  REQUIRE(::mkfifo((folder.path() / "pipe/x").c_str(), 0600) == 0);
  folder.skill("large");
  folder.write("large/x", "");
  fs::resize_file(folder.path() / "large/x", std::uintmax_t{1} << 40U);
  folder.skill("odd-name");
  folder.write("odd-name/a\nb", "");
  folder.skill("no-utf8");
  folder.write("no-utf8/\xff", "");
  folder.write("other-name/SKILL.md", "---\nname: another\ndescription: d\n---\n");
  folder.write("broken/SKILL.md", "---\nname: *x\n---\n");
  folder.write("binary/SKILL.md", "---\nname: binary\ndescription: \xff\n---\n");
  const std::string no_link = "neither a file nor a directory (links are not followed)";
  const std::string odd = "its name is not UTF-8, or has control characters";
  CHECK(described(mcp::read_skill_folder(folder.path())) ==
        std::vector<std::string>{
            "skill://good/SKILL.md: SKILL.md",
            "binary: SKILL.md is not UTF-8",
            "broken: SKILL.md: line 2: anchors, aliases and tags are not read: quote it if it is a "
            "text",
            "large/x: has more than 16777216 bytes",
            "linked-directory/x: " + no_link,
            "linked-file/x: " + no_link,
            "linked-manifest/SKILL.md: " + no_link,
            "linked-skill: " + no_link,
            "loop: " + no_link,
            "no-utf8/\xEF\xBF\xBD: " + odd,
            "odd-name/a\nb: " + odd,
            "other-name: its directory is called 'other-name', but its front matter says 'another'",
            "pipe/x: " + no_link,
        });
  Journal journal;
  mcp::Server server{{.name = "test", .version = "1"}, {.log = journal.logger()}};
  CHECK(server.skills(folder.path()).size() == 12);
  REQUIRE(journal.lines.size() == 12);
  CHECK(journal.lines[2] == "skills: 'large/x' is not served: has more than 16777216 bytes");
}

TEST_CASE("what is read of a folder is bounded") {
  Folder folder;
  folder.skill("a");
  folder.write("a/x", std::string(1000, 'x'));
  folder.skill("b");
  const auto read = [&](const mcp::SkillFolderLimits& limits) {
    return failure([&] { mcp::read_skill_folder(folder.path(), limits); });
  };
  CHECK(read({.entries = 4}) == "the folder of skills has more than 4 files and directories");
  CHECK(read({.entries = 5}) == "nothing was thrown");
  CHECK(read({.bytes = 1000}) == "the skills of the folder have more than 1000 bytes in all");
  CHECK(described(mcp::read_skill_folder(folder.path(), {.file_bytes = 999})) ==
        std::vector<std::string>{"skill://b/SKILL.md: SKILL.md", "a/x: has more than 999 bytes"});
  std::string deep = "d";
  for (int i = 0; i < 20; ++i) deep += "/d";
  folder.skill(deep);
  CHECK(described(mcp::read_skill_folder(folder.path())).back().find("nested too deeply") !=
        std::string::npos);
}
