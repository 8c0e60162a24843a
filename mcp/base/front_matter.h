#pragma once

#include <stdexcept>
#include <string_view>

#include <mcp/base/json.h>

// The YAML block that a Markdown file begins with, between two lines of `---`.

namespace mcp {

/// Front matter that can't be read; the message names the line, counted from the file's first.
class FrontMatterError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The front matter of `markdown` as a JSON object, typed as YAML 1.2's core schema says.
///
/// It reads what people write there: block mappings and sequences, plain, quoted and block texts
/// over several lines, flow collections on one line, comments. What YAML has besides (anchors,
/// aliases, tags, merge keys, keys that are no text) and what two readers could take differently
/// (a key that comes twice, numbers that no 64 bits hold) is refused, never guessed: what a person
/// approves must be what the model reads. At most 64 KiB and 32 levels, in linear time.
///
/// Throws FrontMatterError. Thread-safe.
Json parse_front_matter(std::string_view markdown);

}  // namespace mcp
