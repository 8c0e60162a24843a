#include "servers/websearch/metadata.h"

#include <map>
#include <vector>

#include <mcp/base/json.h>
#include <mcp/base/uri.h>

#include "servers/websearch/character.h"

namespace fairlead::websearch {
namespace {

using mcp::Json;

constexpr std::size_t max_field_bytes = 1'000;
constexpr std::size_t max_json_bytes = std::size_t{1} << 20U;
constexpr int max_json_depth = 8;

std::string field(std::string_view text) {
  std::string out = collapsed(text);
  if (out.size() > max_field_bytes) {
    out.resize(max_field_bytes);
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80U) {
      out.pop_back();
    }
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0U) out.pop_back();
  }
  return out;
}

std::string text_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// A person is a text, an object with a name, or a list of them.
std::string names_of(const Json& value, int depth = 0) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) return text_member(value, "name");
  std::string out;
  if (!value.is_array() || depth > 2) return out;
  for (const Json& each : value) {
    const std::string name = names_of(each, depth + 1);
    if (!name.empty() && out.size() < max_field_bytes) out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

bool is_article(const Json& object) {
  const auto type = object.find("@type");
  if (type == object.end()) return false;
  const auto names_article = [](const Json& name) {
    if (!name.is_string()) return false;
    const auto& text = name.get_ref<const std::string&>();
    return text.ends_with("Article") || text.ends_with("Posting") || text == "WebPage" ||
           text == "Recipe" || text == "Question";
  };
  if (!type->is_array()) return names_article(*type);
  for (const Json& each : *type) {
    if (names_article(each)) return true;
  }
  return false;
}

void take(std::string& into, const std::string& value) {
  if (into.empty()) into = field(value);
}

struct JsonLd {
  PageMetadata metadata;
  std::string article;

  void read(const Json& value, int depth = 0) {
    if (depth > max_json_depth) return;
    if (value.is_array()) {
      for (const Json& each : value) read(each, depth + 1);
      return;
    }
    if (!value.is_object()) return;
    if (is_article(value)) {
      take(metadata.title, text_member(value, "headline"));
      take(metadata.description, text_member(value, "description"));
      take(metadata.published, text_member(value, "datePublished"));
      take(metadata.modified, text_member(value, "dateModified"));
      take(metadata.language, text_member(value, "inLanguage"));
      if (value.contains("author")) take(metadata.author, names_of(value["author"]));
      if (value.contains("publisher")) take(metadata.site_name, names_of(value["publisher"]));
      std::string body = text_member(value, "articleBody");
      if (body.size() > article.size()) article = std::move(body);
    }
    for (const char* name : {"@graph", "mainEntity", "mainEntityOfPage"}) {
      if (const auto inner = value.find(name); inner != value.end()) read(*inner, depth + 1);
    }
  }
};

std::string raw_text(const Node& node) {
  std::string out;
  for (const Node* child : node.children) out += child->text;
  return out;
}

bool is_inside(const Node& node, std::string_view name) {
  for (const Node* at = node.parent; at != nullptr; at = at->parent) {
    if (at->is(name)) return true;
  }
  return false;
}

// What every page has, by the order in which it is believed.
struct Tags {
  std::map<std::string, std::string> meta;  // by name, property or itemprop in lower case
  std::string title;
  std::string first_heading;
  std::string canonical;
  std::string author_link;
  std::string first_time;
  std::string language;
  JsonLd json;

  explicit Tags(const HtmlTree& tree) {
    language = tree.root().attribute("lang");
    for (const Node& node : tree.nodes()) read(node);
  }

  void read(const Node& node) {
    if (node.is("meta")) {
      for (const char* key : {"property", "name", "itemprop", "http-equiv"}) {
        const auto name = node.attribute(key);
        if (!name.empty()) meta.emplace(to_lower(name), field(node.attribute("content")));
      }
    } else if (node.is("title") && title.empty() && !is_inside(node, "svg")) {
      title = field(text_of(node));
    } else if (node.is("h1") && first_heading.empty()) {
      first_heading = field(text_of(node));
    } else if (node.is("link") && equals_ignoring_case(node.attribute("rel"), "canonical")) {
      if (canonical.empty()) canonical = trimmed(node.attribute("href"));
    } else if (node.is("a") && equals_ignoring_case(node.attribute("rel"), "author")) {
      if (author_link.empty()) author_link = field(text_of(node));
    } else if (node.is("time") && first_time.empty()) {
      first_time = field(node.attribute("datetime"));
    } else if (node.is("script") &&
               equals_ignoring_case(trimmed(node.attribute("type")), "application/ld+json")) {
      const std::string text = raw_text(node);
      if (text.size() <= max_json_bytes) json.read(Json::parse(text, nullptr, false));
    }
  }

  std::string of(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      const auto found = meta.find(name);
      if (found != meta.end() && !found->second.empty()) return found->second;
    }
    return {};
  }
};

std::string first_of(std::initializer_list<std::string> values) {
  for (const std::string& value : values) {
    if (!value.empty()) return value;
  }
  return {};
}

std::string without_url(const std::string& author) {
  return author.find("://") == std::string::npos ? author : std::string();
}

}  // namespace

FoundMetadata find_metadata(const HtmlTree& tree, const std::string& base) {
  Tags tags(tree);
  const PageMetadata& json = tags.json.metadata;
  FoundMetadata found;
  PageMetadata& out = found.metadata;
  out.title = first_of({tags.of({"og:title", "twitter:title", "citation_title", "dc.title"}),
                        json.title, tags.title, tags.first_heading});
  out.description = first_of(
      {tags.of({"description", "og:description", "twitter:description"}), json.description});
  out.author = first_of({json.author,
                         without_url(tags.of({"author", "article:author", "citation_author",
                                              "dc.creator", "parsely-author"})),
                         tags.author_link});
  out.published =
      first_of({tags.of({"article:published_time", "datepublished", "citation_publication_date",
                         "citation_date", "dc.date", "date", "pubdate", "parsely-pub-date"}),
                json.published, tags.first_time});
  out.modified = first_of(
      {tags.of({"article:modified_time", "datemodified", "og:updated_time", "last-modified"}),
       json.modified});
  out.language = first_of({field(tags.language), json.language,
                           tags.of({"content-language", "og:locale", "language"})});
  out.site_name = first_of({tags.of({"og:site_name", "application-name"}), json.site_name});
  const std::string canonical = first_of({tags.canonical, tags.of({"og:url"})});
  if (!canonical.empty() && canonical.size() <= max_field_bytes) {
    out.canonical_url = mcp::resolve_uri(base, canonical);
    if (!out.canonical_url.starts_with("http")) out.canonical_url.clear();
  }
  found.article = std::move(tags.json.article);
  return found;
}

}  // namespace fairlead::websearch
