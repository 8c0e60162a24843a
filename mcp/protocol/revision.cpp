#include <mcp/protocol/revision.h>

namespace mcp {

namespace {

constexpr std::array<std::string_view, all_revisions.size()> dates = {
    "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"};

}  // namespace

std::string_view to_string(Revision revision) noexcept {
  return dates[static_cast<std::size_t>(revision)];
}

std::optional<Revision> parse_revision(std::string_view date) noexcept {
  for (Revision revision : all_revisions) {
    if (to_string(revision) == date) return revision;
  }
  return std::nullopt;
}

Revision negotiate_session(std::string_view requested) noexcept {
  auto revision = parse_revision(requested);
  return revision && era(*revision) == Era::session ? *revision : latest_session_revision;
}

}  // namespace mcp
