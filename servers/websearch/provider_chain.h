#pragma once

#include <chrono>
#include <memory>
#include <optional>
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
  /// `web`: calls the services; they were chosen by people, so it may reach private addresses.
  explicit ProviderChain(WebClient& web) : web_(web) {}

  /// Before the first search.
  void add(std::unique_ptr<Provider> provider, ProviderGate::Limits limits = {},
           std::chrono::milliseconds timeout = std::chrono::milliseconds(4'000));

  /// Asks one after the other until one has results, or the deadline passes. `name`: asks only this
  /// one; "all": asks every one. Throws Failure for a name that is none.
  std::vector<ProviderReport> search(const WebQuery& query, const std::string& name,
                                     const Deadline& deadline);
  std::vector<std::string> names() const;

 private:
  struct Link {
    std::unique_ptr<Provider> provider;
    std::unique_ptr<ProviderGate> gate;
    std::chrono::milliseconds timeout;
  };
  ProviderReport ask(const Link& link, const WebQuery& query, const Deadline& deadline);
  std::vector<WebHit> call(const Link& link, const WebQuery& query, const Deadline& deadline);

  WebClient& web_;
  std::vector<Link> links_;
};

const char* name_of(ProviderReport::Status status);

}  // namespace fairlead::websearch
