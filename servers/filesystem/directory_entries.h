#pragma once

#include <dirent.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "servers/filesystem/descriptor.h"
#include "servers/filesystem/limits.h"

namespace fairlead::filesystem {

enum class Kind : std::uint8_t { file, directory, link, other };

struct Entry {
  std::string name;
  Kind kind = Kind::file;
};

/// DirectoryNames with their kinds, in one piece of memory: a large directory costs little more
/// than the bytes of its names.
class DirectoryNames {
 public:
  struct Name {
    std::string_view text;
    Kind kind;
  };

  void add(std::string_view name, Kind kind);
  std::size_t size() const { return items_.size(); }
  Name operator[](std::size_t at) const { return {text(items_[at]), items_[at].kind}; }
  Entry entry(std::size_t at) const { return {std::string(text(items_[at])), items_[at].kind}; }
  std::size_t bytes() const { return texts_.capacity() + items_.capacity() * sizeof(Item); }

  /// Into the order of their bytes.
  void sort(const Watch& watch);
  /// Drops all but the first `count` of them; not sorted yet.
  void keep_first(std::size_t count);
  /// The last one in the order of their bytes; there must be one.
  std::string_view last() const;
  /// Where the first name after `name` is, or with it. Sorted.
  std::size_t after(std::string_view name, bool with_it) const;
  /// Gives back the memory that is not used.
  void shrink();

 private:
  /// `key` holds the first eight bytes after those that all names begin with: nearly every
  /// comparison is one of numbers.
  struct Item {
    std::uint64_t key;
    std::uint32_t at;
    std::uint16_t length;
    Kind kind;
  };

  std::string_view text(const Item& item) const { return {texts_.data() + item.at, item.length}; }
  void set_keys();
  bool less(const Item& a, const Item& b) const {
    return a.key != b.key ? a.key < b.key : text(a) < text(b);
  }

  std::string texts_;
  std::vector<Item> items_;
};

/// Every entry of an open directory, in no order and without "." and "..": its name, and what
/// `kind_of` needs.
void read_entries(
    const Descriptor& directory, const Watch& watch,
    const std::function<void(std::string_view name, const dirent& entry, int directory)>& see);

/// Does not follow a link. Asks the disk only where the file system did not tell.
Kind kind_of(const dirent& entry, int directory);

/// The entries of an open directory in the order of their bytes.
DirectoryNames entries_of(const Descriptor& directory, const Watch& watch);

/// The first `count` of the entries that come after `after` (or with it) in the order of their
/// bytes.
DirectoryNames first_entries(const Descriptor& directory, std::string_view after, bool with_it,
                             std::size_t count, const Watch& watch);

}  // namespace fairlead::filesystem
