// Files as resources: read, completed and watched.

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>

#include "servers/filesystem/file_uri.h"
#include "servers/filesystem/file_watcher.h"
#include "tests/filesystem/client.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

Json read(Client& client, const std::string& uri) {
  return client.ask("resources/read", {{"uri", uri}});
}

Json completed(Client& client, const std::string& typed) {
  return client.ask("completion/complete",
                    {{"ref", {{"type", "ref/resource"}, {"uri", "file://{+path}"}}},
                     {"argument", {{"name", "path"}, {"value", typed}}}})["result"]["completion"];
}

/// What a watcher has told.
class Told {
 public:
  void add(const std::string& uri) {
    const std::lock_guard lock(mutex_);
    uris_.push_back(uri);
    changed_.notify_all();
  }
  /// Waits until it has told of `uri`, and forgets all that was told.
  bool wait_for(const std::string& uri) {
    std::unique_lock lock(mutex_);
    const bool told = changed_.wait_for(lock, std::chrono::seconds(30), [&] {
      return std::find(uris_.begin(), uris_.end(), uri) != uris_.end();
    });
    last_ = std::exchange(uris_, {});
    return told;
  }
  /// What else was told meanwhile.
  std::set<std::string> others_than(const std::string& uri) const {
    std::set<std::string> others(last_.begin(), last_.end());
    others.erase(uri);
    return others;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> uris_;
  std::vector<std::string> last_;
};

struct Watching {
  const Folder& folder;
  Told told;
  FileWatcher watcher;

  explicit Watching(const Folder& of)
      : folder(of),
        watcher(std::make_shared<const Sandbox>(of.sandbox()),
                [this](const std::string& uri) { told.add(uri); }) {}
  std::string watch(const std::string& name) {
    const std::string uri = uri_of(folder.inside(name));
    watcher.watch(uri);
    return uri;
  }
};

}  // namespace

TEST_CASE("a file: URI and a path are the same, whatever the name") {
  for (const char* path : {"/a/b.txt", "/with blank", "/100%", "/ä/ü", "/a?b#c", "/\xff", "/"}) {
    CHECK(path_of(uri_of(path)) == path);
  }
  CHECK(uri_of("/with blank/100%") == "file:///with%20blank/100%25");
  CHECK(path_of("file://localhost/a") == "/a");
  for (const char* wrong : {"file://other/a", "https:///a", "file:a", "file:///a?b", "file:///a#b",
                            "file:///%00", "file:///%zz", "/a", ""}) {
    CHECK_FALSE(path_of(wrong));
  }
}

TEST_CASE("files and directories are read as resources") {
  const Folder folder;
  folder.write("a b.txt", "text\n");
  folder.write("p.png", "\x89PNG\r\n\x1a\n\0\1");
  folder.write("bytes", std::string("\0\1", 2));
  Client client(folder);
  const auto contents = [&](const std::string& name) {
    return read(client, uri_of(folder.inside(name)))["result"]["contents"][0];
  };
  CHECK(contents("a b.txt") == Json{{"uri", uri_of(folder.inside("a b.txt"))},
                                    {"mimeType", "text/plain"},
                                    {"text", "text\n"}});
  CHECK(contents("p.png")["mimeType"] == "image/png");
  CHECK(contents("p.png").contains("blob"));
  CHECK(contents("bytes")["blob"] == "AAE=");
  CHECK(contents("")["text"] == "[FILE] a b.txt\n[FILE] bytes\n[FILE] p.png");
}

