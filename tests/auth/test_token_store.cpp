#include <sys/stat.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/token_store.h>

using namespace mcp::auth;
namespace fs = std::filesystem;

namespace {

const std::string key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const std::string other_key = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "fairlead-auth-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string refusal(const fs::path& file, const std::string& with) {
  try {
    open_token_file(file, with);
    return "opened";
  } catch (const AuthError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("A token file keeps what was put, for its owner's eyes only") {
  Folder folder;
  const fs::path file = folder.path / "tokens";
  {
    const auto store = open_token_file(file, key);
    CHECK(store->get("session a") == std::nullopt);
    store->put("session a", "secret-token");
    store->put("session b", "second");
    store->erase("session b");
  }
  const auto store = open_token_file(file, key);
  CHECK(store->get("session a") == "secret-token");
  CHECK(store->get("session b") == std::nullopt);
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(bytes_of(file).find("secret-token") == std::string::npos);
  CHECK(bytes_of(file).find("session") == std::string::npos);
  CHECK_FALSE(fs::exists(folder.path / "tokens.new"));
}

TEST_CASE("Two users of one file see each other's changes") {
  Folder folder;
  const auto first = open_token_file(folder.path / "tokens", key);
  const auto second = open_token_file(folder.path / "tokens", key);
  first->put("a", "1");
  second->put("b", "2");
  CHECK(first->get("b") == "2");
  CHECK(second->get("a") == "1");
}

TEST_CASE("A wrong key, a damaged file and a readable one are refused") {
  Folder folder;
  const fs::path file = folder.path / "tokens";
  open_token_file(file, key)->put("a", "secret-token");
  const std::string name = "the token file " + file.string() + " ";
  CHECK(refusal(file, other_key) == name + "is damaged, or was written with another key");
  for (const char* bad : {"", "short", "AAEC"})
    CHECK(refusal(file, bad).starts_with("the key of the token file must be base64 of 32 bytes"));
  const std::string good = bytes_of(file);
  for (const std::size_t at : {std::size_t{20}, good.size() - 1}) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    std::ofstream(file, std::ios::binary) << damaged;
    CHECK(refusal(file, key) == name + "is damaged, or was written with another key");
  }
  std::ofstream(file, std::ios::binary) << "{}";
  CHECK(refusal(file, key) == name + "is no token file");
  std::ofstream(file, std::ios::binary) << good;
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  CHECK(refusal(file, key) ==
        name + "must be a file of this user with mode 0600, for it holds secrets");
  fs::remove(file);
  fs::create_symlink("/etc/hostname", file);
  CHECK(refusal(file, key).starts_with(name + "can't be opened"));
}

TEST_CASE("Without a key in the environment it is said how to make one") {
  Folder folder;
  CHECK_THROWS_WITH_AS(
      open_token_file_with_environment_key(folder.path / "tokens", "FAIRLEAD_TEST_NO_SUCH_KEY"),
      "tokens are kept encrypted, and no key is given: set FAIRLEAD_TEST_NO_SUCH_KEY to what "
      "`openssl rand -base64 32` prints",
      AuthError);
}
