#pragma once

#include <stdexcept>
#include <string>

namespace fairlead::websearch {

/// A call that could not be done, in words for the model.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace fairlead::websearch
