#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <mcp/protocol/resource.h>
#include <mcp/protocol/skill.h>

// Skills of a server's own: what its author declares, or what a folder holds.

namespace mcp {

struct SkillFile {
  /// Within the skill's directory, with `/` between names: "SKILL.md", "references/FORMS.md".
  std::string path;
  std::string contents;        ///< bytes
  std::string mime_type = {};  ///< empty: by the name's ending
};

/// A skill: the files of one directory (agentskills.io). Its SKILL.md begins with front matter that
/// names and describes it.
struct SkillDirectory {
  std::vector<SkillFile> files;  ///< SKILL.md among them
  /// What stands before the name in its URIs: "acme/billing" gives
  /// `skill://acme/billing/NAME/SKILL.md`. Empty: nothing.
  std::string prefix = {};
};

/// How much of a folder is read.
struct SkillFolderLimits {
  std::size_t entries = 10'000;                           ///< files and directories, of all skills
  std::size_t bytes = std::size_t{64} << 20U;             ///< of all files; they are kept in memory
  std::size_t file_bytes = std::size_t{max_skill_bytes};  ///< of one file
  std::size_t depth = 16;                                 ///< directories within each other
};

/// Why something of a folder is not served.
struct SkillProblem {
  std::string path;  ///< within the folder
  std::string message;
};

/// What a folder of skills holds.
struct SkillFolder {
  std::vector<SkillDirectory> skills;
  std::vector<SkillProblem> problems;
};

/// Reads every directory below `folder` that has a SKILL.md, and `folder` itself if it has one.
/// Directories above a skill become its prefix; a skill within another is a skill of its own, and
/// part of the outer one. Names that begin with a dot are left out.
///
/// A skill that can't be served whole is not served at all, and `problems` says why: symbolic links
/// and what is no regular file are never followed or opened, names must be UTF-8 without control
/// characters, and the specification's bounds hold. Throws std::system_error when `folder` can't be
/// read, std::length_error when it has more than `limits` allow in all. Thread-safe.
SkillFolder read_skill_folder(const std::filesystem::path& folder,
                              const SkillFolderLimits& limits = {});

namespace server {

/// A skill as it is served.
struct SkillEntry {
  struct File {
    Resource resource;
    ResourceContents contents;
  };
  Skill skill;
  std::vector<File> files;
};

/// Throws std::invalid_argument with what is wrong.
SkillEntry make_skill(SkillDirectory directory);

}  // namespace server
}  // namespace mcp
