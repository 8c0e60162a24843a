#include <mcp/schema/unicode_property.h>

#include <algorithm>
#include <array>

namespace mcp::schema {
namespace {

/// The names that ECMA-262 takes from Unicode for one property or value.
struct Names {
  std::string_view shorter, longer;
  std::string_view third = {};

  bool hold(std::string_view name) const {
    return name == shorter || name == longer || (!third.empty() && name == third);
  }
};

// RE2 knows the short ones.
constexpr std::array<Names, 35> categories = {{
    {"L", "Letter"},
    {"Lu", "Uppercase_Letter"},
    {"Ll", "Lowercase_Letter"},
    {"Lt", "Titlecase_Letter"},
    {"Lm", "Modifier_Letter"},
    {"Lo", "Other_Letter"},
    {"M", "Mark", "Combining_Mark"},
    {"Mn", "Nonspacing_Mark"},
    {"Mc", "Spacing_Mark"},
    {"Me", "Enclosing_Mark"},
    {"N", "Number"},
    {"Nd", "Decimal_Number", "digit"},
    {"Nl", "Letter_Number"},
    {"No", "Other_Number"},
    {"P", "Punctuation", "punct"},
    {"Pc", "Connector_Punctuation"},
    {"Pd", "Dash_Punctuation"},
    {"Ps", "Open_Punctuation"},
    {"Pe", "Close_Punctuation"},
    {"Pi", "Initial_Punctuation"},
    {"Pf", "Final_Punctuation"},
    {"Po", "Other_Punctuation"},
    {"S", "Symbol"},
    {"Sm", "Math_Symbol"},
    {"Sc", "Currency_Symbol"},
    {"Sk", "Modifier_Symbol"},
    {"So", "Other_Symbol"},
    {"Z", "Separator"},
    {"Zs", "Space_Separator"},
    {"Zl", "Line_Separator"},
    {"Zp", "Paragraph_Separator"},
    {"Cc", "Control", "cntrl"},
    {"Cf", "Format"},
    {"Cs", "Surrogate"},
    {"Co", "Private_Use"},
}};

/// A property that is put together.
struct Composed {
  Names names;
  std::string_view members;
  bool complement = false;
};

constexpr std::string_view assigned = R"(\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Co})";

// Categories that RE2 lacks; its own C leaves out what is not assigned.
constexpr std::array<Composed, 3> composed_categories = {{
    {{"LC", "Cased_Letter"}, R"(\p{Lu}\p{Ll}\p{Lt})"},
    {{"C", "Other"}, R"(\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z})", true},
    {{"Cn", "Unassigned"}, assigned, true},
}};

constexpr std::array<Composed, 14> binary_properties = {{
    {{"Any", "Any"}, R"(\x{0}-\x{10FFFF})"},
    {{"ASCII", "ASCII"}, R"(\x{0}-\x{7F})"},
    {{"Assigned", "Assigned"}, assigned},
    {{"AHex", "ASCII_Hex_Digit"}, "0-9A-Fa-f"},
    {{"Hex", "Hex_Digit"}, R"(0-9A-Fa-f\x{FF10}-\x{FF19}\x{FF21}-\x{FF26}\x{FF41}-\x{FF46})"},
    {{"space", "White_Space"},
     R"(\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"},
    {{"Pat_WS", "Pattern_White_Space"}, R"(\t-\r \x{85}\x{200E}\x{200F}\x{2028}\x{2029})"},
    {{"Upper", "Uppercase"},
     R"(\p{Lu}\x{2160}-\x{216F}\x{24B6}-\x{24CF}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169})"
     R"(\x{1F170}-\x{1F189})"},
    {{"Lower", "Lowercase"},
     R"(\p{Ll}\x{AA}\x{BA}\x{2B0}-\x{2B8}\x{2C0}\x{2C1}\x{2E0}-\x{2E4}\x{345}\x{37A})"
     R"(\x{1D2C}-\x{1D6A}\x{1D78}\x{1D9B}-\x{1DBF}\x{2071}\x{207F}\x{2090}-\x{209C})"
     R"(\x{2170}-\x{217F}\x{24D0}-\x{24E9}\x{2C7C}\x{2C7D}\x{A69C}\x{A69D}\x{A770})"
     R"(\x{A7F8}\x{A7F9}\x{AB5C}-\x{AB5F}\x{10780}\x{10783}-\x{10785}\x{10787}-\x{107B0})"
     R"(\x{107B2}-\x{107BA})"},
    {{"Join_C", "Join_Control"}, R"(\x{200C}\x{200D})"},
    {{"NChar", "Noncharacter_Code_Point"},
     R"(\x{FDD0}-\x{FDEF}\x{FFFE}\x{FFFF}\x{1FFFE}\x{1FFFF}\x{2FFFE}\x{2FFFF}\x{3FFFE}\x{3FFFF})"
     R"(\x{4FFFE}\x{4FFFF}\x{5FFFE}\x{5FFFF}\x{6FFFE}\x{6FFFF}\x{7FFFE}\x{7FFFF}\x{8FFFE})"
     R"(\x{8FFFF}\x{9FFFE}\x{9FFFF}\x{AFFFE}\x{AFFFF}\x{BFFFE}\x{BFFFF}\x{CFFFE}\x{CFFFF})"
     R"(\x{DFFFE}\x{DFFFF}\x{EFFFE}\x{EFFFF}\x{FFFFE}\x{FFFFF}\x{10FFFE}\x{10FFFF})"},
    {{"RI", "Regional_Indicator"}, R"(\x{1F1E6}-\x{1F1FF})"},
    {{"VS", "Variation_Selector"},
     R"(\x{180B}-\x{180D}\x{180F}\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF})"},
    {{"EMod", "Emoji_Modifier"}, R"(\x{1F3FB}-\x{1F3FF})"},
}};

// Binary properties that RE2 has no table of.
constexpr std::array<Names, 39> unexpressed = {{
    {"Alpha", "Alphabetic"},
    {"Bidi_C", "Bidi_Control"},
    {"Bidi_M", "Bidi_Mirrored"},
    {"CI", "Case_Ignorable"},
    {"Cased", "Cased"},
    {"CWCF", "Changes_When_Casefolded"},
    {"CWCM", "Changes_When_Casemapped"},
    {"CWKCF", "Changes_When_NFKC_Casefolded"},
    {"CWL", "Changes_When_Lowercased"},
    {"CWT", "Changes_When_Titlecased"},
    {"CWU", "Changes_When_Uppercased"},
    {"DI", "Default_Ignorable_Code_Point"},
    {"Dash", "Dash"},
    {"Dep", "Deprecated"},
    {"Dia", "Diacritic"},
    {"EBase", "Emoji_Modifier_Base"},
    {"EComp", "Emoji_Component"},
    {"EPres", "Emoji_Presentation"},
    {"Emoji", "Emoji"},
    {"Ext", "Extender"},
    {"ExtPict", "Extended_Pictographic"},
    {"Gr_Base", "Grapheme_Base"},
    {"Gr_Ext", "Grapheme_Extend"},
    {"IDC", "ID_Continue"},
    {"IDS", "ID_Start"},
    {"IDSB", "IDS_Binary_Operator"},
    {"IDST", "IDS_Trinary_Operator"},
    {"Ideo", "Ideographic"},
    {"LOE", "Logical_Order_Exception"},
    {"Math", "Math"},
    {"Pat_Syn", "Pattern_Syntax"},
    {"QMark", "Quotation_Mark"},
    {"Radical", "Radical"},
    {"SD", "Soft_Dotted"},
    {"STerm", "Sentence_Terminal"},
    {"Term", "Terminal_Punctuation"},
    {"UIdeo", "Unified_Ideograph"},
    {"XIDC", "XID_Continue"},
    {"XIDS", "XID_Start"},
}};

// ISO 15924; RE2 knows the long ones.
constexpr std::array<Names, 165> scripts = {{
    {"Adlm", "Adlam"},
    {"Aghb", "Caucasian_Albanian"},
    {"Ahom", "Ahom"},
    {"Arab", "Arabic"},
    {"Armi", "Imperial_Aramaic"},
    {"Armn", "Armenian"},
    {"Avst", "Avestan"},
    {"Bali", "Balinese"},
    {"Bamu", "Bamum"},
    {"Bass", "Bassa_Vah"},
    {"Batk", "Batak"},
    {"Beng", "Bengali"},
    {"Bhks", "Bhaiksuki"},
    {"Bopo", "Bopomofo"},
    {"Brah", "Brahmi"},
    {"Brai", "Braille"},
    {"Bugi", "Buginese"},
    {"Buhd", "Buhid"},
    {"Cakm", "Chakma"},
    {"Cans", "Canadian_Aboriginal"},
    {"Cari", "Carian"},
    {"Cham", "Cham"},
    {"Cher", "Cherokee"},
    {"Chrs", "Chorasmian"},
    {"Copt", "Coptic"},
    {"Cpmn", "Cypro_Minoan"},
    {"Cprt", "Cypriot"},
    {"Cyrl", "Cyrillic"},
    {"Deva", "Devanagari"},
    {"Diak", "Dives_Akuru"},
    {"Dogr", "Dogra"},
    {"Dsrt", "Deseret"},
    {"Dupl", "Duployan"},
    {"Egyp", "Egyptian_Hieroglyphs"},
    {"Elba", "Elbasan"},
    {"Elym", "Elymaic"},
    {"Ethi", "Ethiopic"},
    {"Geor", "Georgian"},
    {"Glag", "Glagolitic"},
    {"Gong", "Gunjala_Gondi"},
    {"Gonm", "Masaram_Gondi"},
    {"Goth", "Gothic"},
    {"Gran", "Grantha"},
    {"Grek", "Greek"},
    {"Gujr", "Gujarati"},
    {"Guru", "Gurmukhi"},
    {"Hang", "Hangul"},
    {"Hani", "Han"},
    {"Hano", "Hanunoo"},
    {"Hatr", "Hatran"},
    {"Hebr", "Hebrew"},
    {"Hira", "Hiragana"},
    {"Hluw", "Anatolian_Hieroglyphs"},
    {"Hmng", "Pahawh_Hmong"},
    {"Hmnp", "Nyiakeng_Puachue_Hmong"},
    {"Hung", "Old_Hungarian"},
    {"Ital", "Old_Italic"},
    {"Java", "Javanese"},
    {"Kali", "Kayah_Li"},
    {"Kana", "Katakana"},
    {"Kawi", "Kawi"},
    {"Khar", "Kharoshthi"},
    {"Khmr", "Khmer"},
    {"Khoj", "Khojki"},
    {"Kits", "Khitan_Small_Script"},
    {"Knda", "Kannada"},
    {"Kthi", "Kaithi"},
    {"Lana", "Tai_Tham"},
    {"Laoo", "Lao"},
    {"Latn", "Latin"},
    {"Lepc", "Lepcha"},
    {"Limb", "Limbu"},
    {"Lina", "Linear_A"},
    {"Linb", "Linear_B"},
    {"Lisu", "Lisu"},
    {"Lyci", "Lycian"},
    {"Lydi", "Lydian"},
    {"Mahj", "Mahajani"},
    {"Maka", "Makasar"},
    {"Mand", "Mandaic"},
    {"Mani", "Manichaean"},
    {"Marc", "Marchen"},
    {"Medf", "Medefaidrin"},
    {"Mend", "Mende_Kikakui"},
    {"Merc", "Meroitic_Cursive"},
    {"Mero", "Meroitic_Hieroglyphs"},
    {"Mlym", "Malayalam"},
    {"Modi", "Modi"},
    {"Mong", "Mongolian"},
    {"Mroo", "Mro"},
    {"Mtei", "Meetei_Mayek"},
    {"Mult", "Multani"},
    {"Mymr", "Myanmar"},
    {"Nagm", "Nag_Mundari"},
    {"Nand", "Nandinagari"},
    {"Narb", "Old_North_Arabian"},
    {"Nbat", "Nabataean"},
    {"Newa", "Newa"},
    {"Nkoo", "Nko"},
    {"Nshu", "Nushu"},
    {"Ogam", "Ogham"},
    {"Olck", "Ol_Chiki"},
    {"Orkh", "Old_Turkic"},
    {"Orya", "Oriya"},
    {"Osge", "Osage"},
    {"Osma", "Osmanya"},
    {"Ougr", "Old_Uyghur"},
    {"Palm", "Palmyrene"},
    {"Pauc", "Pau_Cin_Hau"},
    {"Perm", "Old_Permic"},
    {"Phag", "Phags_Pa"},
    {"Phli", "Inscriptional_Pahlavi"},
    {"Phlp", "Psalter_Pahlavi"},
    {"Phnx", "Phoenician"},
    {"Plrd", "Miao"},
    {"Prti", "Inscriptional_Parthian"},
    {"Qaac", "Coptic"},
    {"Qaai", "Inherited"},
    {"Rjng", "Rejang"},
    {"Rohg", "Hanifi_Rohingya"},
    {"Runr", "Runic"},
    {"Samr", "Samaritan"},
    {"Sarb", "Old_South_Arabian"},
    {"Saur", "Saurashtra"},
    {"Sgnw", "SignWriting"},
    {"Shaw", "Shavian"},
    {"Shrd", "Sharada"},
    {"Sidd", "Siddham"},
    {"Sind", "Khudawadi"},
    {"Sinh", "Sinhala"},
    {"Sogd", "Sogdian"},
    {"Sogo", "Old_Sogdian"},
    {"Sora", "Sora_Sompeng"},
    {"Soyo", "Soyombo"},
    {"Sund", "Sundanese"},
    {"Sylo", "Syloti_Nagri"},
    {"Syrc", "Syriac"},
    {"Tagb", "Tagbanwa"},
    {"Takr", "Takri"},
    {"Tale", "Tai_Le"},
    {"Talu", "New_Tai_Lue"},
    {"Taml", "Tamil"},
    {"Tang", "Tangut"},
    {"Tavt", "Tai_Viet"},
    {"Telu", "Telugu"},
    {"Tfng", "Tifinagh"},
    {"Tglg", "Tagalog"},
    {"Thaa", "Thaana"},
    {"Thai", "Thai"},
    {"Tibt", "Tibetan"},
    {"Tirh", "Tirhuta"},
    {"Tnsa", "Tangsa"},
    {"Toto", "Toto"},
    {"Ugar", "Ugaritic"},
    {"Vaii", "Vai"},
    {"Vith", "Vithkuqi"},
    {"Wara", "Warang_Citi"},
    {"Wcho", "Wancho"},
    {"Xpeo", "Old_Persian"},
    {"Xsux", "Cuneiform"},
    {"Yezi", "Yezidi"},
    {"Yiii", "Yi"},
    {"Zanb", "Zanabazar_Square"},
    {"Zinh", "Inherited"},
    {"Zyyy", "Common"},
}};

template <typename Rows>
std::optional<CharacterSet> find_composed(const Rows& rows, std::string_view name) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const Composed& one) { return one.names.hold(name); });
  if (row == rows.end()) return std::nullopt;
  return CharacterSet{std::string(row->members), row->complement};
}

