#include <doctest/doctest.h>

#include <mcp/base/uri.h>

using namespace mcp;

TEST_CASE("a URI is split into its parts") {
  const UriParts parts = split_uri("https://me@example.com:8042/over/there?name=ferret#nose");
  CHECK(parts.scheme == "https");
  CHECK(parts.authority == "me@example.com:8042");
  CHECK(parts.path == "/over/there");
  CHECK(parts.query == "name=ferret");
  CHECK(parts.fragment == "nose");

  const UriParts urn = split_uri("urn:example:animal");
  CHECK(urn.scheme == "urn");
  CHECK(urn.authority == std::nullopt);
  CHECK(urn.path == "example:animal");

  const UriParts file = split_uri("file:///etc/hosts");
  CHECK(file.authority == "");
  CHECK(file.path == "/etc/hosts");

  const UriParts relative = split_uri("a/b:c?#");
  CHECK(relative.scheme == std::nullopt);
  CHECK(relative.path == "a/b:c");
  CHECK(relative.query == "");
  CHECK(relative.fragment == "");
}

TEST_CASE("an authority is split, IPv6 too") {
  const auto authority = split_authority("user:pw@[::1]:8080");
  REQUIRE(authority);
  CHECK(authority->userinfo == "user:pw");
  CHECK(authority->host == "[::1]");
  CHECK(authority->port == 8080);
  CHECK(split_authority("localhost")->port == std::nullopt);
  CHECK(split_authority("localhost:")->port == std::nullopt);
  for (const char* wrong : {"host:65536", "host:-1", "host:8a", "[::1", "[::1]8080", "a:b:1"}) {
    CAPTURE(wrong);
    CHECK(split_authority(wrong) == std::nullopt);
  }
}

TEST_CASE("what is a URI and what is none") {
  for (const char* uri : {"db://tables/users", "file:///a%20b", "urn:x", "test://template/1/data",
                          "http://[::1]:80/", "a+b-c.1:x"})
    CHECK(is_uri(uri));
  for (const char* wrong : {"", "/path", "tables/users", "file:///a b", "file:///%2", "1a:x",
                            "x:\xC3\xA4", "a:b#c#d", "http://h:99999/", "a:<b>"}) {
    CAPTURE(wrong);
    CHECK_FALSE(is_uri(wrong));
  }
  CHECK(is_uri_reference("../x?y#z"));
}

TEST_CASE("percent-encoding goes there and back") {
  CHECK(percent_encode("a b/\xC3\xA4~") == "a%20b%2F%C3%A4~");
  CHECK(percent_encode("a/b", "/") == "a/b");
  CHECK(percent_decode("a%20b%2f+") == "a b/+");
  for (const char* wrong : {"%", "%2", "%2g", "a%"}) CHECK(percent_decode(wrong) == std::nullopt);
}

TEST_CASE("references are resolved as in RFC 3986, section 5.4") {
  const std::pair<const char*, const char*> rows[] = {
      {"g:h", "g:h"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q#s"},
      {"g#s", "http://a/b/c/g#s"},
      {";x", "http://a/b/c/;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
  };
  for (const auto& [reference, resolved] : rows) {
    CAPTURE(reference);
    CHECK(resolve_uri("http://a/b/c/d;p?q", reference) == resolved);
  }
  CHECK(resolve_uri("http://a", "g") == "http://a/g");
}
