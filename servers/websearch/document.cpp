#include "servers/websearch/document.h"

#include <algorithm>

#include <mcp/base/front_matter.h>

#include "servers/websearch/character.h"
#include "servers/websearch/charset.h"
#include "servers/websearch/failure.h"
#include "servers/websearch/feed.h"
#include "servers/websearch/pdf_text.h"

namespace fairlead::websearch {
namespace {

bool is_text_type(const std::string& type) {
  return type.starts_with("text/") || type.ends_with("+xml") || type.ends_with("+json") ||
         type == "application/json" || type == "application/xml" ||
         type == "application/javascript" || type == "application/x-ndjson" ||
         type == "application/yaml" || type == "application/x-yaml" || type == "application/toml";
}

bool looks_binary(std::string_view bytes) {
  return bytes.substr(0, 1024).find('\0') != std::string_view::npos &&
         !bytes.starts_with("\xFF\xFE") && !bytes.starts_with("\xFE\xFF");
}

bool looks_like_html(std::string_view text) {
  const std::string head = to_lower(text.substr(0, 1'000));
  return head.find("<html") != std::string::npos || head.find("<!doctype html") == 0;
}

/// Behind the YAML block that Markdown may begin with; it goes into `metadata`.
std::string_view without_front_matter(std::string_view text, PageMetadata& metadata) {
  if (!text.starts_with("---\n") && !text.starts_with("---\r\n")) return text;
  const std::size_t end = text.find("\n---", 3);
  if (end == std::string_view::npos) return text;
  try {
    const mcp::Json front = mcp::parse_front_matter(text);
    const auto take = [&front](const char* name, std::string& into) {
      const auto found = front.find(name);
      if (found != front.end() && found->is_string()) into = found->get<std::string>();
    };
    take("title", metadata.title);
    take("description", metadata.description);
    take("author", metadata.author);
    take("date", metadata.published);
    take("lang", metadata.language);
  } catch (const mcp::FrontMatterError&) {
    return text;  // whatever it is, it is text
  }
  text.remove_prefix(std::min(text.find('\n', end + 1), text.size()));
  return trimmed(text);
}

void read_markdown(Document& document) {
  Page& page = document.page;
  const std::string_view body = without_front_matter(document.source, page.metadata);
  page.markdown = body;
  page.text.reserve(body.size());
  for (std::size_t at = 0; at < body.size();) {
    std::string_view line = body.substr(at, body.find('\n', at) - at);
    at += line.size() + 1;
    const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
    if (marks > 0 && marks <= 6 && line.substr(marks).starts_with(' ')) {
      line.remove_prefix(marks + 1);
    }
    page.text.append(line).append("\n");
  }
}

std::string first_line(std::string_view text) {
  text = trimmed(text);
  std::string_view line = text.substr(0, std::min(text.find('\n'), std::size_t{200}));
  while (line.starts_with('#')) line.remove_prefix(1);
  return collapsed(line);
}

}  // namespace

Document read_document(const WebResponse& response, const Deadline& deadline) {
  Document document{.url = response.url, .content_type = response.content_type()};
  const std::string& type = document.content_type;
  if (type == "application/pdf" || response.body.starts_with("%PDF-")) {
    document.content_type = "application/pdf";
    document.page.text = document.page.markdown = document.source =
        pdf_text(response.body, deadline);
    document.page.metadata.title = first_line(document.source);
    return document;
  }
  const bool undeclared = type.empty() || type == "application/octet-stream";
  if ((!undeclared && !is_text_type(type)) || looks_binary(response.body)) {
    throw Failure(response.url + " is " + (undeclared ? "binary data" : type) +
                  ", which has no text to read.");
  }
  document.source = decode_text(response.body, response.charset()).text;
  const bool html = type == "text/html" || type == "application/xhtml+xml" ||
                    (undeclared && looks_like_html(document.source)) ||
                    looks_like_html(std::string_view(document.source).substr(0, 100));
  if (html) {
    document.is_page = true;
    document.page = extract_page(document.source, response.url, deadline);
  } else if (is_feed(document.source)) {
    const Feed feed = parse_feed(document.source, response.url);
    document.page.metadata.title = feed.title;
    document.page.markdown = to_markdown(feed);
    document.page.text = document.page.markdown;
    for (const FeedEntry& entry : feed.entries) {
      if (!entry.url.empty()) document.page.links.push_back({entry.url, entry.title});
    }
  } else if (type == "text/markdown") {
    read_markdown(document);
  } else {
    document.page.text = document.page.markdown = document.source;
  }
  if (document.page.metadata.title.empty() && !document.is_page) {
    document.page.metadata.title = first_line(document.page.text);
  }
  if (response.truncated) {
    document.page.note = "The document is larger than what may be read of one: its beginning.";
  }
  return document;
}

}  // namespace fairlead::websearch
