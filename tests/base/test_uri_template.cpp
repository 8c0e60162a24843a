#include <doctest/doctest.h>

#include <string>

#include <mcp/base/uri_template.h>

using mcp::Json;
using mcp::UriTemplate;
using Values = mcp::UriTemplate::Values;

namespace {

// The variables of RFC 6570, section 3.2.
const Json values = Json::parse(R"({
  "count": ["one", "two", "three"], "dom": ["example", "com"], "dub": "me/too",
  "hello": "Hello World!", "half": "50%", "var": "value", "who": "fred",
  "base": "http://example.com/home/", "path": "/foo/bar", "list": ["red", "green", "blue"],
  "keys": {"comma": ",", "dot": ".", "semi": ";"},
  "v": "6", "x": 1024, "y": "768", "empty": "", "empty_keys": {}, "undef": null})");

std::string expand(std::string_view text) {
  return UriTemplate(text).expand(values);
}

std::optional<Values> match(std::string_view text, std::string_view uri) {
  return UriTemplate(text).match(uri);
}

}  // namespace

TEST_CASE("the examples of RFC 6570, section 3.2") {
  const std::pair<const char*, const char*> rows[] = {
      {"{count}", "one,two,three"},
      {"{count*}", "one,two,three"},
      {"{/count}", "/one,two,three"},
      {"{/count*}", "/one/two/three"},
      {"{;count}", ";count=one,two,three"},
      {"{;count*}", ";count=one;count=two;count=three"},
      {"{?count}", "?count=one,two,three"},
      {"{?count*}", "?count=one&count=two&count=three"},
      {"{&count*}", "&count=one&count=two&count=three"},
      {"{var}", "value"},
      {"{hello}", "Hello%20World%21"},
      {"{half}", "50%25"},
      {"O{empty}X", "OX"},
      {"O{undef}X", "OX"},
      {"{x,y}", "1024,768"},
      {"{x,hello,y}", "1024,Hello%20World%21,768"},
      {"?{x,empty}", "?1024,"},
      {"?{x,undef}", "?1024"},
      {"?{undef,y}", "?768"},
      {"{var:3}", "val"},
      {"{var:30}", "value"},
      {"{list}", "red,green,blue"},
      {"{list*}", "red,green,blue"},
      {"{keys}", "comma,%2C,dot,.,semi,%3B"},
      {"{keys*}", "comma=%2C,dot=.,semi=%3B"},
      {"{+hello}", "Hello%20World!"},
      {"{+half}", "50%25"},
      {"{base}index", "http%3A%2F%2Fexample.com%2Fhome%2Findex"},
      {"{+base}index", "http://example.com/home/index"},
      {"O{+empty}X", "OX"},
      {"{+path}/here", "/foo/bar/here"},
      {"up{+path}{var}/here", "up/foo/barvalue/here"},
      {"{+x,hello,y}", "1024,Hello%20World!,768"},
      {"{+path:6}/here", "/foo/b/here"},
      {"{+keys}", "comma,,,dot,.,semi,;"},
      {"{+keys*}", "comma=,,dot=.,semi=;"},
      {"{#var}", "#value"},
      {"{#half}", "#50%25"},
      {"foo{#empty}", "foo#"},
      {"foo{#undef}", "foo"},
      {"{#x,hello,y}", "#1024,Hello%20World!,768"},
      {"{#path:6}here", "#/foo/bhere"},
      {"{#keys*}", "#comma=,,dot=.,semi=;"},
      {"{.who,who}", ".fred.fred"},
      {"www{.dom*}", "www.example.com"},
      {"X{.empty}", "X."},
      {"X{.undef}", "X"},
      {"X{.var:3}", "X.val"},
      {"X{.keys*}", "X.comma=%2C.dot=..semi=%3B"},
      {"X{.empty_keys*}", "X"},
      {"{/half,who}", "/50%25/fred"},
      {"{/who,dub}", "/fred/me%2Ftoo"},
      {"{/var,empty}", "/value/"},
      {"{/var:1,var}", "/v/value"},
      {"{/list*,path:4}", "/red/green/blue/%2Ffoo"},
      {"{/keys*}", "/comma=%2C/dot=./semi=%3B"},
      {"{;v,empty,who}", ";v=6;empty;who=fred"},
      {"{;v,undef,who}", ";v=6;who=fred"},
      {"{;hello:5}", ";hello=Hello"},
      {"{;keys}", ";keys=comma,%2C,dot,.,semi,%3B"},
      {"{;keys*}", ";comma=%2C;dot=.;semi=%3B"},
      {"{?x,y,empty}", "?x=1024&y=768&empty="},
      {"{?x,y,undef}", "?x=1024&y=768"},
      {"{?keys*}", "?comma=%2C&dot=.&semi=%3B"},
      {"?fixed=yes{&x}", "?fixed=yes&x=1024"},
      {"{&var:3}", "&var=val"},
  };
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    CHECK(expand(text) == expected);
  }
}

TEST_CASE("prefixes count code points, literals are encoded") {
  const Json cities{{"city", "M\u00FCnchen"}};
  CHECK(UriTemplate("{city:2}").expand(cities) == "M%C3%BC");
  CHECK(UriTemplate("a b%20\u00E4/").expand(cities) == "a%20b%20%C3%A4/");
}

