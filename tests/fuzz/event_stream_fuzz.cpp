#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/event_stream.h>

#include "require.h"

// The first byte says into what pieces the rest is cut: the events are the same as in one piece,
// and those that an event stream is written with are read again as they were.

namespace {

struct Heard {
  std::vector<mcp::StreamEvent> events;
  std::string last_id;
  std::optional<std::uint64_t> retry;
  bool too_long = false;
};

Heard hear(std::string_view bytes, std::size_t piece) {
  Heard heard;
  mcp::EventStreamParser parser({.max_line_bytes = 512, .max_event_bytes = 2048});
  try {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
      parser.feed(bytes.substr(0, piece),
                  [&](const mcp::StreamEvent& event) { heard.events.push_back(event); });
  } catch (const std::length_error&) {
    heard.too_long = true;
  }
  heard.last_id = parser.last_event_id();
  heard.retry = parser.retry_ms();
  return heard;
}

std::string written(const mcp::StreamEvent& event) {
  std::string text;
  if (!event.type.empty()) text += "event: " + event.type + "\n";
  std::string_view data = event.data;
  for (;;) {
    const std::size_t end = data.find('\n');
    text += "data: " + std::string(data.substr(0, end)) + "\n";
    if (end == std::string_view::npos) return text + "\n";
    data.remove_prefix(end + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Heard whole = hear(bytes, bytes.size());
  const Heard cut = hear(bytes, std::size_t{1} + data[0]);
  FUZZ_REQUIRE(whole.too_long == cut.too_long);
  FUZZ_REQUIRE(whole.events.size() == cut.events.size());
  std::string again;
  for (std::size_t index = 0; index < whole.events.size(); ++index) {
    const mcp::StreamEvent& event = whole.events[index];
    FUZZ_REQUIRE(event.type == cut.events[index].type && event.data == cut.events[index].data);
    FUZZ_REQUIRE(event.type.find_first_of("\r\n") == std::string::npos);
    FUZZ_REQUIRE(event.data.find('\r') == std::string::npos && event.data.size() <= 2048);
    again += written(event);
  }
  if (whole.too_long) return 0;
  FUZZ_REQUIRE(whole.last_id == cut.last_id && whole.retry == cut.retry);
  FUZZ_REQUIRE(whole.last_id.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  const Heard repeated = hear(again, again.size());
  if (repeated.too_long) return 0;  // `data: ` may make a line longer than it came
  FUZZ_REQUIRE(repeated.events.size() == whole.events.size());
  for (std::size_t index = 0; index < whole.events.size(); ++index)
    FUZZ_REQUIRE(repeated.events[index].type == whole.events[index].type &&
                 repeated.events[index].data == whole.events[index].data);
  return 0;
}
