#include <mcp/transport/line_framer.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace {

/// Feeds the text in pieces and gathers the lines; "!" stands for one that is too long.
std::vector<std::string> lines(mcp::LineFramer& framer, std::string_view text, std::size_t piece) {
  std::vector<std::string> result;
  const auto keep = [&](const mcp::LineFramer::Line& line) {
    result.push_back(line.oversized ? "!" : std::string(line.text));
  };
  while (!text.empty()) {
    const auto space = framer.space();
    const std::size_t count = std::min({piece, space.size(), text.size()});
    std::copy_n(text.begin(), count, space.begin());
    text.remove_prefix(count);
    framer.filled(count);
    while (const auto line = framer.next()) keep(*line);
  }
  if (const auto line = framer.last()) keep(*line);
  return result;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines come out whole, however the bytes come in") {
  for (const std::size_t piece : {1U, 2U, 3U, 5U, 100U}) {
    mcp::LineFramer framer(100);
    CHECK(lines(framer, "one\ntwo\r\n\n \t\r\n\r\nthree\nlast", piece) ==
          Lines{"one", "two", "three", "last"});
  }
}

TEST_CASE("a line at the limit passes, one byte more is reported once and skipped") {
  for (const std::size_t piece : {1U, 4U, 100U}) {
    mcp::LineFramer framer(5);
    CHECK(lines(framer, "12345\n12345\r\n123456\nok\n123456\r\n12345678901234567890\nfine\n",
                piece) == Lines{"12345", "12345", "!", "ok", "!", "!", "fine"});
  }
}

TEST_CASE("the end of the input in the middle of a line") {
  mcp::LineFramer framer(5);
  CHECK(lines(framer, "1234", 3) == Lines{"1234"});
  CHECK(lines(framer, "  ", 3) == Lines{});
  CHECK(lines(framer, "123456", 3) == Lines{"!"});
  CHECK(lines(framer, "1234567890", 3) == Lines{"!"});
  CHECK(lines(framer, "after\n", 3) == Lines{"after"});
}

TEST_CASE("memory follows the longest line allowed, and goes back") {
  constexpr std::size_t mebibyte = std::size_t{1} << 20U;
  mcp::LineFramer framer(4 * mebibyte);
  const std::string large(4 * mebibyte, 'x');
  CHECK(lines(framer, large + "\nsmall\n", 65536) == Lines{large, "small"});
  CHECK(lines(framer, std::string(40 * mebibyte, 'x') + "\nsmall\n", 65536) == Lines{"!", "small"});
  CHECK(framer.capacity() <= 4 * mebibyte + 65536);
  framer.space();
  CHECK(framer.capacity() == 65536);
}
