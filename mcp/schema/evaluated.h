#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcp::schema {

/// Which members or items of one instance some keyword has looked at: what `unevaluatedProperties`
/// and `unevaluatedItems` leave out. Allocates only past 256 of them.
class Evaluated {
 public:
  explicit Evaluated(std::size_t count) : count_(count) {
    if (count > inline_bits) heap_.resize((count + 63) / 64);
  }

  void set(std::size_t index) { words()[index / 64] |= std::uint64_t{1} << (index % 64); }
  void set_all() { all_ = true; }
  bool test(std::size_t index) const {
    return all_ || (words()[index / 64] >> (index % 64) & 1) != 0;
  }
  void merge(const Evaluated& other) {
    all_ = all_ || other.all_;
    for (std::size_t i = 0; i < (count_ + 63) / 64; ++i) words()[i] |= other.words()[i];
  }
  std::size_t count() const { return count_; }

 private:
  static constexpr std::size_t inline_bits = 256;

  std::uint64_t* words() { return heap_.empty() ? inline_.data() : heap_.data(); }
  const std::uint64_t* words() const { return heap_.empty() ? inline_.data() : heap_.data(); }

  std::size_t count_;
  bool all_ = false;
  std::array<std::uint64_t, inline_bits / 64> inline_{};
  std::vector<std::uint64_t> heap_;
};

}  // namespace mcp::schema
