#include <mcp/base/closest_match.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include <mcp/base/ascii.h>

namespace mcp {
namespace {

constexpr std::size_t longest_word = 64;
constexpr std::size_t most_candidates = 1000;

// A word as it is compared: lower case, without separators.
struct Folded {
  std::array<char, longest_word> bytes{};
  std::size_t size = 0;

  explicit Folded(std::string_view word) {
    for (char c : word) {
      if (c == '_' || c == '-') continue;
      bytes[size++] = ascii_lower(c);
    }
  }
};

// Optimal string alignment distance: edits of single characters and swaps of neighbours.
std::size_t distance(const Folded& a, const Folded& b) {
  using Row = std::array<std::size_t, longest_word + 1>;
  Row before_last{}, last{}, row{};
  for (std::size_t j = 0; j <= b.size; ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size; ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size; ++j) {
      std::size_t replaced = last[j - 1] + (a.bytes[i - 1] == b.bytes[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a.bytes[i - 1] == b.bytes[j - 2] && a.bytes[i - 2] == b.bytes[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size];
}

template <class Word>
std::optional<std::string_view> closest(std::string_view wrong, std::span<const Word> candidates) {
  if (wrong.empty() || wrong.size() > longest_word) return std::nullopt;
  const Folded folded(wrong);
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  for (std::string_view candidate :
       candidates.first(std::min(candidates.size(), most_candidates))) {
    if (candidate.empty() || candidate.size() > longest_word) continue;
    const Folded other(candidate);
    const std::size_t longer = std::max(folded.size, other.size);
    const std::size_t edits = distance(folded, other);
    if (edits * 3 > longer || (best && edits >= best_distance)) continue;
    best = candidate;
    best_distance = edits;
  }
  return best;
}

}  // namespace

std::optional<std::string_view> closest_match(std::string_view wrong,
                                              std::span<const std::string_view> candidates) {
  return closest(wrong, candidates);
}

std::optional<std::string_view> closest_match(std::string_view wrong,
                                              std::span<const std::string> candidates) {
  return closest(wrong, candidates);
}

}  // namespace mcp
