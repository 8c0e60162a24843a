#include <mcp/protocol/skill.h>

#include <algorithm>
#include <set>
#include <utility>

#include <mcp/base/digest.h>
#include <mcp/base/front_matter.h>
#include <mcp/base/uri.h>
#include <mcp/protocol/meta.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

constexpr std::string_view entry_file = "/SKILL.md";
constexpr std::string_view dynamic = "dynamic";

bool is_digest(std::string_view digest) {
  constexpr std::string_view prefix = "sha256:";
  return digest.starts_with(prefix) && digest.size() == prefix.size() + 64 &&
         digest.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

/// Whether `uri` is a file below `directory`, without segments that lead elsewhere.
bool is_within(std::string_view uri, std::string_view directory) {
  if (uri.size() <= directory.size() + 1 || !uri.starts_with(directory) ||
      uri[directory.size()] != '/')
    return false;
  const std::string_view path = uri.substr(directory.size());
  if (path.find_first_of("?#") != std::string_view::npos || path.ends_with('/')) return false;
  const auto decoded = percent_decode(path);
  return decoded && remove_dot_segments(*decoded) == *decoded &&
         decoded->find("//") == std::string::npos;
}

const SkillResource* listed(const Skill& skill, std::string_view uri) {
  for (const SkillResource& file : *skill.resources) {
    if (file.uri == uri) return &file;
  }
  return nullptr;
}

std::string uri_problem(const Skill& skill) {
  const UriParts parts = split_uri(skill.uri);
  if (!is_uri(skill.uri) || parts.query || parts.fragment)
    return "its uri is none that a skill can have";
  if (!skill.uri.ends_with(entry_file)) return "its uri does not end in /SKILL.md";
  const std::string directory = skill.directory();
  if (const std::size_t slash = directory.rfind('/');
      slash == std::string::npos || directory.substr(slash + 1) != skill.name())
    return "its directory is not called '" + skill.name() + "', which is its name";
  return {};
}

std::string manifest_problem(const Skill& skill) {
  const auto& files = *skill.resources;
  if (files.size() > max_skill_files)
    return "it has more than " + std::to_string(max_skill_files) + " files";
  const std::string directory = skill.directory();
  std::set<std::string_view> seen;
  std::uint64_t left = max_skill_bytes;
  for (const SkillResource& file : files) {
    if (!is_within(file.uri, directory)) return "a file of its list is not in its directory";
    if (!seen.insert(file.uri).second) return "its list names a file twice";
    if (!is_digest(file.digest)) return "a digest in its list is no SHA-256";
    if (file.size > left)
      return "its files have more than " + std::to_string(max_skill_bytes) + " bytes";
    left -= file.size;
  }
  if (!seen.contains(skill.uri)) return "its list does not name its SKILL.md";
  return {};
}

}  // namespace

std::string Skill::directory() const {
  return uri.substr(0, uri.size() - std::min(uri.size(), entry_file.size()));
}

std::string skill_digest(std::string_view bytes) {
  return "sha256:" + sha256_hex(bytes);
}

std::string skill_name_problem(std::string_view name) {
  const bool fits =
      !name.empty() && name.size() <= 64 && name.front() != '-' && name.back() != '-' &&
      name.find("--") == std::string_view::npos &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
  if (fits) return {};
  return "a skill's name has 1 to 64 lower-case letters, digits and single hyphens between them";
}

std::string skill_problem(const Skill& skill) {
  for (const char* field : {"name", "description"}) {
    const auto text = skill.frontmatter.find(field);
    if (text == skill.frontmatter.end() || !text->is_string())
      return "its front matter has no text '" + std::string(field) + "'";
  }
  if (std::string problem = skill_name_problem(skill.name()); !problem.empty()) return problem;
  if (std::string problem = uri_problem(skill); !problem.empty()) return problem;
  return skill.resources ? manifest_problem(skill) : std::string();
}

std::string unlisted_skill_file(const Skill& skill, std::string_view uri) {
  if (!skill.resources)
    return is_within(uri, skill.directory()) ? "" : "it is not in the skill's directory";
  return listed(skill, uri) != nullptr ? "" : "it is none of the skill's files";
}

