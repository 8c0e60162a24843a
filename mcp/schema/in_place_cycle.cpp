#include <mcp/schema/in_place_cycle.h>

#include <unordered_map>
#include <vector>

namespace mcp::schema {
namespace {

// The subschemas that a node applies to its own instance.
std::vector<const Node*> in_place(const Node& node) {
  std::vector<const Node*> next;
  const auto add = [&next](const Node* target) {
    if (target != nullptr) next.push_back(target);
  };
  if (node.object)
    for (const Dependency& dependency : node.object->dependencies) add(dependency.node);
  if (!node.logic) return next;
  const LogicRules& logic = *node.logic;
  for (const auto* list : {&logic.all_of, &logic.any_of.nodes, &logic.one_of.nodes})
    for (const Node* target : *list) add(target);
  for (const Node* target :
       {logic.reference, logic.negated, logic.condition, logic.consequence, logic.alternative})
    add(target);
  if (logic.dynamic_reference && logic.dynamic_reference->anchor == 0)
    add(logic.dynamic_reference->fallback);
  return next;
}

struct Visit {
  const Node* node;
  std::vector<const Node*> rest;
};

enum class State { open, done };

}  // namespace

const Node* find_in_place_cycle(const Program& program) {
  std::unordered_map<const Node*, State> states;
  std::vector<Visit> path;
  for (const auto& start : program.nodes) {
    if (!states.try_emplace(start.get(), State::open).second) continue;
    path.push_back({start.get(), in_place(*start)});
    while (!path.empty()) {
      Visit& visit = path.back();
      if (visit.rest.empty()) {
        states[visit.node] = State::done;
        path.pop_back();
        continue;
      }
      const Node* next = visit.rest.back();
      visit.rest.pop_back();
      const auto [known, is_new] = states.try_emplace(next, State::open);
      if (is_new)
        path.push_back({next, in_place(*next)});
      else if (known->second == State::open)
        return next;
    }
  }
  return nullptr;
}

}  // namespace mcp::schema
