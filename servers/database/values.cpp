#include "servers/database/values.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <unordered_set>

#include <mcp/base/base64.h>
#include <mcp/base/number_text.h>
#include <mcp/base/utf8.h>

namespace fairlead::database {
namespace {

constexpr std::size_t max_text_bytes = 10'000;
constexpr std::size_t max_blob_bytes = 1'020;  // 1,360 characters of base64
constexpr std::size_t max_name_bytes = 120;
constexpr std::size_t max_notes = 8;
constexpr std::int64_t exact_in_double = std::int64_t{1} << 53;

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(Reason::bad_parameter, "params: " + what);
}

void check(int code, const std::string& which) {
  if (code == SQLITE_TOOBIG) refuse(which + " is longer than a value may be.");
  if (code != SQLITE_OK) refuse(which + " can't be bound.");
}

void bind_value(sqlite3_stmt* statement, int position, const Json& value,
                const std::string& which) {
  using Type = Json::value_t;
  switch (value.type()) {
    case Type::null:
      return check(sqlite3_bind_null(statement, position), which);
    case Type::boolean:
      return check(sqlite3_bind_int(statement, position, value.get<bool>() ? 1 : 0), which);
    case Type::number_unsigned:
      if (value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
        refuse(which + " does not fit in SQLite's 64-bit integer; send it as a string.");
      }
      [[fallthrough]];
    case Type::number_integer:
      return check(sqlite3_bind_int64(statement, position, value.get<std::int64_t>()), which);
    case Type::number_float:
      return check(sqlite3_bind_double(statement, position, value.get<double>()), which);
    case Type::string: {
      const auto& text = value.get_ref<const std::string&>();
      return check(sqlite3_bind_text64(statement, position, text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8),
                   which);
    }
    case Type::object:
      if (value.size() == 1 && value.contains("base64") && value["base64"].is_string()) {
        const auto bytes = mcp::base64_decode(value["base64"].get_ref<const std::string&>());
        if (!bytes) refuse(which + "/base64 is not valid Base64 (RFC 4648, padded).");
        // A null pointer would bind NULL instead of an empty blob.
        return check(sqlite3_bind_blob64(statement, position,
                                         bytes->empty() ? static_cast<const void*>("")
                                                        : static_cast<const void*>(bytes->data()),
                                         bytes->size(), SQLITE_TRANSIENT),
                     which);
      }
      [[fallthrough]];
    default:
      if (mcp::is_number_text(value)) {
        // SQLite's own numbers are doubles: a decimal is rounded as one in SQL is.
        const auto text = mcp::number_text(value);
        const double nearest = mcp::nearest_double(text);
        if (!mcp::is_json_integer(text) && std::isfinite(nearest)) {
          return check(sqlite3_bind_double(statement, position, nearest), which);
        }
        refuse(which + " does not fit in 64 bits; send it as a string.");
      }
      refuse(which +
             " must be null, true, false, a number, a string or {\"base64\": \"...\"}; a list is "
             "passed as JSON text and read with json_each(?).");
  }
}

void bind_positions(sqlite3_stmt* statement, const Json& params) {
  const int wanted = sqlite3_bind_parameter_count(statement);
  if (params.size() != static_cast<std::size_t>(wanted)) {
    refuse("the statement has " + std::to_string(wanted) +
           (wanted == 1 ? " parameter, " : " parameters, ") + std::to_string(params.size()) +
           (params.size() == 1 ? " was given." : " were given."));
  }
  for (int i = 0; i < wanted; ++i) {
    bind_value(statement, i + 1, params[static_cast<std::size_t>(i)], "/" + std::to_string(i));
  }
}

void bind_names(sqlite3_stmt* statement, const Json& params) {
  const int count = sqlite3_bind_parameter_count(statement);
  std::vector<std::string> wanted;
  for (int position = 1; position <= count; ++position) {
    const char* name = sqlite3_bind_parameter_name(statement, position);
    if (!name || *name == '?') {
      refuse("the statement has ? parameters: give an array, or name them :like_this.");
    }
    const std::string full = name;
    const std::string bare = full.substr(1);
    wanted.push_back(bare);
    const auto given = params.contains(bare) ? params.find(bare) : params.find(full);
    if (given == params.end()) refuse("no value for " + full + ".");
    bind_value(statement, position, *given, "/" + bare);
  }
  for (const auto& item : params.items()) {
    const bool known = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& bare) {
      return item.key() == bare || (!item.key().empty() && item.key().substr(1) == bare);
    });
    if (!known) refuse("the statement has no parameter :" + item.key() + ".");
  }
}

// What `value` takes in a message, so that the budget holds for what is really sent.
std::size_t json_size(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace).size();
}

std::string cut_name(const char* name) {
  std::string whole = mcp::replace_invalid_utf8(name ? name : "");
  if (whole.size() <= max_name_bytes) return whole;
  return std::string(mcp::truncate_utf8(whole, max_name_bytes)) + "...";
}

}  // namespace

