#include "servers/filesystem/glob_search.h"

#include "servers/filesystem/answer_lines.h"
#include "servers/filesystem/failure.h"
#include "servers/filesystem/glob.h"
#include "servers/filesystem/tree_walk.h"

namespace fairlead::filesystem {

TextAnswer search(const Sandbox& sandbox, const Place& place, const std::string& pattern,
                  const std::vector<std::string>& exclude, const std::string& cursor,
                  const Limits& limits, const Watch& watch) {
  const Glob wanted(pattern);
  refuse_many_patterns(exclude);
  const std::vector<Glob> excluded(exclude.begin(), exclude.end());
  TextAnswer answer;
  Lines lines(answer, limits);
  std::string last = cursor;
  TreeWalk walk(sandbox, limits, watch);
  const auto see = [&](const std::string& path, const Entry& entry, bool seen) {
    if (watch.out_of_time()) {
      answer.truncated = true;
      answer.note = "Truncated: the search took too long.";
      return Next::stop;
    }
    if (any_matches(excluded, path)) return Next::skip;
    if (!seen && wanted.matches(path)) {
      const std::string full = place.real_path + (place.real_path == "/" ? "" : "/") + path;
      if (entry.kind == Kind::link) {  // what leads outside is not shown
        try {
          sandbox.find(full);
        } catch (const Failure&) {
          return Next::skip;
        }
      }
      if (!lines.add(one_line(full))) {
        lines.note_more();
        return Next::stop;
      }
    }
    last = path;
    return Next::descend;
  };
  const bool finished = walk.run(place, cursor, see);
  if (!finished) {
    answer.cursor = last;
  } else if (walk.was_too_deep()) {
    answer.truncated = true;
    answer.note = "Truncated: what lies deeper than " + std::to_string(limits.max_depth) +
                  " levels is not searched. Search a directory further down.";
  }
  if (lines.count() == 0) answer.text = "No matches found";
  return answer;
}

}  // namespace fairlead::filesystem
