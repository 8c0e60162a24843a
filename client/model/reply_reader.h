#pragma once

#include <map>
#include <string>

#include <client/model/model.h>
#include <mcp/base/event_stream.h>

namespace fairlead::agent {

/// Puts one answer together and tells the listener. One per try of a call.
class ReplyBuilder {
 public:
  explicit ReplyBuilder(ModelListener& listener) : listener_(listener) {}

  void text(std::string_view delta);
  /// Shown, not kept.
  void thinking(std::string_view delta) {
    if (!delta.empty()) listener_.thinking(delta);
  }
  /// Kept for the next turn.
  void keep(Thinking thinking);
  /// Begins a call, or adds to the one that `index` names.
  void tool_call(int index, const std::string& id, const std::string& name,
                 std::string_view arguments);
  void usage(const Usage& usage) { reply_.usage = usage; }
  void model(std::string name) { reply_.model = std::move(name); }
  void finish(FinishReason reason);

  const Usage& usage() const { return reply_.usage; }
  /// True once `finish` was called.
  bool finished() const { return finished_; }
  /// Closes what is open and tells the listener the end. Without a finish marker the reason is what
  /// the answer looks like.
  ModelReply take();

 private:
  ModelListener& listener_;
  ModelReply reply_;
  std::map<int, std::size_t> calls_;  // index on the wire -> part
  int call_count_ = 0;
  bool finished_ = false;
};

/// Reads one answer in a vendor's wire format.
class ReplyReader {
 public:
  virtual ~ReplyReader() = default;
  /// An event of the stream. Throws ModelError, std::invalid_argument for bytes that are no JSON.
  virtual void event(const mcp::StreamEvent& event) = 0;
  /// The whole body, when the gateway does not stream. The same exceptions.
  virtual void whole(std::string_view body) = 0;
  /// The finish marker was seen: what was read is the whole answer.
  virtual bool complete() const = 0;
  /// Nothing more is to come, not even the token counts.
  virtual bool ended() const = 0;
  virtual ModelReply take() = 0;
};

}  // namespace fairlead::agent
