// A server that brings the instructions for its own tools, and a client that uses them.

#include <mcp/mcp.h>

#include <iostream>

int main(int argc, char** argv) {
  mcp::Server server{{.name = "shop", .version = "1.0.0"}};
  // [server]
  server.skill({{{"SKILL.md",
                  "---\n"
                  "name: refunds\n"
                  "description: Decides whether a customer gets the money back\n"
                  "---\n"
                  "Read references/POLICY.md first.\n"},
                 {"references/POLICY.md", "Within 30 days of delivery.\n"}}});
  if (argc > 1) server.skills(argv[1]);  // every directory below it that has a SKILL.md
  // [end]
  auto runtime = mcp::make_runtime();
  auto [ours, theirs] = mcp::make_memory_pair(runtime->loop(), runtime->loop());
  auto connection = mcp::connect(server, *runtime, std::move(ours));
  auto client = mcp::Client::connect(*runtime, std::move(theirs));
  // [client]
  for (const mcp::Skill& skill : client.list_skills()) {
    std::cout << skill.name() << ": " << skill.description() << '\n';
    // When the user has approved of it, and the model needs it:
    std::cout << client.read_skill_file(skill, skill.uri);
  }
  // [end]
}
