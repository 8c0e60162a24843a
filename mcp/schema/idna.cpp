#include <mcp/schema/idna.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include <mcp/base/ascii.h>
#include <mcp/schema/code_points.h>

#ifdef FAIRLEAD_HAS_LIBIDN2
#include <idn2.h>
#endif

namespace mcp::schema {
namespace {

constexpr std::size_t max_label = 63;

// RFC 3492, with its parameters for IDNA.
namespace punycode {

constexpr std::uint32_t base = 36, first_code = 128;

std::uint32_t threshold(std::uint32_t k, std::uint32_t bias) {
  return k <= bias ? 1 : std::min<std::uint32_t>(k - bias, 26);
}

std::uint32_t adapt(std::uint32_t delta, std::uint32_t points, bool first) {
  delta = first ? delta / 700 : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > 455; k += base) delta /= base - 1;
  return k + base * delta / (delta + 38);
}

// Overflow is out of reach: a label has at most 63 characters of either kind that count.
std::optional<std::u32string> decode(std::string_view text) {
  std::u32string out;
  const std::size_t hyphen = text.rfind('-');
  if (hyphen != text.npos) {
    out.assign(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(hyphen));
    text.remove_prefix(hyphen + 1);
  }
  std::uint64_t code = first_code, i = 0;
  std::uint32_t bias = 72;
  while (!text.empty()) {
    const std::uint64_t before = i;
    std::uint64_t weight = 1;
    for (std::uint32_t k = base;; k += base) {
      if (text.empty()) return std::nullopt;
      const auto c = static_cast<unsigned char>(text.front());
      text.remove_prefix(1);
      const std::uint32_t digit = is_ascii_digit(c) ? c - '0' + 26U : (c | 0x20U) - 'a';
      if (digit >= base) return std::nullopt;
      i += digit * weight;
      if (i > UINT32_MAX) return std::nullopt;
      const std::uint32_t t = threshold(k, bias);
      if (digit < t) break;
      weight *= base - t;
      if (weight > UINT32_MAX) return std::nullopt;
    }
    const auto points = static_cast<std::uint32_t>(out.size() + 1);
    bias = adapt(static_cast<std::uint32_t>(i - before), points, before == 0);
    code += i / points;
    i %= points;
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return std::nullopt;
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(i), static_cast<char32_t>(code));
    ++i;
  }
  return out;
}

std::string encode(std::u32string_view text) {
  std::string out;
  for (char32_t c : text)
    if (c < first_code) out += static_cast<char>(c);
  auto done = static_cast<std::uint32_t>(out.size());
  const std::uint32_t basic = done;
  if (basic != 0) out += '-';
  std::uint32_t code = first_code, delta = 0, bias = 72;
  while (done < text.size()) {
    char32_t next = 0x110000;
    for (char32_t c : text)
      if (c >= code) next = std::min(next, c);
    delta += (next - code) * (done + 1);
    code = next;
    for (char32_t c : text) {
      if (c < code) ++delta;
      if (c != code) continue;
      std::uint32_t q = delta;
      for (std::uint32_t k = base;; k += base) {
        const std::uint32_t t = threshold(k, bias);
        const std::uint32_t digit = q < t ? q : t + (q - t) % (base - t);
        out += static_cast<char>(digit < 26 ? 'a' + digit : '0' + (digit - 26));
        if (q < t) break;
        q = (q - t) / (base - t);
      }
      bias = adapt(delta, done + 1, done == basic);
      delta = 0;
      ++done;
    }
    ++delta;
    ++code;
  }
  return out;
}

}  // namespace punycode

bool within(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

bool is_greek(char32_t c) {
  return within(c, 0x370, 0x3FF) || within(c, 0x1F00, 0x1FFF);
}
bool is_hebrew(char32_t c) {
  return within(c, 0x591, 0x5F4) || within(c, 0xFB1D, 0xFB4F);
}
bool is_kana_or_han(char32_t c) {
  return (within(c, 0x3041, 0x30FF) && c != 0x30FB && c != 0x30A0) || within(c, 0x31F0, 0x31FF) ||
         c == 0x3005 || c == 0x3007 || within(c, 0x3400, 0x4DBF) || within(c, 0x4E00, 0x9FFF) ||
         within(c, 0xF900, 0xFAFF) || within(c, 0x20000, 0x3FFFF);
}
// Canonical_Combining_Class Virama, as far as the scripts of the BMP go.
bool is_virama(char32_t c) {
  constexpr std::u32string_view viramas =
      U"\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D3B\u0D3C\u0D4D\u0DCA\u0E3A\u0EBA\u0F84"
      U"\u1039\u103A\u1714\u1734\u17D2\u1A60\u1B44\u1BAA\u1BAB\u1BF2\u1BF3\u2D7F\uA806\uA82C\uA8C4"
      U"\uA953\uA9C0\uAAF6\uABED";
  return viramas.find(c) != viramas.npos;
}

// RFC 5892, appendix A.3 to A.9 (A.1 and A.2 as far as a virama decides: with libidn2 the joining
// types are looked at too).
bool keeps_context_rules(std::u32string_view label) {
  const auto any = [&](auto test) { return std::any_of(label.begin(), label.end(), test); };
  for (std::size_t i = 0; i < label.size(); ++i) {
    const char32_t before = i > 0 ? label[i - 1] : U'\0';
    const char32_t after = i + 1 < label.size() ? label[i + 1] : U'\0';
    const char32_t c = label[i];
    if (c == 0x200D && !is_virama(before)) return false;
    if (c == 0xB7 && (before != 'l' || after != 'l')) return false;
    if (c == 0x375 && !is_greek(after)) return false;
    if ((c == 0x5F3 || c == 0x5F4) && !is_hebrew(before)) return false;
    if (c == 0x30FB && !any(is_kana_or_han)) return false;
    if (within(c, 0x660, 0x669) && any([](char32_t o) { return within(o, 0x6F0, 0x6F9); }))
      return false;
  }
  return true;
}

#ifdef FAIRLEAD_HAS_LIBIDN2
bool keeps_tables(const std::string& label) {
  const auto* text = reinterpret_cast<const std::uint8_t*>(label.c_str());
  std::uint8_t* ascii = nullptr;
  const int result = idn2_register_u8(text, nullptr, &ascii, IDN2_NO_TR46);
  idn2_free(ascii);
  return result == IDN2_OK;
}
#else
bool keeps_tables(const std::string&) {
  return true;
}
#endif

bool is_u_label(std::u32string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  if (label.size() >= 4 && label[2] == '-' && label[3] == '-') return false;
  for (char32_t c : label)
    if (c < 0x80 && c != '-' && !is_ascii_digit(c) && !within(c, 'a', 'z')) return false;
  return keeps_context_rules(label) && keeps_tables(to_utf8(label));
}

}  // namespace

std::optional<std::size_t> u_label_length(std::string_view label) {
  if (label.size() > 4 * max_label) return std::nullopt;
  const auto text = to_code_points(label);
  if (!text || !is_u_label(*text)) return std::nullopt;
  const std::size_t length = 4 + punycode::encode(*text).size();
  return length <= max_label ? std::optional(length) : std::nullopt;
}

bool is_a_label(std::string_view label) {
  const std::string lower = ascii_lower(label.substr(4));
  const auto text = punycode::decode(lower);
  if (!text || !std::any_of(text->begin(), text->end(), [](char32_t c) { return c >= 0x80; }))
    return false;
  return is_u_label(*text) && punycode::encode(*text) == lower;
}

}  // namespace mcp::schema
