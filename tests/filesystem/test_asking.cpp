// What the server asks its client: the roots that narrow it, and the user before what can't be
// undone.

#include "tests/filesystem/client.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

Json roots(const std::vector<std::string>& uris) {
  Json all = Json::array();
  for (const auto& uri : uris) all.push_back({{"uri", uri}});
  return {{"roots", all}};
}

const std::string denied = "Access denied - path outside allowed directories: ";

std::size_t questions(const Client& client) {
  std::size_t count = 0;
  for (const Json& message : client.received) {
    if (message.contains("method") && message.contains("id")) ++count;
  }
  return count;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The token that a text names.
std::string token_in(const std::string& text) {
  static const std::string before = "confirm_token \"";
  const auto at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.substr(at + before.size(), text.rfind('"') - at - before.size());
}

}  // namespace

TEST_CASE("roots of a session narrow what may be used, and are asked for once") {
  const Folder folder;
  folder.write("a/x.txt", "A");
  folder.write("b/x.txt", "B");
  Client client(folder);
  client.capabilities = {{"roots", {{"listChanged", true}}}};
  client.answers["roots/list"] = roots({"file://" + folder.inside("a")});
  client.initialize();
  CHECK(client.text("read_text_file", {{"path", folder.inside("a/x.txt")}}) == "A");
  CHECK(client.text("read_text_file", {{"path", folder.inside("b/x.txt")}}) ==
        denied + folder.inside("b/x.txt"));
  CHECK(client.text("read_text_file", {{"path", "x.txt"}}) == "A");  // relative to what is left
  CHECK(client.text("write_file", {{"path", folder.inside("b/new")}, {"content", ""}}) ==
        denied + folder.inside("b/new"));
  CHECK(client.text("list_allowed_directories", Json::object()) ==
        "Allowed directories:\n" + folder.inside("a"));
  CHECK(questions(client) == 1);
  client.answers["roots/list"] = roots({"file://" + folder.inside("b")});
  client.send({{"jsonrpc", "2.0"}, {"method", "notifications/roots/list_changed"}});
  CHECK(client.text("read_text_file", {{"path", folder.inside("b/x.txt")}}) == "B");
  CHECK(questions(client) == 2);
}

TEST_CASE("roots never widen") {
  const Folder folder;
  folder.write("x.txt", "X");
  Client client(folder);
  client.capabilities = {{"roots", Json::object()}};
  client.initialize();
  const Json outside = {{"path", folder.outside("secret.txt")}};
  SUBCASE("a root above leaves the directory as it is") {
    client.answers["roots/list"] = roots({"file:///"});
    CHECK(client.text("read_text_file", {{"path", "x.txt"}}) == "X");
    CHECK(client.text("read_text_file", outside) == denied + folder.outside("secret.txt"));
  }
  SUBCASE("roots elsewhere leave nothing") {
    for (const std::string& uri :
         {"file://" + folder.outside(), std::string("file:///nowhere/at/all"),
          "file://" + folder.inside("../outside"), "file://other.example" + folder.inside(),
          std::string("https://example.com/")}) {
      client.answers["roots/list"] = roots({uri});
      CHECK(client.text("read_text_file", {{"path", folder.inside("x.txt")}}) ==
            "None of the client's roots lies in a directory that this server may use, or holds "
            "one; with --ignore-roots it does not ask for them.");
    }
  }
  SUBCASE("a link in a root does not lead out") {
    folder.link("out", folder.outside());
    client.answers["roots/list"] =
        roots({"file://" + folder.inside("out"), "file://" + folder.inside()});
    CHECK(client.text("read_text_file", {{"path", folder.inside("out/secret.txt")}})
              .find("Access denied") == 0);
  }
  SUBCASE("no roots at all say nothing") {
    client.answers["roots/list"] = roots({});
    CHECK(client.text("read_text_file", {{"path", "x.txt"}}) == "X");
  }
}

TEST_CASE("roots are not asked for with --ignore-roots, nor without a session") {
  const Folder folder;
  folder.write("x.txt", "X");
  SUBCASE("--ignore-roots") {
    Client client(folder, {.client_roots = false});
    client.capabilities = {{"roots", Json::object()}};
    client.initialize();
    CHECK(client.text("read_text_file", {{"path", "x.txt"}}) == "X");
    CHECK(questions(client) == 0);
  }
  SUBCASE("no session") {
    Client client(folder);
    client.capabilities = {{"roots", Json::object()}};
    CHECK(client.text("read_text_file", {{"path", "x.txt"}}) == "X");
  }
}

