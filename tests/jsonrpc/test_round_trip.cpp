#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include <mcp/base/utf8.h>
#include <mcp/jsonrpc/strict_reader.h>

#include "decoded.h"

using namespace decoded;

namespace {

// Makes ordinary and awkward values from a fixed seed, so that a failure comes again.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Json value(int depth) {
    switch (below(depth > 0 ? 9 : 7)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 1;
      case 2:
        return static_cast<std::int64_t>(random_()) >> below(64);
      case 3:
        return random_() >> below(64);
      case 4:
        return real();
      case 5:
        return text();
      case 6:
        return static_cast<int>(below(100));
      case 7: {
        Json array = Json::array();
        for (std::uint64_t n = below(6); n > 0; --n) array.push_back(value(depth - 1));
        return array;
      }
      default: {
        Json object = Json::object();
        for (std::uint64_t n = below(6); n > 0; --n) object[text()] = value(depth - 1);
        return object;
      }
    }
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  double real() {
    const std::uint64_t bits = random_();
    double any;
    std::memcpy(&any, &bits, sizeof any);
    if (!std::isfinite(any) || below(2) == 0)
      return static_cast<double>(static_cast<std::int64_t>(bits) >> 40) / 100.0;
    return any;
  }

  std::string text() {
    std::string out;
    for (std::uint64_t n = below(20); n > 0; --n) {
      const char32_t bound = below(4) == 0 ? 0x110000 : 0x80;
      mcp::append_utf8(static_cast<char32_t>(below(bound)), out);
    }
    return out;
  }

  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("what goes out comes in again, and nlohmann agrees on both ways") {
  Generator generator(20251125);
  Decoder decoder;
  for (int i = 0; i < 3000; ++i) {
    const Json value = generator.value(5);
    const std::string text = encode_value(value);
    CAPTURE(text);
    REQUIRE(text.find('\n') == std::string::npos);
    REQUIRE(Json::parse(text) == value);
    REQUIRE(std::get<Json>(decoder.decode_value(text)) == value);
    // nlohmann's text of a double is not always the nearest: then it is kept as it is.
    const Json foreign = std::get<Json>(decoder.decode_value(value.dump(1)));
    REQUIRE(Json::parse(encode_value(foreign)) == value);
    // The strict reader, called in by the number that has no type.
    REQUIRE(std::get<Json>(decoder.decode_value("[1e400," + text + "]"))[1] == value);
  }
}

TEST_CASE("a byte changed anywhere never ends the process, and both parsers agree") {
  Generator generator(20260728);
  std::mt19937_64 random(7);
  Decoder decoder;
  for (int i = 0; i < 3000; ++i) {
    std::string text = encode_value(generator.value(3));
    text[random() % text.size()] = static_cast<char>(random());
    CAPTURE(text);
    const auto quick = decoder.decode_value(text);
    const Reading strict = read_strictly(text, CodecLimits{});
    const bool accepted = !strict.error && strict.duplicates.empty();
    REQUIRE(std::holds_alternative<Json>(quick) == accepted);
    if (accepted) REQUIRE(std::get<Json>(quick) == strict.value);
  }
}
