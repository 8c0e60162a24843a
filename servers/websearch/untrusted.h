#pragma once

#include <string>
#include <string_view>

#include <mcp/base/json.h>

#include "servers/websearch/injection_scan.h"

namespace fairlead::websearch {

/// Puts text from the web between marks that say that it is data and where it is from. The marks
/// carry a part of the text's own digest, so that the text can't close them itself. A flagged scan
/// adds a warning before them.
std::string mark_untrusted(std::string_view text, std::string_view source,
                           const InjectionScan& scan);

/// `{"score": 0.6, "flagged": true, "found": [...]}`
mcp::Json to_json(const InjectionScan& scan);
mcp::Json injection_scan_schema();

}  // namespace fairlead::websearch
