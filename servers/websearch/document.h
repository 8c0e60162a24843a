#pragma once

#include <string>

#include "servers/websearch/deadline.h"
#include "servers/websearch/page.h"
#include "servers/websearch/web_client.h"

namespace fairlead::websearch {

/// Something that was read, whatever it came as.
struct Document {
  std::string url;                ///< where it was in the end
  std::string content_type = {};  ///< as sent, e.g. "text/html"
  std::string source = {};        ///< its bytes as UTF-8 text
  Page page = {};
  bool is_page = false;  ///< HTML: `page.markdown` is not just its text
};

/// Reads a response of status 2xx: HTML becomes Markdown, a feed a list of its entries, any other
/// text stays as it is, PDF goes through `pdftotext` where that is installed.
/// Throws Failure for what has no text (pictures, archives).
Document read_document(const WebResponse& response, const Deadline& deadline);

}  // namespace fairlead::websearch
