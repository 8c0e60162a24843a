#include <mcp/server/gate.h>

#include <algorithm>
#include <limits>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include <mcp/base/error.h>

namespace mcp::server {
namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

/// Nothing of the others is kept when they have been dealt with.
bool may_be_kept(const jsonrpc::Incoming& incoming) {
  if (const auto* message = std::get_if<jsonrpc::Message>(&incoming))
    return std::holds_alternative<jsonrpc::Request>(*message);
  return std::holds_alternative<jsonrpc::Batch>(incoming);
}

Taken charged(jsonrpc::Decoded decoded, Core& core) {
  Taken taken{std::move(decoded.incoming), nullptr, decoded.whole};
  if (decoded.whole && may_be_kept(taken.message)) taken.charge = core.charge(decoded.held);
  return taken;
}

/// A message on its way through `run_aside`. Made before anything can go wrong: what comes back
/// needs no more memory.
class Job {
 public:
  Job(std::string bytes, Charge charge, Gate::Done done)
      : bytes_(std::move(bytes)), charge_(std::move(charge)), done_(std::move(done)) {}

  void decode(Core& core, const jsonrpc::CodecLimits& limits) {
    try {
      // What the bytes take is free when their values are charged.
      jsonrpc::Decoded decoded =
          jsonrpc::Decoder(limits).decode_within(bytes_, core.room() + bytes_.size());
      let_go();
      taken_ = charged(std::move(decoded), core);
    } catch (...) {
      let_go();  // `taken_` says that it was not read
    }
  }

  /// On the loop, and all that the job holds goes there.
  void finish() {
    const Gate::Done done = std::move(done_);
    done(std::move(taken_));
  }

 private:
  void let_go() {
    std::string().swap(bytes_);
    charge_.reset();
  }

  std::string bytes_;
  Charge charge_;
  Gate::Done done_;
  Taken taken_ = Gate::unread();
};

}  // namespace

Gate::Gate(std::shared_ptr<Core> core, Runtime& runtime)
    : core_(std::move(core)), runtime_(runtime), decoder_(limits()) {}

jsonrpc::CodecLimits Gate::limits() const {
  const ServerLimits& limits = core_->options().limits;
  // What walks values is recursive: the depth that it was tried with can't be lifted.
  return {.message_bytes = limits.message_bytes,
          .depth = std::min(limits.message_depth, jsonrpc::CodecLimits{}.depth),
          .values = limits.message_values,
          .batch_items = limits.batch_items};
}

Taken Gate::unread() {
  return {jsonrpc::Refusal{{},
                           {error_code::internal_error,
                            "the message could not be read: there is not enough memory", nullptr}}};
}

Taken Gate::take(std::string_view bytes) {
  try {
    return charged(decoder_.decode_within(bytes, unlimited), *core_);
  } catch (const std::bad_alloc&) {
    return unread();
  }
}

Taken Gate::take_without_room(std::string_view bytes) {
  try {
    const std::size_t room = bytes.size() <= small_bytes ? unlimited : 0;
    jsonrpc::Decoded decoded = decoder_.decode_within(bytes, room);
    return {std::move(decoded.incoming), nullptr, decoded.whole};
  } catch (const std::bad_alloc&) {
    return unread();
  }
}

void Gate::take_aside(std::string bytes, Charge charge, Done done) {
  auto job = std::make_shared<Job>(std::move(bytes), std::move(charge), std::move(done));
  runtime_.run_aside(
      [job = std::move(job), core = core_, limits = limits(), &loop = runtime_.loop()]() mutable {
        job->decode(*core, limits);
        for (;;) {
          try {
            loop.post([job] { job->finish(); });
            break;
          } catch (const std::bad_alloc&) {
            std::this_thread::yield();  // nothing else is to be done here, and others free memory
          }
        }
        job.reset();
      });
}

}  // namespace mcp::server
