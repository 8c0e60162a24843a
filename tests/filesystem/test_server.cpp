#include "servers/filesystem/server.h"

#include "tests/filesystem/client.h"

// The server as a client sees it: messages in, messages out.

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;
using mcp::Json;

TEST_CASE("the text of an answer and its structured content are the same") {
  const Folder folder;
  folder.write("a.txt", "hello\n");
  Client client(folder);
  for (const char* tool : {"read_text_file", "read_file"}) {
    const Json result = client.call(tool, {{"path", "a.txt"}});
    CHECK(result["structuredContent"] == Json{{"content", "hello\n"}});
    CHECK(result["content"][0]["text"] == "hello\n");
    CHECK(result["content"].size() == 1);
  }
}

TEST_CASE("a failure is a result that the model reads") {
  const Folder folder;
  Client client(folder);
  const Json result = client.call("read_text_file", {{"path", folder.outside("secret.txt")}});
  CHECK(result["isError"] == true);
  CHECK(result["content"][0]["text"] ==
        "Access denied - path outside allowed directories: " + folder.outside("secret.txt"));
  CHECK(client.call("read_text_file",
                    {{"path", "a"}, {"head", 1}, {"tail", 1}})["content"][0]["text"] ==
        "Cannot specify both head and tail parameters simultaneously");
  CHECK(client.call("read_text_file", {{"path", 7}})["isError"] == true);
  CHECK(client.call("read_text_file", {{"path", "a"}, {"head", -1}})["content"][0]["text"] ==
        "head must be a number of lines, 0 or more.");
}

TEST_CASE("a cut answer says so and goes on") {
  const Folder folder;
  folder.write("a.txt", std::string(1'500, 'a') + std::string(600, 'b'));
  Options options;
  options.limits.max_read_bytes = 1'500;
  Client client(folder, options);
  const Json first = client.call("read_text_file", {{"path", "a.txt"}});
  CHECK(first["structuredContent"]["truncated"] == true);
  const Json cursor = first["structuredContent"]["cursor"];
  CHECK(first["content"][1]["text"] ==
        "Truncated: bytes 0 to 1500 of 2100. Call again with the same arguments and cursor \"" +
            cursor.get<std::string>() + "\" to go on.");
  const Json second = client.call("read_text_file", {{"path", "a.txt"}, {"cursor", cursor}});
  CHECK(second["structuredContent"] == Json{{"content", std::string(600, 'b')}});
  for (const char* wrong : {"!", "AAAA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}) {
    CHECK(client.call("read_text_file", {{"path", "a.txt"}, {"cursor", wrong}})["isError"] == true);
  }
}

TEST_CASE("several files are read, and one that fails does not stop the others") {
  const Folder folder;
  folder.write("a", "A");
  folder.write("b", "B");
  Client client(folder);
  CHECK(client.call("read_multiple_files", {{"paths", {"a", "none", "b"}}})["content"][0]["text"] ==
        "a:\nA\n\n---\nnone: Error - ENOENT: no such file or directory, open '" +
            folder.inside("none") + "'\n---\nb:\nB\n");
}

TEST_CASE("media comes as what it is") {
  const Folder folder;
  folder.write("p q.png", "plain words");
  folder.write("x", "GIF89a");
  Client client(folder);
  const Json picture = client.call("read_media_file", {{"path", "x"}});
  CHECK(picture["content"][0] ==
        Json{{"type", "image"}, {"data", "R0lGODlh"}, {"mimeType", "image/gif"}});
  CHECK(picture["structuredContent"]["content"] == picture["content"]);
  const Json words = client.call("read_media_file", {{"path", "p q.png"}});
  CHECK(words["content"][0]["type"] == "resource");
  CHECK(words["content"][0]["resource"]["uri"] == "file://" + folder.inside("p%20q.png"));
  CHECK(words["structuredContent"]["content"] == words["content"]);
}

TEST_CASE("tools can be left out, but only those that exist") {
  const Folder folder;
  Options options;
  options.disabled_tools = {"read_file"};
  Client client(folder, options);
  const Json tools = client.ask("tools/list")["result"]["tools"];
  for (const Json& tool : tools) CHECK(tool["name"] != "read_file");
  CHECK(tools.size() == 21);
  options.disabled_tools = {"reed_file"};
  CHECK(failure_of([&] {
          Client other(folder, options);
        }).rfind("There is no tool \"reed_file\" to disable", 0) == 0);
}

TEST_CASE("a server for reading has no tool that writes") {
  const Folder folder;
  Options options;
  options.read_only = true;
  Client client(folder, options);
  const Json tools = client.ask("tools/list")["result"]["tools"];
  CHECK(tools.size() == 13);
  for (const Json& tool : tools) CHECK(tool["annotations"]["readOnlyHint"] == true);
}

TEST_CASE("an edit shows what it changes, and a dry run changes nothing") {
  const Folder folder;
  folder.write("a.md", "a\n```\n");
  Client client(folder);
  const Json edits = Json::array({{{"oldText", "a"}, {"newText", "b"}}});
  const std::string diff = "````diff\nIndex: " + folder.inside("a.md") + "\n" +
                           std::string(67, '=') + "\n--- " + folder.inside("a.md") +
                           "\toriginal\n+++ " + folder.inside("a.md") +
                           "\tmodified\n@@ -1,2 +1,2 @@\n-a\n+b\n ```\n````\n\n";
  for (const bool dry_run : {true, false}) {
    const Json result =
        client.call("edit_file", {{"path", "a.md"}, {"edits", edits}, {"dryRun", dry_run}});
    CHECK(result["structuredContent"] == Json{{"content", diff}});
    CHECK(client.call("read_text_file", {{"path", "a.md"}})["content"][0]["text"] ==
          (dry_run ? "a\n```\n" : "b\n```\n"));
  }
}

TEST_CASE("files are written, appended to, copied, moved, deleted and restored") {
  const Folder folder;
  Client client(folder);
  const auto text = [&](const std::string& tool, const Json& arguments) {
    return client.call(tool, arguments)["content"][0]["text"].get<std::string>();
  };
  CHECK(text("write_file", {{"path", "a"}, {"content", "1"}}) == "Successfully wrote to a");
  CHECK(text("append_file", {{"path", "a"}, {"content", "2"}}) == "Successfully appended to a");
  CHECK(text("create_directory", {{"path", "d"}}) == "Successfully created directory d");
  CHECK(text("copy_file", {{"source", "a"}, {"destination", "d/b"}}) ==
        "Successfully copied a to d/b");
  CHECK(text("move_file", {{"source", "d/b"}, {"destination", "c"}}) ==
        "Successfully moved d/b to c");
  CHECK(text("read_text_file", {{"path", "c"}}) == "12");
  const std::string deleted = text("delete_file", {{"path", "c"}});
  CHECK(deleted.rfind("Deleted c\nid: c.", 0) == 0);
  const std::string id = deleted.substr(deleted.find("id: ") + 4);
  CHECK(text("list_deleted_files", Json::object()).find("  " + id + "  ") != std::string::npos);
  CHECK(text("restore_file", {{"id", id}}) == "Successfully restored " + folder.inside("c"));
  CHECK(text("list_deleted_files", Json::object()) == "The trash is empty.");
}
