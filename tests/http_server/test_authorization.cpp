// Bearer tokens from a real issuer of keys, checked by a real server, all on loopback.

#include <stdlib.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include <mcp/auth/bearer_verifier.h>
#include <mcp/auth/json_web_token.h>
#include <mcp/base/base64.h>

#include "../http_client/raw_server.h"
#include "fixture.h"
#include "probe.h"

namespace {

using mcp::Json;
using mcp::auth::Algorithm;
using mcp::auth::SigningKey;

const std::string resource = "http://127.0.0.1/mcp";

Json active(Json claims) {
  claims["active"] = true;
  return claims;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    const int file = ::mkstemp(path_.data());
    REQUIRE(file >= 0);
    ::close(file);
    std::ofstream(path_) << content;
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/fairlead-XXXXXX";
};

/// An authorization server: its metadata, its keys, and what it says about tokens.
struct Issuer {
  SigningKey key = SigningKey::generate(Algorithm::es256);
  Json keys = [this] {
    Json jwk = key.public_jwk();
    jwk["kid"] = "one";
    return Json{{"keys", {jwk}}};
  }();
  RawServer server{[this](const RawServer::Request& request, RawServer::Connection& connection) {
    const std::string issuer = url();
    if (request.target == "/.well-known/oauth-authorization-server")
      return connection.respond(200, "application/json",
                                Json{{"issuer", issuer}, {"jwks_uri", issuer + "/keys"}}.dump());
    if (request.target == "/introspect")
      return connection.respond(200, "application/json",
                                request.body.starts_with("token=known&") ? active(claims()).dump()
                                                                         : R"({"active":false})");
    if (request.target == "/keys") return connection.respond(200, "application/json", keys.dump());
    connection.respond(404);
  }};

  std::string url() const { return server.url(""); }
  Json claims(const std::string& scope = "use") const {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    return {
        {"iss", url()}, {"aud", resource}, {"sub", "ann"}, {"scope", scope}, {"exp", now + 600}};
  }
  std::string token(const Json& claims) const {
    return sign_token(key, {{"typ", "at+jwt"}, {"kid", "one"}}, claims);
  }
};

std::string with(std::string request, const std::string& token) {
  return request.insert(request.find("Host:"), "Authorization: Bearer " + token + "\r\n");
}

std::string encoded(const Json& part) {
  return mcp::base64url_encode(part.dump());
}

}  // namespace

