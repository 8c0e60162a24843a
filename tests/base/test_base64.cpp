#include <doctest/doctest.h>

#include <string>

#include <mcp/base/base64.h>

using namespace mcp;

namespace {

std::optional<std::string> text_of(const std::optional<std::vector<std::uint8_t>>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string(bytes->begin(), bytes->end());
}

}  // namespace

TEST_CASE("the vectors of RFC 4648, section 10") {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : rows) {
    CHECK(base64_encode(plain) == encoded);
    CHECK(text_of(base64_decode(encoded)) == plain);
  }
}

TEST_CASE("the two alphabets") {
  CHECK(base64_encode("\xFB\xEF\xFF") == "++//");
  CHECK(base64url_encode("\xFB\xEF\xFF") == "--__");
  CHECK(base64url_encode("f") == "Zg");
  CHECK(text_of(base64url_decode("--__")) == "\xFB\xEF\xFF");
  CHECK(text_of(base64url_decode("Zg")) == "f");
}

TEST_CASE("anything else is refused") {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "====", "Zm9v\n", "Zm 9v",
                           "Zm9v-w==", "=Zg=", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v=", "\xC3\xA4zz"}) {
    CAPTURE(text);
    CHECK(base64_decode(text) == std::nullopt);
  }
  for (const char* text : {"Z", "Zg==", "Zh", "++//", "Zm9v="}) {
    CAPTURE(text);
    CHECK(base64url_decode(text) == std::nullopt);
  }
}

TEST_CASE("every byte survives") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  CHECK(text_of(base64_decode(base64_encode(bytes))) == bytes);
  CHECK(text_of(base64url_decode(base64url_encode(bytes))) == bytes);
}
