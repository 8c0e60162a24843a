#include "servers/database/database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <mcp/base/system_memory.h>

#include "servers/database/allocation_meter.h"
#include "servers/database/catalogue.h"
#include "servers/database/connection.h"
#include "servers/database/values.h"

namespace fairlead::database {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

constexpr std::size_t sample_rows = 3;
constexpr std::size_t max_sample_bytes = 3'000;
// What the allocator may keep of a call for the next one.
constexpr std::int64_t much_memory = 4'000'000;

// Skips white space, comments and empty statements; what is left is a second statement.
std::string_view after_comments(std::string_view sql) {
  while (!sql.empty()) {
    if (std::isspace(static_cast<unsigned char>(sql.front())) || sql.front() == ';') {
      sql.remove_prefix(1);
    } else if (sql.starts_with("--")) {
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    } else if (sql.starts_with("/*")) {
      const auto end = sql.find("*/", 2);
      sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 2);
    } else {
      break;
    }
  }
  return sql;
}

QueryResult run(Connection& connection, const Query& query, std::size_t max_bytes) {
  if (query.sql.find('\0') != std::string::npos) {
    throw Failure(Reason::invalid_sql, "sql contains a NUL character.");
  }
  std::string_view rest;
  Statement statement(connection, query.sql, &rest);
  if (!statement) throw Failure(Reason::invalid_sql, "sql contains no statement.");
  if (!after_comments(rest).empty()) {
    throw Failure(Reason::not_allowed,
                  "sql contains more than one statement; nothing was run.\nHint: one statement a "
                  "call, in calls of their own.");
  }
  const Options& options = connection.options();
  const bool reads = sqlite3_stmt_readonly(statement.handle()) != 0;
  if (!reads && options.mode == Mode::read_only) {
    throw Failure(Reason::not_allowed, "not authorized\nHint: " + describe_allowed(options.mode));
  }
  bind_parameters(statement.handle(), query.params);

  QueryResult result;
  const std::size_t max_rows =
      std::min(query.max_rows.value_or(options.max_rows), options.max_rows);
  const auto changes_before = sqlite3_total_changes64(connection.handle());
  RowReader reader(statement.handle(), max_bytes);
  result.columns = reader.columns();
  bool too_many_bytes = false;
  // One row more than wanted tells whether there is more.
  while (!result.truncated && statement.step()) {
    if (result.row_count < max_rows && reader.read(result.rows)) {
      result.row_count = result.rows.size();
    } else {
      too_many_bytes = result.row_count < max_rows;
      result.truncated = true;
    }
  }
  // INSERT ... RETURNING has written everything, but commits only at its end.
  while (!reads && result.truncated && statement.step()) continue;
  result.notes = reader.take_notes();
  if (result.truncated) {
    result.notes.insert(
        result.notes.begin(),
        "There are more rows than these " + std::to_string(result.row_count) + " (" +
            (too_many_bytes ? "the answer is limited to " + std::to_string(max_bytes) + " bytes"
                            : "the limit is " + std::to_string(max_rows) + " rows") +
            "). Aggregate or filter in SQL, or page with ORDER BY ... LIMIT n OFFSET m.");
  }
  const bool explains = sqlite3_stmt_isexplain(statement.handle()) != 0;
  if (!reads && !explains && !connection.access().changes_schema) {
    const bool changed = sqlite3_total_changes64(connection.handle()) != changes_before;
    result.changes = changed ? sqlite3_changes64(connection.handle()) : 0;
  }
  return result;
}

}  // namespace

struct Database::State {
  State(const std::filesystem::path& path, Options wanted)
      : file(std::filesystem::absolute(path)),
        name(file.filename().string()),
        options(std::move(wanted)) {}

