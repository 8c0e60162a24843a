// `format` as an assertion: for each format what is one and what is not.

#include <initializer_list>
#include <string>

#include <doctest/doctest.h>

#include <mcp/schema/schema.h>

using mcp::Json;
using namespace mcp::schema;

namespace {

void check(const char* format, std::initializer_list<std::string> right,
           std::initializer_list<std::string> wrong) {
  CompileOptions options;
  options.assert_format = true;
  const Schema schema = Schema::compile({{"format", format}}, options);
  for (const std::string& text : right) {
    CAPTURE(text);
    CHECK(schema.valid(text));
  }
  for (const std::string& text : wrong) {
    CAPTURE(text);
    CHECK_FALSE(schema.valid(text));
  }
  CHECK(schema.valid(12));
}

}  // namespace

TEST_CASE("format is an annotation unless asked, and when it is not known") {
  CHECK(Schema::compile({{"format", "ipv4"}}).valid("no address"));
  check("no-such-format", {"", "anything"}, {});
}

TEST_CASE("in draft-07 content is checked when formats are, later it is an annotation") {
  const auto error = [](const Json& schema, const std::string& text, Dialect dialect) {
    CompileOptions options;
    options.assert_format = true;
    options.default_dialect = dialect;
    const Schema compiled = Schema::compile(schema, options);
    const auto errors = compiled.validate(text);
    CHECK(compiled.valid(text) == errors.empty());
    CHECK(compiled.valid(12));
    return summary(errors);
  };
  const Json base64 = {{"contentEncoding", "base64"}};
  const Json json = {{"contentMediaType", "application/json"}};
  const Json both = {{"contentEncoding", "base64"}, {"contentMediaType", "application/json"}};
  CHECK(error(base64, "eyJhIjoxfQ==", Dialect::draft_07) == "");
  CHECK(error(base64, "eyJh%jox", Dialect::draft_07) ==
        "\"eyJh%jox\" is not Base64 (RFC 4648, with padding)");
  CHECK(error(json, "{\"a\":1}", Dialect::draft_07) == "");
  CHECK(error(json, "{:}", Dialect::draft_07) == "\"{:}\" is not JSON");
  // What no double can hold is JSON all the same.
  CHECK(error(json, "[1e400, -1E+400, \"1e400\\\"01\"]", Dialect::draft_07) == "");
  CHECK(error(json, std::string(400, '9'), Dialect::draft_07) == "");
  for (const char* text : {"01", "1e", "[1e400e1]", "1.", "-", "+1", "\"1e400", "1 1", "e"})
    CHECK(error(json, text, Dialect::draft_07) == Json(text).dump() + " is not JSON");
  CHECK(error(both, "eyJhIjoxfQ==", Dialect::draft_07) == "");
  CHECK(error(both, "ezp9Cg==", Dialect::draft_07) == "\"ezp9Cg==\" is not JSON in Base64");
  CHECK(error(both, "{}", Dialect::draft_07) == "\"{}\" is not JSON in Base64");
  CHECK(error({{"contentEncoding", "quoted-printable"}, {"contentMediaType", "application/json"}},
              "{:}", Dialect::draft_07) == "");
  CHECK(error(both, "{:}", Dialect::draft_2020_12) == "");
  CompileOptions options;
  options.default_dialect = Dialect::draft_07;
  CHECK(Schema::compile(both, options).valid("{:}"));
}

