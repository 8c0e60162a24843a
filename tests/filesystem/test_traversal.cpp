// Paths that try to get out: by dots, encodings, links, prefixes, other notations. Whatever is done
// with them, nothing outside is read, made or changed.

#include <algorithm>
#include <iterator>
#include <map>

#include <mcp/base/utf8.h>

#include "servers/filesystem/reading.h"
#include "servers/filesystem/writing.h"
#include "tests/filesystem/client.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

namespace fs = std::filesystem;

/// From one level below the folder's top to its neighbour "outside".
std::vector<std::string> escapes() {
  using namespace std::string_literals;
  const std::vector<std::string> ups = {"../",
                                        "..//",
                                        ".././",
                                        "./../",
                                        "../../inside/../",
                                        "..\\",
                                        "..\\/",
                                        "%2e%2e/",
                                        "%2e%2e%2f",
                                        "..%2f",
                                        "..%5c",
                                        "%252e%252e%252f",
                                        "..%c0%af",
                                        "\xc0\xae\xc0\xae/",
                                        "....//",
                                        ".../...//",
                                        "..;/",
                                        "..\t/",
                                        "\u2025/",
                                        "\uff0e\uff0e/",
                                        "\u2024\u2024/",
                                        "..\u2215",
                                        "..\u2044",
                                        "..\uff0f",
                                        ".\u200b./",
                                        "..\0/"s,
                                        "..\n/",
                                        " ../",
                                        "../ ",
                                        "\"../"};
  std::vector<std::string> all;
  for (const auto& up : ups) {
    all.push_back(up + "outside/secret.txt");
    all.push_back("a/../" + up + "outside/secret.txt");
    all.push_back("a/b/../../" + up + "outside/secret.txt");
    all.push_back("missing/../" + up + "outside/secret.txt");
  }
  return all;
}

std::vector<std::string> corpus(const Folder& folder) {
  using namespace std::string_literals;
  std::vector<std::string> all = escapes();
  const std::size_t relative = all.size();
  for (std::size_t i = 0; i < relative; ++i) all.push_back(folder.inside(all[i]));
  const std::string in = folder.inside();
  const std::string out = folder.outside("secret.txt");
  const std::vector<std::string> more = {
      // Links, by themselves and on the way.
      "out/secret.txt", "out/../outside/secret.txt", "out/../../outside/secret.txt", "out/.",
      "out/..", "out", "out/", "out//secret.txt", "relative-out/secret.txt", "relative-out",
      "file-out", "chain/secret.txt", "chain", "chain-file", "a/out/secret.txt",
      "a/out/../secret.txt", "a/up", "a/up/outside/secret.txt", "a/up/../outside/secret.txt",
      "loop", "loop/secret.txt", "to-root/etc/passwd", "to-proc/self/root" + out,
      "to-proc/self/environ", "dangling", "dangling/new.txt", "a/b/../out/secret.txt",
      "out/new/below/it", in + "/out/secret.txt", in + "/chain/../outside/secret.txt",
      in + "/file-out", in + "/to-root" + out,
      // Elsewhere, in many notations.
      out, "/" + out, "//" + out, "/." + out, "/.." + out, "/tmp/.." + out, out + "/", out + "/.",
      folder.outside(), folder.outside() + "/", folder.outside("."), folder.outside("new.txt"),
      in + "/..", in + "/../", in + "/.", in + "/../outside", in + "/..//outside/secret.txt",
      in + "-evil/secret.txt", in + "evil", in + " /secret.txt", in + "\0"s + out, in + "\n" + out,
      "..", "../", "../..", "../../../../../../../../../../etc/passwd", "/", "//", "/..",
      "/etc/passwd", "/etc//passwd", "/etc/./passwd", "/ETC/PASSWD", "file:///etc/passwd",
      "file://" + out, "file:" + out, "file://localhost" + out, "C:\\Windows\\win.ini",
      "C:/Windows/win.ini", "c:", "\\\\server\\share\\file", "\\etc\\passwd", "//server/share",
      "~root", "~root/.ssh/id_rsa", "~/.ssh/id_rsa", "~/../../etc/passwd", "~" + out,
      "$HOME/.ssh/id_rsa", "${HOME}", "%HOME%", "`id`", "$(id)", "|id", ";id", "/proc/self/environ",
      "/proc/self/cwd/../outside/secret.txt", "/proc/self/root/etc/passwd", "/proc/self/fd/0",
      "/proc/1/root/etc/passwd", "/proc/thread-self/root" + out, "/dev/fd/0", "/dev/stdin",
      "/dev/zero", "/sys/kernel/notes", "\"" + out + "\"", "'" + out + "'", " " + out, out + " ",
      "\t" + out, "\xef\xbb\xbf" + out, out + "\0.txt"s, "\0"s + out, "x\0/../" + out,
      std::string(4'096, 'a'), std::string(300, 'a') + "/../../outside/secret.txt", [] {
        std::string deep;
        for (int i = 0; i < 500; ++i) deep += "a/../";
        return deep + "../outside/secret.txt";
      }()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

void lay_links(const Folder& folder) {
  folder.write("a/b/c.txt", "harmless");
  fs::create_directory(folder.inside() + "-evil");
  std::ofstream(folder.inside() + "-evil/secret.txt") << "secret";
  folder.link("out", folder.outside());
  folder.link("relative-out", "../outside");
  folder.link("file-out", folder.outside("secret.txt"));
  folder.link("chain", "relative-out");
  folder.link("chain-file", "chain/secret.txt");
  folder.link("a/out", "../../outside");
  folder.link("a/up", "../..");
  folder.link("loop", "loop");
  folder.link("to-root", "/");
  folder.link("to-proc", "/proc");
  folder.link("dangling", folder.outside("new-by-link.txt"));
}

/// All that lies beside the allowed directory.
std::map<std::string, std::string> around(const Folder& folder) {
  std::map<std::string, std::string> all;
  for (const std::string& top : {folder.outside(), folder.inside() + "-evil"}) {
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      struct stat status {};
      REQUIRE(::lstat(entry.path().c_str(), &status) == 0);
      std::ifstream in(entry.path());
      all[entry.path()] = std::to_string(status.st_ctim.tv_nsec) + " " +
                          std::string(std::istreambuf_iterator<char>(in), {});
    }
  }
  return all;
}

}  // namespace

