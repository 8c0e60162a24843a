#include "websearch_corpus.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace websearch_bench {
namespace {

struct Language {
  std::string name;
  std::vector<std::string> common;  // the words that most of a text is made of
  std::vector<std::string> syllables;
  std::string before;  // what a question begins with
  bool spaced = true;
  std::size_t share;  // of 100 documents
};

std::vector<std::string> characters(char32_t first, std::size_t count, std::size_t step) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto c = first + static_cast<char32_t>(i * step);
    out.push_back({static_cast<char>(0xE0U | (c >> 12U)),
                   static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)),
                   static_cast<char>(0x80U | (c & 0x3FU))});
  }
  return out;
}

std::vector<Language> languages() {
  return {
      {"english",
       {"the", "of",    "and",  "to",  "in",  "is",   "that", "it",   "for",
        "was", "on",    "with", "as",  "be",  "by",   "at",   "this", "from",
        "or",  "which", "are",  "not", "but", "have", "an",   "they"},
       {"har", "bor", "lan",  "tern", "mor", "gan", "tel", "vis", "con",
        "ter", "mel", "ster", "bin",  "dal", "fer", "gol", "hin", "jas",
        "kel", "pro", "ran",  "sol",  "tur", "ven", "wal", "yor"},
       "how is the",
       true,
       45},
      {"german",
       {"der",  "die", "und",  "in",  "den", "von",    "zu",  "das",   "mit",
        "sich", "des", "auf",  "für", "ist", "im",     "dem", "nicht", "ein",
        "eine", "als", "auch", "es",  "an",  "werden", "aus"},
       {"schif", "hafen", "grün", "brück", "lösch", "wasser", "kohl",
        "mann",  "stein", "fähr", "land",  "berg",  "tal",    "wald",
        "burg",  "feld",  "dorf", "stadt", "markt", "haus",   "mühl"},
       "wie ist die",
       true,
       15},
      {"french",
       {"le",   "de",  "un",   "être", "et",  "à",   "il",   "avoir", "ne",
        "je",   "son", "que",  "se",   "qui", "ce",  "dans", "en",    "du",
        "elle", "au",  "pour", "pas",  "sur", "par", "avec", "la",    "les"},
       {"clé",  "mar",  "ché",  "pon", "tier", "rivi", "fôr",  "châ",  "teau", "vill", "lum",
        "moul", "gran", "peti", "bat", "elle", "nou",  "veau", "mont", "val",  "bois", "cham"},
       "comment est la",
       true,
       15},
      {"chinese", {"的", "了", "在", "是", "和", "有"}, characters(0x4E10, 900, 7), "", false, 15},
      {"japanese",
       {"の", "は", "を", "に", "が", "と", "です"},
       characters(0x5200, 700, 11),
       "",
       false,
       10},
  };
}

class Writer {
 public:
  Writer(Language language, std::mt19937& random)
      : language_(std::move(language)), random_(random) {
    for (std::size_t i = 0; i < 6'000; ++i) vocabulary_.push_back(word(2 + below(2)));
  }

  std::size_t below(std::size_t end) { return random_() % end; }

  std::string word(std::size_t parts) {
    std::string out;
    for (std::size_t i = 0; i < parts; ++i) {
      out += language_.syllables[below(language_.syllables.size())];
    }
    return out;
  }

  /// A word as often as its kind is: half are common ones, of the others few are frequent.
  const std::string& any_word() {
    if (below(100) < (language_.spaced ? 45U : 20U)) {
      return language_.common[below(language_.common.size())];
    }
    const double uniform = static_cast<double>(below(1'000'000)) / 1e6;
    const auto rank = std::pow(static_cast<double>(vocabulary_.size()), uniform) - 1;
    return vocabulary_[static_cast<std::size_t>(rank)];
  }

  /// A paragraph with `inside` somewhere in it.
  std::string paragraph(std::size_t words, const std::vector<std::string>& inside = {}) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < words; ++i) all.push_back(any_word());
    for (const auto& each : inside) {
      all.insert(all.begin() + static_cast<std::ptrdiff_t>(below(all.size() + 1)), each);
    }
    std::string out;
    std::size_t of_sentence = 0;
    for (const auto& each : all) {
      if (!out.empty() && language_.spaced) out += ' ';
      out += each;
      if (++of_sentence > 8 + below(10)) {
        out += language_.spaced ? "." : "。";
        of_sentence = 0;
      }
    }
    return out + (language_.spaced ? "." : "。");
  }

  std::string joined(const std::vector<std::string>& words) const {
    std::string out;
    for (const auto& each : words) {
      out += (out.empty() || !language_.spaced ? "" : " ") + each;
    }
    return out;
  }

  std::string title() { return joined({word(2), any_word(), word(3)}); }
  const Language& language() const { return language_; }

 private:
  Language language_;
  std::mt19937& random_;
  std::vector<std::string> vocabulary_;
};