TEST_CASE("tokens: who has a good one is served, and known to the handler") {
  Issuer issuer;
  const auto runtime = mcp::make_runtime();
  Serving serving({.verifier = mcp::auth::make_bearer_verifier(
                       *runtime, {.resource = resource,
                                  .authorization_servers = {issuer.url()},
                                  .required_scopes = {"use"},
                                  .scope_rules = {{.name = "tell", .scopes = {"tell"}}}})});
  serving.server.tool("whoami", "",
                      [](const Nothing&, mcp::Context& ctx) { return mcp::text(ctx.principal()); });
  const auto ask = [&](const std::string& request, const std::string& token) {
    return RawClient(serving.service->port()).ask(token.empty() ? request : with(request, token));
  };
  const std::string metadata =
      R"(resource_metadata="http://127.0.0.1/.well-known/oauth-protected-resource/mcp")";

  const auto stranger = ask(modern("1", "tools/list"), "");
  CHECK(stranger.status == 401);
  CHECK(stranger.header("WWW-Authenticate") == "Bearer " + metadata + R"(, scope="use")");
  const auto document =
      ask("GET /.well-known/oauth-protected-resource/mcp HTTP/1.1\r\nHost: localhost\r\n\r\n", "");
  CHECK(document.status == 200);
  CHECK(Json::parse(document.body)["authorization_servers"] == Json{issuer.url()});

  // The names of tools are for who may call them; whether the server lives is not.
  const std::string good = issuer.token(issuer.claims());
  const std::string scrape = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
  CHECK(ask(scrape, "").status == 401);
  CHECK(ask(scrape, good).body.find("\nmcp_tool_calls_total{tool=\"echo\"") != std::string::npos);
  CHECK(ask("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "").status == 200);

  const auto served = ask(modern("2", "tools/call", "whoami"), good);
  CHECK(served.status == 200);
  CHECK(served.body.find("\"" + issuer.url() + " ann\"") != std::string::npos);

  // A tool of its own scope: the challenge names all that the call needs.
  const auto lacking = ask(modern("3", "tools/call", "tell"), good);
  CHECK(lacking.status == 403);
  CHECK(lacking.header("WWW-Authenticate").find("insufficient_scope") != std::string::npos);
  CHECK(lacking.header("WWW-Authenticate").find(R"(scope="tell")") != std::string::npos);
  CHECK(ask(modern("4", "tools/call", "tell"), issuer.token(issuer.claims("use tell"))).status ==
        200);
  CHECK(issuer.server.requests("GET").size() == 2);  // the metadata and the keys, once
}

TEST_CASE("tokens: forged, foreign and expired ones are answered 401") {
  Issuer issuer;
  const auto runtime = mcp::make_runtime();
  Serving serving({.verifier = mcp::auth::make_bearer_verifier(
                       *runtime, {.resource = resource, .authorization_servers = {issuer.url()}})});
  const auto refused = [&](const std::string& token) {
    const auto answer =
        RawClient(serving.service->port()).ask(with(modern("1", "tools/list"), token));
    CHECK(answer.header("WWW-Authenticate").find(R"(error="invalid_token")") != std::string::npos);
    return answer.status;
  };
  const std::string claims = encoded(issuer.claims());
  CHECK(refused(encoded({{"alg", "none"}}) + "." + claims + ".") == 401);
  // The public key taken for a secret of HMAC.
  CHECK(refused(encoded({{"alg", "HS256"}, {"kid", "one"}}) + "." + claims + "." +
                mcp::base64url_encode(std::string(32, 'x'))) == 401);
  const SigningKey other = SigningKey::generate(Algorithm::es256);
  CHECK(refused(sign_token(other, {{"kid", "one"}}, issuer.claims())) == 401);
  Json foreign = issuer.claims();
  foreign["aud"] = "https://other.example/mcp";
  CHECK(refused(issuer.token(foreign)) == 401);
  Json stranger = issuer.claims();
  stranger["iss"] = "https://other.example";
  CHECK(refused(issuer.token(stranger)) == 401);
  Json old = issuer.claims();
  old["exp"] = 1767225600;
  CHECK(refused(issuer.token(old)) == 401);
  const std::string good = issuer.token(issuer.claims());
  CHECK(refused(good.substr(0, good.size() - 4) + "AAAA") == 401);
  CHECK(RawClient(serving.service->port()).ask(with(modern("1", "tools/list"), good)).status ==
        200);
}

TEST_CASE("tokens: the tasks of 2025-11-25 are listed for who is known, each their own") {
  Issuer issuer;
  const auto runtime = mcp::make_runtime();
  Serving serving({.verifier = mcp::auth::make_bearer_verifier(
                       *runtime, {.resource = resource, .authorization_servers = {issuer.url()}})});
  serving.server.tool("later", "",
                      [](const Nothing&, mcp::Context& ctx) {
                        ctx.continue_as_task();
                        return mcp::text("done");
                      },
                      {.task_support = mcp::TaskSupport::required});
  RawClient client(serving.service->port());
  Json other = issuer.claims();
  other["sub"] = "bob";
  const std::string ann = issuer.token(issuer.claims());
  const std::string bob = issuer.token(other);
  const auto begin = [&](const std::string& token) {
    const auto answer = client.ask(with(post(initialize()), token));
    REQUIRE(answer.status == 200);
    CHECK(Json::parse(answer.body)["result"]["capabilities"]["tasks"].contains("list"));
    return "Mcp-Session-Id: " + answer.header("Mcp-Session-Id") + "\r\n";
  };
  const auto tasks = [&](const std::string& header, const std::string& token) {
    const auto answer =
        client.ask(with(post(R"({"jsonrpc":"2.0","id":2,"method":"tasks/list"})", header), token));
    return Json::parse(answer.body)["result"]["tasks"];
  };
  const std::string anns = begin(ann);
  const std::string bobs = begin(bob);
  CHECK(tasks(anns, ann) == Json::array());
  const auto made =
      client.ask(with(post(call("1", "later", R"("arguments":{},"task":{})"), anns), ann));
  const Json id = Json::parse(made.body)["result"]["task"]["taskId"];
  const Json listed = tasks(anns, ann);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["taskId"] == id);
  CHECK(tasks(bobs, bob) == Json::array());
  // Another session of hers sees it, too.
  CHECK(tasks(begin(ann), ann).size() == 1);
}

TEST_CASE("the command line has it all: --auth and what belongs to it") {
  Issuer issuer;
  Probe probe({"--http", "127.0.0.1:0", "--auth", issuer.url(), "--auth-resource", resource,
               "--auth-jwks", issuer.url() + "/keys", "--auth-scope", "use", "--auth-tool",
               "erase=erase"});
  const std::uint16_t port = probe.port();
  const auto ask = [&](const std::string& tool, const std::string& scope) {
    return RawClient(port).ask(
        with(modern("1", "tools/call", tool), issuer.token(issuer.claims(scope))));
  };
  CHECK(RawClient(port).ask(modern("1", "tools/list")).status == 401);
  CHECK(ask("whoami", "use").body.find(issuer.url() + " ann") != std::string::npos);
  CHECK(ask("whoami", "look").status == 403);
  CHECK(ask("erase", "use").status == 403);
  CHECK(ask("erase", "use erase").status == 200);
  CHECK(issuer.server.requests("GET").size() == 1);  // the keys; their place was told
  probe.signal(SIGTERM);
  CHECK(probe.wait() == 0);
}

TEST_CASE("the command line: tokens that are no JWTs are asked about") {
  Issuer issuer;
  const TemporaryFile secret("the secret\n");
  Probe probe({"--http", "127.0.0.1:0", "--auth", issuer.url(), "--auth-resource", resource,
               "--auth-introspection", issuer.url() + "/introspect", "--auth-client", "files",
               "--auth-secret", secret.path()});
  const std::uint16_t port = probe.port();
  const auto served = RawClient(port).ask(with(modern("1", "tools/call", "whoami"), "known"));
  CHECK(served.status == 200);
  CHECK(served.body.find(issuer.url() + " ann") != std::string::npos);
  CHECK(RawClient(port).ask(with(modern("2", "tools/list"), "guessed")).status == 401);
  const auto asked = issuer.server.requests("POST");
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].header("authorization") == "Basic " + mcp::base64_encode("files:the%20secret"));
  CHECK(asked[0].body == "token=known&token_type_hint=access_token");
}

