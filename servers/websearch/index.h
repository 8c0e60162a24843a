#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "servers/websearch/deadline.h"
#include "servers/websearch/store_file.h"

namespace fairlead::websearch {

/// A document as the index keeps it.
struct IndexedDocument {
  std::string url;  ///< http(s), or file://
  std::string title;
  std::string headings = {};  ///< one a line
  std::string body;           ///< plain text
  std::string language = {};
  std::int64_t published = 0;  ///< seconds since 1970; 0: unknown
};

struct IndexFilter {
  std::vector<std::string> domains = {};  ///< in one of them, or anywhere when there are none
  std::vector<std::string> without_domains = {};
  std::string language = {};  ///< "en" is also "en-GB"
  std::int64_t since = 0;     ///< published (or else read) then or later, seconds since 1970
};

struct IndexHit {
  std::int64_t id = 0;
  std::string url;
  std::string title;
  std::string snippet;  ///< found words between `**`
  std::int64_t published = 0;
  std::int64_t read = 0;
  double score = 0;  ///< larger is better
};
struct IndexAnswer {
  std::vector<IndexHit> hits;
  bool more = false;
};

struct IndexedSource {
  std::int64_t id = 0;
  std::string uri;
  std::string kind;  ///< "web", "folder", "feed", "site"
  std::string title;
  std::int64_t added = 0;
  std::int64_t documents = 0;
};

/// The full-text index over whatever was fetched or ingested. Any thread, several processes.
class Index {
 public:
  explicit Index(StoreFile& file) : file_(file) {}

  /// The source of that URI, made when there is none.
  std::int64_t source(const std::string& uri, const std::string& kind, const std::string& title);
  /// Adds documents, or replaces those of the same pages; all or none of them. What has not changed
  /// is only marked as read. How many were new or changed.
  std::size_t add(std::int64_t source, const std::vector<IndexedDocument>& documents,
                  std::int64_t now);

  /// Documents with all words first; when there are too few of them, those with some.
  IndexAnswer search(std::string_view query, const IndexFilter& filter, std::size_t offset,
                     std::size_t count, const Deadline& deadline);

  std::vector<IndexedSource> sources();
  /// Hosts that begin with `prefix`, at most 100.
  std::vector<std::string> hosts(std::string_view prefix);
  /// URL and title of what is of that domain, at most 1,000.
  std::vector<std::pair<std::string, std::string>> pages_of(const std::string& domain);
  std::optional<IndexedDocument> document(std::int64_t id);

  /// What to forget; one of them.
  struct What {
    std::string url = {};
    std::string domain = {};
    std::string source = {};  ///< a source's URI
    std::int64_t read_before = 0;
    bool everything = false;
  };
  /// Removes documents, and their cached responses, so that the file holds no trace of their text.
  /// How many documents.
  std::size_t forget(const What& what);

 private:
  std::size_t collect(sqlite3* database, const std::string& expression, const IndexFilter& filter,
                      std::size_t skip, std::size_t count, IndexAnswer& answer,
                      const Deadline& deadline);

  StoreFile& file_;
};

}  // namespace fairlead::websearch
