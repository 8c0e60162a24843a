// Runs test files in the format of the JSON Schema Test Suite against mcp/schema.
//
//   schema_suite [--remotes DIR] [--skip-missing] DIR-OR-FILE...
//
// Prints every failure and, last, `N passed, N failed`. The dialect of schemas without `$schema` is
// that of the path: `draft7` in it means draft-07. Files in a folder `format` that is inside one
// named `optional` run with format as an assertion. Remote documents are registered as
// http://localhost:1234/…; without --remotes they are looked for in `remotes` beside `tests`.
// Exit status: 0 all passed, 1 not, 2 unusable arguments or files, 77 skipped (--skip-missing).

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <mcp/jsonrpc/codec.h>
#include <mcp/schema/schema.h>

namespace fs = std::filesystem;
using mcp::Json;
using namespace mcp::schema;

namespace {

struct Arguments {
  std::optional<fs::path> remotes;
  bool skip_missing = false;
  std::vector<fs::path> paths;
};

struct Tally {
  int passed = 0;
  int failed = 0;
};

Json read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("can't read " + path.string());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  mcp::jsonrpc::Decoder decoder;
  auto decoded = decoder.decode_value(text);
  if (const auto* error = std::get_if<mcp::jsonrpc::ErrorObject>(&decoded))
    throw std::runtime_error(path.string() + ": " + error->message);
  return std::get<Json>(std::move(decoded));
}

std::vector<fs::path> json_files(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file() && entry.path().extension() == ".json")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

Registry read_remotes(const Arguments& arguments) {
  std::optional<fs::path> folder = arguments.remotes;
  for (fs::path at = fs::absolute(arguments.paths.front()).lexically_normal();
       !folder && at.has_relative_path(); at = at.parent_path())
    if (fs::is_directory(at / "remotes")) folder = at / "remotes";
  Registry registry;
  if (!folder) return registry;
  for (const fs::path& file : json_files(*folder))
    registry.add("http://localhost:1234/" + file.lexically_relative(*folder).generic_string(),
                 read(file));
  return registry;
}

bool has_folder(const fs::path& path, const std::string& name) {
  return std::find(path.begin(), path.end(), name) != path.end();
}

void run_group(const Json& group, const fs::path& file, const CompileOptions& options,
               Tally& tally) {
  const auto fail = [&](const Json& test, const std::string& why) {
    ++tally.failed;
    std::printf("FAILED %s: %s / %s: %s\n", file.c_str(),
                group.at("description").get<std::string>().c_str(),
                test.at("description").get<std::string>().c_str(), why.c_str());
  };
  std::optional<Schema> schema;
  std::string mistake;
  try {
    schema = Schema::compile(group.at("schema"), options);
  } catch (const SchemaError& error) {
    mistake = error.what();
  }
  for (const Json& test : group.at("tests")) {
    if (!schema) {
      fail(test, mistake);
      continue;
    }
    const Json& data = test.at("data");
    const bool wanted = test.at("valid").get<bool>();
    const auto errors = schema->validate(data);
    if (schema->valid(data) != wanted)
      fail(test, wanted ? "should be valid, but " + summary(errors) : "should not be valid");
    else if (errors.empty() != wanted)
      fail(test, "the errors do not agree with the verdict: " + summary(errors));
    else
      ++tally.passed;
  }
}

void run_file(const fs::path& file, const Registry& remotes, Tally& tally) {
  CompileOptions options;
  options.documents = &remotes;
  if (has_folder(file, "draft7")) options.default_dialect = Dialect::draft_07;
  options.assert_format = has_folder(file, "optional");
  try {
    for (const Json& group : read(file)) run_group(group, file, options, tally);
  } catch (const Json::exception& error) {
    ++tally.failed;
    std::printf("FAILED %s: is no file of tests: %s\n", file.c_str(), error.what());
  }
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--skip-missing")
      arguments.skip_missing = true;
    else if (argument == "--remotes" && i + 1 < argc)
      arguments.remotes = argv[++i];
    else if (argument.starts_with("--"))
      throw std::runtime_error("unknown option " + argument);
    else
      arguments.paths.emplace_back(argument);
  }
  if (arguments.paths.empty())
    throw std::runtime_error("usage: schema_suite [--remotes DIR] [--skip-missing] DIR...");
  return arguments;
}

int run(const Arguments& arguments) {
  for (const fs::path& path : arguments.paths) {
    if (fs::exists(path)) continue;
    if (!arguments.skip_missing) throw std::runtime_error("there is no " + path.string());
    std::printf("skipped: there is no %s\n", path.c_str());
    return 77;
  }
  const Registry remotes = read_remotes(arguments);
  Tally tally;
  for (const fs::path& path : arguments.paths)
    for (const fs::path& file : json_files(fs::absolute(path).lexically_normal()))
      run_file(file, remotes, tally);
  if (tally.passed + tally.failed == 0)
    throw std::runtime_error("there are no tests in " + arguments.paths.front().string());
  std::printf("%d passed, %d failed\n", tally.passed, tally.failed);
  return tally.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "schema_suite: %s\n", error.what());
    return 2;
  }
}
