#include "servers/websearch/index.h"

#include <sqlite3.h>

#include <algorithm>

#include <mcp/base/digest.h>
#include <mcp/base/utf8.h>

#include "servers/websearch/character.h"
#include "servers/websearch/failure.h"
#include "servers/websearch/index_query.h"
#include "servers/websearch/packed_text.h"
#include "servers/websearch/web_url.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_body_bytes = std::size_t{2} << 20U;
constexpr std::size_t max_title_bytes = 1'000;

// A title's word says more of a document than one somewhere in it.
constexpr const char* ranked_search = R"(
SELECT documents.id, documents.url, documents.title,
       snippet(words, 2, '**', '**', ' … ', 40), documents.published, documents.read, -found.weight
FROM (SELECT words.rowid AS id, bm25(words, 6.0, 3.0, 1.0, 2.0) AS weight
      FROM words CROSS JOIN documents ON documents.id = words.rowid
      WHERE words MATCH ?1 {filter} ORDER BY weight, id LIMIT ?2 OFFSET ?3) AS found
CROSS JOIN documents ON documents.id = found.id
CROSS JOIN words ON words.rowid = found.id AND words MATCH ?1
ORDER BY found.weight, found.id)";

std::string filter_sql(const IndexFilter& filter) {
  const auto in_one = [](std::size_t count, std::size_t first) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string parameter = "?" + std::to_string(first + i);
      out += (out.empty() ? "" : " OR ") + ("documents.host = " + parameter) +
             " OR documents.host LIKE '%.' || " + parameter;
    }
    return "(" + out + ")";
  };
  std::string out;
  std::size_t next = 4;
  if (!filter.domains.empty()) out += " AND " + in_one(filter.domains.size(), next);
  next += filter.domains.size();
  if (!filter.without_domains.empty()) {
    out += " AND NOT " + in_one(filter.without_domains.size(), next);
  }
  next += filter.without_domains.size();
  if (!filter.language.empty()) {
    const std::string parameter = "?" + std::to_string(next++);
    out += " AND (documents.language = " + parameter + " OR documents.language LIKE " + parameter +
           " || '-%')";
  }
  if (filter.since != 0) {
    out +=
        " AND (CASE documents.published WHEN 0 THEN documents.read ELSE documents.published "
        "END) >= ?" +
        std::to_string(next);
  }
  return out;
}

void bind_filter(Statement& statement, const IndexFilter& filter) {
  int next = 4;
  for (const auto& domain : filter.domains) statement.bind(next++, to_lower(domain));
  for (const auto& domain : filter.without_domains) statement.bind(next++, to_lower(domain));
  if (!filter.language.empty()) statement.bind(next++, to_lower(filter.language));
  if (filter.since != 0) statement.bind(next, filter.since);
}

/// Ends a statement that takes too long.
class Interruption {
 public:
  Interruption(sqlite3* database, const Deadline& deadline) : database_(database) {
    sqlite3_progress_handler(
        database, 2'000,
        [](void* asked) { return static_cast<const Deadline*>(asked)->passed() ? 1 : 0; },
        const_cast<Deadline*>(&deadline));  // NOLINT: it comes back const
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption() { sqlite3_progress_handler(database_, 0, nullptr, nullptr); }

 private:
  sqlite3* database_;
};

// The words of its address, as far as they are words.
std::string address_words(const std::string& url) {
  std::string out;
  const std::size_t scheme = url.find("://");
  for (const char c : url.substr(scheme == std::string::npos ? 0 : scheme + 3)) {
    out += is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) > 0x7F ? c : ' ';
  }
  return out;
}

void run_words(sqlite3* database, const char* sql, std::int64_t id,
               const std::vector<std::string>& columns) {
  Statement statement(database, sql);
  statement.bind(1, id);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    statement.bind(static_cast<int>(i) + 2, columns[i]);
  }
  statement.step();
}

// FTS5 is told what it indexed, because the text itself is in `documents` only.
void remove_words(sqlite3* database, std::int64_t id) {
  Statement old(database, "SELECT title, headings, body, address FROM texts WHERE id = ?1");
  old.bind(1, id);
  if (!old.step()) return;
  run_words(database,
            "INSERT INTO words (words, rowid, title, headings, body, address) "
            "VALUES ('delete', ?1, ?2, ?3, ?4, ?5)",
            id, {old.text(0), old.text(1), old.text(2), old.text(3)});
}

