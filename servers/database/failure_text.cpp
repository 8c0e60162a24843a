#include "servers/database/failure_text.h"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include <mcp/base/closest_match.h>
#include <mcp/base/utf8.h>

#include "servers/database/connection.h"

namespace fairlead::database {
namespace {

constexpr std::size_t shown_names = 60;

std::vector<std::string> names(Connection& connection, std::string_view sql,
                               std::string_view argument = {}) {
  std::vector<std::string> found;
  Statement statement(connection, sql);
  if (!argument.empty()) statement.bind(1, argument);
  while (statement.step()) found.push_back(statement.text(0));
  return found;
}

std::vector<std::string> table_names(Connection& connection) {
  return names(connection,
               "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
               "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT 1000");
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < shown_names; ++i) {
    text += (i ? ", " : "") + words[i];
  }
  if (words.size() > shown_names) {
    text += " and " + std::to_string(words.size() - shown_names) + " more";
  }
  return text.empty() ? "none" : text;
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& candidates) {
  const auto match = mcp::closest_match(wrong, candidates);
  return match ? " Did you mean " + std::string(*match) + "?" : std::string();
}

bool same_letters(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         sqlite3_strnicmp(a.data(), b.data(), static_cast<int>(a.size())) == 0;
}

// Whether `name` stands in the SQL as a word, quoted or not.
bool mentions(std::string_view sql, std::string_view name) {
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  if (name.empty()) return false;
  for (std::size_t at = 0; at + name.size() <= sql.size(); ++at) {
    if (!same_letters(sql.substr(at, name.size()), name)) continue;
    const bool begins = at == 0 || !is_word(sql[at - 1]);
    const bool ends = at + name.size() == sql.size() || !is_word(sql[at + name.size()]);
    if (begins && ends) return true;
  }
  return false;
}

std::string_view after_last_dot(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

std::string unknown_column(Connection& connection, std::string_view column, std::string_view sql) {
  std::string hint;
  std::vector<std::string> all;
  int tables = 0;
  for (const auto& table : table_names(connection)) {
    if (!mentions(sql, table) || ++tables > 5) continue;
    const auto columns = names(connection, "SELECT name FROM pragma_table_info(?)", table);
    hint += (hint.empty() ? "" : "; ") + table + " has the columns " + listed(columns);
    all.insert(all.end(), columns.begin(), columns.end());
  }
  if (!hint.empty()) hint += ".";
  hint += did_you_mean(after_last_dot(column), all);
  if (sql.find('"' + std::string(column) + '"') != std::string_view::npos) {
    hint += " Double quotes name a column; a text stands in single quotes.";
  }
  return hint;
}

std::string hint_for_sql(Connection& connection, const std::string& message, std::string_view sql) {
  const auto after = [&](std::string_view beginning) -> std::optional<std::string_view> {
    if (!message.starts_with(beginning)) return std::nullopt;
    return std::string_view(message).substr(beginning.size());
  };
  if (const auto column = after("no such column: ")) {
    return unknown_column(connection, *column, sql);
  }
  if (const auto table = after("no such table: ")) {
    const auto tables = table_names(connection);
    return "The tables and views are: " + listed(tables) + "." +
           did_you_mean(after_last_dot(*table), tables);
  }
  if (const auto function = after("no such function: ")) {
    return "SQLite's own functions are available." +
           did_you_mean(*function,
                        names(connection, "SELECT DISTINCT name FROM pragma_function_list"));
  }
  if (after("ambiguous column name: ")) return "Write the table's name or alias before it.";
  if (after("incomplete input")) return "The statement ends too early.";
  return {};
}

std::string hint_for_refusal(Connection& connection) {
  const Access& access = connection.access();
  std::string hint;
  if (!access.refused.empty()) hint = "Refused: " + access.refused + ". ";
  if (access.refused_write) {
    hint +=
        "This server is read-only; its operator can allow changes by starting it with --write. ";
  }
  return hint + describe_allowed(access.mode);
}

std::string megabytes(std::size_t bytes) {
  return std::to_string(bytes / 1'000'000) + " MB";
}

struct Words {
  Reason reason;
  std::string message;
  std::string hint;
};

Words words_for(Connection& connection, int code, std::optional<Reason> ended, std::string message,
                std::string_view sql) {
  const Options& options = connection.options();
  const std::string& file = connection.file_name();
  if (ended == Reason::cancelled) return {Reason::cancelled, "The call was cancelled.", ""};
  if (ended == Reason::timeout) {
    return {Reason::timeout, "Stopped after " + seconds_text(options.timeout) + ".",
            "Read less: add a WHERE, aggregate, limit a recursion; EXPLAIN QUERY PLAN shows which "
            "tables are read whole. Nothing was changed."};
  }
  if (ended == Reason::too_large) {
    return {Reason::too_large, "The statement is too large to compile.",
            "A view, or a table of WITH, is written out wherever it is read: read each of them "
            "once, or fewer within each other."};
  }
  switch (code) {
    case SQLITE_READONLY_ROLLBACK:
      return {Reason::bad_database,
              file + " was left in the middle of a change by a program that died.",
              "Open it once with a program that may write, which repairs it."};
    case SQLITE_READONLY_CANTINIT:
    case SQLITE_READONLY_RECOVERY:
      return {Reason::bad_database, file + " is in WAL mode and its log can't be read.",
              "The server needs to be able to write in the database's folder, or the program that "
              "uses the database has to be closed (which empties the log)."};
    default:
      break;
  }
  // A refused function comes with a general code.
  if (message.starts_with("not authorized")) code = SQLITE_AUTH;
  switch (code & 0xFF) {
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return {Reason::not_allowed, message, hint_for_refusal(connection)};
    case SQLITE_TOOBIG:
      return {Reason::too_large, message,
              "A statement has at most 64 KB and a value at most " +
                  std::to_string(options.max_value_bytes) +
                  " bytes. Leave large columns out (length(column) is always possible), or "
                  "aggregate less into one value."};
    case SQLITE_NOMEM:
      return {Reason::too_large,
              "The statement needs more than " + megabytes(options.heap_bytes) + " of memory.",
              "Sort, group or join fewer rows: filter first, or select fewer columns."};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Reason::busy, file + " is locked by another program.",
              "Waited " + seconds_text(options.busy_timeout) + "; try again later."};
    case SQLITE_NOTADB:
      return {Reason::bad_database,
              file + " is not an SQLite database (or it is an encrypted one).", ""};
    case SQLITE_CORRUPT:
      return {Reason::bad_database, message,
              file + " is damaged; PRAGMA integrity_check tells more."};
    case SQLITE_CANTOPEN:
      if (message.empty() || sql.empty()) message = "unable to open database file";
      return {Reason::bad_database, file + ": " + message,
              "The file, or a -wal or -shm file beside it, can't be read by the server."};
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_PERM:
      return {Reason::bad_database, file + ": " + message, ""};
    default:
      return {Reason::invalid_sql, message, hint_for_sql(connection, message, sql)};
  }
}

}  // namespace