struct Subject {
  std::vector<std::string> words;
  std::vector<std::string> parts;      // what other documents have of it
  std::vector<std::string> inflected;  // the same in another form; empty: there is none
};

std::string document(Writer& writer, const std::string& title, const std::string& heading,
                     const std::vector<std::vector<std::string>>& paragraphs) {
  std::string out = "# " + title + "\n\n";
  for (std::size_t i = 0; i < paragraphs.size(); ++i) {
    if (i == 1) out += "## " + heading + "\n\n";
    out += writer.paragraph(60 + writer.below(90), paragraphs[i]) + "\n\n";
  }
  return out;
}

class Maker {
 public:
  explicit Maker(std::size_t count) : count_(count) {}

  Corpus make() {
    for (const Language& language : languages()) {
      Writer writer(language, random_);
      const std::size_t share = count_ * language.share / 100;
      const std::size_t begin = corpus_.documents.size();
      for (std::size_t i = 0; i < share / 100; ++i) add_subject(writer);
      while (corpus_.documents.size() - begin < share) {
        add(document(writer, writer.title(), writer.title(), {{}, {}, {}, {}}));
      }
    }
    std::shuffle(corpus_.documents.begin(), corpus_.documents.end(), random_);
    return std::move(corpus_);
  }

 private:
  std::string add(std::string markdown) {
    const std::string number = std::to_string(next_++);
    std::string name = "d" + std::string(6 - number.size(), '0') + number + ".md";
    corpus_.documents.push_back({name, std::move(markdown)});
    return name;
  }

  // Documents about it, with a part on it, that name it, and that only share a word with it.
  void add_subject(Writer& writer) {
    const Subject subject = make_subject(writer);
    const auto& words = subject.words;
    std::map<std::string, int> grades;
    const std::string title = writer.joined(words);
    for (int i = 0; i < 3; ++i) {
      const auto& form = subject.inflected.empty() || i != 1 ? words : subject.inflected;
      grades[add(document(writer, writer.joined(form), writer.title(), {form, {}, form, {}}))] = 3;
    }
    for (int i = 0; i < 5; ++i) {
      grades[add(document(writer, writer.title(), title, {{}, words, {}, {}}))] = 2;
    }
    for (int i = 0; i < 8; ++i) {
      grades[add(document(writer, writer.title(), writer.title(), {{}, {}, {}, words}))] = 1;
    }
    for (int i = 0; i < 12; ++i) {
      const std::vector<std::string> one(4, subject.parts[writer.below(2)]);
      add(document(writer, writer.title(), writer.title(), {one, one, {}, one}));
    }
    const std::string& before = writer.language().before;
    const std::string space = before.empty() ? "" : " ";
    corpus_.questions.push_back({writer.language().name, before + space + title, grades});
    if (!subject.inflected.empty()) {
      corpus_.questions.push_back(
          {"inflected", before + space + writer.joined(subject.inflected), grades});
    }
  }

  Subject make_subject(Writer& writer) {
    Subject subject;
    if (!writer.language().spaced) {
      // Written without spaces, and so found as one piece of text.
      subject.parts = {writer.word(2), writer.word(2)};
      subject.words = {subject.parts[0] + subject.parts[1]};
      return subject;
    }
    subject.words = {writer.word(3), writer.word(3)};
    if (writer.language().name == "english") {
      subject.words.front() += "ing";
      subject.words.back() += "s";
      for (const auto& word : subject.words) {
        subject.inflected.push_back(word.substr(0, word.size() - (word.back() == 's' ? 1 : 3)));
      }
      subject.inflected.front() += "ed";
    }
    subject.parts = subject.words;
    return subject;
  }

  const std::size_t count_;
  std::mt19937 random_{20'261'123};
  std::size_t next_ = 0;
  Corpus corpus_;
};

}  // namespace

Corpus make_corpus(std::size_t count) {
  return Maker(std::max<std::size_t>(count, 1'000)).make();
}

}  // namespace websearch_bench