TEST_CASE("date, time, date-time") {
  check(
      "date", {"1963-06-19", "2020-02-29", "2000-02-29", "2025-01-31"},
      {"06/19/1963", "2021-02-29", "1900-02-29", "1998-1-20", "1998-01-1", "2013-350", "2025-04-31",
       "1963-06-1৪", "20230328", "2023-W01", "", "1963-06-19 ", "2025-00-10", "2025-13-10"});
  check("time",
        {"08:30:06Z", "08:30:06.283185Z", "08:30:06+00:20", "23:59:60Z", "23:29:60+23:30",
         "01:29:60+01:30", "15:59:60-08:00", "08:30:06z", "12:00:00.52-23:59"},
        {"008:030:006Z", "8:3:6Z", "22:59:60Z", "23:59:60+01:00", "23:59:61Z", "24:00:00Z",
         "00:60:00Z", "01:02:03+24:00", "01:02:03+00:60", "01:02:03Z+00:30", "12:00:00",
         "12:00:00.Z", "01:01:01,1111Z", "1২:00:00Z", "08:30:06 PST", "08:30:06+0800", ""});
  check("date-time",
        {"1963-06-19T08:30:06.283185Z", "1937-01-01T12:00:27.87+00:20", "1990-12-31T15:59:60-08:00",
         "1963-06-19t08:30:06.283185z"},
        {"1998-12-31T23:59:61Z", "1998-12-31T23:58:60Z", "1990-02-31T15:59:59.123-08:00",
         "1963-06-19T08:30:06.28123+01:00Z", "06/19/1963 08:30:06 PST", "2013-350T01:01:01",
         "1963-06-19 08:30:06Z", "1963-06-19T08:30:06", ""});
}

TEST_CASE("duration") {
  check("duration",
        {"P4DT12H30M5S", "P4Y", "PT0S", "P0D", "P1M", "PT1M", "PT36H", "P1DT12H", "P2W",
         "P1Y2M3DT4H5M6S"},
        {"PT1D", "P", "P1YT", "PT", "P2D1Y", "P1D2H", "P2S", "P1", "4DT12H30M5S", "P1Y2W", "P1.5Y",
         "PT1H2", "P-1Y", "p1y", "P1২Y", "P1Y2D", "PT1H2S", ""});
}

TEST_CASE("email") {
  check("email",
        {"joe.bloggs@example.com", "te~st@example.com", "~test~@example.com",
         "\"joe bloggs\"@example.com", "\"joe..bloggs\"@example.com", "\"joe@bloggs\"@example.com",
         "\"a\\\"b\"@example.com", "joe@[127.0.0.1]", "joe@[IPv6:::1]", "user@localhost"},
        {"2962", ".test@example.com", "test.@example.com", "te..st@example.com",
         "joe@invalid=domain.com", "joe@[127.0.0.300]", "a@b.com, c@d.com", "Joe <joe@example.com>",
         "joe@", "@example.com", "joe@-a.com", "\"a\"b\"@example.com", "실례@실례.테스트", ""});
  check("idn-email", {"실례@실례.테스트", "joe.bloggs@example.com"},
        {"2962", "@example.com", "실례@", "실례@\u302E테스트"});
}

TEST_CASE("hostname") {
  check("hostname",
        {"www.example.com", "hostname", "a", "1host", "host-name", "h0stn4me",
         "xn--4gbwdl.xn--wgbh1c", std::string(63, 'a') + ".com", "ab--cd.com"},
        {"-bad", "bad-", "not_a_host", "a..b", ".a", "a.", ".", "", "a b", "é.com",
         std::string(64, 'a') + ".com", "xn--X", "xn--a", "xn--", "XN--aa---o47jg78q", "a.b．c"});
  std::string longest;
  for (int i = 0; i < 126; ++i) longest += "a.";
  check("hostname", {longest + "a"}, {longest + "ab", longest + "a.a"});
}

TEST_CASE("idn-hostname") {
  check("idn-hostname",
        {"실례.테스트", "example.com", "faß.de", "a。b", "l·l", "α͵β", "א׳ב", "א״ב", "ァ・", "・ぁ",
         "丈・", "ب٠ب", "क्\u200Dष", "क्\u200Cष", "bücher.example", "۰۱",
         "xn--ihqwcrb4cv8a8dqg056pqjye"},
        {"〮실례.테스트",
         "-> $1.00 --",
         "-hello",
         "hello-",
         "ab。。c",
         "。a",
         "\u0903hello",
         "\u0300hello",
         "\u0488hello",
         "\u3031",
         "\u302E\u302F",
         "a·l",
         "·l",
         "l·a",
         "α͵S",
         "α͵",
         "A׳ב",
         "׳ב",
         "A״ב",
         "def・abc",
         "・",
         "ب٠۰",
         "क\u200Dष",
         "\u200Dष",
         "\u0640\u07fa",
         "ab--é",
         "Ä.com",
         "a\u0308.com",
         "",
         "."});
}

