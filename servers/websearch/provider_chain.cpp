#include "servers/websearch/provider_chain.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include "servers/websearch/dates.h"
#include "servers/websearch/failure.h"

namespace fairlead::websearch {
namespace {

using Clock = std::chrono::steady_clock;

/// It answered with 429.
class ToldToWait : public Failure {
 public:
  explicit ToldToWait(std::chrono::milliseconds after)
      : Failure("it has had too many calls (429)"), after_(after) {}
  std::chrono::milliseconds after() const { return after_; }

 private:
  std::chrono::milliseconds after_;
};

// Seconds, or a date. At most an hour.
std::chrono::milliseconds retry_after(const std::string& text) {
  long seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty()) {
    seconds = 1;
  } else if (error != std::errc{} || end != text.data() + text.size()) {
    const std::int64_t date = read_date(text);
    seconds = date == 0 ? 1 : static_cast<long>(date - now_seconds());
  }
  return std::chrono::seconds(std::clamp(seconds, 1L, 3'600L));
}

void wait_turn(std::chrono::milliseconds time, const Deadline& deadline) {
  if (time.count() <= 0) return;
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, deadline.stop(), time, [] { return false; });
  deadline.check();
}

}  // namespace

const char* name_of(ProviderReport::Status status) {
  switch (status) {
    case ProviderReport::Status::answered:
      return "answered";
    case ProviderReport::Status::failed:
      return "failed";
    case ProviderReport::Status::skipped:
      break;
  }
  return "skipped";
}

void ProviderChain::add(std::unique_ptr<Provider> provider, ProviderGate::Limits limits,
                        std::chrono::milliseconds timeout) {
  links_.push_back({std::move(provider), std::make_unique<ProviderGate>(limits), timeout});
}

std::vector<std::string> ProviderChain::names() const {
  std::vector<std::string> out;
  for (const Link& link : links_) out.push_back(link.provider->name());
  return out;
}

std::vector<WebHit> ProviderChain::call(const Link& link, const WebQuery& query,
                                        const Deadline& deadline) {
  const Deadline own(std::min(link.timeout, deadline.left()), deadline.stop());
  const WebResponse response = web_.call(link.provider->request(query), own);
  if (response.status == 429) throw ToldToWait(retry_after(response.header("retry-after")));
  if (response.status != 200) {
    std::string why = "it answered " + std::to_string(response.status);
    std::string hint = link.provider->status_hint(response.status);
    if (hint.empty() && (response.status == 401 || response.status == 403)) {
      hint = "its key is not accepted";
    }
    throw Failure(hint.empty() ? why : why + ": " + hint, Failure::Kind::status);
  }
  const auto body = mcp::Json::parse(response.body, nullptr, false);
  if (body.is_discarded()) throw Failure("its answer is no JSON");
  return link.provider->read(body);
}

ProviderReport ProviderChain::ask(const Link& link, const WebQuery& query,
                                  const Deadline& deadline) {
  using Status = ProviderReport::Status;
  ProviderReport report{.name = link.provider->name()};
  const auto turn = link.gate->admit(Clock::now(), deadline.left() / 2);
  if (!turn.admitted) {
    report.reason = turn.reason;
    return report;
  }
  report.status = Status::failed;
  try {
    wait_turn(turn.wait, deadline);
    report.hits = call(link, query, deadline);
    report.status = Status::answered;
    link.gate->succeeded();
  } catch (const ToldToWait& told) {
    link.gate->told_to_wait(Clock::now(), told.after());
    report.reason = told.what();
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) {
      link.gate->abandoned();
      throw;
    }
    link.gate->failed(Clock::now());
    report.reason = failure.what();
  }
  return report;
}

std::vector<ProviderReport> ProviderChain::search(const WebQuery& query, const std::string& name,
                                                  const Deadline& deadline) {
  std::vector<ProviderReport> reports;
  bool known = name.empty() || name == "all";
  bool answered = false;
  for (const Link& link : links_) {
    const std::string own = link.provider->name();
    if (!name.empty() && name != "all" && name != own) continue;
    known = true;
    deadline.check();
    if (answered && name.empty()) {
      reports.push_back({.name = own, .reason = "one before it had results"});
    } else if (deadline.passed()) {
      reports.push_back({.name = own, .reason = "there was no time left"});
    } else {
      reports.push_back(ask(link, query, deadline));
      answered = answered || !reports.back().hits.empty();
    }
  }
  if (known) return reports;
  std::string list;
  for (const std::string& each : names()) list += ", " + each;
  throw Failure("There is no provider \"" + name + "\": the providers are local" + list + ".");
}

}  // namespace fairlead::websearch
