#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

#include <mcp/base/error.h>
#include <mcp/base/json_memory.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/jsonrpc/envelope.h>
#include <mcp/jsonrpc/rounded_number.h>
#include <mcp/jsonrpc/strict_reader.h>

// The quick parser is simdjson's DOM, which checks UTF-8, structure and depth of the whole message
// before anything is built (its On-demand interface does not check what it skips). Whatever this
// file can not take (an error, a duplicate key, a number that no type holds, a limit) goes to the
// strict reader, which is the only place that words an error.

namespace mcp::jsonrpc {
namespace {

namespace dom = simdjson::dom;

// A parser grown by a message larger than this is dropped after it.
constexpr std::size_t kept_parser_bytes = std::size_t{1} << 20;
// Messages seldom have members that JSON-RPC does not know; the strict reader takes those with
// more.
constexpr std::size_t most_unknown_members = 8;

// Builds values, and adds up what they hold: `room` is never passed, not even for a moment.
struct Builder {
  std::size_t room;
  std::size_t held = 0;
  bool full = false;  ///< what had to be built last found no room
  bool has_double = false;
  bool has_zero = false;  ///< a double of 0
  bool has_tiny = false;  ///< one so near to zero that it has fewer digits than others

  // Makes a JSON value; false when a key is duplicate, the value nested too deep or the room full.
  bool make(dom::element element, Json& out, std::size_t levels_left) {
    try {
      if (take(held::value) && build(element, out, levels_left)) return true;
    } catch (const std::bad_alloc&) {
      full = true;
    }
    release(out);
    return false;
  }

  // Whether a double may be less than the number in `message` that it was made of.
  bool may_have_rounded(std::string_view message) const {
    return has_tiny || (has_double && may_round_digits(message)) ||
           (has_zero && may_round_to_zero(message));
  }

 private:
  bool take(std::size_t bytes) {
    full = bytes > room - held;
    if (!full) held += bytes;
    return !full;
  }

  double note(double value) {
    has_double = true;
    if (value == 0) {
      has_zero = true;
    } else if (std::abs(value) < std::numeric_limits<double>::min()) {
      has_tiny = true;
    }
    return value;
  }

  bool build_object(dom::object object, Json& out, std::size_t levels_left) {
    if (levels_left == 0 || !take(held::object)) return false;
    out = Json(Json::value_t::object);
    auto& members = out.get_ref<Json::object_t&>();
    for (const auto [key, value] : object) {
      if (!take(held::member(key.size()) + held::value)) return false;
      const auto [member, inserted] = members.try_emplace(std::string(key));
      if (!inserted || !build(value, member->second, levels_left - 1)) return false;
    }
    return true;
  }

  bool build_array(dom::array array, Json& out, std::size_t levels_left) {
    const std::size_t size = array.size();
    if (levels_left == 0 || !take(held::array + size * held::value)) return false;
    out = Json(Json::value_t::array);
    auto& elements = out.get_ref<Json::array_t&>();
    elements.reserve(size);
    for (const dom::element element : array)
      if (!build(element, elements.emplace_back(), levels_left - 1)) return false;
    return true;
  }

