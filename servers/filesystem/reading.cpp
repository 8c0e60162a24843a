#include "servers/filesystem/reading.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include <mcp/base/utf8.h>

namespace fairlead::filesystem {
namespace {

constexpr std::size_t chunk_bytes = 64 << 10;

std::uint64_t size_of(const Descriptor& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_system_error(errno, "fstat");
  return static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
}

/// At most `size` bytes from `offset`; fewer at the end of the file.
/// `file_size` is what the file had just now.
std::string read_at(const Descriptor& file, std::uint64_t file_size, std::uint64_t offset,
                    std::size_t size, const Watch& watch) {
  std::string bytes;
  if (file_size > offset) bytes.reserve(std::min<std::uint64_t>(size, file_size - offset + 1));
  while (bytes.size() < size) {
    watch.check();
    const std::size_t before = bytes.size();
    // Within what is reserved, as far as that goes.
    const std::size_t room = std::max(bytes.capacity() - before, std::size_t{4'096});
    const std::size_t wanted = std::min({size - before, chunk_bytes, room});
    bytes.resize(before + wanted);
    const ssize_t got =
        ::pread(file.get(), bytes.data() + before, wanted, static_cast<off_t>(offset + before));
    if (got < 0 && errno == EINTR) {
      bytes.resize(before);
      continue;
    }
    if (got < 0) throw_system_error(errno, "read");
    bytes.resize(before + static_cast<std::size_t>(got));
    // Less than was asked for, and all that there was: the end. Files of /proc have no size.
    const bool all = bytes.size() + offset == file_size && static_cast<std::size_t>(got) < wanted;
    if (got == 0 || all) break;
  }
  return bytes;
}

[[noreturn]] void refuse_binary(const Place& place) {
  throw Failure("Not a text file: " + place.real_path +
                " holds bytes that are no UTF-8 text. Use read_media_file for binary files.");
}

/// `bytes` without the code point that its end cuts in two.
std::string_view whole_text(std::string_view bytes, const Place& place) {
  const std::size_t valid = mcp::valid_utf8_prefix(bytes);
  if (bytes.size() - valid > 3 || bytes.find('\0') != std::string_view::npos) refuse_binary(place);
  return bytes.substr(0, valid);
}

void require_text(std::string_view bytes, const Place& place) {
  if (whole_text(bytes, place).size() != bytes.size()) refuse_binary(place);
}

std::string without_carriage_returns(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    result += text[i];
  }
  return result;
}

}  // namespace

TextAnswer read_text(const Place& place, std::uint64_t offset, const Limits& limits,
                     const Watch& watch) {
  const Descriptor file = open_regular_file(place);
  const std::uint64_t size = size_of(file);
  // One byte more than is shown tells whether there is more: the size may be wrong by now, and is
  // 0 for every file of /proc.
  std::string bytes = read_at(file, size, offset, limits.max_read_bytes + 1, watch);
  TextAnswer answer;
  answer.truncated = bytes.size() > limits.max_read_bytes;
  if (!answer.truncated) {
    require_text(bytes, place);
    answer.text = std::move(bytes);
    return answer;
  }
  bytes.resize(limits.max_read_bytes);
  bytes.resize(whole_text(bytes, place).size());
  answer.text = std::move(bytes);
  answer.cursor = std::to_string(offset + answer.text.size());
  answer.note = "Truncated: bytes " + std::to_string(offset) + " to " + answer.cursor + " of " +
                std::to_string(size) + ".";
  return answer;
}

TextAnswer read_head(const Place& place, std::uint64_t lines, const Limits& limits,
                     const Watch& watch) {
  const Descriptor file = open_regular_file(place);
  TextAnswer answer;
  if (lines == 0) return answer;
  const std::string bytes = read_at(file, size_of(file), 0, limits.max_read_bytes + 1, watch);
  std::uint64_t seen = 0;
  std::size_t end = 0;
  while (end < bytes.size() && seen < lines) {
    const std::size_t next = bytes.find('\n', end);
    if (next == std::string::npos) {
      end = bytes.size();
      break;
    }
    end = next + 1;
    ++seen;
  }
  answer.truncated =
      end > limits.max_read_bytes || (seen < lines && bytes.size() > limits.max_read_bytes);
  if (answer.truncated) {
    answer.text = whole_text(std::string_view(bytes).substr(0, limits.max_read_bytes), place);
    answer.cursor = std::to_string(answer.text.size());
    answer.note = "Truncated: these lines are longer than the " +
                  std::to_string(limits.max_read_bytes) +
                  " bytes of one answer. With the cursor and without head the file goes on.";
    return answer;
  }
  answer.text = bytes.substr(0, end);
  if (!answer.text.empty() && answer.text.back() == '\n') answer.text.pop_back();
  require_text(answer.text, place);
  return answer;
}

TextAnswer read_tail(const Place& place, std::uint64_t lines, const Limits& limits,
                     const Watch& watch) {
  const Descriptor file = open_regular_file(place);
  TextAnswer answer;
  if (lines == 0) return answer;
  const std::uint64_t size = size_of(file);
  const std::uint64_t from = size > limits.max_read_bytes ? size - limits.max_read_bytes : 0;
  std::string bytes = read_at(file, size, from, limits.max_read_bytes, watch);
  if (!bytes.empty() && bytes.back() == '\n') bytes.pop_back();
  std::size_t begin = bytes.size();
  std::uint64_t seen = 0;
  while (begin > 0) {
    if (bytes[begin - 1] == '\n' && ++seen == lines) break;
    --begin;
  }
  if (begin == 0 && from > 0) {
    answer.truncated = true;
    answer.note = "Truncated: only the last " + std::to_string(limits.max_read_bytes) +
                  " bytes of these lines are shown.";
    // The cut may go through a code point.
    while (begin < bytes.size() && begin < 4 && (bytes[begin] & '\xC0') == '\x80') ++begin;
  }
  const std::string_view text = std::string_view(bytes).substr(begin);
  require_text(text, place);
  answer.text = without_carriage_returns(text);
  if (!answer.text.empty() && answer.text.back() == '\r') answer.text.pop_back();
  return answer;
}

std::string read_bytes(const Place& place, std::size_t max_bytes, const Watch& watch) {
  const Descriptor file = open_regular_file(place);
  return read_bytes(file, size_of(file), place.real_path, max_bytes, watch);
}

std::string read_bytes(const Descriptor& file, std::uint64_t size, const std::string& path,
                       std::size_t max_bytes, const Watch& watch) {
  std::string bytes = read_at(file, size, 0, max_bytes + 1, watch);
  if (bytes.size() > max_bytes) {
    throw Failure("File too large: " + path + " has more than the " + std::to_string(max_bytes) +
                  " bytes that this server takes at once.");
  }
  return bytes;
}

Media read_media(const Place& place, const Limits& limits, const Watch& watch) {
  Media media;
  media.bytes = read_bytes(place, limits.max_media_bytes, watch);
  media.mime_type = mime_type_of(media.bytes, place.name);
  return media;
}

std::string mime_type_of(const std::string& bytes, const std::string& name) {
  struct Magic {
    std::size_t at;
    std::string_view bytes;
    const char* mime_type;
  };
  using namespace std::string_view_literals;
  constexpr std::array magics{Magic{0, "\x89PNG\r\n\x1a\n"sv, "image/png"},
                              Magic{0, "\xff\xd8\xff"sv, "image/jpeg"},
                              Magic{0, "GIF87a"sv, "image/gif"},
                              Magic{0, "GIF89a"sv, "image/gif"},
                              Magic{8, "WEBP"sv, "image/webp"},
                              Magic{0, "BM"sv, "image/bmp"},
                              Magic{0, "ID3"sv, "audio/mpeg"},
                              Magic{0, "\xff\xfb"sv, "audio/mpeg"},
                              Magic{8, "WAVE"sv, "audio/wav"},
                              Magic{0, "OggS"sv, "audio/ogg"},
                              Magic{0, "fLaC"sv, "audio/flac"},
                              Magic{0, "%PDF-"sv, "application/pdf"},
                              Magic{0, "PK\x03\x04"sv, "application/zip"}};
  const std::string_view all = bytes;
  for (const auto& magic : magics) {
    if (all.size() < magic.at || all.substr(magic.at, magic.bytes.size()) != magic.bytes) continue;
    if (magic.at == 8 && all.substr(0, 4) != "RIFF") continue;
    // Two letters are a common beginning of texts: a bitmap tells its own size, too.
    if (magic.bytes == "BM" && mcp::is_valid_utf8(all)) continue;
    return magic.mime_type;
  }
  const std::string_view text = all.substr(0, chunk_bytes);
  const bool is_text =
      text.find('\0') == std::string_view::npos && text.size() - mcp::valid_utf8_prefix(text) <= 3;
  if (is_text && name.size() > 4 && name.substr(name.size() - 4) == ".svg" &&
      text.find("<svg") != std::string_view::npos) {
    return "image/svg+xml";
  }
  return is_text && !bytes.empty() ? "text/plain" : "application/octet-stream";
}

}  // namespace fairlead::filesystem
