#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "servers/websearch/deadline.h"
#include "servers/websearch/provider.h"
#include "servers/websearch/provider_gate.h"
#include "servers/websearch/web_client.h"

namespace fairlead::websearch {

/// What became of asking one service.
struct ProviderReport {
  enum class Status { answered, failed, skipped };
  std::string name;
  Status status = Status::skipped;
  std::string reason = {};
  std::vector<WebHit> hits = {};
};

/// Search services in their order. Any thread.
class ProviderChain {
 public:
  struct Times {
    std::chrono::milliseconds call{4'000};    ///< of one call to a service
    std::chrono::milliseconds budget{4'500};  ///< of all of them, but for waiting in their queues
    std::chrono::milliseconds hedge{1'500};   ///< without an answer, the next is asked as well
    std::chrono::milliseconds queue{1'000};   ///< in a queue, while another may be asked
  };

  /// `web`: calls the services; they were chosen by people, so it may reach private addresses.
  explicit ProviderChain(WebClient& web) : ProviderChain(web, Times{}) {}
  ProviderChain(WebClient& web, Times times) : web_(web), times_(times) {}

  /// Before the first search.
  void add(std::unique_ptr<Provider> provider, ProviderGate::Limits limits = {},
           ProviderGate::TakeOfToday take_of_today = {});

  /// Asks one after the other until one has results; when all of them are busy, waits in the queue
  /// of the first until the deadline. `name`: asks only this one; "all": asks every one at once.
  /// A report for each, in their order. Throws Failure for a name that is none.
  std::vector<ProviderReport> search(const WebQuery& query, const std::string& name,
                                     const Deadline& deadline);
  std::vector<std::string> names() const;
  bool empty() const { return links_.empty(); }

 private:
  struct Link {
    std::unique_ptr<Provider> provider;
    std::unique_ptr<ProviderGate> gate;
  };
  /// A report, and whether the service would take the call later.
  struct Asked {
    ProviderReport report;
    bool queued = false;
  };
  std::vector<const Link*> chosen(const std::string& name) const;
  std::vector<Asked> race(const std::vector<const Link*>& links, const WebQuery& query,
                          bool ask_all, const Deadline& deadline);
  Asked ask(const Link& link, const WebQuery& query, std::chrono::milliseconds patience,
            const Deadline& deadline);
  std::vector<WebHit> call(const Link& link, const WebQuery& query, const Deadline& deadline);

  WebClient& web_;
  const Times times_;
  std::vector<Link> links_;
};

const char* name_of(ProviderReport::Status status);

}  // namespace fairlead::websearch
