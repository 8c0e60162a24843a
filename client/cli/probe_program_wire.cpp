#include <client/cli/probe_wire.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>
#include <variant>

#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/method.h>
#include <mcp/transport/child_process.h>

namespace fairlead::agent {
namespace {

constexpr std::size_t answers_kept = 100;
constexpr std::size_t noise_kept = 20;
constexpr std::size_t noise_bytes = 200;
/// How long what answers hostile bytes may lag behind the answer to the next request.
constexpr auto afterthought = std::chrono::milliseconds(300);

/// One process, from its start to its end.
class Process final : public mcp::Transport::Handler {
 public:
  Process(mcp::Runtime& runtime, const mcp::ChildProcessOptions& program, std::stop_token stop)
      : stop_(std::move(stop)), transport_(mcp::make_child_process_transport(runtime, program)) {
    transport_->start(*this);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() override { end(); }

  bool send(std::string bytes) { return transport_->send(std::move(bytes)); }

  /// Waits for the answer to the request of this id; false when none comes.
  bool wait_for(const std::string& id) {
    std::unique_lock lock(mutex_);
    const auto came = [&] { return ended_ || answer_of(id) != answers_.end(); };
    changed_.wait_for(lock, stop_, wire_patience, came);
    const auto found = answer_of(id);
    if (found == answers_.end()) return false;
    answers_.erase(found);
    return true;
  }
  /// What has come beside the answers that were waited for; waits a moment for the first of it.
  std::vector<Json> take_answers() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop_, afterthought, [&] { return ended_ || !answers_.empty(); });
    return std::exchange(answers_, {});
  }
  std::set<std::string> noise() {
    const std::lock_guard lock(mutex_);
    return noise_;
  }
  std::string why_ended() {
    const std::lock_guard lock(mutex_);
    if (!ended_) return "it answers nothing any more";
    return "it ended" + (reason_.empty() ? std::string{} : ": " + reason_);
  }
  mcp::Duration end() {
    const auto begin = std::chrono::steady_clock::now();
    transport_->close();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_; });
    return std::chrono::steady_clock::now() - begin;
  }

  void message(std::string_view bytes) override {
    auto decoded = decoder_.decode_value(bytes);
    const std::lock_guard lock(mutex_);
    const Json* value = std::get_if<Json>(&decoded);
    if (value == nullptr ||
        !(value->is_object() ? value->contains("jsonrpc") : value->is_array())) {
      if (noise_.size() < noise_kept) noise_.insert(std::string(bytes.substr(0, noise_bytes)));
    } else if (answers_.size() < answers_kept &&
               !(value->is_object() && value->contains("method"))) {
      answers_.push_back(*value);
    }
    changed_.notify_all();
  }
  void oversized(std::size_t) override {}
  void closed(const std::string& reason) override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    reason_ = reason;
    changed_.notify_all();
  }

 private:
  std::vector<Json>::iterator answer_of(const std::string& id) {
    return std::find_if(answers_.begin(), answers_.end(), [&](const Json& message) {
      return message.is_object() && message.contains("id") && message["id"] == id;
    });
  }

  const std::stop_token stop_;
  mcp::jsonrpc::Decoder decoder_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Json> answers_;
  std::set<std::string> noise_;
  bool ended_ = false;
  std::string reason_;
  std::unique_ptr<mcp::Transport> transport_;
};

class ProgramWire final : public Wire {
 public:
  ProgramWire(mcp::Runtime& runtime, const ServerEntry& server, mcp::Revision revision,
              std::stop_token stop)
      : runtime_(runtime), revision_(revision), stop_(std::move(stop)) {
    program_.command = server.command;
    program_.arguments = server.arguments;
    program_.environment = server.environment;
    program_.working_directory = server.directory;
  }

  WireReply send(std::string bytes, std::string_view, std::string_view) override {
    connect();
    WireReply reply;
    const std::string next = "fairlead-next-" + std::to_string(++count_);
    const bool lives = process_->send(std::move(bytes)) &&
                       process_->send(wire_request(revision_, next, ordinary())) &&
                       process_->wait_for(next);
    reply.answers = process_->take_answers();
    if (!lives) {
      reply.end = process_->why_ended();
      end();
    }
    return reply;
  }

  std::set<std::string> noise() const override { return noise_; }

  mcp::Duration end() override {
    if (!process_) return {};
    const mcp::Duration took = process_->end();
    noise_.merge(process_->noise());
    process_.reset();
    return took;
  }

 private:
  const char* ordinary() const {
    return mcp::era(revision_) == mcp::Era::session ? mcp::method::ping : mcp::method::discover;
  }

  void connect() {
    if (process_) return;
    process_.emplace(runtime_, program_, stop_);
    if (mcp::era(revision_) == mcp::Era::stateless) return;
    process_->send(wire_request(revision_, "fairlead-init", mcp::method::initialize));
    if (!process_->wait_for("fairlead-init")) {
      const std::string why = process_->why_ended();
      end();
      throw std::runtime_error("the server did not answer initialize: " + why);
    }
    process_->send(wire_request(revision_, nullptr, mcp::method::initialized));
  }

  mcp::Runtime& runtime_;
  const mcp::Revision revision_;
  const std::stop_token stop_;
  mcp::ChildProcessOptions program_;
  std::optional<Process> process_;
  std::set<std::string> noise_;
  int count_ = 0;
};

}  // namespace

std::unique_ptr<Wire> make_program_wire(mcp::Runtime& runtime, const ServerEntry& server,
                                        mcp::Revision revision, std::stop_token stop) {
  return std::make_unique<ProgramWire>(runtime, server, revision, std::move(stop));
}

}  // namespace fairlead::agent