bool add_one(sqlite3* database, std::int64_t source, const IndexedDocument& document,
             std::int64_t now) {
  const std::string title(mcp::truncate_utf8(document.title, max_title_bytes));
  const std::string body(mcp::truncate_utf8(document.body, max_body_bytes));
  const std::string address = address_words(document.url);
  const std::string key = document.url.starts_with("http") ? page_key(document.url) : document.url;
  const std::string digest =
      mcp::sha256_hex(title + "\n" + document.headings + "\n" + body).substr(0, 32);
  Statement known(database, "SELECT id, digest FROM documents WHERE key = ?1");
  known.bind(1, key);
  if (known.step()) {
    const std::int64_t id = known.number(0);
    if (known.text(1) == digest) {
      Statement touch(database, "UPDATE documents SET read = ?2 WHERE id = ?1");
      touch.bind(1, id).bind(2, now).step();
      return false;
    }
    remove_words(database, id);
    Statement remove(database, "DELETE FROM documents WHERE id = ?1");
    remove.bind(1, id).step();
  }
  Statement insert(database,
                   "INSERT INTO documents (source, key, url, host, language, published, read, "
                   "digest, title, headings, body, address) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
  insert.bind(1, source)
      .bind(2, key)
      .bind(3, document.url)
      .bind(4, host_of(document.url))
      .bind(5, to_lower(document.language))
      .bind(6, document.published)
      .bind(7, now)
      .bind(8, digest)
      .bind(9, title)
      .bind(10, document.headings)
      .bind_bytes(11, packed(body))
      .bind(12, address)
      .step();
  run_words(database,
            "INSERT INTO words (rowid, title, headings, body, address) "
            "VALUES (?1, ?2, ?3, ?4, ?5)",
            sqlite3_last_insert_rowid(database), {title, document.headings, body, address});
  return true;
}

}  // namespace

std::int64_t Index::source(const std::string& uri, const std::string& kind,
                           const std::string& title) {
  StoreFile::Writing writing(file_);
  Statement insert(writing.get(),
                   "INSERT INTO sources (uri, kind, title, added) "
                   "VALUES (?1, ?2, ?3, CAST(strftime('%s', 'now') AS INTEGER)) "
                   "ON CONFLICT (uri) DO UPDATE SET title = excluded.title RETURNING id");
  insert.bind(1, uri).bind(2, kind).bind(3, title).step();
  const std::int64_t id = insert.number(0);
  while (insert.step()) {
  }
  writing.commit();
  return id;
}

std::size_t Index::add(std::int64_t source, const std::vector<IndexedDocument>& documents,
                       std::int64_t now) {
  StoreFile::Writing writing(file_);
  std::size_t changed = 0;
  for (const IndexedDocument& document : documents) {
    changed += add_one(writing.get(), source, document, now) ? 1 : 0;
  }
  writing.commit();
  return changed;
}

std::size_t Index::collect(sqlite3* database, const std::string& expression,
                           const IndexFilter& filter, std::size_t skip, std::size_t count,
                           IndexAnswer& answer, const Deadline& deadline) {
  std::string sql = ranked_search;
  sql.replace(sql.find("{filter}"), 8, filter_sql(filter));
  const Interruption interruption(database, deadline);
  Statement search(database, sql);
  search.bind(1, expression)
      .bind(2, static_cast<std::int64_t>(count + 1))
      .bind(3, static_cast<std::int64_t>(skip));
  bind_filter(search, filter);
  std::size_t found = 0;
  while (search.step()) {
    if (++found > count) {
      answer.more = true;
      break;
    }
    answer.hits.push_back({.id = search.number(0),
                           .url = search.text(1),
                           .title = search.text(2),
                           .snippet = collapsed(search.text(3)),
                           .published = search.number(4),
                           .read = search.number(5),
                           .score = search.real(6)});
  }
  return found;
}

IndexAnswer Index::search(std::string_view query, const IndexFilter& filter, std::size_t offset,
                          std::size_t count, const Deadline& deadline) {
  IndexAnswer answer;
  const IndexQuery wanted = read_index_query(query);
  if (wanted.all.empty()) return answer;
  const StoreFile::Lease lease(file_);
  try {
    collect(lease.get(), wanted.all, filter, offset, count, answer, deadline);
    if (answer.more || wanted.any.empty()) return answer;
    // Those with all words are among those with some, and are counted once.
    IndexAnswer all;
    collect(lease.get(), wanted.all, filter, 0, offset + count, all, deadline);
    IndexAnswer some;
    collect(lease.get(), wanted.any, filter, 0, offset + count + all.hits.size(), some, deadline);
    std::erase_if(some.hits, [&all](const IndexHit& hit) {
      return std::any_of(all.hits.begin(), all.hits.end(),
                         [&hit](const IndexHit& each) { return each.id == hit.id; });
    });
    all.hits.insert(all.hits.end(), some.hits.begin(), some.hits.end());
    answer.more = some.more || all.hits.size() > offset + count;
    answer.hits.clear();
    for (std::size_t i = offset; i < std::min(all.hits.size(), offset + count); ++i) {
      answer.hits.push_back(std::move(all.hits[i]));
    }
  } catch (const Failure&) {
    deadline.check();
    if (!deadline.passed()) throw;
    throw Failure("Searching the index took too long.", Failure::Kind::timeout);
  }
  return answer;
}

