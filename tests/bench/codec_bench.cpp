#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include <mcp/jsonrpc/codec.h>

// What a message costs on its way in and out, beside nlohmann on the same bytes in the same run.
// Prints the median of several rounds: `codec_bench [ITERATIONS]`.

using mcp::Json;
using namespace mcp::jsonrpc;

namespace {

// 535 bytes, as a client sends them.
constexpr const char* call =
    R"({"jsonrpc":"2.0","id":1042,"method":"tools/call","params":{"name":"query_database",)"
    R"("arguments":{"sql":"SELECT c.name, COUNT(o.id) AS orders, SUM(o.total_cents) AS total FROM )"
    R"(customers c JOIN orders o ON o.customer_id = c.id WHERE o.placed_at >= ? AND c.country = ? )"
    R"(GROUP BY c.id ORDER BY total DESC, c.name ASC LIMIT 50","params":["2026-01-01","DE"],"limit":25,"timeout":2.5},)"
    R"("_meta":{"progressToken":1042,"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}})";

// 303 bytes, as a server answers.
const Json result = Json::parse(
    R"({"content":[{"type":"text","text":"3 rows\nMarta Weiss\t17\t210499\nJonas Brandt\t12\t)"
    R"(180250\nEla Yilmaz\t11\t9990"}],"structuredContent":{"columns":["name","orders","total"],)"
    R"("row_count":3,"truncated":false,"elapsed_ms":1.25},"isError":false,"resultType":"complete"})");

volatile std::size_t sink = 0;

// Median nanoseconds of one `work`, over rounds of `iterations`.
template <class Work>
double nanoseconds(int iterations, Work work) {
  std::vector<double> rounds;
  for (int round = 0; round < 9; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < iterations; ++i) sink = sink + work();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    rounds.push_back(took.count() / iterations);
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

void print(const char* name, double ours, double nlohmann) {
  std::printf("%-34s %10.0f ns %10.0f ns %8.2fx\n", name, ours, nlohmann, nlohmann / ours);
}

}  // namespace

int main(int argc, char** argv) {
  const int iterations = argc > 1 ? std::max(1, std::atoi(argv[1])) : 20'000;
  const std::string in = call;
  Decoder decoder;
  std::string out;
  const Response response{Id(1042), result};
  const auto decode_ours = [&] {
    const Incoming incoming = decoder.decode(in);
    return std::get<Request>(std::get<Message>(incoming)).params.size();
  };
  const auto encode_ours = [&] {
    out.clear();
    encode(response, out);
    return out.size();
  };
  const auto decode_nlohmann = [&] { return Json::parse(in)["params"].size(); };
  const auto encode_nlohmann = [&] {
    return Json{{"jsonrpc", "2.0"}, {"id", 1042}, {"result", result}}.dump().size();
  };

  encode_ours();
  std::printf("message in %zu B, out %zu B; median of 9 x %d\n", in.size(), out.size(), iterations);
  std::printf("%-34s %13s %13s\n", "", "fairlead", "nlohmann");
  const double in_ours = nanoseconds(iterations, decode_ours);
  const double in_nlohmann = nanoseconds(iterations, decode_nlohmann);
  const double out_ours = nanoseconds(iterations, encode_ours);
  const double out_nlohmann = nanoseconds(iterations, encode_nlohmann);
  print("tools/call in", in_ours, in_nlohmann);
  print("result out", out_ours, out_nlohmann);
  print("both (budget 4000 ns)", in_ours + out_ours, in_nlohmann + out_nlohmann);

  const int few = std::max(1, iterations / 2000);
  const std::string large = R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"text":")" +
                            std::string(std::size_t{1} << 20, 'x') + "\"}}";
  const Json large_value = Json::parse(large);
  print("1 MiB string in", nanoseconds(few, [&] { return decoder.decode(large).index(); }),
        nanoseconds(few, [&] { return Json::parse(large).size(); }));
  print("1 MiB string out", nanoseconds(few, [&] { return encode_value(large_value).size(); }),
        nanoseconds(few, [&] { return large_value.dump().size(); }));
  return 0;
}
