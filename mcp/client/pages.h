#pragma once

#include <chrono>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <mcp/base/json_memory.h>
#include <mcp/client/core.h>
#include <mcp/protocol/list.h>

namespace mcp::client {

/// Fetches the pages of one list, one after the other, until there is no next one or a limit is
/// reached: items, pages, memory and time are bounded for all of them together. On the loop; keeps
/// itself until `done` was called.
template <class T>
class Pages : public std::enable_shared_from_this<Pages<T>> {
 public:
  Pages(std::shared_ptr<Core> core, const char* method, CallOptions options,
        Callback<std::vector<T>> done, Json more = nullptr)
      : core_(std::move(core)),
        method_(method),
        more_(std::move(more)),
        options_(std::move(options)),
        done_(std::move(done)),
        time_(options_.max_timeout.value_or(limits().list_time)) {}

  void start() {
    started_ = core_->loop().now();
    next({});
  }

 private:
  const ClientLimits& limits() const { return core_->options().limits; }
  Duration time_left() const { return time_ - (core_->loop().now() - started_); }

  void next(const ListParams& params) {
    if (time_left() <= Duration::zero()) return out_of_time();
    options_.max_timeout = time_left();
    // Posted, for pages from the cache would nest.
    core_->loop().post([self = this->shared_from_this(), params] {
      self->core_->request(
          self->method_,
          [params, more = self->more_](Revision revision) {
            Json all = to_json(params, revision);
            if (more.is_object()) all.update(more);
            return all;
          },
          self->options_,
          [self, params](Outcome<Json> page) { self->arrived(params, std::move(page)); });
    });
  }

  void arrived(const ListParams& params, Outcome<Json> outcome) {
    if (!outcome.ok()) return failed(params, outcome.error());
    held_ += held_bytes(outcome.value());
    if (held_ > limits().list_bytes) {
      return too_much("more than " + std::to_string(limits().list_bytes) +
                      " bytes of memory (ClientLimits::list_bytes)");
    }
    ListResult<T> page;
    try {
      page = from_json<ListResult<T>>(std::move(outcome).value());
    } catch (const Malformed& malformed) {
      return invalid(malformed.what());
    }
    if (items_.size() + page.items.size() > limits().list_items) {
      return too_much("more than " + std::to_string(limits().list_items) +
                      " items (ClientLimits::list_items)");
    }
    std::move(page.items.begin(), page.items.end(), std::back_inserter(items_));
    ++pages_;
    if (!page.next_cursor) return done_(std::move(items_));
    if (pages_ >= limits().list_pages) {
      return too_much("more than " + std::to_string(limits().list_pages) +
                      " pages (ClientLimits::list_pages)");
    }
    if (page.next_cursor->size() > limits().list_cursor_bytes) {
      return too_much("a cursor of " + std::to_string(page.next_cursor->size()) +
                      " bytes; at most " + std::to_string(limits().list_cursor_bytes) +
                      " are taken (ClientLimits::list_cursor_bytes)");
    }
    if (!cursors_.insert(*page.next_cursor).second) {
      return invalid("page " + std::to_string(pages_) +
                     " has the same nextCursor as an earlier one: the list has no end");
    }
    next({.cursor = page.next_cursor});
  }

  void failed(const ListParams& params, const CallError& error) {
    if (error.kind() == CallError::Kind::timed_out && time_left() <= Duration::zero()) {
      return out_of_time();
    }
    // A cursor from the cache may have expired: begin again, from the server this time.
    bool stale = params.cursor && options_.use_cache && core_->options().cache &&
                 error.kind() == CallError::Kind::answered &&
                 error.code() == error_code::invalid_params;
    if (!stale) return done_(error);
    core_->forget_cached(method_);
    options_.use_cache = false;
    items_.clear();
    cursors_.clear();
    pages_ = held_ = 0;
    next({});
  }

  void out_of_time() {
    auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(time_).count();
    done_(CallError(CallError::Kind::timed_out, std::string(method_) +
                                                    ": the list did not end within " +
                                                    std::to_string(waited) + " ms; " +
                                                    std::to_string(pages_) + " pages had come"));
  }
  void too_much(const std::string& what) {
    done_(CallError(CallError::Kind::limit, std::string(method_) + ": the list has " + what));
  }
  void invalid(const std::string& what) {
    done_(CallError(CallError::Kind::invalid_result,
                    std::string(method_) + ": invalid result: " + what));
  }

  std::shared_ptr<Core> core_;
  const char* method_;
  Json more_;  ///< params besides the cursor
  CallOptions options_;
  Callback<std::vector<T>> done_;
  Duration time_;
  TimePoint started_ = {};
  std::vector<T> items_;
  std::set<std::string> cursors_;
  std::size_t pages_ = 0;
  std::size_t held_ = 0;
};

}  // namespace mcp::client
