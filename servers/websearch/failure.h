#pragma once

#include <stdexcept>
#include <string>

namespace fairlead::websearch {

/// A call that could not be done, in words for the model.
class Failure : public std::runtime_error {
 public:
  /// What kind of failure it is, for programs.
  enum class Kind {
    other,
    bad_url,    ///< no web address, or one that may not be called
    forbidden,  ///< an address, port or redirect that the policy refuses
    robots,     ///< the site's robots.txt does not want it
    network,    ///< no connection, or a broken response
    timeout,
    status,  ///< the site answered with an error
    cancelled,
  };

  explicit Failure(const std::string& text, Kind kind = Kind::other)
      : std::runtime_error(text), kind_(kind) {}

  Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

/// One word for it: "forbidden", "robots", …
const char* name_of(Failure::Kind kind);

}  // namespace fairlead::websearch
