#pragma once

#include <cstdint>
#include <span>

namespace fairlead::filesystem {

/// What a code point is made of; `second` is 0 when it is another spelling of `first` alone.
struct Decomposition {
  char32_t whole;
  char32_t first;
  char32_t second;
};

/// Marks of one combining class: those of different classes may come in any order.
struct CombiningRange {
  char32_t first;
  char32_t last;
  std::uint8_t combining_class;
};

/// Both in ascending order.
extern const std::span<const Decomposition> decompositions;
extern const std::span<const CombiningRange> combining_ranges;

}  // namespace fairlead::filesystem
