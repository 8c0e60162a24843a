#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <mcp/schema/dialect.h>
#include <mcp/schema/schema.h>

// Finds every subschema of every document that takes part, and what each reference means.

namespace mcp::schema {

/// A schema resource: the root of a document, or a subschema with an `$id`.
struct Resource {
  std::string uri;  ///< absolute where the document has an absolute URI; without fragment
  Rules rules;
  const Json* root = nullptr;
  std::string document;          ///< URI of the registered document that it is in; may be empty
  std::string document_pointer;  ///< of `root`
  std::uint32_t index = 0;
  std::map<std::string, const Json*, std::less<>> anchors;  ///< dynamic ones too
  std::map<std::string, const Json*, std::less<>> dynamic_anchors;
};

/// A subschema and where it stands.
struct Place {
  const Json* schema = nullptr;
  const Resource* resource = nullptr;
  std::string pointer;  ///< from the root of its resource
};

/// Throws a SchemaError about what stands at `pointer` of `resource`.
[[noreturn]] void fail_at(const Resource& resource, const std::string& pointer,
                          const std::string& message);

class Documents {
 public:
  explicit Documents(const CompileOptions& options) : options_(options) {}

  /// Takes in the schema that is being compiled. Throws SchemaError, as all of these do.
  const Place& add_root(const Json& schema);
  /// The subschema at this address; it must have been found before.
  const Place& at(const Json& schema) const { return places_.at(&schema); }
  /// What `reference` (the value of `$ref` at `from`, keyword for messages) leads to.
  const Place& resolve(const Place& from, std::string_view keyword, const std::string& reference);
  /// Every resource found so far.
  const std::deque<Resource>& resources() const { return resources_; }

 private:
  void scan(const Json& schema, Resource& resource, const std::string& pointer, std::size_t depth);
  void scan_children(const Json& schema, Resource& resource, const std::string& pointer,
                     std::size_t depth);
  // `document` is that of the resource, `uri` its base URI.
  Resource& start_resource(const Json& root, std::string uri, std::string document,
                           std::string document_pointer, const Rules& inherited);
  void read_identity(const Json& schema, Resource& resource, const std::string& pointer);
  Rules rules_of(const Resource& resource, const Rules& inherited) const;
  const Json* find_document(std::string_view uri) const;
  // Counts what is kept, or gone through, of locations. Throws SchemaError when it is too much.
  void spend_location(std::size_t bytes, const Resource& resource, const std::string& pointer);
  Resource* find_resource(const std::string& uri);
  const Place& follow_pointer(Resource& resource, const std::string& pointer, const Place& from,
                              std::string_view keyword, const std::string& reference);

  const CompileOptions& options_;
  std::deque<Resource> resources_;
  std::map<std::string, Resource*, std::less<>> by_uri_;
  std::unordered_map<const Json*, Place> places_;
  std::size_t location_bytes_ = 0;
};

}  // namespace mcp::schema
