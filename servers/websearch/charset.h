#pragma once

#include <string>
#include <string_view>

namespace fairlead::websearch {

/// The text of a page in UTF-8, and the encoding it came in.
struct DecodedText {
  std::string text;
  std::string charset;
};

/// Decodes what a web server sent. A byte order mark decides first, then `declared` (the charset of
/// Content-Type, may be empty), then what an HTML or XML page says of itself in its first 4 KiB,
/// then the bytes themselves. What is declared and can't be true is not believed: text that is
/// valid UTF-8 is UTF-8, and text that is not is guessed. Names mean what browsers take them for
/// (WHATWG Encoding: "iso-8859-1" is windows-1252, "gb2312" is gb18030). Bytes that encode nothing
/// become U+FFFD. Thread-safe.
DecodedText decode_text(std::string_view bytes, std::string_view declared = {});

}  // namespace fairlead::websearch