TEST_CASE("--ask-roots: without a session each call asks") {
  const Folder folder;
  folder.write("a/x.txt", "A");
  Client client(folder, {.ask_roots = true});
  client.capabilities = {{"roots", Json::object()}};
  Json params = {{"name", "read_text_file"}, {"arguments", {{"path", "x.txt"}}}};
  const Json asked = client.ask("tools/call", params)["result"];
  CHECK(asked["resultType"] == "input_required");
  CHECK(asked["inputRequests"]["client_roots"]["method"] == "roots/list");
  params["requestState"] = asked["requestState"];
  params["inputResponses"]["client_roots"] = roots({"file://" + folder.inside("a")});
  CHECK(client.ask("tools/call", params)["result"]["content"][0]["text"] == "A");
}

TEST_CASE("--confirm: the user is shown what would happen, and decides") {
  const Folder folder;
  folder.write("a.txt", "one\ntwo\n");
  Client client(folder, {.confirm = true});
  client.capabilities = {{"elicitation", Json::object()}};
  client.answers["elicitation/create"] = {{"action", "decline"}};
  client.initialize();
  const Json edit = {{"path", "a.txt"},
                     {"edits", Json::array({{{"oldText", "two"}, {"newText", "2"}}})}};
  CHECK(client.text("edit_file", edit) == "The user declined. Nothing was done.");
  CHECK(content_of(folder.inside("a.txt")) == "one\ntwo\n");
  Json question;
  for (const Json& message : client.received) {
    if (message.contains("method")) question = message;
  }
  const std::string shown = question["params"]["message"];
  CHECK(shown.find("-two\n+2\n") != std::string::npos);
  client.answers["elicitation/create"] = {{"action", "accept"}, {"content", Json::object()}};
  CHECK(client.text("edit_file", edit).find("+2") != std::string::npos);
  CHECK(content_of(folder.inside("a.txt")) == "one\n2\n");
}

TEST_CASE("--confirm: without forms a token lets the same call through, once") {
  const Folder folder;
  folder.write("d/a.txt", "one\n");
  folder.write("d/b.txt", "two\n");
  Client client(folder, {.confirm = true});
  const auto confirmed = [&client](const std::string& tool, Json arguments,
                                   const std::string& preview) {
    const std::string text = client.text(tool, arguments);
    CHECK_MESSAGE(text.find("Nothing was done yet. This is what would be done:\n\n" + preview) == 0,
                  text);
    arguments["confirm_token"] = token_in(text);
    return client.text(tool, arguments);
  };
  CHECK(confirmed("write_file", {{"path", "d/a.txt"}, {"content", "1\n"}},
                  "Replace the 4 bytes of " + folder.inside("d/a.txt") + " by 2.\n\n") ==
        "Successfully wrote to d/a.txt");
  CHECK(content_of(folder.inside("d/a.txt")) == "1\n");
  CHECK(confirmed("move_file", {{"source", "d/a.txt"}, {"destination", "c.txt"}},
                  "Move " + folder.inside("d/a.txt") + " to " + folder.inside("c.txt") + ".") ==
        "Successfully moved d/a.txt to c.txt");
  CHECK(confirmed(
            "delete_file", {{"path", "d"}},
            "Move " + folder.inside("d") + " into the trash, a directory with 1 entry below it.")
            .find("Deleted d\nid: ") == 0);
  // What does no harm is done at once.
  CHECK(client.text("write_file", {{"path", "new"}, {"content", "n"}}) ==
        "Successfully wrote to new");
  CHECK(client
            .text("edit_file", {{"path", "new"},
                                {"dryRun", true},
                                {"edits", Json::array({{{"oldText", "n"}, {"newText", "m"}}})}})
            .find("+m") != std::string::npos);
}

TEST_CASE("--confirm: a file that changed since it was shown is shown again") {
  const Folder folder;
  folder.write("a.txt", "one\n");
  Client client(folder, {.confirm = true});
  Json arguments = {{"path", "a.txt"}, {"content", "mine\n"}};
  arguments["confirm_token"] = token_in(client.text("write_file", arguments));
  folder.write("a.txt", "another\n");
  CHECK(client.text("write_file", arguments).find("The confirm_token is not for this call") == 0);
  CHECK(content_of(folder.inside("a.txt")) == "another\n");
}

TEST_CASE("without --confirm there is no such argument") {
  const Folder folder;
  Client plain(folder);
  Client asking(folder, {.confirm = true});
  for (Client* client : {&plain, &asking}) {
    const Json answer = client->ask("tools/list");
    for (const Json& tool : answer["result"]["tools"]) {
      const bool destroys = tool["annotations"].value("destructiveHint", false);
      CHECK(tool["inputSchema"]["properties"].contains("confirm_token") ==
            (destroys && client == &asking));
    }
  }
}
