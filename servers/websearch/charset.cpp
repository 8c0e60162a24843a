#include "servers/websearch/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include <mcp/base/utf8.h>

#include "servers/websearch/character.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t declaration_bytes = 4096;
constexpr std::size_t sample_bytes = 16 * 1024;

struct Label {
  std::string_view name;   // in lower case
  const char* iconv_name;  // what browsers take it for
};
constexpr Label labels[] = {
    {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"us-ascii", "CP1252"},
    {"ascii", "CP1252"},
    {"latin1", "CP1252"},
    {"iso-8859-1", "CP1252"},
    {"iso8859-1", "CP1252"},
    {"windows-1252", "CP1252"},
    {"cp1252", "CP1252"},
    {"latin2", "ISO-8859-2"},
    {"iso-8859-9", "CP1254"},
    {"latin5", "CP1254"},
    {"tis-620", "CP874"},
    {"iso-8859-11", "CP874"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"x-x-big5", "BIG5-HKSCS"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"ms_kanji", "CP932"},
    {"euc-jp", "EUC-JP"},
    {"x-euc-jp", "EUC-JP"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"ks_c_5601-1989", "CP949"},
    {"korean", "CP949"},
    {"windows-949", "CP949"},
    {"utf-16", "UTF-16LE"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
};
// Known to iconv by the names that pages use.
constexpr std::string_view known_families[] = {"iso-8859-", "windows-125", "koi8-", "windows-874",
                                               "ibm866",    "macintosh",   "cp125"};

std::optional<std::string> iconv_name(std::string_view label) {
  const std::string name = to_lower(trimmed(label));
  for (const Label& each : labels) {
    if (each.name == name) return each.iconv_name;
  }
  if (name.size() > 20) return std::nullopt;
  for (const std::string_view family : known_families) {
    if (name.starts_with(family)) return name;
  }
  return std::nullopt;
}

struct CloseConverter {
  using pointer = iconv_t;
  void operator()(iconv_t converter) const { iconv_close(converter); }
};

// Nothing when iconv does not know the encoding. `wrong`: receives how many places encode nothing.
std::optional<std::string> convert(std::string_view bytes, const std::string& from,
                                   std::size_t& wrong) {
  wrong = 0;
  const iconv_t opened = iconv_open("UTF-8", from.c_str());
  // iconv's own way to say that it failed.
  if (opened == reinterpret_cast<iconv_t>(-1)) return std::nullopt;  // NOLINT
  const std::unique_ptr<iconv_t, CloseConverter> converter(opened);
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 2);
  std::array<char, 16 * 1024> piece{};
  char* in = const_cast<char*>(bytes.data());  // NOLINT: iconv writes nothing there
  std::size_t left = bytes.size();
  while (left > 0) {
    char* to = piece.data();
    std::size_t room = piece.size();
    const std::size_t done = iconv(converter.get(), &in, &left, &to, &room);
    const int error = errno;
    out.append(piece.data(), piece.size() - room);
    if (done != static_cast<std::size_t>(-1) || error == E2BIG) continue;
    ++wrong;
    mcp::append_utf8(0xFFFD, out);
    if (error == EINVAL) break;  // cut in the middle of a character
    ++in;
    --left;
  }
  return out;
}

std::optional<std::string> byte_order_mark(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return "UTF-8";
  if (bytes.starts_with("\xFF\xFE")) return "UTF-16LE";
  if (bytes.starts_with("\xFE\xFF")) return "UTF-16BE";
  return std::nullopt;
}

// `charset=…` of a meta element, or `encoding="…"` of an XML declaration.
std::string_view declared_in(std::string_view bytes) {
  const std::string head = to_lower(bytes.substr(0, declaration_bytes));
  std::size_t at = head.starts_with("<?xml") ? head.find("encoding") : head.find("<meta");
  if (at == std::string::npos) return {};
  if (!head.starts_with("<?xml")) {
    at = head.find("charset", at);
    if (at == std::string::npos) return {};
    at += 7;
  } else {
    at += 8;
  }
  while (at < head.size() && (is_space(head[at]) || head[at] == '=')) ++at;
  if (at < head.size() && (head[at] == '"' || head[at] == '\'')) ++at;
  std::size_t end = at;
  while (end < head.size() && head.find_first_of("\"'>;/ \t\r\n?", end) != end) ++end;
  return bytes.substr(at, end - at);
}

enum class Script { kana, hangul, cyrillic, chinese };

struct Candidate {
  const char* charset;
  Script script;
};
constexpr Candidate candidates[] = {
    {"EUC-JP", Script::kana},     {"CP932", Script::kana},         {"CP949", Script::hangul},
    {"GB18030", Script::chinese}, {"BIG5-HKSCS", Script::chinese}, {"CP1251", Script::cyrillic},
    {"KOI8-R", Script::cyrillic},
};

