#include "servers/filesystem/listing.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include <mcp/base/utf8.h>

#include "servers/filesystem/answer_lines.h"
#include "servers/filesystem/directory_entries.h"
#include "servers/filesystem/first_of.h"

namespace fairlead::filesystem {
namespace {

const char* label(Kind kind) {
  return kind == Kind::directory ? "[DIR] " : "[FILE] ";
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::size_t length = mcp::code_point_count(text);
  if (length >= width) return text;
  const std::string blanks(width - length, ' ');
  return left ? text + blanks : blanks + text;
}

/// Where each character stands in the order that people expect of names: punctuation, digits,
/// letters without regard to their case.
constexpr std::array<std::uint8_t, 256> ranks = [] {
  constexpr std::string_view order =
      "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";
  std::array<std::uint8_t, 256> result{};
  for (std::size_t c = 0x80; c < result.size(); ++c) result[c] = static_cast<std::uint8_t>(c);
  for (std::size_t at = 0; at < order.size(); ++at) {
    const auto c = static_cast<unsigned char>(order[at]);
    result[c] = static_cast<std::uint8_t>(at + 1);
    if (c >= 'a' && c <= 'z') result[c - 'a' + 'A'] = result[c];
  }
  return result;
}();

bool before_by_name(const std::string& a, const std::string& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const auto x = ranks[static_cast<unsigned char>(a[i])];
    const auto y = ranks[static_cast<unsigned char>(b[i])];
    if (x != y) return x < y;
  }
  return a.size() != b.size() ? a.size() < b.size() : a > b;  // small letters first
}

}  // namespace

TextAnswer list(const Place& place, const std::string& cursor, const Limits& limits,
                const Watch& watch, RememberedNames& remembered) {
  TextAnswer answer;
  Lines lines(answer, limits);
  // One more than fits tells that there are more.
  const auto [names, first] =
      remembered.page(open_directory(place), cursor, limits.max_entries + 1, watch);
  std::string line;
  for (std::size_t at = first; at < names->size(); ++at) {
    const auto& [name, kind] = (*names)[at];
    line = label(kind);
    append_one_line(line, name);
    if (!lines.add(line)) {
      answer.cursor = (*names)[at - 1].text;
      lines.note_more();
      break;
    }
  }
  return answer;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array units{"B", "KB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  auto value = static_cast<double>(bytes);
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return std::to_string(bytes) + " B";
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.2f %s", value, units[unit]);
  return text.data();
}

TextAnswer list_with_sizes(const Place& place, SortBy sort_by, const std::string& cursor,
                           const Limits& limits, const Watch& watch) {
  struct Sized {
    std::string name;
    Kind kind;
    std::uint64_t size;
  };
  const Descriptor directory = open_directory(place);
  const auto less = [sort_by](const Sized& a, const Sized& b) {
    if (sort_by == SortBy::size && a.size != b.size) return a.size > b.size;
    return sort_by == SortBy::name ? before_by_name(a.name, b.name) : a.name < b.name;
  };
  std::size_t at = cursor.empty() ? 0 : std::stoul(cursor);
  FirstOf<Sized, decltype(less)> first(at + limits.max_entries + 1, less);
  std::uint64_t total = 0;
  std::size_t files = 0;
  std::size_t directories = 0;
  read_entries(directory, watch, [&](std::string_view name, const dirent& entry, int number) {
    watch.step();
    const std::string own(name);
    const Kind kind = kind_of(entry, number);
    struct stat status {};
    const bool known = ::fstatat(directory.get(), own.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    const auto size = known ? static_cast<std::uint64_t>(status.st_size) : 0;
    if (kind == Kind::directory) {
      ++directories;
    } else {
      ++files;
      total += size;
    }
    first.add({own, kind, size});
  });
  const std::vector<Sized> all = first.take(watch);
  TextAnswer answer;
  Lines lines(answer, limits);
  for (; at < all.size(); ++at) {
    const Sized& each = all[at];
    const bool is_directory = each.kind == Kind::directory;
    if (!lines.add(label(each.kind) + padded(one_line(each.name), 30, true) + " " +
                   (is_directory ? "" : padded(size_text(each.size), 10, false)))) {
      answer.cursor = std::to_string(at);
      lines.note_more();
      break;
    }
  }
  if (lines.count() > 0) answer.text += "\n";
  answer.text += "\nTotal: " + std::to_string(files) + " files, " + std::to_string(directories) +
                 " directories\nCombined size: " + size_text(total);
  return answer;
}

}  // namespace fairlead::filesystem
