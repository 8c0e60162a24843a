#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <mcp/protocol/implementation.h>

namespace mcp {

enum class Role { user, assistant };

/// Hints for the client about content or a resource (2026-07-28, server/resources, "Annotations").
struct Annotations {
  std::vector<Role> audience = {};      ///< whom it is for; empty: not stated
  std::optional<double> priority = {};  ///< 0 (optional) to 1 (required)
  std::string last_modified = {};       ///< ISO 8601, such as 2025-01-12T15:00:58Z

  bool empty() const { return audience.empty() && !priority && last_modified.empty(); }
};

/// What a resource holds: text, or bytes in Base64.
struct ResourceContents {
  std::string uri;
  std::string mime_type = {};
  std::string text = {};                 ///< ignored when there is a blob
  std::optional<std::string> blob = {};  ///< Base64: see `blob_contents`
  Json meta = nullptr;                   ///< `_meta`; null: none
};

struct TextContent {
  std::string text;
  Annotations annotations = {};
  Json meta = nullptr;
};

struct ImageContent {
  std::string data;  ///< Base64: see `image_content`
  std::string mime_type;
  Annotations annotations = {};
  Json meta = nullptr;
};

struct AudioContent {
  std::string data;  ///< Base64: see `audio_content`
  std::string mime_type;
  Annotations annotations = {};
  Json meta = nullptr;
};

/// A resource that the client may read later.
struct ResourceLink {
  std::string uri;
  std::string name;
  std::string title = {};
  std::string description = {};
  std::string mime_type = {};
  Annotations annotations = {};
  std::optional<std::uint64_t> size = {};  ///< bytes, before Base64
  std::vector<Icon> icons = {};
  Json meta = nullptr;
};

/// A resource with its contents.
struct EmbeddedResource {
  ResourceContents resource;
  Annotations annotations = {};
  Json meta = nullptr;
};

/// Content of a type that this library does not know; only ever received.
struct UnknownContent {
  Json value;
};

/// One block of a tool's result or of a prompt's message (the specification's ContentBlock).
using Content = std::variant<TextContent, ImageContent, AudioContent, ResourceLink,
                             EmbeddedResource, UnknownContent>;

/// Makers for what is awkward to write as an aggregate; `bytes` are encoded in Base64.
TextContent text_content(std::string text);
ImageContent image_content(std::span<const std::byte> bytes, std::string mime_type);
AudioContent audio_content(std::span<const std::byte> bytes, std::string mime_type);
ResourceContents text_contents(std::string uri, std::string text,
                               std::string mime_type = "text/plain");
ResourceContents blob_contents(std::string uri, std::span<const std::byte> bytes,
                               std::string mime_type = "application/octet-stream");

/// Content as a model would read it: text as it is, everything else as a short note in brackets.
std::string to_text(const Content& content);

Json to_json(const Annotations& annotations, Revision revision);
Json to_json(const ResourceContents& contents, Revision revision);
/// Audio before `has_audio` and links before `has_resource_link` become text.
Json to_json(const Content& content, Revision revision);

template <>
Role from_json<Role>(const Json& value);
template <>
Annotations from_json<Annotations>(const Json& value);
template <>
ResourceContents from_json<ResourceContents>(const Json& value);
template <>
Content from_json<Content>(const Json& value);

std::string_view to_string(Role role) noexcept;

}  // namespace mcp
