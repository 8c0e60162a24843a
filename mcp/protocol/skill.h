#pragma once

#include <mcp/protocol/list.h>

// The skills extension (SEP-2640): directories of instructions for a model, served as resources.

namespace mcp {

/// The identifier of the extension, in `extensions` of a server's capabilities.
inline constexpr const char* skills_extension = "io.modelcontextprotocol/skills";

/// The media type of a directory that `resources/directory/read` can list.
inline constexpr const char* directory_mime_type = "inode/directory";

/// What every host must be able to load of one skill, and no server should go past.
inline constexpr std::size_t max_skill_files = 512;
inline constexpr std::uint64_t max_skill_bytes = std::uint64_t{16} << 20U;

/// A file of a skill, and what its bytes must be.
struct SkillResource {
  std::string uri;
  std::string digest;      ///< `sha256:` and 64 lower-case hexadecimal digits
  std::uint64_t size = 0;  ///< bytes

  friend bool operator==(const SkillResource&, const SkillResource&) = default;
};

/// One skill, as `skills/list` and `skills/get` show it.
struct Skill {
  std::string uri;   ///< of its SKILL.md; what names it, within its server
  Json frontmatter;  ///< that of its SKILL.md, all of it: an object with `name` and `description`
  /// Every file, SKILL.md among them; nothing when the server can't tell them beforehand
  /// (`"dynamic"`).
  std::optional<std::vector<SkillResource>> resources = {};

  std::string name() const { return frontmatter.at("name").get<std::string>(); }
  std::string description() const { return frontmatter.at("description").get<std::string>(); }
  /// The URI of its directory, without a slash at the end.
  std::string directory() const;
};

using ListSkillsResult = ListResult<Skill>;

/// What `skills/get` answers.
struct GetSkillResult {
  Skill skill;
  CacheHints cache = {};
  Json meta = nullptr;
};

/// `sha256:…` of a file's bytes.
std::string skill_digest(std::string_view bytes);

/// What is wrong with a skill's name, for people; empty when nothing is.
std::string skill_name_problem(std::string_view name);

/// What is wrong with an entry: its URI, its name, a manifest that is not complete, has a file
/// twice, outside of the skill's directory, or more than a host must load. Empty when nothing is.
std::string skill_problem(const Skill& skill);

/// Why `uri` is no file of `skill`; empty when it is one.
std::string unlisted_skill_file(const Skill& skill, std::string_view uri);

/// What is wrong with `bytes` as the file `uri` of `skill`: not one of its files, another size or
/// digest than its entry says, or, of its SKILL.md, another front matter. Empty when nothing is.
/// Of a skill whose files are not told beforehand only the place and the front matter are checked.
std::string skill_file_problem(const Skill& skill, std::string_view uri, std::string_view bytes);

Json to_json(const SkillResource& resource, Revision revision);
Json to_json(const Skill& skill, Revision revision);
Json to_json(const ListSkillsResult& result, Revision revision);
Json to_json(const GetSkillResult& result, Revision revision);

template <>
SkillResource from_json<SkillResource>(const Json& value);
template <>
Skill from_json<Skill>(const Json& value);
template <>
ListSkillsResult from_json<ListSkillsResult>(const Json& value);
template <>
GetSkillResult from_json<GetSkillResult>(const Json& value);

}  // namespace mcp