TEST_CASE("IP addresses") {
  check("email", {"a@[ipv6:::1]", "a@[IPv6:::1]", "a@[127.0.0.1]"}, {"a@[ipv7:::1]", "a@[::1]"});
  check("ipv4", {"0.0.0.1"}, {"99999999999.1.1.1", "1.1.1.1.1", "1.1..1"});
  check("regex", {"\\uD83D\\uD83D", "\\uD83Da"}, {});
  check("ipv4", {"192.168.0.1", "0.0.0.0", "255.255.255.255"},
        {"127.0.0.0.1", "256.256.256.256", "127.0", "0x7f000001", "2130706433", "087.10.0.1",
         "87.10.0.01", "1২7.0.0.1", "192.168.1.0/24", " 1.2.3.4", "1.2.3.4\n", "1..2.3", ""});
  check("ipv6",
        {"::1", "::", "::abef", "1:2::8", "d6::", "::42:ff:1", "1::d6:192.168.0.1",
         "1:2::192.168.0.1", "::ffff:192.168.0.1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4",
         "1::2:3:4:5:6:7"},
        {"12345::",
         "::abcef",
         "1:1:1:1:1:1:1:1:1:1:1",
         "::laptop",
         ":2:3:4:5:6:7:8",
         "1:2:3:4:5:6:7:",
         ":2:3:4::8",
         "1:2:3:4:5:::8",
         "1::d6::42",
         "1::2:192.168.256.1",
         "1::2:192.168.ff.1",
         "::ffff:192.168.1",
         "1:2:3:4:5:6:7",
         "1",
         "127.0.0.1",
         "1:2:3:4:1.2.3",
         "  ::1",
         "::1  ",
         "fe80::/64",
         "fe80::a%eth1",
         "1000:1000:1000:1000:1000:1000:255.255.255.255.1",
         "100:100:100:100:100:100:100:255.255.255.255",
         "1:2:3:4:5:6:7::8:9",
         ":",
         "1:2:3:4:5:6:7:৪",
         "1::2:3:4:5:6:7:8",
         ""});
}

TEST_CASE("uri, uri-reference") {
  check("uri",
        {"http://foo.bar/?baz=qux#quux", "http://foo.com/blah_(wikipedia)_blah#cite-1",
         "http://foo.bar/?q=Test%20URL-encoded%20stuff", "http://xn--nw2a.xn--j6w193g/",
         "http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com", "http://223.255.255.254",
         "ftp://ftp.is.co.za/rfc/rfc1808.txt", "ldap://[2001:db8::7]/c=GB?objectClass?one",
         "mailto:John.Doe@example.com", "news:comp.infosystems.www.servers.unix",
         "tel:+1-816-555-1212", "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
         "http://example.com:8080", "http://[v1.fe80::a]/", "file:///etc/hosts", "a:"},
        {"//foo.bar/?baz=qux#quux",
         "/abc",
         "\\\\WINDOWS\\fileshare",
         "abc",
         "http:// shouldfail.com",
         ":// should fail",
         "bar,baz:foo",
         "https://[@example.org/test.txt",
         "https://example.org/foobar<>.txt",
         "https://example.org/foobar{}.txt",
         "https://example.org/foobar^.txt",
         "https://example.org/foobar`.txt",
         "https://example.org/foo bar.txt",
         "https://example.org/foobar|.txt",
         "http://example.org/foobar\\.txt",
         "1a:b",
         "http://a.com/%2",
         "http://a.com/%zz",
         "http://a.com:8a/",
         "http://[::1/",
         "http://a/é",
         "http://a/#b#c",
         ""});
  check("uri-reference",
        {"http://foo.bar/?baz=qux#quux", "//foo.bar/?baz=qux#quux", "/abc", "abc", "#fragment", "",
         "a/b:c", "?q"},
        {"\\\\WINDOWS\\fileshare", "#frag\\ment", "1:2", "unescaped é", "a b"});
}