TEST_CASE("the corpus is large") {
  const Folder folder;
  CHECK(corpus(folder).size() >= 200);
}

TEST_CASE("no path leads out, by the kernel's way or step by step") {
  for (const Following following : {Following::kernel, Following::step_by_step}) {
    const Folder folder;
    lay_links(folder);
    const Sandbox sandbox = folder.sandbox(following);
    const auto before = around(folder);
    const auto attempt = [](const auto& use) {
      try {
        use();
      } catch (const Failure&) {
        // Refused, or there is no such file.
      }
    };
    for (const std::string& path : corpus(folder)) {
      INFO(path);
      attempt([&] {
        const Place place = sandbox.find(path);
        CHECK(fs::path(place.real_path).lexically_normal().string().rfind(folder.inside(), 0) == 0);
        const std::string bytes = read_bytes(place, 1'000, no_hurry());
        CHECK(bytes.find("secret") == std::string::npos);
      });
      attempt([&] { write_file(sandbox.find(path), "written"); });
      attempt([&] { append_file(sandbox.find(path), "appended", no_hurry()); });
      attempt([&] { create_directory(sandbox.find(path)); });
      attempt([&] { move(sandbox.find_link("a/b/c.txt"), sandbox.find(path)); });
      if (!fs::exists(folder.inside("a/b/c.txt"))) folder.write("a/b/c.txt", "harmless");
    }
    CHECK(around(folder) == before);
    CHECK_FALSE(fs::exists(folder.outside("new.txt")));
    CHECK_FALSE(fs::exists(folder.outside("new-by-link.txt")));
  }
}

TEST_CASE("no answer of the server tells what lies outside") {
  const Folder folder;
  lay_links(folder);
  Client client(folder);
  const auto before = around(folder);
  for (std::string path : corpus(folder)) {
    if (!mcp::is_valid_utf8(path)) continue;  // JSON can't say it
    INFO(path);
    for (const char* tool :
         {"read_text_file", "get_file_info", "list_directory", "find_files", "read_media_file"}) {
      const Json result = client.call(tool, {{"path", path}});
      std::string text = result["content"][0].dump();
      // A refusal repeats what was asked for, which is the client's own.
      const std::string name = "secret.txt";
      for (auto at = text.find(name); result.value("isError", false) && at != text.npos;
           at = text.find(name)) {
        text.erase(at, name.size());
      }
      CHECK(text.find("secret") == std::string::npos);
      CHECK(text.find("root:") == std::string::npos);
    }
  }
  CHECK(around(folder) == before);
}
