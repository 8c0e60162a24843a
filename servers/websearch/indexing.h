#pragma once

#include <string>
#include <vector>

#include "servers/websearch/document.h"
#include "servers/websearch/index.h"

namespace fairlead::websearch {

/// What the index keeps of a document.
IndexedDocument to_indexed(const Document& document);
/// The entries of a feed, each as a document; none when it is no feed.
std::vector<IndexedDocument> feed_documents(const Document& document);

}  // namespace fairlead::websearch
