#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

// Documents in several languages, generated the same at each run, and questions whose answers are
// known.

namespace websearch_bench {

struct CorpusDocument {
  std::string name;  ///< of its file
  std::string markdown;
};

struct Question {
  std::string kind;  ///< "english", "inflected", "german", "french", "chinese", "japanese"
  std::string text;
  std::map<std::string, int>
      grades;  ///< by file name: 3 is about it, 2 has a part on it, 1 names it
};

struct Corpus {
  std::vector<CorpusDocument> documents;
  std::vector<Question> questions;
};

/// About `count` documents, at least 1,000.
Corpus make_corpus(std::size_t count);

}  // namespace websearch_bench
