#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

#include <mcp/base/event_stream.h>

namespace {

using Events = std::vector<std::pair<std::string, std::string>>;  // type, data

Events read(const std::vector<std::string>& pieces) {
  mcp::EventStreamParser parser;
  Events out;
  for (const std::string& piece : pieces) {
    parser.feed(piece,
                [&](const mcp::StreamEvent& event) { out.emplace_back(event.type, event.data); });
  }
  return out;
}

}  // namespace

TEST_CASE("an event has a type and its data lines joined") {
  CHECK(read({"event: add\ndata: one\ndata: two\n\n"}) == Events{{"add", "one\ntwo"}});
  CHECK(read({"data:no space\n\ndata:  two spaces\n\n"}) ==
        Events{{"", "no space"}, {"", " two spaces"}});
}

TEST_CASE("a stream means the same wherever it is cut and however its lines end") {
  const Events wanted{{"a", "1\n2"}, {"", "ü"}};
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    std::string text = "\xEF\xBB\xBF: a comment" + end + "event: a" + end + "data: 1" + end +
                       "data: 2" + end + end + "data: ü" + end + end;
    CHECK(read({text}) == wanted);
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      CAPTURE(cut);
      CHECK(read({text.substr(0, cut), text.substr(cut)}) == wanted);
    }
    std::vector<std::string> bytes;
    for (const char c : text) bytes.emplace_back(1, c);
    CHECK(read(bytes) == wanted);
  }
}

TEST_CASE("an event without data is none, an event with empty data is one") {
  CHECK(read({"event: ping\n\n"}).empty());
  CHECK(read({"data\n\n", "data:\n\n"}) == Events{{"", ""}, {"", ""}});
  CHECK(read({"event: lost\n\ndata: x\n\n"}) == Events{{"", "x"}});
}

TEST_CASE("an event that is not ended is not delivered") {
  CHECK(read({"data: x\n"}).empty());
}

TEST_CASE("ids and retry times are kept, unknown fields ignored") {
  mcp::EventStreamParser parser;
  int events = 0;
  const auto count = [&](const mcp::StreamEvent&) { ++events; };
  parser.feed("id: 7\nretry: 1500\nwhat: ever\n\n", count);
  CHECK(events == 0);
  CHECK(parser.last_event_id() == "7");
  CHECK(parser.retry_ms() == 1500);
  using namespace std::string_literals;
  parser.feed("id: 8\0\nretry: 1x\ndata: x\n\n"s, count);
  CHECK(events == 1);
  CHECK(parser.last_event_id() == "7");
  CHECK(parser.retry_ms() == 1500);
}

TEST_CASE("a line or an event past the limit is refused") {
  mcp::EventStreamParser parser({.max_line_bytes = 20, .max_event_bytes = 30});
  const auto ignore = [](const mcp::StreamEvent&) {};
  parser.feed("data: 12345678901234\n", ignore);
  CHECK_THROWS_WITH_AS(parser.feed("data: 1234567890123456", ignore),
                       "a line of the event stream is longer than 20 bytes", std::length_error);
  mcp::EventStreamParser other({.max_line_bytes = 20, .max_event_bytes = 30});
  other.feed("data: 12345678901234\ndata: 12345678901234\n", ignore);
  CHECK_THROWS_WITH_AS(other.feed("data: x\n", ignore),
                       "an event of the stream is longer than 30 bytes", std::length_error);
}