TEST_CASE("iri, iri-reference") {
  check("iri",
        {"http://ƒøø.ßår/?∂éœ=πîx#πîüx", "http://ƒøø.com/blah_(wîkïpédiå)_blah#ßité-1",
         "http://[2001:0db8:85a3:0000:0000:8a2e:0370:7334]", "http://a/?\uE000"},
        {"http://2001:0db8:85a3:0000:0000:8a2e:0370:7334", "/abc", "\\\\WINDOWS\\filëßåré", "âππ",
         ":// should fail", "http://a/\uE000"});
  check("iri-reference", {"//ƒøø.ßår/?∂éœ=πîx#πîüx", "/âππ", "âππ", "#ƒrägmênt"},
        {"\\\\WINDOWS\\filëßåré", "#ƒräg\\mênt"});
}

TEST_CASE("uri-template") {
  check("uri-template",
        {"http://example.com/dictionary/{term:1}/{term}", "{+path,x}/here{?q*,lang}", "{var:9999}",
         "a/%20/é", "", "{a.b_c%20}"},
        {"http://example.com/dictionary/{term:1}/{term", "}", "{}", "{a b}", "{var:0}",
         "{var:10000}", "{a..b}", "{.}", "{a,}", "a b", "<a>", "{a:1*}", "{-a}"});
}

TEST_CASE("uuid, JSON pointers, regex") {
  check("uuid",
        {"2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380",
         "00000000-0000-0000-0000-000000000000"},
        {"2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa9811eab4aa73b441d16380",
         "2eb8aa08-aa98-11ea-b4ga-73b441d16380", "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380", ""});
  check("json-pointer", {"/foo/bar~0/baz~1/%a", "", "/", "/foo//bar", "/~1.1"},
        {"/foo/bar~", "/~2", "a", "#", "#/", "/~~", "0"});
  check("relative-json-pointer", {"1", "0/foo/bar", "2/0/baz/1/zip", "0#", "120/foo/bar", "0+1/a"},
        {"/foo/bar", "-1/foo/bar", "+1/foo/bar", "0##", "01/a", "01#", "", "multi-digit"});
  check("regex",
        {"([abc])+\\s+$", "^(?!(a))\\1(?<=b)", "\\p{Emoji}", "(?<n>a)\\k<n>", "\\k<n>(?<n>a)",
         "(?<n>a)|(?<n>b)", "(?:(?<n>a)|(?<m>b)|(?<n>c))\\k<n>", "a{1,5000}", "(?<\\u0061>a)\\k<a>",
         "(?<\\u{61}b>a)", "(?<\u00e4\u0301>a)", "(?-i:a)", "(?im-s:a)", "(?ims:a)"},
        {"^(abc]",
         "^\\S(|(.|\\n)*\\S)\\Z",
         "\\a",
         "a**",
         "[b-a]",
         "(?",
         "\\1",
         "(a)\\2",
         "(?<n>a)\\k<m>",
         "(?<n>a)(?<n>b)",
         "(?<n>a)(?:b|(?<n>c))",
         "(?:a|(?<n>b)|c)(?<n>d)",
         "(?<1>a)",
         "\\u{110000}",
         "\\c1",
         "\\p{}",
         "(?i)a",
         "(?<\U0001F600>a)",
         "(?<\\x61>a)",
         "(?<\\u0031>a)",
         "(?<>a)",
         "(?-:a)",
         "(?ii:a)",
         "(?i-i:a)",
         "(?i--s:a)",
         "(?x:a)"});
}
