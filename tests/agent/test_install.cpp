#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include <sys/stat.h>
#include <unistd.h>

#include <client/config/mcp_servers.h>
#include <client/config/text_file.h>
#include <client/install/client_config_path.h>
#include <client/install/config_edit.h>

using namespace fairlead::agent;

namespace {

const OrderedJson shop =
    OrderedJson::parse(R"({"command": "/usr/bin/mcp-server-database", "args": ["/data/shop.db"]})");

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / "fairlead-install-test-XXXXXX") {
    std::string pattern = path_.string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string refusal(const char* text) {
  try {
    with_server(text, "shop", shop);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("each platform's configuration is found") {
  std::map<std::string, std::string> variables;
  std::string existing;
  const auto path = [&](Platform platform) {
    return client_config_path(
        HostClient::claude_desktop, platform, [&](const char* name) { return variables[name]; },
        [&](const std::string& asked) { return asked == existing; });
  };
  CHECK_THROWS_AS(path(Platform::linux_desktop), std::runtime_error);
  variables = {{"HOME", "/home/ann"}};
  CHECK(path(Platform::linux_desktop) == "/home/ann/.config/Claude/claude_desktop_config.json");
  CHECK(path(Platform::macos) ==
        "/home/ann/Library/Application Support/Claude/claude_desktop_config.json");
  variables["XDG_CONFIG_HOME"] = "/cfg";
  CHECK(path(Platform::linux_desktop) == "/cfg/Claude/claude_desktop_config.json");
  variables = {{"APPDATA", "C:\\Users\\Ann\\AppData\\Roaming"},
               {"LOCALAPPDATA", "C:\\Users\\Ann\\AppData\\Local"}};
  CHECK(path(Platform::windows) ==
        "C:\\Users\\Ann\\AppData\\Roaming\\Claude\\claude_desktop_config.json");
  existing = "C:\\Users\\Ann\\AppData\\Local\\Packages\\Claude_pzs8sxrjxfjjc";
  CHECK(path(Platform::windows) == existing +
                                       "\\LocalCache\\Roaming\\Claude\\"
                                       "claude_desktop_config.json");
}

TEST_CASE("a server is added and everything else stays as it was") {
  CHECK(with_server("", "shop", shop) ==
        "{\n  \"mcpServers\": {\n    \"shop\": {\n      \"command\": "
        "\"/usr/bin/mcp-server-database\",\n      \"args\": [\n        \"/data/shop.db\"\n"
        "      ]\n    }\n  }\n}\n");
  const std::string before =
      "{\n\t\"zeta\": 1.50,\n\t\"big\": 123456789012345678901234567890,\n"
      "\t\"mcpServers\": {\n\t\t\"other\": {\"command\": \"x\", \"unknown\": [ 1,2 ]}\n\t},\n"
      "\t\"alpha\": \"\\u00e9}\\\"\"\n}";
  const std::string after = with_server(before, "shop", shop);
  CHECK(after ==
        "{\n\t\"zeta\": 1.50,\n\t\"big\": 123456789012345678901234567890,\n"
        "\t\"mcpServers\": {\n\t\t\"other\": {\"command\": \"x\", \"unknown\": [ 1,2 ]},\n"
        "\t\t\"shop\": {\n\t\t\t\"command\": \"/usr/bin/mcp-server-database\",\n"
        "\t\t\t\"args\": [\n\t\t\t\t\"/data/shop.db\"\n\t\t\t]\n\t\t}\n\t},\n"
        "\t\"alpha\": \"\\u00e9}\\\"\"\n}");
  CHECK(with_server(after, "shop", shop) == after);
  CHECK(without_server(after, "shop") == before);
  CHECK(find_server(after, "shop") == shop);
  CHECK(find_server(before, "shop") == nullptr);
  OrderedJson changed = shop;
  changed["args"].push_back("--write");
  CHECK(find_server(with_server(after, "shop", changed), "shop") == changed);
}

TEST_CASE("line ends and single lines are respected") {
  const std::string windows = with_server("{\r\n    \"a\": 1\r\n}\r\n", "shop", shop);
  CHECK(windows.starts_with("{\r\n    \"a\": 1,\r\n    \"mcpServers\": {\r\n        \"shop\": {"));
  CHECK(windows.find("\n    }\r\n}\r\n") != std::string::npos);
  const std::string flat = with_server(R"({"mcpServers":{"a":{"command":"x"}}})", "shop", shop);
  CHECK(find_server(flat, "a")["command"] == "x");
  CHECK(find_server(flat, "shop") == shop);
}

TEST_CASE("a server is removed wherever it stands") {
  const std::string three = R"({"mcpServers":{"a":{},"b":{},"c":{}}})";
  CHECK(without_server(three, "a") == R"({"mcpServers":{"b":{},"c":{}}})");
  CHECK(without_server(three, "b") == R"({"mcpServers":{"a":{},"c":{}}})");
  CHECK(without_server(three, "c") == R"({"mcpServers":{"a":{},"b":{}}})");
  CHECK(without_server(R"({"mcpServers":{ "a":{} }})", "a") == R"({"mcpServers":{}})");
  CHECK(without_server(three, "d") == three);
  CHECK(without_server("{}", "a") == "{}");
}

TEST_CASE("a configuration that is not understood is refused, never repaired") {
  CHECK(refusal("{\n  \"a\": 1,\n}").starts_with("parse error at line 3, column 1"));
  CHECK(refusal("[]") == "the configuration must be a JSON object");
  CHECK(refusal(R"({"mcpServers": []})") == "\"mcpServers\" must be an object");
  CHECK(refusal("{\"a\": 1} x").starts_with("parse error"));
  CHECK(refusal("// comment\n{}").starts_with("parse error at line 1, column 1"));
  CHECK(refusal((std::string(500, '[') + std::string(500, ']')).c_str()) ==
        "nested more than 128 levels deep");
}

TEST_CASE("the difference shows what changes") {
  CHECK(line_difference("a\nb\nc\nd\ne\n", "a\nb\nc\nX\nd\ne\n") == "  b\n  c\n+ X\n  d\n  e\n");
  CHECK(line_difference("a\n", "b\n") == "- a\n+ b\n");
  CHECK(line_difference("", "b\n") == "+ b\n");
  CHECK(line_difference("a\r\n", "a\n").empty());
}

TEST_CASE("a file is replaced in one step and keeps its mode") {
  const Folder folder;
  const std::string path = folder.file("deep/config.json");
  CHECK_FALSE(read_text_file(path));
  replace_text_file(path, "one");
  CHECK(read_text_file(path) == "one");
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);

  ::chmod(path.c_str(), 0644);
  const std::string link = folder.file("link.json");
  std::filesystem::create_symlink(path, link);
  replace_text_file(link, "two");
  CHECK(std::filesystem::is_symlink(link));
  CHECK(read_text_file(path) == "two");
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0644);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("deep"))) {
    static_cast<void>(entry);
    ++files;
  }
  CHECK(files == 1);  // nothing is left beside it
  CHECK_THROWS_AS(replace_text_file(folder.file("link.json/x"), "y"), std::runtime_error);
}

