#include <mcp/schema/value.h>

#include <algorithm>
#include <functional>
#include <limits>

#include <mcp/base/number_text.h>
#include <mcp/schema/number.h>

namespace mcp::schema {
namespace {

constexpr std::size_t shown_code_points = 60;
constexpr std::size_t pairwise_limit = 12;

bool spend(CompareBudget& budget, std::uint64_t work) {
  if (budget.work >= work && budget.depth != 0) {
    budget.work -= work;
    return true;
  }
  budget.exhausted = true;
  return false;
}

std::size_t mix(std::size_t seed, std::size_t value) {
  return (seed ^ value) * 0x9E3779B97F4A7C15U + (seed >> 29);
}

// Equal values have equal hashes.
std::size_t hash(const Json& value, CompareBudget& budget) {
  if (!spend(budget, 1)) return 0;
  if (value.is_binary() && !spend(budget, text_cost(value))) return 0;
  if (is_number(value)) return mix(1, std::hash<double>{}(to_double(value)));
  switch (value.type()) {
    case Json::value_t::string: {
      const auto& text = *value.get_ptr<const std::string*>();
      if (!spend(budget, text.size() / 32)) return 0;
      return mix(2, std::hash<std::string_view>{}(text));
    }
    case Json::value_t::boolean:
      return mix(3, value.get<bool>() ? 1 : 0);
    case Json::value_t::array: {
      std::size_t result = 4;
      --budget.depth;
      for (const Json& item : value) result = mix(result, hash(item, budget));
      ++budget.depth;
      return result;
    }
    case Json::value_t::object: {
      std::size_t result = 5;
      --budget.depth;
      for (const auto& [key, member] : *value.get_ptr<const Json::object_t*>()) {
        if (!spend(budget, key.size() / 32)) return 0;
        result = mix(mix(result, std::hash<std::string_view>{}(key)), hash(member, budget));
      }
      ++budget.depth;
      return result;
    }
    default:
      return 6;
  }
}

bool equal_members(const Json::object_t& left, const Json::object_t& right, CompareBudget& budget) {
  if (left.size() != right.size()) return false;
  // Both maps are sorted by key.
  return std::equal(left.begin(), left.end(), right.begin(), [&](const auto& l, const auto& r) {
    return l.first.size() == r.first.size() && spend(budget, l.first.size() / 64) &&
           l.first == r.first && equal(l.second, r.second, budget);
  });
}

// Cuts UTF-8 text after `code_points`.
std::string_view prefix(std::string_view text, std::size_t code_points) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && code_points-- == 0)
      return text.substr(0, i);
  return text;
}

}  // namespace

bool equal(const Json& left, const Json& right, CompareBudget& budget) {
  if (!spend(budget, 1)) return false;
  if (left.type() != right.type() || left.is_binary() || left.is_number()) {
    if (!is_number(left) || !is_number(right) ||
        !spend(budget, 2 + text_cost(left) + text_cost(right)))
      return false;
    return compare_numbers(left, right) == 0;
  }
  switch (left.type()) {
    case Json::value_t::string: {
      const auto& l = *left.get_ptr<const std::string*>();
      const auto& r = *right.get_ptr<const std::string*>();
      return l.size() == r.size() && spend(budget, l.size() / 64) && l == r;
    }
    case Json::value_t::boolean:
      return left.get<bool>() == right.get<bool>();
    case Json::value_t::array: {
      const auto& l = *left.get_ptr<const Json::array_t*>();
      const auto& r = *right.get_ptr<const Json::array_t*>();
      if (l.size() != r.size()) return false;
      --budget.depth;
      const bool result =
          std::equal(l.begin(), l.end(), r.begin(),
                     [&](const Json& a, const Json& b) { return equal(a, b, budget); });
      ++budget.depth;
      return result;
    }
    case Json::value_t::object: {
      --budget.depth;
      const bool result = equal_members(*left.get_ptr<const Json::object_t*>(),
                                        *right.get_ptr<const Json::object_t*>(), budget);
      ++budget.depth;
      return result;
    }
    default:
      return true;
  }
}

std::pair<std::size_t, std::size_t> find_duplicate(const Json::array_t& items,
                                                   CompareBudget& budget) {
  const std::size_t count = items.size();
  if (count <= pairwise_limit) {
    for (std::size_t j = 1; j < count; ++j)
      for (std::size_t i = 0; i < j; ++i)
        if (equal(items[i], items[j], budget)) return {i, j};
    return {count, count};
  }
  std::vector<std::pair<std::size_t, std::size_t>> hashed;  // hash, index
  hashed.reserve(count);
  for (std::size_t i = 0; i < count; ++i) hashed.emplace_back(hash(items[i], budget), i);
  std::sort(hashed.begin(), hashed.end());
  for (std::size_t j = 1; j < count && !budget.exhausted; ++j)
    for (std::size_t i = j; i-- > 0 && hashed[i].first == hashed[j].first;)
      if (equal(items[hashed[i].second], items[hashed[j].second], budget))
        return {hashed[i].second, hashed[j].second};
  return {count, count};
}

std::string_view type_name(const Json& value) {
  if (is_number(value)) return is_integer(value) ? "integer" : "number";
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return "boolean";
    case Json::value_t::string:
      return "string";
    case Json::value_t::array:
      return "array";
    case Json::value_t::object:
      return "object";
    default:
      return "binary";
  }
}

std::string quote(std::string_view text) {
  const std::string_view shown = prefix(text, shown_code_points);
  std::string result =
      Json(std::string(shown)).dump(-1, ' ', false, Json::error_handler_t::replace);
  if (shown.size() != text.size()) result.insert(result.size() - 1, "…");
  return result;
}

std::string show(const Json& value) {
  if (is_number_text(value)) {
    const std::string_view text = number_text(value);
    const std::string_view shown = prefix(text, shown_code_points);
    return std::string(shown) + (shown.size() != text.size() ? "…" : "");
  }
  switch (value.type()) {
    case Json::value_t::string:
      return quote(*value.get_ptr<const std::string*>());
    case Json::value_t::array:
      return "an array of " + std::to_string(value.size()) +
             (value.size() == 1 ? " item" : " items");
    case Json::value_t::object:
      return "an object";
    case Json::value_t::binary:
      return "binary data";
    default:
      return value.dump();
  }
}

}  // namespace mcp::schema
