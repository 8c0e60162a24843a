#pragma once

#include <string>
#include <string_view>

#include "servers/websearch/deadline.h"

namespace fairlead::websearch {

/// The text of a PDF by the program `pdftotext` (Debian: poppler-utils), which runs as a process of
/// its own. At most 4 MiB of text. Throws Failure when the program is not installed, does not
/// understand the file, or takes longer than the deadline.
std::string pdf_text(std::string_view pdf, const Deadline& deadline);

}  // namespace fairlead::websearch
