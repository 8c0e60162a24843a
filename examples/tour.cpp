// Every feature of a server in one program. The tests let other people's clients drive it.

#include <mcp/mcp.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace {

struct Add {
  double a;
  double b;
  std::optional<std::string> note;
};
struct Sum {
  double sum;
};
struct Count {
  int to;
  static constexpr mcp::About about[] = {
      {"to", "The last number", {.minimum = 1, .maximum = 1000}}};
};
struct Wait {
  int seconds;
  static constexpr mcp::About about[] = {
      {"seconds", "How long to wait", {.minimum = 0, .maximum = 600}}};
};
struct Drop {
  std::string table;
};
struct Confirm {
  bool confirmed;
};
struct Summarize {
  std::string text;
};
struct Note {
  std::string text;
};
struct Nothing {};

/// What the tools change and the resources show.
class Notes {
 public:
  std::string today() const {
    const std::lock_guard lock(mutex_);
    return today_;
  }
  void write(std::string text) {
    const std::lock_guard lock(mutex_);
    today_ = std::move(text);
  }

 private:
  mutable std::mutex mutex_;
  std::string today_ = "Nothing was noted today.";
};

/// Waits, unless the call is cancelled.
void pause(mcp::Context& ctx, mcp::Duration duration) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, ctx.stop_token(), duration, [] { return false; });
}

void offer_tools(mcp::Server& server, Notes& notes, std::atomic<int>& cancelled) {
  server.tool("add", "Adds two numbers", [](const Add& in) { return Sum{in.a + in.b}; },
              {.annotations = {.read_only_hint = true}});
  server.tool("count", "Counts aloud, with progress", [](const Count& in, mcp::Context& ctx) {
    for (int number = 1; number <= in.to; ++number) {
      ctx.progress(number, in.to);
      pause(ctx, std::chrono::milliseconds(20));
    }
    return mcp::text("counted to " + std::to_string(in.to));
  });
  server.tool("wait", "Waits, and can be cancelled", [&](const Wait& in, mcp::Context& ctx) {
    ctx.progress(1, "waiting");
    pause(ctx, std::chrono::seconds(in.seconds));
    if (ctx.stop_token().stop_requested()) ++cancelled;
    return mcp::text("waited");
  });
  server.tool("delete_table", "Drops a table, after asking", [](const Drop& in, mcp::Context& ctx) {
    auto answer = ctx.elicit<Confirm>("confirm", "Really drop " + in.table + "?");
    if (!answer.accepted() || !answer->confirmed) return mcp::text("Kept it.");
    return mcp::text("Dropped " + in.table + ".");
  });
  server.tool("summarize", "Lets the client's model summarize a text",
              [](const Summarize& in, mcp::Context& ctx) {
                mcp::CreateMessageParams params;
                params.messages.push_back({.content = {mcp::text_content(in.text)}});
                params.max_tokens = 100;
                const auto answer = ctx.sample("summary", std::move(params));
                return mcp::text(answer.model + ": " + answer.text());
              });
  server.tool("list_roots", "Lists the client's roots", [](const Nothing&, mcp::Context& ctx) {
    std::string listed;
    for (const mcp::Root& root : ctx.roots()) listed += (listed.empty() ? "" : "\n") + root.uri;
    return mcp::text(listed);
  });
  server.tool("touch_note", "Writes today's note", [&](const Note& in) {
    notes.write(in.text);
    server.resource_updated("note://today");
    return mcp::text("noted");
  });
  server.tool("offer_extra", "Registers one more tool", [&](const Nothing&) {
    server.tool("extra", "Was not there at first",
                [](const Nothing&) { return mcp::text("extra"); });
    return mcp::text("offered");
  });
}

void offer_resources(mcp::Server& server, const Notes& notes, const std::atomic<int>& cancelled) {
  server.resource(
      {.uri = "note://today", .name = "today", .mime_type = "text/plain"},
      [&](const mcp::ResourceRequest& request, mcp::Context&) {
        return mcp::ReadResourceResult{{mcp::text_contents(request.uri, notes.today())}};
      });
  server.resource({.uri = "tour://cancelled", .name = "cancelled", .mime_type = "text/plain"},
                  [&](const mcp::ResourceRequest& request, mcp::Context&) {
                    return mcp::ReadResourceResult{
                        {mcp::text_contents(request.uri, std::to_string(cancelled))}};
                  });
  server.resource_template(
      {.uri_template = "note://{day}", .name = "note of a day", .mime_type = "text/plain"},
      [](const mcp::ResourceRequest& request, mcp::Context&) {
        return mcp::ReadResourceResult{{mcp::text_contents(
            request.uri, "Nothing was noted " + request.variables.at("day") + ".")}};
      });
}

void offer_prompts(mcp::Server& server) {
  mcp::PromptOptions options;
  options.complete["who"] = [](const mcp::CompletionRequest& request, mcp::CallContext&) {
    mcp::CompleteResult result;
    for (const char* name : {"Ada", "Alan", "Grace"}) {
      if (std::string_view(name).starts_with(request.value)) result.values.emplace_back(name);
    }
    return result;
  };
  server.prompt(
      {.name = "greet",
       .description = "Greets somebody",
       .arguments = {{.name = "who", .description = "Whom to greet", .required = true}}},
      [](const mcp::PromptArguments& arguments, mcp::Context&) {
        return mcp::PromptResult{{mcp::user_text("Greet " + arguments.at("who") + " warmly.")}};
      },
      std::move(options));
}

}  // namespace

int main(int argc, char** argv) {
  Notes notes;
  std::atomic<int> cancelled = 0;
  mcp::Server server{{.name = "tour", .version = "1.0.0"},
                     {.instructions = "Every feature of a server, to look at."}};
  offer_tools(server, notes, cancelled);
  offer_resources(server, notes, cancelled);
  offer_prompts(server);
  return mcp::serve(server, argc, argv);
}
