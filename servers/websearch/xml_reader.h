#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace fairlead::websearch {

/// Reads feeds and sitemaps, event by event: names without their namespace prefix and in lower
/// case, references decoded, CDATA as text. It has no entities of the document's own and opens
/// nothing, takes what is malformed as it comes, and keeps no tree: no input is too deep.
class XmlReader {
 public:
  enum class Event { open, close, text, end };

  /// `xml` must outlive it.
  explicit XmlReader(std::string_view xml) : rest_(xml) {}

  Event next();
  const std::string& name() const { return name_; }  ///< of open and close
  const std::string& text() const { return text_; }  ///< of text
  /// Of open; empty when it is absent.
  std::string attribute(const std::string& attribute_name) const;

 private:
  void read_tag(std::string_view tag);

  std::string_view rest_;
  std::string name_;
  std::string text_;
  std::map<std::string, std::string> attributes_;
  bool closes_ = false;  // `<name/>`: its close comes next
};

/// Decodes `&amp;`, `&#233;` and the like; what is none stays.
std::string decode_references(std::string_view text);

}  // namespace fairlead::websearch
