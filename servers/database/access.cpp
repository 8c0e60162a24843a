#include "servers/database/access.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace fairlead::database {
namespace {

// PRAGMAs that report and take an argument that only says about what.
constexpr std::array<std::string_view, 11> reports_about = {
    "foreign_key_check", "foreign_key_list", "index_info",   "index_list",
    "index_xinfo",       "integrity_check",  "quick_check",  "table_info",
    "table_list",        "table_xinfo",      "function_list"};
// PRAGMAs that report as long as they get no argument: with one they would set something.
// database_list is missing on purpose: it tells the path of the file.
constexpr std::array<std::string_view, 14> reports = {
    "application_id", "auto_vacuum",  "collation_list", "compile_options", "data_version",
    "encoding",       "foreign_keys", "freelist_count", "module_list",     "page_count",
    "page_size",      "pragma_list",  "schema_version", "user_version"};

// Functions that reach outside the database, hand out pointers, write, or take quadratic time
// inside one call, where no deadline reaches.
constexpr std::array<std::string_view, 12> refused_functions = {
    "load_extension", "readfile", "writefile",  "edit",       "lsdir",      "fts3_tokenizer",
    "fts5",           "optimize", "sqlite_log", "rtreecheck", "json_patch", "eval"};

constexpr std::array<std::string_view, 5> creatable_modules = {"fts3", "fts4", "fts5", "rtree",
                                                               "rtree_i32"};

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& names, const char* name) {
  if (!name) return false;
  return std::any_of(names.begin(), names.end(), [&](std::string_view candidate) {
    return candidate.size() == std::string_view(name).size() &&
           sqlite3_strnicmp(candidate.data(), name, static_cast<int>(candidate.size())) == 0;
  });
}

enum class Verdict { allowed, needs_write, refused };

struct Judgement {
  Verdict verdict;
  std::string_view what;
};

bool is_temporary(const char* database) {
  return database && std::string_view(database) == "temp";
}

// ALTER TABLE looks through the temporary schema too; SQLite itself keeps foreign SQL from it.
bool is_temporary_data(const char* table, const char* database) {
  return is_temporary(database) && !(table && std::string_view(table) == "sqlite_temp_master");
}

Judgement judge(int action, const char* first, const char* second, const char* database) {
  using enum Verdict;
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return {allowed, ""};
    case SQLITE_FUNCTION:
      return {contains(refused_functions, second) ? refused : allowed, "the function "};
    case SQLITE_PRAGMA:
      return {contains(reports_about, first) || (contains(reports, first) && !second) ? allowed
                                                                                      : refused,
              "PRAGMA "};
    case SQLITE_INSERT:
      return {is_temporary_data(first, database) ? refused : needs_write, "INSERT into "};
    case SQLITE_UPDATE:
      return {is_temporary_data(first, database) ? refused : needs_write, "UPDATE of "};
    case SQLITE_DELETE:
      return {is_temporary_data(first, database) ? refused : needs_write, "DELETE from "};
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TRIGGER:
      return {is_temporary(database) ? refused : needs_write, "CREATE of "};
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VIEW:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_DROP_VTABLE:
      return {needs_write, "DROP of "};
    case SQLITE_CREATE_VTABLE:
      return {contains(creatable_modules, second) ? needs_write : refused, "CREATE VIRTUAL TABLE "};
    case SQLITE_ALTER_TABLE:
      // Here the first name is the database's, the second the table's.
      return {is_temporary(first) ? refused : needs_write, "ALTER TABLE"};
    case SQLITE_ANALYZE:
      return {needs_write, "ANALYZE"};
    case SQLITE_REINDEX:
      return {needs_write, "REINDEX"};
    case SQLITE_ATTACH:
      return {refused, "ATTACH (and VACUUM, which attaches a file)"};
    case SQLITE_DETACH:
      return {refused, "DETACH"};
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return {refused, "transaction control (each call is a transaction of its own)"};
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_VIEW:
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_DROP_TEMP_TABLE:
    case SQLITE_DROP_TEMP_VIEW:
    case SQLITE_DROP_TEMP_INDEX:
    case SQLITE_DROP_TEMP_TRIGGER:
      return {refused, "a temporary object (it would outlive the call)"};
    default:
      return {refused, "this kind of statement"};
  }
}

// SQLite goes on compiling what follows, so only the first refusal is the one to report.
void remember(Access& access, int action, const Judgement& judgement, const char* first,
              const char* second) {
  if (!access.refused.empty()) return;
  access.refused = judgement.what;
  const char* name = action == SQLITE_FUNCTION || action == SQLITE_CREATE_VTABLE ? second : first;
  if (access.refused.ends_with(' ')) access.refused += name ? name : "?";
  if (action == SQLITE_CREATE_VTABLE) {
    access.refused = "CREATE VIRTUAL TABLE ... USING ";
    access.refused += name ? name : "?";
  }
  access.refused_write = judgement.verdict == Verdict::needs_write;
}

}  // namespace

int authorize(void* state, int action, const char* first, const char* second, const char* database,
              const char*) noexcept {
  auto& access = *static_cast<Access*>(state);
  if (access.preparing) return SQLITE_OK;
  try {
    const Judgement judgement = judge(action, first, second, database);
    if (judgement.verdict == Verdict::allowed) return SQLITE_OK;
    if (judgement.verdict == Verdict::needs_write && access.mode == Mode::write) {
      const bool is_data =
          action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE;
      access.changes_schema = access.changes_schema || !is_data;
      return SQLITE_OK;
    }
    remember(access, action, judgement, first, second);
  } catch (...) {  // no memory for the words: refuse without them
  }
  return SQLITE_DENY;
}

std::vector<std::string> table_functions() {
  std::vector<std::string> names = {"json_each", "json_tree"};
  for (const std::string_view name : reports_about) names.push_back("pragma_" + std::string(name));
  for (const std::string_view name : reports) names.push_back("pragma_" + std::string(name));
  return names;
}

std::string describe_allowed(Mode mode) {
  std::string text =
      mode == Mode::write
          ? "Allowed: one statement a call that reads or changes this database (SELECT, INSERT, "
            "UPDATE, DELETE, CREATE, ALTER, DROP, EXPLAIN), committed at its end"
          : "Allowed: one SELECT statement a call (WITH and EXPLAIN included)";
  text += ", and the PRAGMAs that report: ";
  for (const std::string_view name : reports_about) text.append(name).append(", ");
  text.resize(text.size() - 2);
  return text + ".";
}

}  // namespace fairlead::database