TEST_CASE("the command line says what --auth lacks") {
  const auto said = [](int code, std::vector<std::string> arguments) {
    Probe probe(std::move(arguments));
    CHECK(probe.wait() == code);
    return probe.output();
  };
  // Nothing would ask for tokens on stdin.
  CHECK(said(1, {"--auth", "https://login.example", "--auth-resource", "https://x/mcp"})
            .find("tokens are for HTTP, which nothing asks for: give --http or --unix") !=
        std::string::npos);
  CHECK(said(2, {"--http", "0", "--auth", "https://login.example"}) ==
        "--auth requires --auth-resource\nRun with --help for more information.\n");
  CHECK(said(2, {"--http", "0", "--auth", "https://login.example", "--auth-resource",
                 "https://x/mcp", "--auth-tool", "erase"})
            .starts_with("--auth-tool: 'erase' is not TOOL=SCOPE\n"));
  CHECK(said(2, {"--http", "0", "--auth", "https://login.example", "--auth-resource",
                 "https://x/mcp", "--auth-introspection", "https://login.example/introspect"})
            .starts_with("--auth-introspection requires --auth-client\n"));
  const TemporaryFile empty("\n");
  CHECK(said(1, {"--http", "0", "--auth", "https://login.example", "--auth-resource",
                 "https://x/mcp", "--auth-introspection", "https://login.example/introspect",
                 "--auth-client", "files", "--auth-secret", empty.path()})
            .find("no secret can be read from " + empty.path()) != std::string::npos);
}

#ifdef DATABASE_SERVER
TEST_CASE("the reference servers ask for tokens, too") {
  const auto refused = [](std::vector<std::string> command) {
    command.insert(command.end(), {"--http", "127.0.0.1:0", "--auth", "https://login.example",
                                   "--auth-resource", resource});
    CommandProcess server(command, CommandProcess::On::pipes);
    server.read_until("listening on http://127.0.0.1:");
    RawClient client(static_cast<std::uint16_t>(std::stoi(server.read_line())));
    const int status = client.ask(modern("1", "tools/list")).status;
    server.signal(SIGTERM);
    CHECK(server.wait() == 0);
    return status;
  };
  const TemporaryFile sample("");
  ::unlink(sample.path().c_str());
  CHECK(CommandProcess({DATABASE_SERVER, "--make-sample", sample.path()}, CommandProcess::On::pipes)
            .wait() == 0);
  CHECK(refused({DATABASE_SERVER, sample.path()}) == 401);
  CHECK(refused({FILESYSTEM_SERVER, "--read-only", "/usr/include"}) == 401);
}
#endif
