#pragma once

#include <cstddef>

/// As long as it lives, `new` gives no block of `bytes` or more.
struct Scarce {
  explicit Scarce(std::size_t bytes);
  ~Scarce();
  Scarce(const Scarce&) = delete;
  Scarce& operator=(const Scarce&) = delete;
};
