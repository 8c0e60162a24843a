#pragma once

#include <cstddef>

#include <mcp/base/json.h>

namespace mcp {

/// How much memory a value holds: every node, and what an allocator adds to it. Its text would be
/// no measure: `[{},{},…]` takes 27 times as much. Thread-safe.
std::size_t held_bytes(const Json& value);

/// Takes a value apart without allocating anything and leaves null. Json's own destructor collects
/// the children of an array or object in a list first; without memory for that list the process
/// would end. As deep as the gate lets values be.
void release(Json& value) noexcept;

/// What `held_bytes` adds up, for who has to know before a value is built.
namespace held {

/// A block that is allocated, with its header.
constexpr std::size_t block(std::size_t bytes) {
  constexpr std::size_t step = 2 * sizeof(std::size_t);
  const std::size_t whole = (bytes + sizeof(std::size_t) + step - 1) / step * step;
  return whole < 2 * step ? 2 * step : whole;
}
/// The characters of a string that do not fit into it.
constexpr std::size_t characters(std::size_t size) {
  constexpr std::size_t within = 15;
  return size > within ? block(size + 1) : 0;
}
/// Every value; what follows is added to it.
constexpr std::size_t value = sizeof(Json);
constexpr std::size_t text(std::size_t size) {
  return block(sizeof(std::string)) + characters(size);
}
constexpr std::size_t array = block(sizeof(Json::array_t));
constexpr std::size_t object = block(sizeof(Json::object_t));
/// A member: a node of a tree with its colour, three links, name and value; without the value.
constexpr std::size_t member(std::size_t name) {
  return block(4 * sizeof(void*) + sizeof(Json::object_t::value_type)) - value + characters(name);
}

}  // namespace held
}  // namespace mcp
