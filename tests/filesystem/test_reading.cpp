#include "servers/filesystem/reading.h"

#include <unistd.h>

#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

struct Reader {
  explicit Reader(std::size_t max_bytes = 60'000) { limits.max_read_bytes = max_bytes; }
  Place place(const std::string& bytes) {
    folder.write("f", bytes);
    return folder.sandbox().find("f");
  }
  std::string head(const std::string& bytes, std::uint64_t lines) {
    return read_head(place(bytes), lines, limits, no_hurry()).text;
  }
  std::string tail(const std::string& bytes, std::uint64_t lines) {
    return read_tail(place(bytes), lines, limits, no_hurry()).text;
  }
  Folder folder;
  Limits limits;
};

}  // namespace

TEST_CASE("head and tail count lines, and a line break at the end begins none") {
  Reader reader;
  CHECK(reader.head("a\nb\nc\n", 2) == "a\nb");
  CHECK(reader.head("a\nb", 5) == "a\nb");
  CHECK(reader.head("a\n", 0).empty());
  CHECK(reader.head("", 3).empty());
  CHECK(reader.tail("a\nb\nc\n", 1) == "c");
  CHECK(reader.tail("a\nb\nc\n", 2) == "b\nc");
  CHECK(reader.tail("a\nb\nc", 2) == "b\nc");
  CHECK(reader.tail("a\r\nb\r\n", 2) == "a\nb");
  CHECK(reader.tail("a\n\n", 1).empty());
  CHECK(reader.tail("a\nb", 9) == "a\nb");
  CHECK(reader.tail("a\nb", 0).empty());
}

TEST_CASE("a long file comes in parts that make it up again and cut no character") {
  Reader reader(10);
  const std::string whole = "a\u00e9\u4e2d\U0001F600bcd\u00e9\u00e9\u4e2d\u4e2d end";
  const Place place = reader.place(whole);
  std::string read;
  std::uint64_t offset = 0;
  for (int parts = 0; parts < 20; ++parts) {
    const TextAnswer part = read_text(place, offset, reader.limits, no_hurry());
    CHECK(part.text.size() <= 10);
    read += part.text;
    if (!part.truncated) break;
    offset = std::stoull(part.cursor);
  }
  CHECK(read == whole);
}

TEST_CASE("a file of exactly the limit is whole, and one byte more is truncated") {
  Reader reader(1'000);
  CHECK_FALSE(
      read_text(reader.place(std::string(1'000, 'x')), 0, reader.limits, no_hurry()).truncated);
  const TextAnswer more =
      read_text(reader.place(std::string(1'001, 'x')), 0, reader.limits, no_hurry());
  CHECK(more.truncated);
  CHECK(more.cursor == "1000");
  CHECK(more.note == "Truncated: bytes 0 to 1000 of 1001.");
}

TEST_CASE("binary is refused, not sent as broken text") {
  Reader reader;
  for (const std::string& bytes : {std::string("a\0b", 3),
                                   std::string("\xff\xfe"
                                               "a"),
                                   std::string("ends in half \xc3")}) {
    const Place place = reader.place(bytes);
    const auto read = [&] { read_text(place, 0, reader.limits, no_hurry()); };
    CHECK(failure_of(read) == "Not a text file: " + reader.folder.inside("f") +
                                  " holds bytes that are no UTF-8 text. Use read_media_file for "
                                  "binary files.");
  }
}

TEST_CASE("a sparse terabyte is read at both ends without taking memory or time") {
  Reader reader;
  const Place place = reader.place("first\n");
  if (::truncate(reader.folder.inside("f").c_str(), off_t{1} << 40) != 0) {
    MESSAGE("no terabyte on this file system");
    return;
  }
  CHECK(read_head(place, 1, reader.limits, no_hurry()).text == "first");
  CHECK(failure_of([&] {
          read_text(place, 0, reader.limits, no_hurry());
        }).rfind("Not a text file", 0) == 0);
  CHECK(failure_of([&] {
          read_tail(place, 1, reader.limits, no_hurry());
        }).rfind("Not a text file", 0) == 0);
  CHECK(failure_of([&] {
          read_media(place, reader.limits, no_hurry());
        }).rfind("File too large", 0) == 0);
}

TEST_CASE("media is known by its content") {
  CHECK(mime_type_of("\x89PNG\r\n\x1a\n...", "a.txt") == "image/png");
  CHECK(mime_type_of("GIF89a...", "a") == "image/gif");
  CHECK(mime_type_of("RIFF....WEBPVP8 ", "a") == "image/webp");
  CHECK(mime_type_of("RIFF....WAVEfmt ", "a") == "audio/wav");
  CHECK(mime_type_of("OggS...", "a") == "audio/ogg");
  CHECK(mime_type_of("plain words", "picture.png") == "text/plain");
  CHECK(mime_type_of("BMW is a car", "a") == "text/plain");
  CHECK(mime_type_of("<svg xmlns='x'/>", "a.svg") == "image/svg+xml");
  CHECK(mime_type_of(std::string("\0\1", 2), "a.mp3") == "application/octet-stream");
  CHECK(mime_type_of("", "a.png") == "application/octet-stream");
}

TEST_CASE("a cancelled call ends") {
  Reader reader;
  std::stop_source stop;
  stop.request_stop();
  const Watch cancelled(stop.get_token(), std::chrono::minutes(5));
  const Place place = reader.place("text");
  CHECK(failure_of([&] { read_text(place, 0, reader.limits, cancelled); }) ==
        "The call was cancelled.");
}
