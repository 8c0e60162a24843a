#include "servers/websearch/index_query.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <mcp/base/utf8.h>

#include "servers/websearch/character.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_bytes = 2'000;
constexpr std::size_t max_terms = 32;

// Sorted: words that say little of a text, in the languages that are written most.
constexpr std::array<std::string_view, 104> common_words{
    "a",   "about", "als",  "am",   "an",  "and",   "are",   "as",    "at",   "au",    "auf",
    "aus", "be",    "bei",  "by",   "can", "como",  "con",   "da",    "das",  "de",    "dem",
    "den", "der",   "des",  "di",   "die", "do",    "does",  "du",    "e",    "ein",   "eine",
    "el",  "en",    "es",   "est",  "et",  "for",   "from",  "für",   "has",  "have",  "how",
    "i",   "ich",   "if",   "il",   "im",  "in",    "is",    "ist",   "it",   "its",   "la",
    "las", "le",    "les",  "los",  "me",  "mit",   "my",    "nicht", "not",  "o",     "of",
    "on",  "or",    "os",   "para", "per", "por",   "pour",  "que",   "qui",  "se",    "sich",
    "sie", "so",    "sur",  "that", "the", "their", "there", "this",  "to",   "um",    "un",
    "una", "und",   "une",  "von",  "was", "we",    "were",  "what",  "when", "where", "which",
    "who", "why",   "will", "with", "y"};

struct Term {
  std::string text;  // without quotation marks
  std::string column;
  bool phrase = false;
  bool prefix = false;
  bool without = false;
};

bool is_column(std::string_view name) {
  return name == "title" || name == "headings" || name == "body" || name == "address";
}

bool has_letter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) > 0x7F;
  });
}

std::vector<Term> terms_of(std::string_view text) {
  std::vector<Term> terms;
  while (!text.empty() && terms.size() < max_terms) {
    if (is_space(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    Term term;
    if (text.front() == '-' && text.size() > 1 && !is_space(text[1])) {
      term.without = true;
      text.remove_prefix(1);
    }
    const std::size_t colon = text.substr(0, 10).find(':');
    if (colon != std::string_view::npos && is_column(text.substr(0, colon))) {
      term.column = std::string(text.substr(0, colon));
      text.remove_prefix(colon + 1);
      if (text.empty()) break;
    }
    std::size_t end = 0;
    if (text.front() == '"') {
      term.phrase = true;
      text.remove_prefix(1);
      end = std::min(text.find('"'), text.size());
      term.text = std::string(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    } else {
      while (end < text.size() && !is_space(text[end]) && text[end] != '"') ++end;
      term.text = std::string(text.substr(0, end));
      text.remove_prefix(end);
    }
    if (text.starts_with('*') && term.phrase) {
      term.prefix = true;
      text.remove_prefix(1);
    }
    if (!term.phrase && term.text.size() > 1 && term.text.ends_with('*')) {
      term.prefix = true;
      term.text.pop_back();
    }
    std::erase(term.text, '"');
    if (has_letter(term.text)) terms.push_back(std::move(term));
  }
  return terms;
}

// Scripts without spaces: one or two characters are the beginning of a token.
bool is_short_unspaced(std::string_view text) {
  return mcp::code_point_count(text) < 3 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) > 0x7F; }) &&
         static_cast<unsigned char>(text.front()) >= 0xE0;
}

std::string expression(const Term& term) {
  std::string out = term.column.empty() ? "" : term.column + " : ";
  out += "\"" + term.text + "\"";
  if (term.prefix || is_short_unspaced(term.text)) out += " *";
  return out;
}

bool is_common(const Term& term) {
  return !term.phrase && !term.prefix &&
         std::binary_search(common_words.begin(), common_words.end(), to_lower(term.text));
}

std::string joined(const std::vector<Term>& terms, const char* between, bool with_common) {
  std::string out;
  for (const Term& term : terms) {
    if (term.without || (!with_common && is_common(term))) continue;
    out += (out.empty() ? "" : between) + expression(term);
  }
  return out;
}

std::string without_refused(std::string found, const std::vector<Term>& terms) {
  if (found.empty()) return found;
  for (const Term& term : terms) {
    if (term.without) found = "(" + found + ") NOT " + expression(term);
  }
  return found;
}

}  // namespace

IndexQuery read_index_query(std::string_view text) {
  const std::string clean = mcp::replace_invalid_utf8(mcp::truncate_utf8(text, max_bytes));
  const auto terms = terms_of(clean);
  std::string all = joined(terms, " AND ", false);
  if (all.empty()) all = joined(terms, " AND ", true);
  IndexQuery query{.all = without_refused(all, terms), .any = {}};
  const std::string any = joined(terms, " OR ", false);
  if (any.find(" OR ") != std::string::npos) query.any = without_refused(any, terms);
  return query;
}

}  // namespace fairlead::websearch
