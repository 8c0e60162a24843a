#include "checked_transport.h"

#include <doctest/doctest.h>

#include <mutex>
#include <utility>

using mcp::Transport;

void CheckedLines::said(std::string_view line) {
  const std::string problem = conversation_.problem(line);
  if (!problem.empty()) FAIL_CHECK(problem);
}

namespace {

class CheckedTransport final : public Transport {
 public:
  explicit CheckedTransport(std::unique_ptr<Transport> inner) : inner_(std::move(inner)) {}

  void start(Handler& handler) override {
    listener_.to = &handler;
    inner_->start(listener_);
  }
  bool send(std::string bytes) override {
    {
      const std::lock_guard lock(mutex_);
      lines_.said(bytes);
    }
    return inner_->send(std::move(bytes));
  }
  void close() override { inner_->close(); }

 private:
  // What the other side said, on its way to our own.
  class Listener final : public Handler {
   public:
    explicit Listener(CheckedTransport& owner) : owner_(owner) {}
    void message(std::string_view bytes) override {
      {
        const std::lock_guard lock(owner_.mutex_);
        owner_.lines_.heard(bytes);
      }
      to->message(bytes);
    }
    void oversized(std::size_t limit_bytes) override { to->oversized(limit_bytes); }
    bool input_ended() override { return to->input_ended(); }
    void closed(const std::string& reason) override { to->closed(reason); }

    Handler* to = nullptr;

   private:
    CheckedTransport& owner_;
  };

  std::mutex mutex_;
  CheckedLines lines_;
  Listener listener_{*this};
  std::unique_ptr<Transport> inner_;
};

}  // namespace

std::unique_ptr<Transport> checked(std::unique_ptr<Transport> transport) {
  if (!schemas_are_here()) return transport;
  return std::make_unique<CheckedTransport>(std::move(transport));
}
