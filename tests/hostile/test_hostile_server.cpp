// A peer that hates us sends one line; the process must answer it as wanted, answer the next
// ordinary call, and live.

#include <doctest/doctest.h>

#include <string>

#include <mcp/base/json.h>

#include "../process/command_process.h"
#include "../wire/checked_transport.h"

using mcp::Json;

namespace {

// Sanitizers keep what is freed for a while: memory says nothing there.
#if defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

const std::string initialize =
    R"({"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"2025-11-25",)"
    R"("capabilities":{},"clientInfo":{"name":"hostile","version":"1"}}})"
    "\n"
    R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
    "\n";

const std::string modern =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"hostile","version":"1"},)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

std::string add(const std::string& id, const std::string& arguments) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":"add",)" +
         R"("arguments":)" + arguments + "}}\n";
}

/// The tour server seen as a hostile peer sees it: any bytes in. What it says to them still has to
/// fit the official schemas.
struct Raw : CommandProcess {
  Raw() : CommandProcess({TOUR_PROGRAM}, On::pipes, {.errors = Errors::dropped}) {}

  bool write(std::string_view bytes) {
    unended_ += bytes;
    for (std::size_t end; (end = unended_.find('\n')) != std::string::npos;) {
      lines_.heard(std::string_view(unended_).substr(0, end));
      unended_.erase(0, end + 1);
    }
    return CommandProcess::write(bytes);
  }
  Json read() {
    const std::string line = read_line();
    lines_.said(line);
    return Json::parse(line);
  }

 private:
  CheckedLines lines_;
  std::string unended_;  // what was written of a line so far
};

/// The same after its handshake.
struct Tour : Raw {
  Tour() {
    write(initialize);
    REQUIRE(read()["id"] == "init");
  }
  /// Sends one bad line and returns what came back before the answer to an ordinary call.
  Json after(const std::string& line) {
    REQUIRE(write(line + "\n" + add("\"next\"", R"({"a":1,"b":2})")));
    Json first = read();
    Json second = read();
    if (first["id"] == "next") std::swap(first, second);
    CHECK(second["result"]["structuredContent"]["sum"] == 3);
    return first;
  }
};

std::string nested(std::size_t depth) {
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)" + std::string(depth, '[') +
         std::string(depth, ']') + "}";
}

}  // namespace

