#include "servers/websearch/provider_chain.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

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
                        ProviderGate::TakeOfToday take_of_today) {
  links_.push_back(
      {std::move(provider), std::make_unique<ProviderGate>(limits, std::move(take_of_today))});
}

std::vector<std::string> ProviderChain::names() const {
  std::vector<std::string> out;
  for (const Link& link : links_) out.push_back(link.provider->name());
  return out;
}

std::vector<WebHit> ProviderChain::call(const Link& link, const WebQuery& query,
                                        const Deadline& deadline) {
  const Deadline own(std::min(times_.call, deadline.left()), deadline.stop());
  const WebResponse response = web_.call(link.provider->request(query), own);
  if (response.status == 429) throw ToldToWait(retry_after(response.header("retry-after")));
  if (response.status != 200) {
    const std::string why = "it answered " + std::to_string(response.status);
    std::string hint = link.provider->status_hint(response.status);
    if (hint.empty() && (response.status == 401 || response.status == 403)) {
      hint = "its key is not accepted";
    }
    throw Failure(hint.empty() ? why : why + ": " + hint, Failure::Kind::status);
  }
  if (response.truncated) throw Failure("its answer is too long");
  // Of what is nested as deep as this, nothing is a list of results.
  const auto bounded = [](int depth, mcp::Json::parse_event_t, mcp::Json&) {
    if (depth > 64) throw Failure("its answer is nested too deeply");
    return true;
  };
  const auto body = mcp::Json::parse(response.body, bounded, false);
  if (body.is_discarded()) throw Failure("its answer is no JSON");
  return link.provider->read(body);
}

ProviderChain::Asked ProviderChain::ask(const Link& link, const WebQuery& query,
                                        std::chrono::milliseconds patience,
                                        const Deadline& deadline) {
  using Status = ProviderReport::Status;
  Asked out{.report = {.name = link.provider->name()}};
  ProviderReport& report = out.report;
  ProviderGate::Admission turn;
  try {
    turn = link.gate->admit(Clock::now(), std::min(patience, deadline.left()));
  } catch (const Failure& failure) {
    turn.reason = failure.what();
  }
  if (!turn.admitted) {
    report.reason = turn.reason;
    out.queued = turn.queued;
    return out;
  }
  report.status = Status::failed;
  try {
    wait_turn(turn.wait, deadline);
    report.hits = call(link, query, deadline);
    report.status = Status::answered;
    link.gate->succeeded(turn);
  } catch (const ToldToWait& told) {
    link.gate->told_to_wait(turn, Clock::now(), told.after());
    report.reason = told.what();
    out.queued = true;
  } catch (const std::exception& error) {
    const auto* failure = dynamic_cast<const Failure*>(&error);
    report.reason = error.what();
    if (failure != nullptr && failure->kind() == Failure::Kind::cancelled) {
      link.gate->abandoned(turn);
      report.status = Status::skipped;
      report.reason = "another one answered first";
    } else {
      link.gate->failed(turn, Clock::now());
    }
  }
  return out;
}

// Each is asked on a thread of its own, the next when those before it have nothing, or are slow.
std::vector<ProviderChain::Asked> ProviderChain::race(const std::vector<const Link*>& links,
                                                      const WebQuery& query, bool ask_all,
                                                      const Deadline& deadline) {
  std::stop_source enough;
  const std::stop_callback cancelled(deadline.stop(), [&enough] { enough.request_stop(); });
  const Deadline budget(std::min(times_.budget, deadline.left()), enough.get_token());
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t running = 0;
  bool found = false;
  std::vector<Asked> out(links.size());
  std::vector<std::jthread> threads;
  const auto ended = [&] { return found || running == 0; };
  for (std::size_t i = 0; i < links.size(); ++i) {
    std::unique_lock lock(mutex);
    if (!ask_all) changed.wait_for(lock, times_.hedge, ended);
    out[i].report.name = links[i]->provider->name();
    if (found && !ask_all) {
      out[i].report.reason = "one before it had results";
    } else if (budget.passed()) {
      out[i].report.reason = "there was no time left";
    } else {
      ++running;
      threads.emplace_back([&, i] {
        Asked asked = ask(*links[i], query, times_.queue, budget);
        const std::lock_guard locked(mutex);
        found = found || !asked.report.hits.empty();
        out[i] = std::move(asked);
        --running;
        changed.notify_all();
      });
    }
  }
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return running == 0 || (found && !ask_all); });
  }
  enough.request_stop();
  threads.clear();
  return out;
}

std::vector<const ProviderChain::Link*> ProviderChain::chosen(const std::string& name) const {
  std::vector<const Link*> out;
  for (const Link& link : links_) {
    if (name.empty() || name == "all" || name == link.provider->name()) out.push_back(&link);
  }
  if (!out.empty() || name.empty() || name == "all") return out;
  std::string list;
  for (const std::string& each : names()) list += ", " + each;
  throw Failure("There is no provider \"" + name + "\": the providers are local" + list +
                ". Others are set up in the server's environment.");
}

std::vector<ProviderReport> ProviderChain::search(const WebQuery& query, const std::string& name,
                                                  const Deadline& deadline) {
  const auto links = chosen(name);
  auto asked = race(links, query, name == "all", deadline);
  deadline.check();
  const bool found = std::any_of(asked.begin(), asked.end(),
                                 [](const Asked& each) { return !each.report.hits.empty(); });
  for (std::size_t i = 0; i < links.size() && !found; ++i) {
    if (!asked[i].queued) continue;
    Asked again = ask(*links[i], query, deadline.left(), deadline);
    deadline.check();
    if (again.report.status == ProviderReport::Status::skipped) continue;
    asked[i] = std::move(again);
    if (!asked[i].report.hits.empty()) break;
  }
  std::vector<ProviderReport> reports;
  for (Asked& each : asked) reports.push_back(std::move(each.report));
  return reports;
}

}  // namespace fairlead::websearch