void bind_parameters(sqlite3_stmt* statement, const Json& params) {
  if (params.is_object()) return bind_names(statement, params);
  if (params.is_null()) return bind_positions(statement, Json::array());
  if (!params.is_array()) {
    refuse("must be an array for ? parameters, or an object for :named ones.");
  }
  bind_positions(statement, params);
}

RowReader::RowReader(sqlite3_stmt* statement, std::size_t max_bytes)
    : statement_(statement), max_bytes_(max_bytes) {
  std::unordered_set<std::string> taken;
  const int count = sqlite3_column_count(statement);
  for (int i = 0; i < count; ++i) taken.insert(cut_name(sqlite3_column_name(statement, i)));
  std::unordered_set<std::string> given;
  for (int i = 0; i < count; ++i) {
    const std::string plain = cut_name(sqlite3_column_name(statement, i));
    std::string name = plain;
    for (int number = 2; given.contains(name); ++number) {
      name = plain + "_" + std::to_string(number);
      if (taken.contains(name)) name = plain;  // another column is really called so
    }
    given.insert(name);
    names_.push_back(std::move(name));
  }
}

std::vector<ResultColumn> RowReader::columns() const {
  std::vector<ResultColumn> result;
  for (int i = 0; i < static_cast<int>(names_.size()); ++i) {
    ResultColumn column{names_[static_cast<std::size_t>(i)], std::nullopt};
    if (const char* type = sqlite3_column_decltype(statement_, i)) column.type = cut_name(type);
    result.push_back(std::move(column));
  }
  return result;
}

bool RowReader::read(Json& rows) {
  const bool first = rows.empty();
  row_ = rows.size() + 1;
  row_notes_.clear();
  Json row = Json::array();
  std::size_t size = 2;
  const auto left = max_bytes_ > used_ ? max_bytes_ - used_ : 0;
  for (int i = 0; i < static_cast<int>(names_.size()); ++i) {
    Json cell = value(i, first && size < left ? left - size : max_text_bytes);
    if (first && size >= left) {
      if (!cell.is_null()) note(i, "does not fit into the answer and is shown as null.");
      cell = nullptr;
    }
    size += json_size(cell) + 1;
    if (!first && size > left) return false;
    row.push_back(std::move(cell));
  }
  used_ += size;
  rows.push_back(std::move(row));
  for (auto& text : row_notes_) {
    if (notes_.size() < max_notes) {
      notes_.push_back(std::move(text));
    } else {
      ++further_notes_;
    }
  }
  return true;
}

std::vector<std::string> RowReader::take_notes() {
  if (further_notes_ > 0) {
    notes_.push_back("The same holds for " + std::to_string(further_notes_) + " more values.");
  }
  return std::move(notes_);
}

void RowReader::note(int column, const std::string& what) {
  row_notes_.push_back("Row " + std::to_string(row_) + ", " +
                       names_[static_cast<std::size_t>(column)] + ": " + what);
}

Json RowReader::value(int column, std::size_t budget) {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER: {
      const std::int64_t number = sqlite3_column_int64(statement_, column);
      if (number >= -exact_in_double && number <= exact_in_double) return number;
      return std::to_string(number);
    }
    case SQLITE_FLOAT: {
      const double number = sqlite3_column_double(statement_, column);
      if (std::isfinite(number)) return number;
      return std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
    }
    case SQLITE_TEXT:
      return text(column, budget);
    case SQLITE_BLOB:
      return blob(column, budget);
    default:
      return nullptr;
  }
}

Json RowReader::text(int column, std::size_t budget) {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  std::string_view whole{data ? data : "",
                         static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  std::size_t limit = std::min(budget, max_text_bytes);
  std::string_view shown = whole;
  // Cut where a character begins; what is not UTF-8 is cut anywhere.
  if (whole.size() > limit) {
    while (limit > 0 && (static_cast<unsigned char>(whole[limit]) & 0xC0) == 0x80 &&
           std::min(budget, max_text_bytes) - limit < 3) {
      --limit;
    }
    shown = whole.substr(0, limit);
  }
  const bool valid = mcp::is_valid_utf8(shown);
  std::string result = valid ? std::string(shown) : mcp::replace_invalid_utf8(shown);
  if (!valid) note(column, "is not valid UTF-8; what could not be read is shown as U+FFFD.");
  if (shown.size() < whole.size()) {
    const auto next = mcp::code_point_count(result) + 1;
    note(column, "cut to " + std::to_string(shown.size()) + " of " + std::to_string(whole.size()) +
                     " bytes; substr(column, " + std::to_string(next) + ", 5000) reads on.");
  }
  return result;
}

Json RowReader::blob(int column, std::size_t budget) {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  const std::size_t shown = std::min({size, max_blob_bytes, budget / 2});
  Json value = {{"base64", mcp::base64_encode(std::span(data, shown))}, {"bytes", size}};
  if (shown < size) value["truncated"] = true;
  return value;
}

}  // namespace fairlead::database