std::string skill_file_problem(const Skill& skill, std::string_view uri, std::string_view bytes) {
  if (std::string problem = unlisted_skill_file(skill, uri); !problem.empty()) return problem;
  if (const SkillResource* entry = skill.resources ? listed(skill, uri) : nullptr) {
    if (entry->size != bytes.size())
      return "it has " + std::to_string(bytes.size()) + " bytes instead of the " +
             std::to_string(entry->size) + " that its skill says";
    if (entry->digest != skill_digest(bytes))
      return "its digest is another than its skill says: it has changed, or was changed";
  } else if (bytes.size() > max_skill_bytes) {
    return "it has more than " + std::to_string(max_skill_bytes) + " bytes";
  }
  if (uri != skill.uri) return {};
  try {
    const Json frontmatter = parse_front_matter(bytes);
    if (frontmatter == skill.frontmatter) return {};
    for (const Json* one : {&frontmatter, &skill.frontmatter}) {
      for (const auto& [name, value] : one->items()) {
        const auto stated = skill.frontmatter.find(name);
        if (stated == skill.frontmatter.end() || !frontmatter.contains(name) ||
            *stated != frontmatter[name])
          return "its front matter differs from what its skill says, in '" + name + "'";
      }
    }
    return {};
  } catch (const FrontMatterError& error) {
    return std::string("its front matter can't be read: ") + error.what();
  }
}

Json to_json(const SkillResource& resource, Revision) {
  return ObjectWriter()
      .set("uri", resource.uri)
      .set("digest", resource.digest)
      .set("size", resource.size)
      .take();
}

Json to_json(const Skill& skill, Revision revision) {
  ObjectWriter out;
  out.set("uri", skill.uri).set("frontmatter", skill.frontmatter);
  if (skill.resources) {
    out.list("resources", *skill.resources, revision);
  } else {
    out.set("resources", dynamic);
  }
  return out.take();
}

Json to_json(const ListSkillsResult& result, Revision revision) {
  Json json = ObjectWriter()
                  .list("skills", result.items, revision)
                  .optional("nextCursor", result.next_cursor)
                  .meta(result.meta)
                  .take();
  add_cache_hints(json, result.cache, revision);
  add_result_type(json, ResultType::complete, revision);
  return json;
}

Json to_json(const GetSkillResult& result, Revision revision) {
  Json json = ObjectWriter().set("skill", to_json(result.skill, revision)).meta(result.meta).take();
  add_cache_hints(json, result.cache, revision);
  add_result_type(json, ResultType::complete, revision);
  return json;
}

template <>
SkillResource from_json<SkillResource>(const Json& value) {
  ObjectReader in(value);
  return {.uri = in.get<std::string>("uri"),
          .digest = in.get<std::string>("digest"),
          .size = in.get<std::uint64_t>("size")};
}

template <>
Skill from_json<Skill>(const Json& value) {
  ObjectReader in(value);
  Skill skill{.uri = in.get<std::string>("uri"), .frontmatter = in.optional_object("frontmatter")};
  if (skill.frontmatter.is_null()) throw Malformed("/frontmatter", "is missing");
  protocol::at("frontmatter", [&] {
    ObjectReader frontmatter(skill.frontmatter);
    for (const char* name : {"name", "description"}) frontmatter.get<std::string>(name);
  });
  if (const Json& files = in.required("resources"); files.is_array()) {
    skill.resources = in.list<SkillResource>("resources");
  } else if (files != dynamic) {
    throw Malformed("/resources", "expected an array or \"dynamic\"");
  }
  return skill;
}

template <>
ListSkillsResult from_json<ListSkillsResult>(const Json& value) {
  ObjectReader in(value);
  return {.items = in.list<Skill>("skills"),
          .next_cursor = in.optional<std::string>("nextCursor"),
          .cache = read_cache_hints(value),
          .meta = in.meta()};
}

template <>
GetSkillResult from_json<GetSkillResult>(const Json& value) {
  ObjectReader in(value);
  return {.skill = in.get<Skill>("skill"), .cache = read_cache_hints(value), .meta = in.meta()};
}

}  // namespace mcp