char32_t code_point(std::string_view encoded) {
  const auto first = static_cast<unsigned char>(encoded[0]);
  char32_t c = encoded.size() == 2   ? first & 0x1FU
               : encoded.size() == 3 ? first & 0x0FU
                                     : first & 0x07U;
  for (const char next : encoded.substr(1))
    c = (c << 6U) | (static_cast<unsigned char>(next) & 0x3FU);
  return c;
}

bool is_cyrillic(char32_t c) {
  return c >= 0x0400 && c <= 0x045F;
}

// Whether people who write in this script write this often.
bool is_typical(char32_t c, char32_t before, Script script) {
  static constexpr std::u32string_view frequent =
      U"的一是不了在有人我他這这中大来來上國国和要你生时時就出会會可也年对對说說";
  switch (script) {
    case Script::kana:
      return c >= 0x3041 && c <= 0x30FF;
    case Script::hangul:
      return c >= 0xAC00 && c <= 0xD7A3;
    case Script::cyrillic:
      // Small, and not alone among Latin letters.
      return c >= 0x0430 && c <= 0x044F && is_cyrillic(before);
    case Script::chinese:
      return frequent.find(c) != std::u32string_view::npos;
  }
  return false;
}

// How much of what is not ASCII is as people write it, from 0 to about 1.
double plausibility(std::string_view text, Script script) {
  std::size_t foreign = 0;
  std::size_t typical = 0;
  char32_t before = 0;
  while (!text.empty()) {
    const auto step = mcp::utf8_step(text);
    char32_t c = 0;
    if (step.length > 1 && step.valid) {
      c = code_point(text.substr(0, step.length));
      ++foreign;
      typical += is_typical(c, before, script) ? 1 : 0;
    }
    before = c;
    text.remove_prefix(step.length);
  }
  if (foreign == 0) return 0;
  const double share = static_cast<double>(typical) / static_cast<double>(foreign);
  // Few characters make up a fifth of Chinese text.
  return script == Script::chinese ? std::min(1.0, share * 4) : share;
}

std::string guess(std::string_view bytes) {
  if (bytes.find("\x1B$B") != std::string_view::npos) return "ISO-2022-JP";
  std::string best = "CP1252";
  double most = 0.35;
  for (const Candidate& candidate : candidates) {
    std::size_t wrong = 0;
    const auto text = convert(bytes.substr(0, sample_bytes), candidate.charset, wrong);
    // The sample's end may cut a character.
    if (!text || wrong > 1) continue;
    const double score = plausibility(*text, candidate.script);
    if (score <= most) continue;
    most = score;
    best = candidate.charset;
  }
  return best;
}

bool is_single_byte(std::string_view charset) {
  const std::string name = to_lower(charset);
  return name.starts_with("cp12") || name.starts_with("iso-8859-") || name.starts_with("windows-");
}

}  // namespace

DecodedText decode_text(std::string_view bytes, std::string_view declared) {
  std::string charset;
  if (const auto mark = byte_order_mark(bytes)) {
    charset = *mark;
    bytes.remove_prefix(charset == "UTF-8" ? 3 : 2);
  } else {
    auto name = iconv_name(declared);
    if (!name) {
      name = iconv_name(declared_in(bytes));
      // What can be read as ASCII is not UTF-16.
      if (name && name->starts_with("UTF-16")) name = "UTF-8";
    }
    const std::size_t valid = mcp::valid_utf8_prefix(bytes);
    // A page that was cut may end within a character.
    const bool utf8 = valid == bytes.size() || (valid > 1'000 && valid + 3 >= bytes.size());
    if (name && *name == "ISO-2022-JP") {
      charset = *name;
    } else if (utf8 && (!name || is_single_byte(*name))) {
      charset = "UTF-8";
    } else if (!name || (*name == "UTF-8" && !utf8)) {
      // One broken character does not make a UTF-8 page something else.
      const bool mostly = valid > bytes.size() / 2 &&
                          std::any_of(bytes.begin(), bytes.begin() + static_cast<long>(valid),
                                      [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
      charset = name && mostly ? "UTF-8" : guess(bytes);
    } else {
      charset = *name;
    }
  }
  if (charset == "UTF-8") return {mcp::replace_invalid_utf8(bytes), charset};
  std::size_t wrong = 0;
  if (auto text = convert(bytes, charset, wrong)) return {*std::move(text), charset};
  return {mcp::replace_invalid_utf8(bytes), "UTF-8"};
}

}  // namespace fairlead::websearch
