// `fairlead schema`: what a person, and a script, sees.

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>

#include <client/config/json_position.h>
#include <mcp/base/json.h>

namespace {

namespace fs = std::filesystem;
using mcp::Json;

/// A folder of its own, in which the command runs.
class Folder {
 public:
  Folder() : path_((fs::temp_directory_path() / "fairlead-schema-XXXXXX").string()) {
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(fs::path(path_) / name) << text;
  }

  struct Ran {
    int code = -1;
    std::string out;
  };
  Ran run(const std::string& arguments) const {
    const std::string command =
        "cd '" + path_ + "' && '" FAIRLEAD_COMMAND "' schema " + arguments + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    Ran ran;
    char buffer[4096];
    while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe))
      ran.out.append(buffer, got);
    const int status = ::pclose(pipe);
    if (WIFEXITED(status)) ran.code = WEXITSTATUS(status);
    return ran;
  }

 private:
  std::string path_;
};

constexpr const char* forecast = R"({
  "type": "object",
  "properties": {
    "city": {"type": "string"},
    "days": {"type": "integer", "maximum": 14}
  },
  "required": ["city"],
  "additionalProperties": false
})";

}  // namespace

TEST_CASE("schema validate names the place, the line and the column of what is wrong") {
  const Folder folder;
  folder.write("schema.json", forecast);
  folder.write("good.json", R"({"city": "Paris"})");
  folder.write("bad.json", "{\n  \"citty\": \"Paris\",\n  \"days\":\n    20\n}\n");

  const auto good = folder.run("validate schema.json good.json");
  CHECK(good.code == 0);
  CHECK(good.out == "good.json: valid\n");

  const auto bad = folder.run("validate schema.json bad.json");
  CHECK(bad.code == 1);
  CHECK(bad.out ==
        "bad.json:1:1: unknown property \"citty\"; did you mean \"city\"? "
        "(#/additionalProperties)\n"
        "bad.json:1:1: the required property \"city\" is missing; is it \"citty\" that should be "
        "called so? (#/required)\n"
        "bad.json:4:5: /days: 20 is more than the maximum 14 (#/properties/days/maximum)\n");

  const auto stdin_is_read = folder.run("validate schema.json - <good.json");
  CHECK(stdin_is_read.out == "-: valid\n");
}

TEST_CASE("schema validate --json is the standard's basic output, with line and column") {
  const Folder folder;
  folder.write("schema.json", forecast);
  folder.write("good.json", R"({"city": "Paris"})");
  folder.write("bad.json", R"({"city": "Paris", "days": 20})");
  CHECK(Json::parse(folder.run("validate --json schema.json good.json").out) ==
        Json{{"valid", true}});
  const auto bad = folder.run("validate --json schema.json bad.json");
  CHECK(bad.code == 1);
  CHECK(Json::parse(bad.out) == Json::parse(R"({"valid": false, "errors": [{
    "instanceLocation": "/days", "keywordLocation": "/properties/days/maximum",
    "error": "20 is more than the maximum 14", "file": "bad.json", "line": 1, "column": 27}]})"));
}

