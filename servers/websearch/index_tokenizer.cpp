#include "servers/websearch/index_tokenizer.h"

#include <sqlite3.h>

#include <cstring>
#include <memory>
#include <new>

#include <mcp/base/utf8.h>

#include "servers/websearch/failure.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t gram = 3;

char32_t code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  switch (text.size()) {
    case 1:
      return byte(0);
    case 2:
      return ((byte(0) & 0x1FU) << 6U) | (byte(1) & 0x3FU);
    case 3:
      return ((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
    default:
      return ((byte(0) & 0x07U) << 18U) | ((byte(1) & 0x3FU) << 12U) | ((byte(2) & 0x3FU) << 6U) |
             (byte(3) & 0x3FU);
  }
}

/// The tokenizer that reads everything else.
struct Words {
  fts5_tokenizer functions{};
  Fts5Tokenizer* instance = nullptr;
};

using TokenFunction = int (*)(void*, int, const char*, int, int, int);

struct Shifted {
  void* context;
  TokenFunction token;
  int offset;
};

int pass_on(void* shifted, int flags, const char* token, int size, int start, int end) {
  const auto* to = static_cast<const Shifted*>(shifted);
  return to->token(to->context, flags, token, size, to->offset + start, to->offset + end);
}

int tokenize_words(const Words& words, void* context, int flags, std::string_view text,
                   std::size_t offset, TokenFunction token) {
  if (text.empty()) return SQLITE_OK;
  Shifted shifted{context, token, static_cast<int>(offset)};
  return words.functions.xTokenize(words.instance, &shifted, flags, text.data(),
                                   static_cast<int>(text.size()), pass_on);
}

// `ends`: where the characters of the run end, the first number being its start.
int tokenize_run(void* context, bool is_query, std::string_view text,
                 const std::vector<std::size_t>& ends, TokenFunction token) {
  const std::size_t count = ends.size() - 1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t last = std::min(i + gram, count);
    // Of a query, what is shorter than a token at its end is in the token before.
    if (is_query && i > 0 && last - i < gram) break;
    // Each stands for its first character: snippets take tokens to lie one after the other.
    const int result =
        token(context, 0, text.data() + ends[i], static_cast<int>(ends[last] - ends[i]),
              static_cast<int>(ends[i]), static_cast<int>(ends[i + 1]));
    if (result != SQLITE_OK) return result;
  }
  return SQLITE_OK;
}

int tokenize(Fts5Tokenizer* tokenizer, void* context, int flags, const char* bytes, int size,
             TokenFunction token) {
  const auto& words = *reinterpret_cast<const Words*>(tokenizer);
  const std::string_view text(bytes, static_cast<std::size_t>(size));
  const bool is_query = (flags & FTS5_TOKENIZE_QUERY) != 0;
  std::size_t words_begin = 0;
  std::size_t at = 0;
  std::vector<std::size_t> ends;
  while (at < text.size()) {
    const auto step = mcp::utf8_step(text.substr(at));
    if (!step.valid || step.length < 2 || !is_unspaced(code_point(text.substr(at, step.length)))) {
      at += step.length;
      continue;
    }
    int result = tokenize_words(words, context, flags, text.substr(words_begin, at - words_begin),
                                words_begin, token);
    if (result != SQLITE_OK) return result;
    ends.assign(1, at);
    while (at < text.size()) {
      const auto next = mcp::utf8_step(text.substr(at));
      if (!next.valid || next.length < 2 ||
          !is_unspaced(code_point(text.substr(at, next.length)))) {
        break;
      }
      at += next.length;
      ends.push_back(at);
    }
    result = tokenize_run(context, is_query, text, ends, token);
    if (result != SQLITE_OK) return result;
    words_begin = at;
  }
  return tokenize_words(words, context, flags, text.substr(words_begin), words_begin, token);
}

int create(void* api_pointer, const char**, int, Fts5Tokenizer** out) {
  auto* api = static_cast<fts5_api*>(api_pointer);
  auto words = std::unique_ptr<Words>(new (std::nothrow) Words);
  if (!words) return SQLITE_NOMEM;
  void* user_data = nullptr;
  int result = api->xFindTokenizer(api, "porter", &user_data, &words->functions);
  if (result != SQLITE_OK) return result;
  const char* arguments[] = {"unicode61", "remove_diacritics", "2"};
  result = words->functions.xCreate(user_data, arguments, 3, &words->instance);
  if (result != SQLITE_OK) return result;
  *out = reinterpret_cast<Fts5Tokenizer*>(words.release());
  return SQLITE_OK;
}

void destroy(Fts5Tokenizer* tokenizer) {
  const std::unique_ptr<Words> words(reinterpret_cast<Words*>(tokenizer));
  words->functions.xDelete(words->instance);
}

}  // namespace

bool is_unspaced(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF) ||
         (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFF66 && c <= 0xFF9F) || (c >= 0x0E00 && c <= 0x0E4E) ||
         (c >= 0x20000 && c <= 0x3134F) || c == 0x3005;
}

void register_index_tokenizer(sqlite3* database) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  fts5_tokenizer functions{create, destroy, tokenize};
  if (api == nullptr ||
      api->xCreateTokenizer(api, "fairlead", api, &functions, nullptr) != SQLITE_OK) {
    throw Failure("This SQLite has no full-text search (FTS5).");
  }
}

}  // namespace fairlead::websearch
