#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// Files as text. Whatever is not UTF-8 is refused as binary, never sent broken.

/// The file from `offset` on, at most `limits.max_read_bytes`, cut between code points.
TextAnswer read_text(const Place& place, std::uint64_t offset, const Limits& limits,
                     const Watch& watch);

/// The first `lines` lines, without the last one's line break.
TextAnswer read_head(const Place& place, std::uint64_t lines, const Limits& limits,
                     const Watch& watch);

/// The last `lines` lines, joined with "\n". A line break at the end of the file ends a line and
/// does not begin another.
TextAnswer read_tail(const Place& place, std::uint64_t lines, const Limits& limits,
                     const Watch& watch);

/// A file's bytes and what they are.
struct Media {
  std::string bytes;
  std::string mime_type;
};

/// Throws Failure when the file has more than `limits.max_media_bytes`.
Media read_media(const Place& place, const Limits& limits, const Watch& watch);

/// By the first bytes; by the name's ending only for text formats, which have no such bytes.
std::string mime_type_of(const std::string& bytes, const std::string& name);

/// Everything of a file that is at most `max_bytes`.
std::string read_bytes(const Place& place, std::size_t max_bytes, const Watch& watch);
/// The same of an open file that had `size` bytes just now; `path` is for messages.
std::string read_bytes(const Descriptor& file, std::uint64_t size, const std::string& path,
                       std::size_t max_bytes, const Watch& watch);

}  // namespace fairlead::filesystem