  bool build(dom::element element, Json& out, std::size_t levels_left) {
    switch (element.type()) {
      case dom::element_type::OBJECT:
        return build_object(element.get_object().value_unsafe(), out, levels_left);
      case dom::element_type::ARRAY:
        return build_array(element.get_array().value_unsafe(), out, levels_left);
      case dom::element_type::STRING: {
        const std::string_view text = element.get_string().value_unsafe();
        if (!take(held::text(text.size()))) return false;
        out = std::string(text);
        return true;
      }
      case dom::element_type::INT64: {
        // Like nlohmann's own parser: what is not negative is unsigned.
        const std::int64_t value = element.get_int64().value_unsafe();
        if (value < 0) {
          out = value;
        } else {
          out = static_cast<std::uint64_t>(value);
        }
        return true;
      }
      case dom::element_type::UINT64:
        out = element.get_uint64().value_unsafe();
        return true;
      case dom::element_type::DOUBLE:
        out = note(element.get_double().value_unsafe());
        return true;
      case dom::element_type::BOOL:
        out = element.get_bool().value_unsafe();
        return true;
      case dom::element_type::NULL_VALUE:
        out = nullptr;
        return true;
    }
    return false;
  }
};

// Counts values into `left`, false when there are more. Depth was bounded by the parser.
bool count_values(dom::element element, std::size_t& left) {
  if (left-- == 0) return false;
  if (element.is_array()) {
    const dom::array elements = element.get_array().value_unsafe();
    for (const dom::element inner : elements)
      if (!count_values(inner, left)) return false;
  } else if (element.is_object()) {
    const dom::object members = element.get_object().value_unsafe();
    for (const auto member : members)
      if (!count_values(member.value, left)) return false;
  }
  return true;
}

// Reads the members of a message; false when one is duplicate, nested too deep or without room.
bool read_members(dom::object object, Envelope& envelope, Builder& builder,
                  std::size_t levels_left) {
  std::array<std::string_view, most_unknown_members> unknown;
  std::size_t unknown_count = 0;
  for (const auto [key, value] : object) {
    Json* member = envelope.member(key);
    if (member != nullptr) {
      if (!member->is_discarded() || !builder.make(value, *member, levels_left - 1)) return false;
      continue;
    }
    const auto seen = unknown.begin() + static_cast<std::ptrdiff_t>(unknown_count);
    if (unknown_count == unknown.size() || std::find(unknown.begin(), seen, key) != seen)
      return false;
    unknown[unknown_count++] = key;
    Json ignored;
    const std::size_t before = builder.held;
    if (!builder.make(value, ignored, levels_left - 1)) return false;
    release(ignored);
    builder.held = before;
  }
  return true;
}

bool read_envelope(dom::object object, Envelope& envelope, Builder& builder,
                   std::size_t levels_left) {
  if (read_members(object, envelope, builder, levels_left)) return true;
  envelope.release();
  return false;
}

// The members of a message that has no room: who speaks, not what is said.
Envelope outline(dom::object object) {
  Envelope envelope;
  for (const auto [key, value] : object) {
    Json* member = envelope.member(key);
    if (member == nullptr || !member->is_discarded()) continue;
    if (value.is_object()) {
      *member = Json::object();
    } else if (value.is_array()) {
      *member = Json::array();
    } else {
      Builder{.room = std::numeric_limits<std::size_t>::max()}.make(value, *member, 1);
    }
  }
  return envelope;
}

Envelope take_envelope(Json& object) {
  Envelope envelope;
  for (auto& [name, value] : object.get_ref<Json::object_t&>())
    if (Json* member = envelope.member(name)) *member = std::move(value);
  return envelope;
}

Refusal refusal(int code, std::string message) {
  return {{}, {code, std::move(message), nullptr}};
}

Refusal no_object() {
  return refusal(error_code::invalid_request, "no message: a message is a JSON object");
}

// Why an array can not be a batch, if so.
std::optional<Refusal> batch_refusal(std::size_t size, const CodecLimits& limits) {
  if (size == 0)
    return refusal(error_code::invalid_request,
                   "an empty batch; a batch holds at least one message");
  if (size > limits.batch_items)
    return refusal(error_code::invalid_request,
                   "a batch of " + std::to_string(size) + " items; at most " +
                       std::to_string(limits.batch_items) + " are taken at once");
  return std::nullopt;
}

Incoming to_incoming(BatchItem item) {
  if (auto* message = std::get_if<Message>(&item)) return std::move(*message);
  return std::move(std::get<Refusal>(item));
}

// Marks `item` as refused for a duplicate key, keeping the id that it would have had.
void refuse_duplicate(BatchItem& item, const std::string& text) {
  Refusal refused = refusal(error_code::invalid_request, text);
  if (const auto* message = std::get_if<Message>(&item)) {
    if (const auto* request = std::get_if<Request>(message)) refused.id = request->id;
    if (const auto* response = std::get_if<Response>(message)) {
      refused.id = response->id;
      refused.of_response = true;
    }
  } else {
    refused.id = std::get<Refusal>(item).id;
    refused.of_response = std::get<Refusal>(item).of_response;
  }
  item = std::move(refused);
}

std::string duplicate_in(const Reading& reading, std::size_t item) {
  for (const DuplicateKey& duplicate : reading.duplicates)
    if (duplicate.item == item) return duplicate.message;
  return {};
}

BatchItem to_item(Json& value, const std::string& duplicate) {
  BatchItem item = value.is_object() ? to_message(take_envelope(value)) : BatchItem(no_object());
  if (!duplicate.empty()) refuse_duplicate(item, duplicate);
  return item;
}

Refusal refused_reading(Reading& reading) {
  Refusal refused = refusal(error_code::parse_error, *std::move(reading.error));
  refused.of_response = reading.has_outcome && !reading.has_method;
  // Without `method` or an outcome nobody knows whose id it is.
  if (reading.has_method || reading.has_outcome) refused.id = Id::from_json(reading.id);
  return refused;
}

}  // namespace

struct Decoder::State {
  CodecLimits limits;
  std::unique_ptr<dom::parser> parser;

  // The quick pass; empty when the strict reader has to look.
  std::optional<dom::element> parse(std::string_view bytes) {
    if (!parser) {
      parser = std::make_unique<dom::parser>();
      // One level more than the limit: the builder counts exactly. Capacity grows as needed.
      if (parser->allocate(std::max(bytes.size(), std::size_t{4096}), limits.depth + 1) !=
          simdjson::SUCCESS)
        return std::nullopt;
    }
    dom::element root;
    if (parser->parse(bytes.data(), bytes.size(), true).get(root) != simdjson::SUCCESS)
      return std::nullopt;
    // n bytes hold at most n / 2 + 1 values: only a long message needs counting.
    std::size_t left = limits.values;
    if (bytes.size() / 2 + 1 > left && !count_values(root, left)) return std::nullopt;
    return root;
  }

  void drop_large_parser(std::size_t message_bytes) {
    if (message_bytes > kept_parser_bytes) parser.reset();
  }

