#include <mcp/server/skill.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>

#include <mcp/base/front_matter.h>
#include <mcp/base/uri.h>
#include <mcp/base/utf8.h>

namespace mcp::server {
namespace {

constexpr std::string_view entry_name = "SKILL.md";

// What a path segment may hold besides what is unreserved (RFC 3986, section 3.3).
constexpr std::string_view segment_characters = "!$&'()*+,;=:@";
// What the first segment may, for it stands where a URI has its authority.
constexpr std::string_view reg_name_characters = "!$&'()*+,;=";

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> media_types = {{
    {".md", "text/markdown"},
    {".txt", "text/plain"},
    {".html", "text/html"},
    {".css", "text/css"},
    {".csv", "text/csv"},
    {".js", "text/javascript"},
    {".mjs", "text/javascript"},
    {".ts", "text/x-typescript"},
    {".py", "text/x-python"},
    {".sh", "text/x-shellscript"},
    {".c", "text/x-c"},
    {".cpp", "text/x-c++"},
    {".h", "text/x-c"},
    {".json", "application/json"},
    {".yaml", "application/yaml"},
    {".yml", "application/yaml"},
    {".toml", "application/toml"},
    {".xml", "application/xml"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".svg", "image/svg+xml"},
}};

std::string media_type(std::string_view path, bool is_text) {
  const auto known = std::find_if(media_types.begin(), media_types.end(),
                                  [&](const auto& type) { return path.ends_with(type.first); });
  if (known != media_types.end()) return std::string(known->second);
  return is_text ? "text/plain" : "application/octet-stream";
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

void require_path(std::string_view path, const char* what) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  for (const std::string_view segment : segments_of(path)) {
    if (segment.empty() || segment == "." || segment == ".." || !is_valid_utf8(segment) ||
        std::any_of(segment.begin(), segment.end(), is_control))
      throw std::invalid_argument(std::string(what) +
                                  " is no relative path of UTF-8 names without control characters");
  }
}

std::string encoded(std::string_view path, std::string_view keep) {
  std::string uri;
  for (const std::string_view segment : segments_of(path)) {
    if (!uri.empty()) uri += '/';
    uri += percent_encode(segment, keep);
  }
  return uri;
}

std::string directory_uri(const SkillDirectory& directory, const std::string& name) {
  if (directory.prefix.empty()) return "skill://" + name;
  require_path(directory.prefix, "the skill's prefix");
  const std::size_t slash = std::min(directory.prefix.find('/'), directory.prefix.size());
  std::string uri =
      "skill://" + percent_encode(directory.prefix.substr(0, slash), reg_name_characters);
  if (slash < directory.prefix.size())
    uri += "/" + encoded(directory.prefix.substr(slash + 1), segment_characters);
  return uri + "/" + name;
}

Json front_matter_of(const SkillDirectory& directory) {
  const auto entry = std::find_if(directory.files.begin(), directory.files.end(),
                                  [](const SkillFile& file) { return file.path == entry_name; });
  if (entry == directory.files.end())
    throw std::invalid_argument("a skill needs a file SKILL.md in its directory");
  if (!is_valid_utf8(entry->contents)) throw std::invalid_argument("SKILL.md is not UTF-8");
  Json frontmatter;
  try {
    frontmatter = parse_front_matter(entry->contents);
  } catch (const FrontMatterError& error) {
    throw std::invalid_argument(std::string("SKILL.md: ") + error.what());
  }
  for (const char* name : {"name", "description"}) {
    const auto field = frontmatter.find(name);
    if (field == frontmatter.end() || !field->is_string() || field->empty() ||
        field->get_ref<const std::string&>().empty())
      throw std::invalid_argument("SKILL.md: its front matter needs a text '" + std::string(name) +
                                  "'");
  }
  if (const auto metadata = frontmatter.find("metadata");
      metadata != frontmatter.end() && metadata->is_object()) {
    for (const auto& [key, value] : metadata->items()) {
      if (key.starts_with("io.modelcontextprotocol/"))
        throw std::invalid_argument("SKILL.md: metadata '" + key +
                                    "' is a name that is reserved for the protocol");
    }
  }
  return frontmatter;
}

SkillEntry::File served(SkillFile file, const std::string& directory, const Skill& skill) {
  require_path(file.path, "a file's path");
  const bool is_text =
      is_valid_utf8(file.contents) && file.contents.find('\0') == std::string::npos;
  Resource resource{.uri = directory + "/" + encoded(file.path, segment_characters),
                    .name = file.path,
                    .mime_type = file.mime_type.empty() ? media_type(file.path, is_text)
                                                        : std::move(file.mime_type),
                    .size = file.contents.size()};
  if (file.path == entry_name) {
    resource.name = skill.name();
    resource.description = skill.description();
  }
  ResourceContents contents =
      is_text ? text_contents(resource.uri, std::move(file.contents), resource.mime_type)
              : blob_contents(resource.uri, std::as_bytes(std::span(file.contents)),
                              resource.mime_type);
  return {std::move(resource), std::move(contents)};
}

}  // namespace

SkillEntry make_skill(SkillDirectory directory) {
  SkillEntry entry{{.uri = {}, .frontmatter = front_matter_of(directory), .resources = {}}, {}};
  Skill& skill = entry.skill;
  if (const std::string problem = skill_name_problem(skill.name()); !problem.empty())
    throw std::invalid_argument("'" + skill.name() + "': " + problem);
  const std::string uri = directory_uri(directory, skill.name());
  skill.uri = uri + "/" + std::string(entry_name);
  skill.resources.emplace();
  for (SkillFile& file : directory.files) {
    const std::string digest = skill_digest(file.contents);
    const std::uint64_t size = file.contents.size();
    entry.files.push_back(served(std::move(file), uri, skill));
    skill.resources->push_back({entry.files.back().resource.uri, digest, size});
  }
  if (const std::string problem = skill_problem(skill); !problem.empty())
    throw std::invalid_argument("skill '" + skill.name() + "' can't be served: " + problem);
  return entry;
}

}  // namespace mcp::server