std::vector<IndexedSource> Index::sources() {
  const StoreFile::Lease lease(file_);
  Statement select(lease.get(),
                   "SELECT sources.id, uri, kind, sources.title, added, count(documents.id) "
                   "FROM sources LEFT JOIN documents ON documents.source = sources.id "
                   "GROUP BY sources.id ORDER BY sources.id LIMIT 1000");
  std::vector<IndexedSource> out;
  while (select.step()) {
    out.push_back({select.number(0), select.text(1), select.text(2), select.text(3),
                   select.number(4), select.number(5)});
  }
  return out;
}

std::vector<std::string> Index::hosts(std::string_view prefix) {
  const StoreFile::Lease lease(file_);
  Statement select(lease.get(),
                   "SELECT DISTINCT host FROM documents WHERE host <> '' AND "
                   "substr(host, 1, length(?1)) = ?1 ORDER BY host LIMIT 100");
  select.bind(1, to_lower(prefix));
  std::vector<std::string> out;
  while (select.step()) out.push_back(select.text(0));
  return out;
}

std::vector<std::pair<std::string, std::string>> Index::pages_of(const std::string& domain) {
  const StoreFile::Lease lease(file_);
  Statement select(lease.get(),
                   "SELECT url, title FROM documents WHERE host = ?1 OR host LIKE '%.' || ?1 "
                   "ORDER BY url LIMIT 1000");
  select.bind(1, to_lower(domain));
  std::vector<std::pair<std::string, std::string>> out;
  while (select.step()) out.emplace_back(select.text(0), select.text(1));
  return out;
}

std::optional<IndexedDocument> Index::document(std::int64_t id) {
  const StoreFile::Lease lease(file_);
  Statement select(
      lease.get(),
      "SELECT url, title, headings, unpacked(body), language, published FROM documents "
      "WHERE id = ?1");
  select.bind(1, id);
  if (!select.step()) return std::nullopt;
  return IndexedDocument{.url = select.text(0),
                         .title = select.text(1),
                         .headings = select.text(2),
                         .body = select.text(3),
                         .language = select.text(4),
                         .published = select.number(5)};
}

std::size_t Index::forget(const What& what) {
  std::string where = "0";
  if (!what.url.empty()) {
    where = "key = ?1";
  } else if (!what.domain.empty()) {
    where = "host = ?1 OR host LIKE '%.' || ?1";
  } else if (!what.source.empty()) {
    where = "source IN (SELECT id FROM sources WHERE uri = ?1)";
  } else if (what.read_before != 0) {
    where = "read < ?2";
  } else if (what.everything) {
    where = "1";
  }
  std::string text = !what.domain.empty() ? to_lower(what.domain) : what.source;
  if (!what.url.empty()) text = what.url.starts_with("http") ? page_key(what.url) : what.url;
  std::size_t count = 0;
  {
    StoreFile::Writing writing(file_);
    sqlite3* database = writing.get();
    std::vector<std::int64_t> ids;
    Statement select(database, "SELECT id FROM documents WHERE " + where);
    select.bind(1, text).bind(2, what.read_before);
    while (select.step()) ids.push_back(select.number(0));
    for (const std::int64_t id : ids) {
      Statement url(database, "SELECT url FROM documents WHERE id = ?1");
      url.bind(1, id).step();
      Statement cached(database, "DELETE FROM responses WHERE url = ?1 OR final_url = ?1");
      cached.bind(1, url.text(0)).step();
      remove_words(database, id);
      Statement remove(database, "DELETE FROM documents WHERE id = ?1");
      remove.bind(1, id).step();
    }
    count = ids.size();
    // What was fetched and had no text is kept there only.
    std::string kept = "0";
    if (!what.url.empty()) kept = "url = ?3 OR final_url = ?3";
    if (!what.domain.empty()) kept = "host = ?1 OR host LIKE '%.' || ?1";
    if (what.read_before != 0) kept = "fetched < ?2";
    if (what.everything) kept = "1";
    if (what.everything) Statement(database, "DELETE FROM crawls").step();
    Statement responses(database, "DELETE FROM responses WHERE " + kept);
    responses.bind(1, text).bind(2, what.read_before).bind(3, what.url).step();
    if (!what.source.empty()) {
      Statement source(database, "DELETE FROM sources WHERE uri = ?1");
      source.bind(1, text).step();
    }
    Statement(database, "DELETE FROM sources WHERE id NOT IN (SELECT source FROM documents)")
        .step();
    // FTS5 only notes that a document is gone, until it writes its segments anew.
    if (count > 0) Statement(database, "INSERT INTO words (words) VALUES ('optimize')").step();
    writing.commit();
  }
  file_.empty_log();
  return count;
}

}  // namespace fairlead::websearch
