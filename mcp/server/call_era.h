#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mcp/protocol/capabilities.h>
#include <mcp/server/call.h>

namespace mcp::server {

/// What the eras do differently while a call is answered: how its client is asked, and what is said
/// when that does not work. One object for each era, without state of its own: whoever owns the
/// call's run may use it.
class CallEra {
 public:
  virtual ~CallEra() = default;
  /// Reads what a repeated call carries, before its handler runs; the second time nothing. Throws
  /// Error.
  virtual void open(Call& call) const = 0;
  /// Throws what a call gets whose client lacks `feature`.
  [[noreturn]] virtual void lacks(const Call& call, ClientFeature feature) const = 0;
  /// The answer under `key` does not fit its question: forgets it, so that the question is asked
  /// again, or throws Error.
  virtual void unfit(Call& call, const std::string& key, const Malformed& why) const = 0;
  /// The page of the question `key` did not come in time: what the handler learns; nothing when the
  /// question is asked again.
  virtual std::optional<ElicitAction> overdue(Call& call, const std::string& key) const = 0;
  /// What comes of a run that ends with questions. Throws Error.
  virtual Outcome ask(Call& call, std::vector<Ask> asks) const = 0;

  // --- Tasks ---
  /// Whether the client of this call takes a task for an answer.
  virtual bool takes_task(const Call& call) const = 0;
  /// Throws what a call gets that can only be a task, or asks for one, when its client takes none.
  [[noreturn]] virtual void lacks_tasks(const Call& call) const = 0;
  /// What the client asked for when it wants a task from the start. Throws Error.
  virtual std::optional<TaskOptions> wanted_task(const Call& call) const = 0;
  /// Throws when the client may not send requests about tasks.
  virtual void require_tasks(const Call& call) const = 0;

  struct PageWait {
    Duration total;  ///< how long a call waits for a page
    Duration look;   ///< how often its handler looks whether the page is done
  };
  virtual PageWait page_wait(const ServerOptions& options) const = 0;
};

const CallEra& session_calls();
const CallEra& stateless_calls();
/// The era that `call` belongs to.
const CallEra& call_era(const Call& call);

}  // namespace mcp::server
