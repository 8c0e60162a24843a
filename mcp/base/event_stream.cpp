#include <charconv>
#include <stdexcept>

#include <mcp/base/event_stream.h>

namespace mcp {

EventStreamParser::EventStreamParser() : EventStreamParser(Limits{}) {}

void EventStreamParser::feed(std::string_view bytes, const OnEvent& on_event) {
  if (after_cr_ && !bytes.empty()) {
    after_cr_ = false;
    if (bytes.front() == '\n') bytes.remove_prefix(1);
  }
  while (!bytes.empty()) {
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() > limits_.max_line_bytes) {
      throw std::length_error("a line of the event stream is longer than " +
                              std::to_string(limits_.max_line_bytes) + " bytes");
    }
    line_.append(part);
    if (end == std::string_view::npos) return;
    const bool cr = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (cr) {
      // The LF of a CRLF may come with the next bytes; the line itself must not wait for it.
      if (bytes.empty()) {
        after_cr_ = true;
      } else if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
      }
    }
    end_line(on_event);
  }
}

void EventStreamParser::end_line(const OnEvent& on_event) {
  std::string_view line = line_;
  if (first_line_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  first_line_ = false;
  if (line.empty()) {
    line_.clear();
    StreamEvent event;
    std::swap(event, event_);
    const bool deliver = has_data_;
    has_data_ = false;
    if (deliver) on_event(event);
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    field(line, {});
  } else if (colon > 0) {
    std::string_view value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    field(line.substr(0, colon), value);
  }
  line_.clear();
}

void EventStreamParser::field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (event_.data.size() + value.size() + 1 > limits_.max_event_bytes) {
      throw std::length_error("an event of the stream is longer than " +
                              std::to_string(limits_.max_event_bytes) + " bytes");
    }
    if (has_data_) event_.data += '\n';
    event_.data.append(value);
    has_data_ = true;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) last_event_id_ = value;
  } else if (name == "retry") {
    std::uint64_t ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
    if (error == std::errc{} && end == value.data() + value.size()) retry_ms_ = ms;
  }
}

}  // namespace mcp
