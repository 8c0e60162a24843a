#pragma once

#include <string>
#include <string_view>

namespace fairlead::filesystem {

/// The text with every letter taken apart into its base and marks, in the order that Unicode gives
/// them (normalization form D). Two names are the same to people, whichever system wrote them, when
/// these are the same. Bytes that are no UTF-8 stay.
std::string decomposed(std::string_view text);

}  // namespace fairlead::filesystem
