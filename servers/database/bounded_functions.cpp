#include "servers/database/bounded_functions.h"

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <mcp/base/utf8.h>

#include "servers/database/connection.h"

namespace fairlead::database {
namespace {

// Knuth, Morris, Pratt: linear whatever the texts are.
class Finder {
 public:
  explicit Finder(std::string_view needle) : needle_(needle), border_(needle.size() + 1, 0) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < needle.size(); ++i) {
      while (length > 0 && needle[i] != needle[length]) length = border_[length];
      if (needle[i] == needle[length]) ++length;
      border_[i + 1] = static_cast<std::uint32_t>(length);
    }
  }

  /// The first place at or after `from`, or npos. The needle is not empty.
  std::size_t find(std::string_view text, std::size_t from) const {
    std::size_t matched = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
      while (matched > 0 && text[i] != needle_[matched]) matched = border_[matched];
      if (text[i] == needle_[matched]) ++matched;
      if (matched == needle_.size()) return i + 1 - matched;
    }
    return std::string_view::npos;
  }

 private:
  std::string_view needle_;
  std::vector<std::uint32_t> border_;
};

std::string_view blob_of(sqlite3_value* value) {
  const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
  return {data ? data : "", static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

std::string_view text_of(sqlite3_value* value) {
  const auto* data = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {data ? data : "", static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

bool is_null(sqlite3_value* value) {
  return sqlite3_value_type(value) == SQLITE_NULL;
}

// SQLite's rule for where a character of text begins, which also serves text that is not UTF-8.
bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// Where `needle` begins in `text`, in characters from 1; 0 when nowhere.
std::size_t place_in_text(std::string_view text, std::string_view needle) {
  if (text.starts_with(needle)) return 1;
  // SQLite looks only where a character begins.
  if (continues_character(needle.front())) return 0;
  const auto place = Finder(needle).find(text, 0);
  if (place == std::string_view::npos) return 0;
  std::size_t character = 1;
  for (std::size_t i = 1; i <= place; ++i) character += continues_character(text[i]) ? 0 : 1;
  return character;
}

std::size_t place_in_blob(std::string_view blob, std::string_view needle) {
  const auto place = Finder(needle).find(blob, 0);
  return place == std::string_view::npos ? 0 : place + 1;
}

void result_text(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void instr(sqlite3_context* context, sqlite3_value** arguments) {
  if (is_null(arguments[0]) || is_null(arguments[1])) return;
  const bool blobs = sqlite3_value_type(arguments[0]) == SQLITE_BLOB &&
                     sqlite3_value_type(arguments[1]) == SQLITE_BLOB;
  const auto text = blobs ? blob_of(arguments[0]) : text_of(arguments[0]);
  const auto needle = blobs ? blob_of(arguments[1]) : text_of(arguments[1]);
  if (needle.empty()) return sqlite3_result_int(context, 1);
  const auto place = blobs ? place_in_blob(text, needle) : place_in_text(text, needle);
  sqlite3_result_int64(context, static_cast<sqlite3_int64>(place));
}

void replace(sqlite3_context* context, sqlite3_value** arguments) {
  if (is_null(arguments[0]) || is_null(arguments[1]) || is_null(arguments[2])) return;
  const auto text = text_of(arguments[0]);
  const auto pattern = text_of(arguments[1]);
  const auto replacement = text_of(arguments[2]);
  // SQLite takes a pattern that begins with NUL for an empty one.
  if (pattern.empty() || pattern.front() == '\0') {
    return sqlite3_result_value(context, arguments[0]);
  }
  const auto limit = static_cast<std::size_t>(
      sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1));
  const Finder finder(pattern);
  std::string result;
  std::size_t from = 0;
  while (true) {
    const auto place = finder.find(text, from);
    if (place == std::string_view::npos) break;
    result.append(text.substr(from, place - from)).append(replacement);
    if (result.size() > limit) return sqlite3_result_error_toobig(context);
    from = place + pattern.size();
  }
  result.append(text.substr(from));
  result_text(context, result);
}

constexpr int at_start = 1;
constexpr int at_end = 2;

template <int where>
void trim(sqlite3_context* context, sqlite3_value** arguments) {
  if (is_null(arguments[0]) || is_null(arguments[1])) return;
  auto text = text_of(arguments[0]);
  auto set = text_of(arguments[1]);
  std::unordered_set<std::string_view> trimmed;
  while (!set.empty()) {
    const auto length = mcp::utf8_step(set).length;
    trimmed.insert(set.substr(0, length));
    set.remove_prefix(length);
  }
  while ((where & at_start) && !text.empty()) {
    const auto length = mcp::utf8_step(text).length;
    if (!trimmed.contains(text.substr(0, length))) break;
    text.remove_prefix(length);
  }
  while ((where & at_end) && !text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && text.size() - begin < 4 && continues_character(text[begin])) --begin;
    // Bytes that encode nothing are characters of their own.
    if (mcp::utf8_step(text.substr(begin)).length != text.size() - begin) begin = text.size() - 1;
    if (!trimmed.contains(text.substr(begin))) break;
    text = text.substr(0, begin);
  }
  result_text(context, text);
}

// The length of a pattern is limited, as in SQLite's own forms, for the steps are text × pattern.
bool is_pattern(sqlite3_context* context, sqlite3_value* value) {
  const int limit =
      sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LIKE_PATTERN_LENGTH, -1);
  if (sqlite3_value_bytes(value) <= limit) return true;
  sqlite3_result_error(context, "LIKE or GLOB pattern too complex", -1);
  return false;
}

void like(sqlite3_context* context, sqlite3_value** arguments, unsigned int escape) {
  if (!is_pattern(context, arguments[0])) return;
  if (is_null(arguments[0]) || is_null(arguments[1])) return;
  const bool matches =
      sqlite3_strlike(text_of(arguments[0]).data(), text_of(arguments[1]).data(), escape) == 0;
  sqlite3_result_int(context, matches ? 1 : 0);
}

void like_without_escape(sqlite3_context* context, sqlite3_value** arguments) {
  like(context, arguments, 0);
}

void like_with_escape(sqlite3_context* context, sqlite3_value** arguments) {
  if (is_null(arguments[2])) return;
  const auto escape = text_of(arguments[2]);
  // SQLite gives % and _ a meaning of their own here that sqlite3_strlike() doesn't have.
  if (escape.size() != 1 || escape == "%" || escape == "_" ||
      static_cast<unsigned char>(escape.front()) >= 0x80) {
    return sqlite3_result_error(
        context, "ESCAPE expression must be a single ASCII character other than % and _", -1);
  }
  like(context, arguments, static_cast<unsigned char>(escape.front()));
}

void glob(sqlite3_context* context, sqlite3_value** arguments) {
  if (!is_pattern(context, arguments[0])) return;
  if (is_null(arguments[0]) || is_null(arguments[1])) return;
  const bool matches =
      sqlite3_strglob(text_of(arguments[0]).data(), text_of(arguments[1]).data()) == 0;
  sqlite3_result_int(context, matches ? 1 : 0);
}

// One '%.*c' with a large number takes seconds, and a format may hold thousands. The authorizer
// can't refuse it: ALTER TABLE calls SQLite's own inside, which this one doesn't hide from it.
void refuse_printf(sqlite3_context* context, sqlite3_value**) {
  sqlite3_result_error(context,
                       "printf() and format() are not available here: use round(x, 2), ||, "
                       "substr() or strftime()",
                       -1);
}

template <void (*function)(sqlite3_context*, sqlite3_value**)>
void guarded(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
  if (static_cast<Connection*>(sqlite3_user_data(context))->must_end()) {
    return sqlite3_result_error_code(context, SQLITE_INTERRUPT);
  }
  try {
    function(context, arguments);
  } catch (const std::length_error&) {
    sqlite3_result_error_toobig(context);
  } catch (...) {
    sqlite3_result_error_nomem(context);
  }
}

}  // namespace

int install_bounded_functions(Connection& connection) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  const auto install = [&](const char* name, int count, auto function) {
    return sqlite3_create_function_v2(connection.handle(), name, count, flags, &connection,
                                      function, nullptr, nullptr, nullptr);
  };
  int code = install("instr", 2, guarded<instr>);
  if (code == SQLITE_OK) code = install("replace", 3, guarded<replace>);
  if (code == SQLITE_OK) code = install("trim", 2, guarded<trim<at_start | at_end>>);
  if (code == SQLITE_OK) code = install("ltrim", 2, guarded<trim<at_start>>);
  if (code == SQLITE_OK) code = install("rtrim", 2, guarded<trim<at_end>>);
  if (code == SQLITE_OK) code = install("like", 2, guarded<like_without_escape>);
  if (code == SQLITE_OK) code = install("like", 3, guarded<like_with_escape>);
  if (code == SQLITE_OK) code = install("glob", 2, guarded<glob>);
  if (code == SQLITE_OK) code = install("printf", -1, guarded<refuse_printf>);
  if (code == SQLITE_OK) code = install("format", -1, guarded<refuse_printf>);
  return code;
}

}  // namespace fairlead::database
