#include "servers/websearch/packed_text.h"

#include <sqlite3.h>
#include <zlib.h>

#include <cstdint>

#include "servers/websearch/failure.h"

namespace fairlead::websearch {
namespace {

// The first byte: what follows is the text itself, or its length in four bytes and its deflation.
constexpr char plain = 0;
constexpr char deflated = 1;
constexpr std::size_t head = 5;
constexpr std::size_t worth_it = 200;
constexpr std::size_t max_text = std::size_t{8} << 20U;

void unpack(sqlite3_context* context, int, sqlite3_value** values) {
  const void* bytes = sqlite3_value_blob(values[0]);
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
  const std::string text = unpacked({static_cast<const char*>(bytes), size});
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT,  // NOLINT: its cast
                        SQLITE_UTF8);
}

}  // namespace

std::string packed(std::string_view text) {
  if (text.size() >= worth_it && text.size() <= max_text) {
    uLongf size = compressBound(static_cast<uLong>(text.size()));
    std::string out(head + size, deflated);
    const auto length = static_cast<std::uint32_t>(text.size());
    for (unsigned i = 0; i < 4; ++i) out[i + 1] = static_cast<char>(length >> (8 * i));
    if (compress2(reinterpret_cast<Bytef*>(out.data() + head), &size,
                  reinterpret_cast<const Bytef*>(text.data()), static_cast<uLong>(text.size()),
                  Z_BEST_SPEED) == Z_OK &&
        size + head < text.size()) {
      out.resize(head + size);
      return out;
    }
  }
  return plain + std::string(text);
}

std::string unpacked(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (bytes.front() == plain) return std::string(bytes.substr(1));
  if (bytes.front() != deflated || bytes.size() < head) return {};
  std::uint32_t length = 0;
  for (unsigned i = 0; i < 4; ++i) {
    length |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + 1])) << (8 * i);
  }
  if (length > max_text) return {};
  std::string out(length, '\0');
  uLongf size = length;
  const bool whole = uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                                reinterpret_cast<const Bytef*>(bytes.data() + head),
                                static_cast<uLong>(bytes.size() - head)) == Z_OK;
  return whole && size == length ? out : std::string();
}

void register_unpacked(sqlite3* database) {
  if (sqlite3_create_function_v2(database, "unpacked", 1,
                                 SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                 unpack, nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw Failure("The index can't be used: out of memory.");
  }
}

}  // namespace fairlead::websearch
