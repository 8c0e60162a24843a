// The index of the web search server over generated documents: how long it takes to fill and to
// ask, how large it is, and how good what it finds is beside plain FTS5.
// usage: websearch_bench DOCUMENTS FOLDER

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "servers/websearch/dates.h"
#include "servers/websearch/folder_reader.h"
#include "servers/websearch/index.h"
#include "websearch_corpus.h"

namespace {

namespace fs = std::filesystem;
using namespace fairlead::websearch;
using namespace websearch_bench;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Names of documents, best first.
using Ranking = std::vector<std::string>;

std::string name_of_url(const std::string& url) {
  return url.substr(url.rfind('/') + 1);
}

// A text table of FTS5 as its manual begins with: its own tokenizer, weights and syntax.
class PlainFts {
 public:
  explicit PlainFts(const std::string& path) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) throw std::runtime_error("no FTS5");
    run("CREATE VIRTUAL TABLE pages USING fts5 (name UNINDEXED, title, body)");
  }
  PlainFts(const PlainFts&) = delete;
  PlainFts& operator=(const PlainFts&) = delete;
  ~PlainFts() { sqlite3_close(database_); }

  void add(const std::vector<CorpusDocument>& documents) {
    run("BEGIN");
    for (const auto& each : documents) {
      const std::size_t end = each.markdown.find('\n');
      Statement one(database_, "INSERT INTO pages VALUES (?1, ?2, ?3)");
      one.bind(1, each.name)
          .bind(2, std::string_view(each.markdown).substr(2, end - 2))
          .bind(3, each.markdown)
          .step();
    }
    run("COMMIT");
  }

  Ranking search(const std::string& text, const char* between) {
    std::string expression;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      expression += (expression.empty() ? "\"" : between + std::string("\"")) +
                    text.substr(at, end - at) + "\"";
      at = end + 1;
    }
    Statement select(database_,
                     "SELECT name FROM pages WHERE pages MATCH ?1 ORDER BY rank LIMIT 10");
    select.bind(1, expression);
    Ranking out;
    while (select.step()) out.push_back(select.text(0));
    return out;
  }

 private:
  void run(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(database_));
    }
  }
  sqlite3* database_ = nullptr;
};

double ndcg_at_10(const Ranking& ranking, const Question& question) {
  const auto gain = [](int grade, std::size_t place) {
    return (std::pow(2.0, grade) - 1) / std::log2(static_cast<double>(place) + 2);
  };
  double found = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(10, ranking.size()); ++i) {
    const auto grade = question.grades.find(ranking[i]);
    if (grade != question.grades.end()) found += gain(grade->second, i);
  }
  std::vector<int> ideal;
  for (const auto& [name, grade] : question.grades) ideal.push_back(grade);
  std::sort(ideal.rbegin(), ideal.rend());
  double best = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(10, ideal.size()); ++i) {
    best += gain(ideal[i], i);
  }
  return found / best;
}

struct Means {
  std::map<std::string, std::pair<double, int>> by_kind;
  void add(const std::string& kind, double value) {
    for (const std::string& name : {kind, std::string("all")}) {
      by_kind[name].first += value;
      ++by_kind[name].second;
    }
  }
  double of(const std::string& kind) const {
    const auto& [sum, count] = by_kind.at(kind);
    return sum / count;
  }
};

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

void write_files(const Corpus& corpus, const fs::path& folder) {
  fs::create_directories(folder);
  for (const auto& each : corpus.documents) {
    std::ofstream(folder / each.name, std::ios::binary) << each.markdown;
  }
}

void run(std::size_t count, const fs::path& place) {
  const Corpus corpus = make_corpus(count);
  write_files(corpus, place / "documents");
  double text_bytes = 0;
  for (const auto& each : corpus.documents) text_bytes += static_cast<double>(each.markdown.size());

  const std::string file = (place / "index.db").string();
  double ingested = 0;
  Means ours;
  Means plain_all;
  Means plain_any;
  std::vector<double> times;
  {
    StoreFile store(file);
    Index index(store);
    const auto begin = Clock::now();
    const FolderReader reader({(place / "documents").string()});
    const auto source = index.source("bench", "folder", "bench");
    std::vector<IndexedDocument> batch;
    reader.read(".", "", Deadline(std::chrono::hours(1)), [&](IndexedDocument document) {
      batch.push_back(std::move(document));
      if (batch.size() < 200) return;
      index.add(source, batch, now_seconds());
      batch.clear();
    });
    index.add(source, batch, now_seconds());
    store.empty_log();
    ingested = milliseconds_since(begin);
    for (int round = 0; round < 5; ++round) {
      for (const Question& question : corpus.questions) {
        const auto asked = Clock::now();
        const auto answer =
            index.search(question.text, {}, 0, 10, Deadline(std::chrono::seconds(30)));
        times.push_back(milliseconds_since(asked));
        if (round > 0) continue;
        Ranking ranking;
        for (const auto& hit : answer.hits) ranking.push_back(name_of_url(hit.url));
        ours.add(question.kind, ndcg_at_10(ranking, question));
      }
    }
  }
  PlainFts plain((place / "plain.db").string());
  plain.add(corpus.documents);
  for (const Question& question : corpus.questions) {
    plain_all.add(question.kind, ndcg_at_10(plain.search(question.text, " AND "), question));
    plain_any.add(question.kind, ndcg_at_10(plain.search(question.text, " OR "), question));
  }

  const double index_bytes = static_cast<double>(fs::file_size(file));
  std::printf("%zu documents, %.1f MB of text, %zu questions\n", corpus.documents.size(),
              text_bytes / 1e6, corpus.questions.size());
  std::printf("  ingest %.1f s (%.0f documents/s), index %.1f MB = %.2f x text\n", ingested / 1e3,
              static_cast<double>(corpus.documents.size()) / ingested * 1e3, index_bytes / 1e6,
              index_bytes / text_bytes);
  std::printf("  search p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n", percentile(times, 0.5),
              percentile(times, 0.99), percentile(times, 1));
  std::printf("  %-12s %10s %16s %16s\n", "nDCG@10", "this index", "plain FTS5, AND",
              "plain FTS5, OR");
  for (const auto& [kind, unused] : ours.by_kind) {
    std::printf("  %-12s %10.3f %16.3f %16.3f\n", kind.c_str(), ours.of(kind), plain_all.of(kind),
                plain_any.of(kind));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: websearch_bench DOCUMENTS FOLDER\n", stderr);
    return 2;
  }
  try {
    run(std::strtoul(argv[1], nullptr, 10), argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
