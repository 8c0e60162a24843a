#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

/// One event of a `text/event-stream` (WHATWG HTML, "Server-sent events").
struct StreamEvent {
  std::string type;  ///< the `event` field; empty means "message"
  std::string data;  ///< the `data` lines, joined by newlines
};

/// Turns the bytes of a `text/event-stream`, cut anywhere, into events. Lines may end in LF, CR or
/// CRLF, a byte order mark is skipped, comments and unknown fields are ignored.
/// One thread at a time.
class EventStreamParser {
 public:
  struct Limits {
    std::size_t max_line_bytes = 16 * 1024 * 1024;
    std::size_t max_event_bytes = 16 * 1024 * 1024;
  };
  using OnEvent = std::function<void(const StreamEvent& event)>;

  EventStreamParser();
  explicit EventStreamParser(Limits limits) : limits_(limits) {}

  /// Reads `bytes` and calls `on_event` for each event that they complete. An event that the stream
  /// never completes with an empty line is not delivered.
  /// Throws std::length_error when a line or an event is longer than the limits.
  void feed(std::string_view bytes, const OnEvent& on_event);

  /// The latest `id` field, which also an event without data may set.
  const std::string& last_event_id() const noexcept { return last_event_id_; }
  /// The latest `retry` field in milliseconds, if there was one.
  std::optional<std::uint64_t> retry_ms() const noexcept { return retry_ms_; }

 private:
  void end_line(const OnEvent& on_event);
  void field(std::string_view name, std::string_view value);

  Limits limits_;
  std::string line_;
  StreamEvent event_;
  bool has_data_ = false;
  bool first_line_ = true;
  bool after_cr_ = false;
  std::string last_event_id_;
  std::optional<std::uint64_t> retry_ms_;
};

}  // namespace mcp
