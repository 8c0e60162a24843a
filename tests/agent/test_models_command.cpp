// `fairlead` with a file of models.

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>

#include "gateway_simulator.h"

namespace {

/// A folder with m.yaml, gone afterwards.
struct Folder {
  explicit Folder(const std::string& yaml) {
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    std::ofstream(path + "/m.yaml") << yaml;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path = (std::filesystem::temp_directory_path() / "fairlead-models-XXXXXX").string();
};

struct Ran {
  int code = -1;
  std::string out;
};

Ran run(const Folder& folder, const std::string& arguments,
        const std::string& redirect = "2>/dev/null") {
  Ran ran;
  const std::string command = "cd '" + folder.path + "' && env -i PATH=\"$PATH\" '" +
                              FAIRLEAD_COMMAND "' " + arguments + " " + redirect;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe))
    ran.out.append(buffer, got);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) ran.code = WEXITSTATUS(status);
  return ran;
}

std::string two_models(const std::string& url, const std::string& more) {
  return "gateways:\n  main: {base_url: \"" + url +
         "\"}\nmodels:\n  first: {deployments: [{gateway: main, id: one}]}\n"
         "  second: {deployments: [{gateway: main, id: two}]}\n" +
         more;
}

}  // namespace

TEST_CASE("run falls back, says so, and names the model that answered") {
  GatewaySimulator gateway(1);
  gateway.set_model("one", Fault::broken);
  const Folder folder(
      two_models(gateway.url(), "chains: {both: [first, second]}\ndefault_model: both\n"));
  const Ran text = run(folder, "run --models m.yaml Hello");
  CHECK(text.code == 0);
  CHECK(text.out == "This is what two says.\n");
  CHECK(run(folder, "run --models m.yaml Hello", "2>&1 >/dev/null").out ==
        "first gave no answer (server): asking second\n");
  const Ran json = run(folder, "run --models m.yaml --json Hello");
  CHECK(json.out.find(R"("event":"fallback","from":"first")") != std::string::npos);
  CHECK(json.out.find(R"("model":"second")") != std::string::npos);
  // Named alone it has no other.
  const Ran alone = run(folder, "run --models m.yaml --model first Hello");
  CHECK(alone.code == 3);
  CHECK(alone.out.empty());
}

TEST_CASE("an answer that breaks off is restarted for programs, never doubled on a terminal") {
  GatewaySimulator gateway(1);
  gateway.set_model("one", Fault::half);
  const Folder folder(two_models(gateway.url(),
                                 "chains: {both: [first, second]}\ndefault_model: both\n"
                                 "policy: {mid_stream: restart, tries: 1}\n"));
  const Ran json = run(folder, "run --models m.yaml --json Hello");
  CHECK(json.code == 0);
  CHECK(json.out.find(R"("event":"restart")") != std::string::npos);
  CHECK(json.out.find(R"("text":"This is what two says.")") != std::string::npos);
  const Ran text = run(folder, "run --models m.yaml Hello");
  CHECK(text.code == 3);
  CHECK(text.out == "This is what \n");
}

TEST_CASE("--explain-route asks nobody; config check names line and column") {
  GatewaySimulator gateway(1);
  const Folder folder(two_models(gateway.url(),
                                 "routes:\n- {task: code, keywords: [bug], models: [second]}\n"
                                 "- {task: rest, models: [first]}\n"));
  const Ran ran = run(folder, "run --models m.yaml --explain-route 'A bug'");
  CHECK(ran.out == "code: the keyword \"bug\"\nmodels: second\n");
  CHECK(gateway.requests() == 0);
  CHECK(run(folder, "run --models m.yaml 'A bug'").out == "This is what two says.\n");
  CHECK(run(folder, "run --models m.yaml 'A cat'").out == "This is what one says.\n");
  CHECK(run(folder, "config check m.yaml").out == "m.yaml: valid\n");
  CHECK(run(folder, "run --models m.yaml --gateway http://127.0.0.1:1 x").code == 7);
  CHECK(run(folder, "run --models none.yaml x").code == 7);

  const Folder wrong(two_models(gateway.url(), "defualt_model: first\n"));
  const Ran found = run(wrong, "config check m.yaml");
  CHECK(found.code == 1);
  CHECK(found.out.starts_with("m.yaml:6:1: "));
  CHECK(run(wrong, "config check --json m.yaml").out.find(R"("line": 6)") != std::string::npos);
}