CharacterSet known_to_re2(std::string_view name) {
  return {"\\p{" + std::string(name) + "}", false};
}

std::optional<CharacterSet> find_category(std::string_view name) {
  for (const Names& names : categories)
    if (names.hold(name)) return known_to_re2(names.shorter);
  return find_composed(composed_categories, name);
}

std::optional<CharacterSet> find_script(std::string_view name) {
  for (const Names& names : scripts)
    if (names.hold(name)) return known_to_re2(names.longer);
  return std::nullopt;
}

}  // namespace

std::optional<CharacterSet> unicode_property(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos) {
    auto category = find_category(text);
    return category ? category : find_composed(binary_properties, text);
  }
  const std::string_view property = text.substr(0, equals);
  const std::string_view value = text.substr(equals + 1);
  if (property == "General_Category" || property == "gc") return find_category(value);
  if (property == "Script" || property == "sc") return find_script(value);
  return std::nullopt;
}

bool is_unicode_property(std::string_view text) {
  if (unicode_property(text)) return true;
  for (const std::string_view extensions : {"Script_Extensions=", "scx="})
    if (text.starts_with(extensions))
      return find_script(text.substr(extensions.size())).has_value();
  return std::any_of(unexpressed.begin(), unexpressed.end(),
                     [&](const Names& names) { return names.hold(text); });
}

}  // namespace mcp::schema
