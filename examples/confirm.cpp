// A tool that asks before it acts. The same handler serves clients of both eras.

#include <mcp/mcp.h>

struct Drop {
  std::string table;
};
struct Confirm {
  bool confirmed;
};

int main(int argc, char** argv) {
  mcp::Server server{{.name = "confirm", .version = "1.0.0"}};
  // [ask]
  server.tool("delete_table", "Drops a table", [](const Drop& in, mcp::Context& ctx) {
    auto answer = ctx.elicit<Confirm>("confirm", "Really drop " + in.table + "?");
    if (!answer.accepted() || !answer->confirmed) return mcp::text("Nothing was dropped.");
    // What must not happen twice goes through `once`: the handler may run again after a question.
    ctx.once("drop", [&] { /* drop the table */ });
    return mcp::text("Dropped " + in.table + ".");
  });
  // [end]
  return mcp::serve(server, argc, argv);
}