std::string seconds_text(std::chrono::milliseconds time) {
  const auto whole = time.count() / 1000;
  const auto rest = time.count() % 1000;
  return std::to_string(whole) + (rest ? "." + std::to_string(rest + 1000).substr(1) : "") + " s";
}

std::string point_at(std::string_view sql, std::size_t offset) {
  constexpr std::size_t around = 60;
  offset = std::min(offset, sql.size());
  const auto before = sql.substr(0, offset);
  auto begin = before.find_last_of("\r\n");
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  auto end = sql.find_first_of("\r\n", offset);
  if (end == std::string_view::npos) end = sql.size();
  const bool cut_begin = offset - begin > around;
  const bool cut_end = end - offset > around;
  if (cut_begin) begin = offset - around;
  if (cut_end) end = offset + around;
  // Not in the middle of a character.
  const auto inside = [&](std::size_t at) {
    return at < sql.size() && (static_cast<unsigned char>(sql[at]) & 0xC0) == 0x80;
  };
  while (begin < offset && inside(begin)) ++begin;
  while (end > offset && inside(end)) --end;
  std::string line = mcp::replace_invalid_utf8(sql.substr(begin, end - begin));
  std::replace(line.begin(), line.end(), '\t', ' ');
  const auto column =
      mcp::code_point_count(mcp::replace_invalid_utf8(sql.substr(begin, offset - begin)));
  return "  " + std::string(cut_begin ? "..." : "") + line + (cut_end ? "..." : "") + "\n  " +
         std::string(column + (cut_begin ? 3 : 0), ' ') + "^";
}

void throw_failure(Connection& connection, int code, std::optional<Reason> ended,
                   std::string_view sql) {
  // Both belong to the last call on the connection: read them before a hint asks the schema.
  const char* raw = connection.handle() ? sqlite3_errmsg(connection.handle()) : nullptr;
  const std::string message =
      mcp::replace_invalid_utf8(raw ? std::string_view(raw).substr(0, 2000) : "out of memory");
  const int offset = connection.handle() ? sqlite3_error_offset(connection.handle()) : -1;

  Words words;
  try {
    words = words_for(connection, code, ended, message, sql);
  } catch (const Failure&) {  // the schema could not be read for the hint: go without it
    words = {Reason::invalid_sql, message, ""};
  }
  std::string text = words.message;
  if (offset >= 0 && !sql.empty()) text += "\n" + point_at(sql, static_cast<std::size_t>(offset));
  if (!words.hint.empty()) text += "\nHint: " + words.hint;
  throw Failure(words.reason, text);
}

}  // namespace fairlead::database
