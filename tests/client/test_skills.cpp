// Skills of a server (SEP-2640): what is read is what was listed, or it is refused.

#include <mcp/protocol/skill.h>
#include <mcp/server/connect.h>
#include <mcp/server/server.h>

#include "scripted_server.h"

using namespace mcp;
using namespace mcp::test;

namespace {

const std::string manifest = "---\nname: refunds\ndescription: Pays back\n---\nRead POLICY.md.\n";
const std::string policy = "Within 30 days.";
const std::string directory = "skill://refunds";

Skill refunds() {
  return {directory + "/SKILL.md",
          {{"name", "refunds"}, {"description", "Pays back"}},
          {{{directory + "/SKILL.md", skill_digest(manifest), manifest.size()},
            {directory + "/POLICY.md", skill_digest(policy), policy.size()}}}};
}

std::string contents(const std::string& uri, const std::string& text) {
  return Json{{"contents", {{{"uri", uri}, {"text", text}}}},
              {"resultType", "complete"},
              {"ttlMs", 60'000},
              {"cacheScope", "private"}}
      .dump();
}

/// A server of either era, at its client's mercy.
class SkillStage : public Stage {
 public:
  explicit SkillStage(const std::string& settings = R"({"directoryRead":true})") {
    const Json probe = hear();
    Json answer = Json::parse(discover_answer);
    if (!settings.empty())
      answer["capabilities"]["extensions"] = {
          {"io.modelcontextprotocol/skills", Json::parse(settings)}};
    this->answer(probe["id"], answer.dump());
  }

  /// Starts reading a file; what came of it, as text.
  std::shared_ptr<std::string> read(const Skill& skill, const std::string& uri) {
    auto said = std::make_shared<std::string>("pending");
    client->read_skill_file(skill, uri, {}, [said](const Outcome<std::string>& outcome) {
      *said = outcome.ok() ? "read: " + outcome.value() : outcome.error().what();
      if (!outcome.ok()) CHECK(outcome.error().kind() == CallError::Kind::invalid_result);
    });
    runtime.run();
    return said;
  }
};

}  // namespace

TEST_CASE("a file that is what its skill says is read; any other is refused") {
  SkillStage stage;
  const std::string uri = directory + "/POLICY.md";
  const auto reading = [&](const std::string& text) {
    const auto said = stage.read(refunds(), uri);
    const Json request = stage.hear();
    CHECK(request["method"] == "resources/read");
    CHECK(request["params"]["uri"] == uri);
    stage.answer(request["id"], contents(uri, text));
    return *said;
  };
  CHECK(reading(policy) == "read: " + policy);
  CHECK(reading("Within 99 days.") ==
        "'skill://refunds/POLICY.md' must not be used: its digest is another than its skill says: "
        "it has changed, or was changed");
  CHECK(reading(policy + "!") ==
        "'skill://refunds/POLICY.md' must not be used: it has 16 bytes instead of the 15 that its "
        "skill says");
  // What was kept is of the server's choosing: it is never taken for the file.
  CHECK(reading(policy) == "read: " + policy);

  const auto other = stage.read(refunds(), uri);
  stage.answer(stage.hear()["id"], contents(directory + "/OTHER.md", policy));
  CHECK(*other == "'skill://refunds/POLICY.md' must not be used: the answer is not that one file");

  const auto binary = stage.read(refunds(), uri);
  stage.answer(stage.hear()["id"],
               R"({"contents":[{"uri":"skill://refunds/POLICY.md","blob":"V2l0aGluIDMwIGRheXMu"}],)"
               R"("resultType":"complete","ttlMs":0,"cacheScope":"private"})");
  CHECK(*binary == "read: " + policy);
}

TEST_CASE("the front matter that people saw is the one that the model reads") {
  SkillStage stage;
  const auto reading = [&](const Json& frontmatter) {
    Skill skill = refunds();
    skill.frontmatter = frontmatter;
    const auto said = stage.read(skill, skill.uri);
    stage.answer(stage.hear()["id"], contents(skill.uri, manifest));
    return *said;
  };
  CHECK(reading(refunds().frontmatter) == "read: " + manifest);
  const std::string refused = "'skill://refunds/SKILL.md' must not be used: ";
  CHECK(reading({{"name", "refunds"}, {"description", "Harmless"}}) ==
        refused + "its front matter differs from what its skill says, in 'description'");
  CHECK(reading({{"name", "refunds"}, {"description", "Pays back"}, {"license", "MIT"}}) ==
        refused + "its front matter differs from what its skill says, in 'license'");

  Skill unreadable = refunds();
  const std::string text = "---\nname: *x\n---\n";
  unreadable.resources->front() = {unreadable.uri, skill_digest(text), text.size()};
  const auto said = stage.read(unreadable, unreadable.uri);
  stage.answer(stage.hear()["id"], contents(unreadable.uri, text));
  CHECK(*said == refused +
                     "its front matter can't be read: line 2: anchors, aliases and tags are not "
                     "read: quote it if it is a text");
}

TEST_CASE("what breaks the rules is refused before anything is read") {
  SkillStage stage;
  const auto refused = [&](const Skill& skill, const std::string& uri) {
    const auto said = stage.read(skill, uri);
    CHECK(stage.hear() == nullptr);
    return *said;
  };
  const Skill good = refunds();
  CHECK(refused(good, directory + "/NEW.md") ==
        "'skill://refunds/NEW.md' must not be used: it is none of the skill's files");
  CHECK(refused(good, "file:///etc/passwd") ==
        "'file:///etc/passwd' must not be used: it is none of the skill's files");
  const auto broken = [&](const std::function<void(Skill&)>& change) {
    Skill skill = good;
    change(skill);
    const std::string said = refused(skill, skill.uri);
    const std::string before = "must not be used: ";
    return said.substr(said.find(before) + before.size());
  };
  CHECK(broken([](Skill& s) { s.frontmatter["name"] = "Refunds"; }) ==
        "a skill's name has 1 to 64 lower-case letters, digits and single hyphens between them");
  CHECK(broken([](Skill& s) { s.frontmatter["name"] = "other"; }) ==
        "its directory is not called 'other', which is its name");
  CHECK(broken([](Skill& s) { s.frontmatter = nullptr; }) == "its front matter has no text 'name'");
  CHECK(broken([](Skill& s) { s.frontmatter["description"] = 1; }) ==
        "its front matter has no text 'description'");
  CHECK(broken([](Skill& s) { s.uri = "skill://refunds/README.md"; }) ==
        "its uri does not end in /SKILL.md");
  CHECK(broken([](Skill& s) { s.uri = "refunds/SKILL.md"; }) ==
        "its uri is none that a skill can have");
  CHECK(broken([](Skill& s) { s.resources->erase(s.resources->begin()); }) ==
        "its list does not name its SKILL.md");
  CHECK(broken([](Skill& s) { s.resources->push_back(s.resources->back()); }) ==
        "its list names a file twice");
  CHECK(broken([](Skill& s) { s.resources->back().digest = "sha256:AA"; }) ==
        "a digest in its list is no SHA-256");
  CHECK(broken([](Skill& s) { s.resources->back().size = 16U << 20U; }) ==
        "its files have more than 16777216 bytes");
  CHECK(broken([](Skill& s) { s.resources->back().size = ~std::uint64_t{0}; }) ==
        "its files have more than 16777216 bytes");
  CHECK(broken([](Skill& s) {
          for (int i = 0; i < 511; ++i) {
            s.resources->push_back({directory + "/" + std::to_string(i), skill_digest(""), 0});
          }
        }) == "it has more than 512 files");
  for (const char* uri : {"skill://refunds", "skill://refunds/", "skill://refunds/../x",
                          "skill://refunds/%2e%2e/x", "skill://refundsx/y", "skill://other/x",
                          "skill://refunds//x", "skill://refunds/x?y", "skill://refunds/x#y"}) {
    CAPTURE(uri);
    CHECK(broken([&](Skill& s) { s.resources->back().uri = uri; }) ==
          "a file of its list is not in its directory");
  }
}

TEST_CASE("of a skill whose files are not told beforehand, place and front matter are checked") {
  SkillStage stage;
  Skill skill = refunds();
  skill.resources.reset();
  CHECK(*stage.read(skill, "skill://other/x") ==
        "'skill://other/x' must not be used: it is not in the skill's directory");
  auto said = stage.read(skill, directory + "/anything.md");
  stage.answer(stage.hear()["id"], contents(directory + "/anything.md", "any"));
  CHECK(*said == "read: any");
  said = stage.read(skill, skill.uri);
  stage.answer(stage.hear()["id"], contents(skill.uri, "---\nname: x\ndescription: y\n---\n"));
  CHECK(said->find("differs") != std::string::npos);
}

TEST_CASE("listing reads nothing; a server that declares no skills is not asked for them") {
  SkillStage stage;
  std::vector<Skill> skills;
  stage.client->list_skills(
      {}, [&](const Outcome<std::vector<Skill>>& outcome) { skills = outcome.value(); });
  Json request = stage.hear();
  CHECK(request["method"] == "skills/list");
  Json page = {{"skills", {to_json(refunds(), latest_revision)}},
               {"nextCursor", "2"},
               {"resultType", "complete"},
               {"ttlMs", 0},
               {"cacheScope", "private"}};
  stage.answer(request["id"], page.dump());
  request = stage.hear();
  CHECK(request["params"]["cursor"] == "2");
  page.erase("nextCursor");
  page["skills"][0]["resources"] = "dynamic";
  stage.answer(request["id"], page.dump());
  REQUIRE(skills.size() == 2);
  CHECK(skills[0].resources == refunds().resources);
  CHECK(skills[0].frontmatter == refunds().frontmatter);
  CHECK(!skills[1].resources);
  CHECK(stage.hear() == nullptr);

  for (const char* settings : {"", "{}"}) {
    CAPTURE(settings);
    SkillStage without(settings);
    std::string said;
    without.client->read_directory(directory, {}, [&](const auto& outcome) {
      CHECK(outcome.error().kind() == CallError::Kind::unsupported);
      said = outcome.error().what();
    });
    CHECK(without.hear() == nullptr);
    CHECK(said ==
          "the server does not declare the extension io.modelcontextprotocol/skills with "
          "directoryRead: no request resources/directory/read");
  }
}

TEST_CASE("an entry without its words is no entry") {
  for (
      const char* skill :
      {R"({"uri":"skill://a/SKILL.md","resources":[]})",
       R"({"uri":"skill://a/SKILL.md","frontmatter":{"name":"a"},"resources":[]})",
       R"({"uri":"skill://a/SKILL.md","frontmatter":{"name":"a","description":1},"resources":[]})",
       R"({"uri":"skill://a/SKILL.md","frontmatter":{"name":"a","description":"d"}})",
       R"({"uri":"skill://a/SKILL.md","frontmatter":{"name":"a","description":"d"},"resources":"all"})",
       R"({"frontmatter":{"name":"a","description":"d"},"resources":[]})"}) {
    CAPTURE(skill);
    CHECK_THROWS_AS(from_json<Skill>(Json::parse(skill)), Malformed);
  }
}

TEST_CASE("our client and our server") {
  ManualRuntime runtime;
  Server server({.name = "skilled", .version = "1"},
                {.page_size = 1, .log = [](const auto&...) {}});
  server.skill({{{"SKILL.md", manifest}, {"POLICY.md", policy}, {"a b/ü.txt", "x"}}});
  server.skill({{{"SKILL.md", "---\nname: other\ndescription: d\n---\n"}}, "acme"});
  auto [near, far] = make_memory_pair(runtime.loop(), runtime.loop());
  std::optional<ServedConnection> served(connect(server, runtime, checked(std::move(far))));
  std::optional<Client> client(Client::open(runtime, checked(std::move(near))));
  runtime.run();

  std::vector<Skill> skills;
  client->list_skills({}, [&](const auto& outcome) { skills = outcome.value(); });
  runtime.run();
  REQUIRE(skills.size() == 2);
  CHECK(skills[1].uri == "skill://acme/other/SKILL.md");
  Skill got;
  client->get_skill(skills[0].uri, {}, [&](const auto& outcome) { got = outcome.value(); });
  runtime.run();
  CHECK(got.resources == skills[0].resources);
  std::vector<std::string> read;
  for (const SkillResource& file : *got.resources) {
    client->read_skill_file(got, file.uri, {},
                            [&](const auto& outcome) { read.push_back(outcome.value()); });
    runtime.run();
  }
  CHECK(read == std::vector<std::string>{manifest, policy, "x"});
  std::vector<Resource> children;
  client->read_directory(got.directory(), {},
                         [&](const auto& outcome) { children = outcome.value(); });
  runtime.run();
  REQUIRE(children.size() == 3);
  CHECK(children[2].uri == "skill://refunds/a%20b");
  CHECK(children[2].mime_type == directory_mime_type);
  std::string said;
  client->get_skill("skill://none/SKILL.md", {},
                    [&](const auto& outcome) { said = outcome.error().what(); });
  runtime.run();
  CHECK(said.find("unknown skill 'skill://none/SKILL.md'") != std::string::npos);
  client.reset();
  runtime.run();
  served.reset();
  runtime.run();
}