TEST_CASE("what is no regular file is refused and left alone") {
  const Folder folder;
  const auto refused = [](const std::string& path) {
    std::string why = "accepted";
    try {
      replace_text_file(path, "new");
    } catch (const std::runtime_error& error) {
      why = error.what();
    }
    return why;
  };
  const std::string no_file = " is not a regular file; only such a one is replaced";
  const std::string pipe = folder.file("pipe.json");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(refused(pipe) == pipe + no_file);
  CHECK(std::filesystem::is_fifo(pipe));
  const std::string link = folder.file("link.json");
  std::filesystem::create_symlink(pipe, link);
  CHECK(refused(link) == link + no_file);
  CHECK(refused(folder.file(".")) == folder.file(".") + no_file);
  const std::string dangling = folder.file("dangling.json");
  std::filesystem::create_symlink(folder.file("nowhere.json"), dangling);
  CHECK(refused(dangling) == dangling + " is a symbolic link to a file that does not exist");
  CHECK(std::filesystem::is_symlink(dangling));
  CHECK_FALSE(std::filesystem::exists(folder.file("nowhere.json")));
  CHECK_NOTHROW(require_replaceable(folder.file("absent.json")));
}

TEST_CASE("Claude Desktop's configuration is read as it is") {
  const auto servers = read_mcp_servers(R"({"globalShortcut": "", "mcpServers": {
      "zoo": {"command": "/bin/zoo", "args": ["-a", "b c"], "env": {"K": "v"}, "x": 1},
      "off": {"command": "y", "disabled": true},
      "net": {"type": "http", "url": "https://example.org/mcp", "headers": {"X-Key": "k"}}}})");
  REQUIRE(servers.size() == 2);
  CHECK(servers[0].name == "zoo");
  CHECK(servers[0].command == "/bin/zoo");
  CHECK(servers[0].arguments == std::vector<std::string>{"-a", "b c"});
  CHECK(servers[0].environment.at("K") == "v");
  CHECK(servers[1].url == "https://example.org/mcp");
  CHECK(servers[1].headers.at("X-Key") == "k");
  const auto wrong = [](const char* text) {
    try {
      read_mcp_servers(text);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(wrong("{}") == "the configuration has no \"mcpServers\"");
  CHECK(wrong(R"({"mcpServers": {"a": {}}})") == "mcpServers/a: \"command\" or \"url\" is missing");
  CHECK(wrong(R"({"mcpServers": {"a": {"command": "x", "args": [1]}}})") ==
        "mcpServers/a: \"args\" must be an array of strings");
  CHECK(wrong(R"({"mcpServers": {"a": {"command": "x", "env": {"K": 1}}}})") ==
        "mcpServers/a: \"env\": \"K\" must be a string");
  CHECK(wrong(R"({"mcpServers": {"a": {"url": "ftp://x/"}}})") ==
        "mcpServers/a: \"url\" must be an http or https URL");
  CHECK(wrong(R"({"mcpServers": {"a": {"url": "http://x/", "command": "x"}}})") ==
        "mcpServers/a: \"command\" and \"url\" can't both be there");
}

TEST_CASE("a server's command line is split as a shell would") {
  const ServerEntry entry = server_of_command(R"(/opt/my-server "a b" 'c "d"' e\ f "\"" '')");
  CHECK(entry.name == "my-server");
  CHECK(entry.command == "/opt/my-server");
  CHECK(entry.arguments == std::vector<std::string>{"a b", "c \"d\"", "e f", "\"", ""});
  CHECK_THROWS_AS(server_of_command("x 'y"), std::invalid_argument);
  CHECK_THROWS_AS(server_of_command("  "), std::invalid_argument);
  CHECK(server_at("https://Example.org/mcp").name == "example.org");
  CHECK(server_at("https://Example.org/mcp").url == "https://Example.org/mcp");
  CHECK(server_at("/bin/ftp https://example.org").command == "/bin/ftp");
}
