#pragma once

#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace fairlead::websearch {

/// Makes FTS5's tokenizer `fairlead` known to a connection: words without their accents and English
/// endings, as `porter unicode61` makes them; and from each character of Chinese, Japanese, Korean
/// and Thai text, which has no spaces, the next three. A query of one or two such characters is
/// the beginning of a token, a longer one a phrase of tokens. Throws Failure.
void register_index_tokenizer(sqlite3* database);

/// Whether the character is one of a script without spaces.
bool is_unspaced(char32_t c);

}  // namespace fairlead::websearch
