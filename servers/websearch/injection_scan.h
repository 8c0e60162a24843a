#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::websearch {

/// What in a text reads as if it gave a model orders.
struct InjectionScan {
  double score = 0;                             ///< 0.3 for each pattern found, at most 1
  std::vector<std::string> found;               ///< names of patterns
  bool flagged() const { return score > 0.5; }  ///< two patterns or more
};

/// Looks for injected instructions: orders to forget instructions, roles and markers of prompts, in
/// English, Chinese and the larger European languages, and characters that hide text (Unicode tags,
/// invisible separators in numbers, overrides of the writing direction). It only tells; nothing is
/// removed. Linear in time, whatever the text. Thread-safe.
InjectionScan scan_for_instructions(std::string_view text);

}  // namespace fairlead::websearch