TEST_CASE("schema validate takes documents, dialects and formats; nothing is fetched") {
  const Folder folder;
  folder.write("schema.json", R"({"$ref": "https://example.com/day"})");
  folder.write("day.json", R"({"type": "string", "format": "date"})");
  folder.write("pair.json", R"({"items": [{"type": "string"}, {"type": "integer"}]})");
  folder.write("wrong.json", R"("2025-02-30")");
  folder.write("list.json", R"(["a", "b"])");
  const std::string day = "--document https://example.com/day=day.json ";
  CHECK(folder.run("validate " + day + "schema.json wrong.json").code == 0);
  CHECK(folder.run("validate --format " + day + "schema.json wrong.json").code == 1);
  const auto unresolved = folder.run("validate schema.json wrong.json");
  CHECK(unresolved.code == 7);
  CHECK(unresolved.out.find("/$ref") != std::string::npos);
  CHECK(folder.run("validate --draft 7 pair.json list.json").code == 1);
}

TEST_CASE("schema lint gives the line of the document that has the mistake") {
  const Folder folder;
  folder.write("main.json", R"({"$ref": "https://example.com/part"})");
  folder.write("part.json", "{\"properties\":\n  {\"a\": {\"minLength\": -1}}}");
  const auto found = folder.run("lint --document https://example.com/part=part.json main.json");
  CHECK(found.code == 1);
  CHECK(found.out ==
        "part.json:2:23: /properties/a/minLength: must be an integer of at least 0, not -1\n");
}

TEST_CASE("schema refuses files and arguments that are none") {
  const Folder folder;
  folder.write("schema.json", forecast);
  folder.write("broken.json", "{\"a\": }");
  CHECK(folder.run("validate schema.json missing.json").out ==
        "fairlead: can't read missing.json\n");
  CHECK(folder.run("validate schema.json missing.json").code == 7);
  const auto broken = folder.run("validate schema.json broken.json");
  CHECK(broken.code == 7);
  CHECK(broken.out.starts_with("fairlead: broken.json: "));
  CHECK(folder.run("validate schema.json").code == 2);
  CHECK(folder.run("validate --draft 4 schema.json broken.json").code == 2);
}

TEST_CASE("schema lint finds what can't be compiled, and what is probably not meant") {
  const Folder folder;
  folder.write("good.json", forecast);
  const auto good = folder.run("lint good.json");
  CHECK(good.code == 0);
  CHECK(good.out == "good.json: nothing to say\n");

  folder.write(
      "broken.json",
      R"json({"type": "object", "properties": {"a": {"pattern": "(?=b)", "minimun": 1}}})json");
  const auto broken = folder.run("lint broken.json");
  CHECK(broken.code == 1);
  CHECK(broken.out ==
        "broken.json:1:52: /properties/a/pattern: the pattern \"(?=b)\" can't be used: at "
        "character 1, "
        "a lookahead can't be matched in linear time and is not supported\n"
        "broken.json:1:72: /properties/a/minimun: unknown keyword \"minimun\"; did you mean "
        "\"minimum\"?\n");

  folder.write("odd.json", R"({"type": "object", "properties": {
  "a": {"type": "integer", "minimun": 1, "default": "x"},
  "b": {"type": "string", "minLength": 3, "maxLength": 2},
  "c": {"type": "number", "x-mcp-header": "Cost"}
}, "required": ["d"], "additionalProperties": false})");
  const auto odd = folder.run("lint odd.json");
  CHECK(odd.code == 1);
  CHECK(odd.out ==
        "odd.json:5:16: /required: the required property \"d\" is not among the properties, and no "
        "others are allowed\n"
        "odd.json:2:39: /properties/a/minimun: unknown keyword \"minimun\"; did you mean "
        "\"minimum\"?\n"
        "odd.json:2:53: /properties/a/default: does not fit its own schema: must be integer, not "
        "string \"x\"\n"
        "odd.json:3:40: /properties/b/minLength: 3 is more than maxLength, 2: nothing fits both\n"
        "odd.json:4:43: /properties/c/x-mcp-header: x-mcp-header belongs on a property of type "
        "string, integer or boolean\n");
  const auto json = folder.run("lint --json odd.json");
  CHECK(json.code == 1);
  CHECK(Json::parse(json.out)["errors"].size() == 5);
}

TEST_CASE("schema lint looks at limits that are none, and at no more than it may read") {
  const Folder folder;
  folder.write("beside.json", R"({"$schema": "http://json-schema.org/draft-07/schema#",
  "properties": {"a": {"$ref": "#", "minLength": "a", "maxLength": 1, "required": [5],
                       "additionalProperties": false}}})");
  CHECK(folder.run("lint beside.json").out == "beside.json: nothing to say\n");
  folder.write("counts.json", R"({"minContains": "a", "maxContains": 1})");
  CHECK(folder.run("lint counts.json").out ==
        "counts.json:1:17: /minContains: must be an integer of at least 0, not \"a\"\n");
  const auto large = folder.run("lint - < /dev/zero");
  CHECK(large.code == 7);
  CHECK(large.out == "fairlead: - is larger than 256 MiB\n");
}

TEST_CASE("schema lint --form keeps to what a form may hold") {
  const Folder folder;
  folder.write("form.json", R"({"type": "object", "properties": {"a": {"type": "string"}}})");
  folder.write("nested.json", R"({"type": "object", "properties": {"a": {"type": "object"}}})");
  CHECK(folder.run("lint --form form.json").code == 0);
  const auto nested = folder.run("lint --form nested.json");
  CHECK(nested.code == 1);
  CHECK(nested.out.find("no form: ") != std::string::npos);
}

TEST_CASE("positions of pointers in texts") {
  using fairlead::agent::position_of;
  const auto at = [](std::string_view text, std::string_view pointer) {
    const auto position = position_of(text, pointer);
    return std::to_string(position.line) + ":" + std::to_string(position.column);
  };
  CHECK(at(" 1", "") == "1:2");
  CHECK(at(R"({"a": [1, "]", {"b/c": {"é": [], "~": 5}}]})", "/a/2/b~1c/~0") == "1:39");
  CHECK(at("[\n[],\n {}\n]", "/1") == "3:2");
  CHECK(at(R"({"\u0061": {"x": 1}})", "/a/x") == "1:18");
  CHECK(at(R"({"a": 1})", "/b") == "1:1");
  CHECK(at("", "/b") == "1:1");
}