  std::optional<std::string> too_large(std::size_t bytes) const {
    if (bytes <= limits.message_bytes) return std::nullopt;
    return "a message of " + std::to_string(bytes) + " bytes; at most " +
           std::to_string(limits.message_bytes) + " are taken";
  }

  // Empty when the strict reader has to look.
  std::optional<Decoded> decode_quickly(std::string_view bytes, std::size_t room) {
    const std::optional<dom::element> root = parse(bytes);
    if (!root || limits.depth == 0) return std::nullopt;
    Builder builder{room};
    auto incoming = build_incoming(*root, builder);
    if (incoming && builder.may_have_rounded(bytes)) return std::nullopt;
    if (incoming) return Decoded{*std::move(incoming), builder.held, true};
    if (builder.full) return Decoded{outline_incoming(*root), 0, false};
    return std::nullopt;
  }

  std::optional<Incoming> build_incoming(dom::element root, Builder& builder) const {
    if (root.is_object()) {
      Envelope envelope;
      if (!read_envelope(root.get_object().value_unsafe(), envelope, builder, limits.depth))
        return std::nullopt;
      return to_incoming(to_message(std::move(envelope)));
    }
    if (!root.is_array()) return no_object();
    const dom::array array = root.get_array().value_unsafe();
    if (auto refused = batch_refusal(array.size(), limits)) return *std::move(refused);
    Batch batch;
    for (const dom::element element : array) {
      if (!element.is_object()) {
        batch.items.emplace_back(no_object());
        continue;
      }
      Envelope envelope;
      if (limits.depth < 2 ||
          !read_envelope(element.get_object().value_unsafe(), envelope, builder, limits.depth - 1))
        return std::nullopt;
      batch.items.push_back(to_message(std::move(envelope)));
    }
    return batch;
  }

  static Incoming outline_incoming(dom::element root) {
    if (root.is_object()) return to_incoming(to_message(outline(root.get_object().value_unsafe())));
    Batch batch;
    const dom::array array = root.get_array().value_unsafe();
    for (const dom::element element : array) {
      if (element.is_object()) {
        batch.items.push_back(to_message(outline(element.get_object().value_unsafe())));
      } else {
        batch.items.emplace_back(no_object());
      }
    }
    return batch;
  }

  Decoded decode_strictly(std::string_view bytes, std::size_t room) const {
    Reading reading = read_strictly(bytes, limits, room);
    if (reading.full) {
      reading = read_outline(bytes, limits);
      if (reading.full) throw std::bad_alloc();
      return {judge(reading), 0, false};
    }
    const std::size_t held = reading.error ? 0 : held_bytes(reading.value);
    return {judge(reading), held, true};
  }

  Incoming judge(Reading& reading) const {
    if (reading.error) return refused_reading(reading);
    if (!reading.value.is_array())
      return to_incoming(to_item(reading.value, duplicate_in(reading, 0)));
    auto& elements = reading.value.get_ref<Json::array_t&>();
    if (auto refused = batch_refusal(elements.size(), limits)) return *std::move(refused);
    Batch batch;
    for (std::size_t i = 0; i < elements.size(); ++i)
      batch.items.push_back(to_item(elements[i], duplicate_in(reading, i)));
    return batch;
  }
};

Decoder::Decoder(const CodecLimits& limits) : state_(new State{limits, nullptr}) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Decoded Decoder::decode_within(std::string_view bytes, std::size_t room) {
  if (auto message = state_->too_large(bytes.size()))
    return {refusal(error_code::parse_error, *std::move(message)), 0, true};
  std::optional<Decoded> decoded;
  try {
    decoded = state_->decode_quickly(bytes, room);
  } catch (const std::bad_alloc&) {
    // The strict reader needs less.
  }
  state_->drop_large_parser(bytes.size());
  return decoded ? *std::move(decoded) : state_->decode_strictly(bytes, room);
}

Incoming Decoder::decode(std::string_view bytes) {
  Decoded decoded = decode_within(bytes, std::numeric_limits<std::size_t>::max());
  if (!decoded.whole) throw std::bad_alloc();
  return std::move(decoded.incoming);
}

std::variant<Json, ErrorObject> Decoder::decode_value(std::string_view bytes) {
  const auto error = [](std::string message) {
    return ErrorObject{error_code::parse_error, std::move(message), nullptr};
  };
  if (auto message = state_->too_large(bytes.size())) return error(*std::move(message));
  const std::optional<dom::element> root = state_->parse(bytes);
  Json value;
  Builder builder{std::numeric_limits<std::size_t>::max()};
  const bool built =
      root && builder.make(*root, value, state_->limits.depth) && !builder.may_have_rounded(bytes);
  state_->drop_large_parser(bytes.size());
  if (built) return value;
  if (builder.full) throw std::bad_alloc();
  release(value);
  Reading reading = read_strictly(bytes, state_->limits);
  if (reading.full) throw std::bad_alloc();
  if (reading.error) return error(*std::move(reading.error));
  if (!reading.duplicates.empty()) return error(std::move(reading.duplicates.front().message));
  return std::move(reading.value);
}

}  // namespace mcp::jsonrpc
