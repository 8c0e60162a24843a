#pragma once

#include <string>
#include <string_view>

namespace fairlead::websearch {

/// What people write in a search box, as FTS5 expressions. Words, "a phrase", begin*, -without,
/// `title:word`; everything else is taken as words, and nothing is FTS5's own syntax.
struct IndexQuery {
  std::string all;  ///< documents with all of it; empty when there is nothing to look for
  std::string any;  ///< documents with some of it, without words that are everywhere; may be empty
};
IndexQuery read_index_query(std::string_view text);

}  // namespace fairlead::websearch
