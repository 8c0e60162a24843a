#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <mcp/protocol/from_json.h>
#include <mcp/protocol/revision.h>

namespace mcp {

/// The most values that one completion may hold.
inline constexpr std::size_t max_completion_values = 100;

struct PromptReference {
  std::string name;
};

struct ResourceTemplateReference {
  std::string uri;  ///< the template as it was listed
};

/// `completion/complete`: which argument of what, and what was typed so far.
struct CompleteParams {
  std::variant<PromptReference, ResourceTemplateReference> ref;
  std::string argument_name;
  std::string argument_value;
  std::map<std::string, std::string> context = {};  ///< arguments that are settled already
};

struct CompleteResult {
  std::vector<std::string> values = {};     ///< `to_json` sends the first 100
  std::optional<std::uint64_t> total = {};  ///< how many there are in all
  bool has_more = false;
  Json meta = nullptr;
};

Json to_json(const CompleteParams& params, Revision revision);
/// Past 100 values the rest is cut, `hasMore` set and `total` filled in.
Json to_json(const CompleteResult& result, Revision revision);

template <>
CompleteParams from_json<CompleteParams>(const Json& value);
template <>
CompleteResult from_json<CompleteResult>(const Json& value);

}  // namespace mcp