TEST_CASE("resource templates match their URIs") {
  CHECK(match("db://tables/{name}", "db://tables/users") == Values{{"name", "users"}});
  CHECK(match("db://tables/{name}", "db://tables/my%20table") == Values{{"name", "my table"}});
  CHECK(match("db://tables/{name}", "db://tables/a%2Fb") == Values{{"name", "a/b"}});
  CHECK(match("test://template/{id}/data", "test://template/123/data") == Values{{"id", "123"}});
  CHECK(match("file:///{+path}", "file:///a/b%20c.txt") == Values{{"path", "a/b c.txt"}});
  CHECK(match("file:///{+path}", "file:///") == Values{{"path", ""}});
  CHECK(match("db://schema", "db://schema") == Values{});
  CHECK(match("{scheme}://{host}/{a,b}", "x://h/1,2") ==
        Values{{"scheme", "x"}, {"host", "h"}, {"a", "1"}, {"b", "2"}});
}

TEST_CASE("other URIs do not match") {
  for (const char* uri :
       {"db://tables/", "db://tables/a/b", "db://tables", "db://tables/a?b", "xdb://tables/a",
        "db://tables/%", "db://tables/%zz", "db://tables/%FF", "db://tables/%00", ""}) {
    CAPTURE(uri);
    CHECK(match("db://tables/{name}", uri) == std::nullopt);
  }
  CHECK(match("test://template/{id}/data", "test://template/1/2/data") == std::nullopt);
  CHECK(match("test://template/{id}/data", "test://template/1/datax") == std::nullopt);
}

TEST_CASE("the earlier variable gets the longer value") {
  CHECK(match("x:{a}-{b}", "x:1-2-3") == Values{{"a", "1-2"}, {"b", "3"}});
}

TEST_CASE("one variable has one value") {
  CHECK(match("x:{a}/{a}", "x:1/1") == Values{{"a", "1"}});
  CHECK(match("x:{a}/{a}", "x:1/2") == std::nullopt);
  CHECK(match("x:{a:1}/{a}", "x:v/value") == Values{{"a", "value"}});
  CHECK(match("x:{a:1}/{a}", "x:w/value") == std::nullopt);
}

TEST_CASE("what an operator begins may be missing") {
  CHECK(match("x:a{/b,c}", "x:a") == Values{});
  CHECK(match("x:a{/b,c}", "x:a/1") == Values{{"b", "1"}});
  CHECK(match("x:a{/b,c}", "x:a/1/2") == Values{{"b", "1"}, {"c", "2"}});
  CHECK(match("x:{+a,b}", "x:1,2") == Values{{"a", "1"}, {"b", "2"}});
  CHECK(match("x:{+a,b}", "x:1") == Values{{"a", "1"}});
  CHECK(match("x:a{/b*}", "x:a/1/2/3") == Values{{"b", "1/2/3"}});
  CHECK(match("x:file{.ext}", "x:file.txt") == Values{{"ext", "txt"}});
  CHECK(match("x:file{;v,w}", "x:file;v=1;w") == Values{{"v", "1"}, {"w", ""}});
  CHECK(match("x:file{;v,w}", "x:file;w=1") == Values{{"w", "1"}});
  CHECK(match("x:file{#part}", "x:file#a/b") == Values{{"part", "a/b"}});
}

TEST_CASE("query variables come in any order, unknown ones do not match") {
  constexpr std::string_view text = "search://docs{?q,lang}";
  CHECK(match(text, "search://docs") == Values{});
  CHECK(match(text, "search://docs?q=a%26b") == Values{{"q", "a&b"}});
  CHECK(match(text, "search://docs?lang=en&q=x") == Values{{"q", "x"}, {"lang", "en"}});
  CHECK(match(text, "search://docs?q=x&page=2") == std::nullopt);
  CHECK(match(text, "search://docs?q=1&q=2") == std::nullopt);
  CHECK(match("s:d{?tag*}", "s:d?tag=1&tag=2") == Values{{"tag", "1,2"}});
  CHECK(match("s:d?a=1{&b}", "s:d?a=1&b=2") == Values{{"b", "2"}});
}

TEST_CASE("what a template gives, it matches") {
  const Json parts{{"name", "50% of a/b, \u00E4?#"}, {"path", "x/y z"}, {"q", "&="}};
  const UriTemplate uri_template("db://{name}/{+path}{?q}");
  const auto matched = uri_template.match(uri_template.expand(parts));
  REQUIRE(matched);
  CHECK(Json(*matched) == parts);
}

TEST_CASE("no URI and no template makes matching slow") {
  std::string text = "x:";
  for (int i = 0; i < 50; ++i) text += "{+v" + std::to_string(i) + "}-";
  CHECK(match(text, "x:" + std::string(8000, '-')) != std::nullopt);
  CHECK(match(text, "x:" + std::string(8000, '-') + "b") == std::nullopt);
  CHECK(match("x:{+a}", "x:" + std::string(9000, 'a')) == std::nullopt);
}

TEST_CASE("variables are named in order") {
  CHECK(UriTemplate("x:{b}/{a,c}{?b}").variables() == std::vector<std::string>{"b", "a", "c"});
}

TEST_CASE("what is no template is refused, with its place") {
  CHECK_THROWS_WITH(UriTemplate("db://{name"),
                    "URI template \"db://{name\": '{' without '}' at position 5");
  CHECK_THROWS_WITH(UriTemplate("db://name}"),
                    "URI template \"db://name}\": '}' without '{' at position 9");
  for (const char* text :
       {"{}", "{a{b}}", "{a,}", "{,a}", "{=a}", "{|a}", "{a b}", "{a:0}", "{a:10000}", "{a:}",
        "{a:x}", "{.}", "{a..b}", "{a.}", "{%}", "{%4}", "{a*:3}"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(UriTemplate{text}, std::invalid_argument);
  }
  CHECK_NOTHROW(UriTemplate("{a.b}{%41_c}"));
}
