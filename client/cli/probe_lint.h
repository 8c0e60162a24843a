#pragma once

#include <client/cli/probe_report.h>

namespace fairlead::agent {

/// What a server lists, as it came. Each an array.
struct ServerLists {
  Json tools = Json::array();
  Json resources = Json::array();
  Json templates = Json::array();
  Json prompts = Json::array();
};

/// Adds what is wrong with names, schemas and descriptions, by the specification and by what hosts
/// and model APIs take.
void lint_lists(const ServerLists& lists, ProbeReport& report);

}  // namespace fairlead::agent
