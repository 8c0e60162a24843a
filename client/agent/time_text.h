#pragma once

#include <chrono>
#include <string>

namespace fairlead::agent {

/// "3 s", or "1500 ms" when it is no whole number of seconds.
inline std::string in_words(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s"
                                  : std::to_string(time.count()) + " ms";
}

}  // namespace fairlead::agent