TEST_CASE_FIXTURE(Tour, "a truncated line is a parse error") {
  CHECK(after(R"({"jsonrpc":"2.0","id":1,"method":"tools/li)")["error"]["code"] == -32700);
}

TEST_CASE_FIXTURE(Tour, "a request whose id is null is invalid") {
  CHECK(after(R"({"jsonrpc":"2.0","id":null,"method":"ping"})")["error"]["code"] == -32600);
}

TEST_CASE_FIXTURE(Tour, "a message without its jsonrpc member is invalid") {
  const Json answer = after(R"({"id":7,"method":"ping"})");
  CHECK(answer["error"]["code"] == -32600);
  CHECK(answer["id"] == 7);
}

TEST_CASE_FIXTURE(Tour, "a batch is refused whole on a revision that has none") {
  CHECK(after(R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])")["error"]["code"] == -32600);
}

TEST_CASE_FIXTURE(Tour, "200,000 nested arrays are a parse error") {
  CHECK(after(nested(200'000))["error"]["code"] == -32700);
}

TEST_CASE_FIXTURE(Tour, "bytes that are no UTF-8 are a parse error") {
  const std::string line =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"\xFF\xFE\"}}";
  CHECK(after(line)["error"]["code"] == -32700);
}

TEST_CASE_FIXTURE(Tour, "a lone surrogate is a parse error") {
  CHECK(
      after(
          R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\ud800"}})")["error"]
                                                                                         ["code"] ==
      -32700);
}

TEST_CASE_FIXTURE(Tour, "an argument of the wrong type is a tool error that names its path") {
  const Json answer = after(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":"one","b":2}}})");
  CHECK(answer["result"]["isError"] == true);
  CHECK(answer["result"]["content"][0]["text"].get<std::string>().find("/a") != std::string::npos);
}

TEST_CASE_FIXTURE(Tour, "an unknown tool is invalid params") {
  CHECK(after(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nothing"}})")
            ["error"]["code"] == -32602);
}

TEST_CASE_FIXTURE(Tour, "server/discover is answered beside a session") {
  const Json answer =
      after(R"({"jsonrpc":"2.0","id":1,"method":"server/discover","params":{)" + modern + "}}");
  CHECK(answer["result"]["supportedVersions"] ==
        Json({"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"}));
}

TEST_CASE_FIXTURE(Tour, "an argument of 8 MiB is served") {
  const std::string big(std::size_t{8} << 20, 'x');
  const Json answer = after(add("1", R"({"a":1,"b":2,"note":")" + big + R"("})"));
  CHECK(answer["result"]["structuredContent"]["sum"] == 3);
}

TEST_CASE_FIXTURE(Tour, "a line past the limit is refused, and memory is given back") {
  const std::string chunk(std::size_t{1} << 20, 'x');
  REQUIRE(write(R"({"jsonrpc":"2.0","id":1,"method":")"));
  for (int megabytes = 0; megabytes < 64; ++megabytes) REQUIRE(write(chunk));
  const Json answer = after("\"}");
  CHECK(answer["error"]["code"] == -32700);
  if (!sanitized) CHECK(resident_kilobytes() < 64 * 1024);
}

TEST_CASE_FIXTURE(Tour, "a flood of answers nobody asked for is ignored") {
  std::string flood;
  for (int count = 0; count < 10'000; ++count) {
    flood += R"({"jsonrpc":"2.0","id":)" + std::to_string(count) + R"(,"result":{}})" + "\n";
  }
  REQUIRE(write(flood + add("1", R"({"a":20,"b":22})")));
  CHECK(read()["result"]["structuredContent"]["sum"] == 42);
}

TEST_CASE_FIXTURE(Tour, "input that ends in the middle of a message ends the process in order") {
  REQUIRE(write(add("1", R"({"a":20,"b":22})") + R"({"jsonrpc":"2.0","id":2,"met)"));
  close_input();
  // The unfinished line is refused while the call is still being answered.
  Json answered = read();
  if (answered.contains("error")) answered = read();
  CHECK(answered["result"]["structuredContent"]["sum"] == 42);
  CHECK(wait() == 0);
}

TEST_CASE_FIXTURE(Tour, "a reader that closes its end does not kill the process by a signal") {
  close_output();
  write(add("1", R"({"a":1,"b":2})"));
  close_input();
  CHECK(wait() >= 0);
}

TEST_CASE("a request before any handshake is told both ways in") {
  Raw tour;
  REQUIRE(tour.write(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"
                     "\n"));
  const Json answer = tour.read();
  CHECK(answer["error"]["code"] == -32602);
  const std::string message = answer["error"]["message"];
  CHECK(message.find("initialize") != std::string::npos);
  CHECK(message.find("_meta") != std::string::npos);
}

TEST_CASE_FIXTURE(Tour, "a thousand fast calls do not wait for a slow one") {
  REQUIRE(write(R"({"jsonrpc":"2.0","id":"slow","method":"tools/call",)"
                R"("params":{"name":"wait","arguments":{"seconds":5}}})"
                "\n"));
  std::string calls;
  for (int count = 0; count < 1000; ++count) {
    calls += add(std::to_string(count), R"({"a":1,"b":)" + std::to_string(count) + "}");
  }
  REQUIRE(write(calls));
  for (int count = 0; count < 1000; ++count) {
    const Json answer = read();
    REQUIRE(answer["id"] != "slow");
    CHECK(answer["result"]["structuredContent"]["sum"] == 1 + answer["id"].get<int>());
  }
  REQUIRE(
      write(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}})"
            "\n"));
  close_input();
  CHECK(wait() == 0);
}
