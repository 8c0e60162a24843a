#include <sys/stat.h>
#include <unistd.h>

#include "tests/database/fixture.h"

// The file itself: missing, foreign, locked, in WAL mode.

using namespace fairlead::database;
using namespace fairlead::database::testing;

namespace {

std::string cannot_open(const std::filesystem::path& file) {
  return failure_of([&] { Database database(file, {}); }, Reason::bad_database);
}

// Root may write everywhere, so the tests of read-only folders run as nobody.
class Unprivileged {
 public:
  Unprivileged() {
    if (geteuid() != 0) return;
    REQUIRE(seteuid(65534) == 0);
    was_root_ = true;
  }
  ~Unprivileged() {
    if (was_root_) CHECK(seteuid(0) == 0);
  }

 private:
  bool was_root_ = false;
};

struct WalDatabase {
  WalDatabase() {
    OtherProgram(file).run(
        "PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  }
  void close_folder() { REQUIRE(chmod(folder.path().c_str(), 0555) == 0); }
  void open_folder() { REQUIRE(chmod(folder.path().c_str(), 0755) == 0); }
  TemporaryFolder folder;
  std::filesystem::path file = folder / "log.db";
};

}  // namespace

TEST_CASE("what is no database is refused at once, by its own name only") {
  TemporaryFolder folder;
  const auto no_path = [&](const std::string& text) {
    CHECK(text.find(folder.path().string()) == std::string::npos);
    return text;
  };
  CHECK(no_path(cannot_open(folder / "none.db")) == "There is no database file none.db.");
  std::filesystem::create_directory(folder / "dir.db");
  CHECK(no_path(cannot_open(folder / "dir.db")) == "dir.db is a directory, not a database file.");
  std::ofstream(folder / "text.db") << "hello, this is not a database at all";
  CHECK(no_path(cannot_open(folder / "text.db")) ==
        "text.db is not an SQLite database (or it is an encrypted one).");
  std::ofstream(folder / "short.db") << "SQL";
  has(cannot_open(folder / "short.db"), "is not an SQLite database");
  REQUIRE(mkfifo((folder / "pipe.db").c_str(), 0600) == 0);
  CHECK(cannot_open(folder / "pipe.db") == "pipe.db is not a regular file.");
}

TEST_CASE("an empty file is an empty database") {
  TemporaryFolder folder;
  std::ofstream(folder / "empty.db").flush();
  Database database(folder / "empty.db", {});
  CHECK(database.list_tables().tables.empty());
  has(refusal(database, "SELECT * FROM people", Reason::invalid_sql),
      "The tables and views are: none.");
}

TEST_CASE("a file that only begins like a database") {
  TemporaryFolder folder;
  std::ofstream(folder / "fake.db")
      << std::string("SQLite format 3\0", 16) << std::string(500, 'x');
  Database database(folder / "fake.db", {});
  has(refusal(database, "SELECT 1", Reason::bad_database), "fake.db");
}

TEST_CASE("a damaged database is reported and the next call is answered") {
  SmallDatabase small;
  auto bytes = bytes_of(small.file);
  std::fill(bytes.begin() + 4096, bytes.end(), '\xAB');
  std::ofstream(small.file, std::ios::binary) << bytes;
  Database database(small.file, {});
  has(refusal(database, "SELECT * FROM people", Reason::bad_database), "damaged");
  CHECK(database.query({.sql = "SELECT 1"}).rows.dump() == "[[1]]");
}

TEST_CASE("names that SQLite would take for something else are files") {
  TemporaryFolder folder;
  OtherProgram(folder / "a").run("CREATE TABLE t (x)");
  std::filesystem::rename(folder / "a", folder / "50% odd?#name.db");
  Database database(folder / "50% odd?#name.db", {});
  CHECK(database.complete_table("").values == std::vector<std::string>{"t"});
  CHECK(database.name() == "50% odd?#name.db");
}

TEST_CASE("a lock of another program is reported, and its end ends it") {
  SmallDatabase small;
  Database database(small.file, {.busy_timeout = std::chrono::milliseconds(0)});
  OtherProgram writer(small.file);
  writer.run("BEGIN EXCLUSIVE");
  const auto text = refusal(database, "SELECT 1 FROM people", Reason::busy);
  has(text, "small.db is locked by another program.");
  writer.run("COMMIT");
  CHECK(database.query({.sql = "SELECT count(*) FROM people"}).rows.dump() == "[[3]]");

  Database second(small.file, {.mode = Mode::write, .busy_timeout = std::chrono::milliseconds(0)});
  writer.run("BEGIN IMMEDIATE");
  CHECK(second.query({.sql = "SELECT count(*) FROM people"}).rows.dump() == "[[3]]");
  refusal(second, "DELETE FROM people", Reason::busy);
  writer.run("ROLLBACK");
}

TEST_CASE("waiting for a lock ends at the deadline") {
  SmallDatabase small;
  auto reads = std::make_shared<int>(0);
  Database database(small.file, {.busy_timeout = std::chrono::hours(1), .now = [reads] {
                                   return std::chrono::steady_clock::time_point(
                                       std::chrono::seconds((*reads)++ * 6));
                                 }});
  CHECK(database.query({.sql = "SELECT 1"}).rows.dump() == "[[1]]");
  OtherProgram writer(small.file);
  writer.run("BEGIN EXCLUSIVE");
  has(refusal(database, "SELECT 1 FROM people", Reason::timeout), "Stopped after 30 s.");
}

TEST_CASE("a database in WAL mode is read beside its writer") {
  WalDatabase wal;
  OtherProgram writer(wal.file);
  writer.run("INSERT INTO t VALUES (2)");
  Database database(wal.file, {});
  CHECK(database.query({.sql = "SELECT count(*) FROM t"}).rows.dump() == "[[2]]");
  writer.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (3)");
  CHECK(database.query({.sql = "SELECT count(*) FROM t"}).rows.dump() == "[[2]]");
  writer.run("COMMIT");
  CHECK(database.query({.sql = "SELECT count(*) FROM t"}).rows.dump() == "[[3]]");
}

TEST_CASE("a database in WAL mode in a folder that can't be written") {
  WalDatabase wal;
  wal.close_folder();
  {
    const Unprivileged nobody;
    Database database(wal.file, {});
    CHECK(database.query({.sql = "SELECT x FROM t"}).rows.dump() == "[[1]]");
    CHECK_FALSE(std::filesystem::exists(wal.file.string() + "-wal"));
  }
  wal.open_folder();
}

TEST_CASE("what others write later into such a database is seen") {
  WalDatabase wal;
  wal.close_folder();
  std::optional<Database> database;
  {
    const Unprivileged nobody;
    database.emplace(wal.file, Options{});
    CHECK(database->query({.sql = "SELECT count(*) FROM t"}).rows.dump() == "[[1]]");
  }
  wal.open_folder();
  OtherProgram writer(wal.file);
  writer.run("INSERT INTO t VALUES (2)");
  wal.close_folder();
  {
    const Unprivileged nobody;
    CHECK(database->query({.sql = "SELECT count(*) FROM t"}).rows.dump() == "[[2]]");
  }
  wal.open_folder();
}

TEST_CASE("a log that can't be read is said clearly") {
  WalDatabase wal;
  OtherProgram writer(wal.file);
  writer.run("INSERT INTO t VALUES (2)");
  // The log without its index, as a copy of the files may leave them.
  std::filesystem::copy_file(wal.file, wal.folder / "copy.db");
  std::filesystem::copy_file(wal.file.string() + "-wal", wal.folder / "copy.db-wal");
  wal.close_folder();
  {
    const Unprivileged nobody;
    Database database(wal.folder / "copy.db", {});
    const auto text = refusal(database, "SELECT count(*) FROM t", Reason::bad_database);
    has(text, "copy.db");
    has(text, "-wal");
  }
  wal.open_folder();
}