TEST_CASE("what is no file inside is not found, and nothing is told of it") {
  const Folder folder;
  folder.link("out", folder.outside());
  Options options;
  options.limits.max_media_bytes = 1'000;
  folder.write("large", std::string(1'001, 'x'));
  Client client(folder, options);
  for (const std::string& uri :
       {uri_of(folder.outside("secret.txt")), uri_of(folder.inside("out/secret.txt")),
        uri_of(folder.inside("../outside/secret.txt")), uri_of(folder.inside("none")),
        uri_of(folder.inside("large")), "file://other" + folder.inside("large")}) {
    const Json error = read(client, uri)["error"];
    INFO(uri);
    CHECK(error["code"] == -32602);
    CHECK(error["data"]["uri"] == uri);
    CHECK(error.dump().find("secret\"") == std::string::npos);
  }
}

TEST_CASE("paths are completed, one level at a time") {
  const Folder folder;
  folder.write("apple/pie", "");
  folder.write("apricot", "");
  folder.write("bread", "");
  folder.link("app", folder.outside());
  Client client(folder);
  CHECK(completed(client, folder.inside("ap"))["values"] ==
        Json{folder.inside("app"), folder.inside("apple/"), folder.inside("apricot")});
  CHECK(completed(client, folder.inside("apple/"))["values"] ==
        Json::array({folder.inside("apple/pie")}));
  CHECK(completed(client, "")["values"] == Json::array({folder.inside() + "/"}));
  CHECK(completed(client, "/")["values"] == Json::array({folder.inside() + "/"}));
  for (const std::string& elsewhere :
       {folder.outside("s"), folder.inside("../outside/s"), folder.inside("app/s"),
        std::string("/etc/pass"), std::string("nowhere")}) {
    CHECK(completed(client, elsewhere)["values"] == Json::array());
  }
  for (int i = 0; i < 150; ++i) folder.write("many/" + std::to_string(1000 + i), "");
  const Json many = completed(client, folder.inside("many/1"));
  CHECK(many["values"].size() == 100);
  CHECK(many["total"] == 150);
  CHECK(many["hasMore"] == true);
}

TEST_CASE("completion knows no more than the roots of a session allow") {
  const Folder folder;
  folder.write("a/x", "");
  folder.write("b/x", "");
  Client client(folder);
  client.capabilities = {{"roots", {{"listChanged", true}}}};
  client.answers["roots/list"] = {
      {"roots", Json::array({{{"uri", "file://" + folder.inside("a")}}})}};
  client.initialize();
  CHECK(completed(client, folder.inside("a/"))["values"] == Json::array());  // not known yet
  client.call("list_allowed_directories", Json::object());
  CHECK(completed(client, folder.inside("a/"))["values"] == Json::array({folder.inside("a/x")}));
  CHECK(completed(client, folder.inside("b/"))["values"] == Json::array());
}

TEST_CASE("a watched file tells that it changes, comes, goes and is replaced") {
  const Folder folder;
  folder.write("a.txt", "1");
  Watching watching(folder);
  const std::string uri = watching.watch("a.txt");
  folder.write("a.txt", "2");
  CHECK(watching.told.wait_for(uri));
  folder.write("b.txt", "3");
  REQUIRE(::rename(folder.inside("b.txt").c_str(), folder.inside("a.txt").c_str()) == 0);
  CHECK(watching.told.wait_for(uri));
  folder.write("a.txt", "4");  // the file that is there now
  CHECK(watching.told.wait_for(uri));
  REQUIRE(::unlink(folder.inside("a.txt").c_str()) == 0);
  CHECK(watching.told.wait_for(uri));
  folder.write("a.txt", "5");
  CHECK(watching.told.wait_for(uri));
}

TEST_CASE("a watched directory tells of what is in it, and a missing one that it comes") {
  const Folder folder;
  folder.write("d/a", "");
  Watching watching(folder);
  const std::string directory = watching.watch("d");
  const std::string missing = watching.watch("e/f/g.txt");
  folder.write("d/b", "");
  CHECK(watching.told.wait_for(directory));
  REQUIRE(::mkdir(folder.inside("e").c_str(), 0700) == 0);
  CHECK(watching.told.wait_for(missing));
  REQUIRE(::mkdir(folder.inside("e/f").c_str(), 0700) == 0);
  CHECK(watching.told.wait_for(missing));
  folder.write("e/f/g.txt", "");
  CHECK(watching.told.wait_for(missing));
}

TEST_CASE("when the kernel has lost events, everything counts as changed") {
  const Folder folder;
  folder.write("a", "");
  Watching watching(folder);
  const std::string a = watching.watch("a");
  watching.watcher.lose_events();
  CHECK(watching.told.wait_for(a));
  const std::string b = watching.watch("b");
  watching.watcher.lose_events();
  CHECK(watching.told.wait_for(b));
}

TEST_CASE("a watcher looks at nothing outside, and forgets") {
  const Folder folder;
  folder.link("out", folder.outside());
  folder.write("a", "");
  folder.write("b", "");
  Watching watching(folder);
  watching.watch("out/secret.txt");
  watching.watcher.watch(uri_of(folder.outside("secret.txt")));
  watching.watcher.watch("https://example.com/");
  const std::string a = watching.watch("a");
  watching.watcher.forget(a);
  const std::string b = watching.watch("b");
  std::ofstream(folder.outside("secret.txt")) << "changed";
  folder.write("a", "changed");
  folder.write("b", "changed");
  CHECK(watching.told.wait_for(b));
  CHECK(watching.told.others_than(b).empty());
  watching.watcher.stop();
  folder.write("b", "again");
  watching.watcher.watch(b);  // too late, and harmless
}

TEST_CASE("a client that subscribes is told") {
  const Folder folder;
  folder.write("a", "1");
  Client client(folder);
  client.initialize();
  const std::string uri = uri_of(folder.inside("a"));
  CHECK(client.ask("resources/subscribe", {{"uri", uri}})["result"] == Json::object());
  folder.write("a", "2");
  CHECK(client.wait_for_message("notifications/resources/updated")["params"]["uri"] == uri);
}