  // A connection for one call, idle or new. Waits for one as long as the call may take.
  std::unique_ptr<Connection> take(TimePoint deadline, const std::stop_token& stop) {
    {
      std::unique_lock lock(mutex);
      const auto is_free = [&] { return open < options.connections; };
      const auto left = std::max(deadline - options.now(), TimePoint::duration::zero());
      if (!returned.wait_for(lock, stop, left, is_free)) {
        if (stop.stop_requested()) throw Failure(Reason::cancelled, "The call was cancelled.");
        throw Failure(Reason::busy, "All " + std::to_string(options.connections) +
                                        " connections to " + name +
                                        " are in use; try again later.");
      }
      ++open;
      while (!idle.empty()) {
        auto connection = std::move(idle.back());
        idle.pop_back();
        if (!connection->outdated()) return connection;
      }
    }
    try {
      return std::make_unique<Connection>(file, options);
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }

  void give_back(std::unique_ptr<Connection> connection) noexcept {
    {
      const std::scoped_lock lock(mutex);
      --open;
      if (connection) idle.push_back(std::move(connection));
    }
    returned.notify_one();
  }

  template <typename Work>
  auto call(const std::stop_token& stop, const Work& work) {
    if (stop.stop_requested()) throw Failure(Reason::cancelled, "The call was cancelled.");
    const auto deadline = options.now() + options.timeout;
    auto connection = take(deadline, stop);
    // Gives the connection back whatever happens, after everything that uses it is gone.
    struct Loan {
      State& state;
      std::unique_ptr<Connection>& connection;
      ~Loan() { state.give_back(std::move(connection)); }
    } const loan{*this, connection};
    const Connection::Watch watch(*connection, deadline, stop);
    // However the call ends, and when nothing of it is held any more.
    struct Thrift {
      const Connection::Watch& watch;
      ~Thrift() {
        if (watch.peak_memory() >= much_memory) mcp::return_free_memory();
      }
    } const thrift{watch};
    connection->connect_virtual_tables();
    return work(*connection);
  }

  const std::filesystem::path file;
  const std::string name;
  const Options options;
  std::mutex mutex;
  std::condition_variable_any returned;
  std::size_t open = 0;  // in use
  std::vector<std::unique_ptr<Connection>> idle;
};

Database::Database(const std::filesystem::path& file, Options options) {
  options.connections = std::max<std::size_t>(options.connections, 1);
  meter_allocations();
  state_ = std::make_unique<State>(file, std::move(options));
  state_->idle.reserve(state_->options.connections);
  check_file(state_->file);
  const auto wanted = static_cast<sqlite3_int64>(state_->options.heap_bytes);
  const auto current = sqlite3_hard_heap_limit64(-1);
  if (current == 0 || wanted < current) sqlite3_hard_heap_limit64(wanted);
}

Database::~Database() = default;

const Options& Database::options() const noexcept {
  return state_->options;
}
const std::string& Database::name() const noexcept {
  return state_->name;
}

QueryResult Database::query(const Query& query, std::stop_token stop) {
  if (query.max_rows == std::size_t{0}) {
    throw Failure(Reason::bad_parameter, "max_rows must be at least 1.");
  }
  return state_->call(stop, [&](Connection& connection) {
    return run(connection, query, connection.options().max_bytes);
  });
}

TableList Database::list_tables(std::stop_token stop) {
  return state_->call(stop, [](Connection& connection) { return read_tables(connection); });
}

TableDescription Database::describe_table(std::string_view table, std::stop_token stop) {
  return state_->call(stop, [&](Connection& connection) {
    TableDescription description = read_table(connection, table);
    try {
      const std::string rows = " LIMIT " + std::to_string(sample_rows);
      description.sample =
          run(connection, {.sql = "SELECT * FROM " + quote_identifier(description.table) + rows},
              std::min(max_sample_bytes, connection.options().max_bytes));
    } catch (const Failure& failure) {
      // A value too large to show, or a broken view: the description is worth having without.
      if (failure.reason() == Reason::cancelled || failure.reason() == Reason::timeout) throw;
    }
    return description;
  });
}

Json Database::schema(std::stop_token stop) {
  return state_->call(stop, [](Connection& connection) { return read_schema(connection); });
}

Completion Database::complete_table(std::string_view prefix, std::size_t limit,
                                    std::stop_token stop) {
  return state_->call(stop, [&](Connection& connection) {
    return database::complete_table(connection, prefix, limit);
  });
}

std::string quote_identifier(std::string_view name) {
  const bool plain = !name.empty() && !std::isdigit(static_cast<unsigned char>(name.front())) &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return std::islower(static_cast<unsigned char>(c)) ||
                              std::isdigit(static_cast<unsigned char>(c)) || c == '_';
                     });
  if (plain && !sqlite3_keyword_check(name.data(), static_cast<int>(name.size()))) {
    return std::string(name);
  }
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace fairlead::database
