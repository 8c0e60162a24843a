#include <mcp/schema/documents.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <mcp/base/ascii.h>
#include <mcp/base/json_pointer.h>
#include <mcp/base/uri.h>
#include <mcp/schema/value.h>

namespace mcp::schema {
namespace {

std::string step(const std::string& pointer, std::string_view key) {
  std::string result = pointer;
  append_json_pointer(result, key);
  return result;
}

std::string step(const std::string& pointer, std::size_t index) {
  return pointer + "/" + std::to_string(index);
}

const std::string* string_member(const Json& schema, const char* keyword) {
  const auto member = schema.find(keyword);
  return member == schema.end() ? nullptr : member->get_ptr<const std::string*>();
}

const std::string& text_of(const Json& schema, const char* keyword, const Resource& resource,
                           const std::string& pointer) {
  const std::string* text = string_member(schema, keyword);
  if (text == nullptr)
    fail_at(resource, step(pointer, keyword), "must be a string, not " + show(schema[keyword]));
  return *text;
}

std::string without_fragment(std::string uri) {
  const std::size_t hash = uri.find('#');
  if (hash != std::string::npos) uri.resize(hash);
  return uri;
}

bool is_anchor_name(std::string_view name) {
  return !name.empty() && (is_ascii_letter(name[0]) || name[0] == '_') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_ascii_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_schema(const Json& value) {
  return value.is_object() || value.is_boolean();
}

// In draft-07 nothing beside `$ref` counts.
bool only_a_reference(const Json& schema, const Rules& rules) {
  return rules.draft_07() && schema.contains("$ref");
}

std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    if (escape && token[i + 1] == '0')
      out += '~', ++i;
    else if (escape && token[i + 1] == '1')
      out += '/', ++i;
    else
      out += token[i];
  }
  return out;
}

const Json* child(const Json& value, const std::string& token) {
  if (value.is_object()) {
    const auto member = value.find(token);
    return member == value.end() ? nullptr : &*member;
  }
  if (!value.is_array() || token.empty() || token.size() > 9 ||
      token.find_first_not_of("0123456789") != std::string::npos ||
      (token.size() > 1 && token[0] == '0'))
    return nullptr;
  const std::size_t index = std::stoul(token);
  return index < value.size() ? &value[index] : nullptr;
}

}  // namespace

void fail_at(const Resource& resource, const std::string& pointer, const std::string& message) {
  throw SchemaError(resource.document_pointer + pointer, message, resource.document);
}

const Place& Documents::add_root(const Json& schema) {
  Rules rules;
  rules.dialect = options_.default_dialect;
  rules.assert_format = options_.assert_format;
  Resource& resource = start_resource(schema, without_fragment(options_.base_uri), "", "", rules);
  scan(schema, resource, "", 0);
  return at(schema);
}

Resource& Documents::start_resource(const Json& root, std::string uri, std::string document,
                                    std::string document_pointer, const Rules& inherited) {
  Resource& resource = resources_.emplace_back();
  resource.index = static_cast<std::uint32_t>(resources_.size() - 1);
  resource.root = &root;
  resource.document = std::move(document);
  resource.document_pointer = std::move(document_pointer);
  resource.rules = rules_of(resource, inherited);
  resource.uri = std::move(uri);
  spend_location(resource.uri.size() + resource.document.size() + resource.document_pointer.size(),
                 resource, "");
  by_uri_.emplace(resource.uri, &resource);
  if (root.is_object() && !only_a_reference(root, resource.rules)) {
    const std::string* id = string_member(root, "$id");
    if (id != nullptr && !id->starts_with('#')) {
      // A document goes by the URI it was found under and by its own.
      resource.uri = without_fragment(resolve_uri(resource.uri, *id));
      spend_location(2 * resource.uri.size(), resource, "");
      const auto [known, is_new] = by_uri_.emplace(resource.uri, &resource);
      if (!is_new && known->second->root != &root)
        fail_at(resource, "/$id", "another schema has the same identifier, " + quote(resource.uri));
    }
  }
  return resource;
}

Rules Documents::rules_of(const Resource& resource, const Rules& inherited) const {
  const Json& root = *resource.root;
  if (!root.is_object() || !root.contains("$schema")) return inherited;
  const std::string& uri = text_of(root, "$schema", resource, "");
  Rules rules;
  rules.assert_format = options_.assert_format;
  if (const auto dialect = standard_dialect(uri)) {
    rules.dialect = *dialect;
    return rules;
  }
  const Json* meta_schema = find_document(without_fragment(uri));
  const std::string* meta_dialect = meta_schema != nullptr && meta_schema->is_object()
                                        ? string_member(*meta_schema, "$schema")
                                        : nullptr;
  const auto dialect = meta_dialect != nullptr ? standard_dialect(*meta_dialect) : std::nullopt;
  if (!dialect)
    fail_at(resource, "/$schema",
            "dialect not supported: " + quote(uri) +
                "; supported are https://json-schema.org/draft/2020-12/schema, "
                "http://json-schema.org/draft-07/schema# and registered meta-schemas "
                "written in one of them");
  rules.dialect = *dialect;
  try {
    apply_vocabulary(*meta_schema, rules);
  } catch (const std::runtime_error& error) {
    fail_at(resource, "/$schema", error.what());
  }
  return rules;
}

void Documents::scan(const Json& schema, Resource& resource, const std::string& pointer,
                     std::size_t depth) {
  if (!is_schema(schema))
    fail_at(resource, pointer, "must be a schema (an object or a boolean), not " + show(schema));
  if (depth > options_.max_schema_depth)
    fail_at(resource, pointer,
            "subschemas stand more than " + std::to_string(options_.max_schema_depth) +
                " levels inside each other (max_schema_depth)");
  if (places_.size() >= options_.max_subschemas)
    fail_at(
        resource, pointer,
        "more than " + std::to_string(options_.max_subschemas) + " subschemas (max_subschemas)");
  if (schema.is_object() && &schema != resource.root && !only_a_reference(schema, resource.rules)) {
    const std::string* id = string_member(schema, "$id");
    if (id != nullptr && !id->starts_with('#')) {
      Resource& inner = start_resource(schema, resource.uri, resource.document,
                                       resource.document_pointer + pointer, resource.rules);
      places_.insert_or_assign(&schema, Place{&schema, &inner, ""});
      read_identity(schema, inner, "");
      return scan_children(schema, inner, "", depth);
    }
  }
  spend_location(pointer.size(), resource, pointer);
  places_.insert_or_assign(&schema, Place{&schema, &resource, pointer});
  if (!schema.is_object()) return;
  if (!only_a_reference(schema, resource.rules)) read_identity(schema, resource, pointer);
  scan_children(schema, resource, pointer, depth);
}

void Documents::read_identity(const Json& schema, Resource& resource, const std::string& pointer) {
  if (schema.contains("$id")) {
    const std::string& id = text_of(schema, "$id", resource, pointer);
    const std::size_t hash = id.find('#');
    if (hash != std::string::npos && hash + 1 < id.size()) {
      if (!resource.rules.draft_07())
        fail_at(resource, step(pointer, "$id"),
                "must have no fragment (use $anchor), unlike " + quote(id));
      resource.anchors.emplace(id.substr(hash + 1), &schema);
    }
  }
  if (resource.rules.draft_07()) return;
  for (const char* keyword : {"$anchor", "$dynamicAnchor"}) {
    if (!schema.contains(keyword)) continue;
    const std::string& name = text_of(schema, keyword, resource, pointer);
    if (!is_anchor_name(name))
      fail_at(resource, step(pointer, keyword),
              "must be a letter or _, then letters, digits, -, _ or ., unlike " + quote(name));
    if (keyword == std::string_view("$dynamicAnchor"))
      resource.dynamic_anchors.emplace(name, &schema);
    if (!resource.anchors.emplace(name, &schema).second && resource.anchors.at(name) != &schema)
      fail_at(resource, step(pointer, keyword),
              "the anchor " + quote(name) + " exists twice in one schema resource");
  }
}

void Documents::scan_children(const Json& schema, Resource& resource, const std::string& pointer,
                              std::size_t depth) {
  for (const auto& [keyword, value] : schema.items()) {
    const Holds holds = subschemas_of(keyword, resource.rules);
    if (holds == Holds::nothing) continue;
    const std::string place = step(pointer, keyword);
    const bool is_array = value.is_array();
    if (holds == Holds::schema && keyword == "items" && is_array)
      fail_at(resource, place,
              "must be a schema (an object or a boolean), not " + show(value) +
                  "; a list of schemas by position is prefixItems");
    if (holds == Holds::schema || (holds == Holds::schema_or_array && !is_array)) {
      scan(value, resource, place, depth + 1);
    } else if (holds == Holds::map || holds == Holds::map_or_names) {
      if (!value.is_object()) fail_at(resource, place, "must be an object, not " + show(value));
      for (const auto& [name, member] : value.items())
        if (holds == Holds::map || !member.is_array())
          scan(member, resource, step(place, name), depth + 1);
    } else {
      if (!is_array) fail_at(resource, place, "must be an array of schemas, not " + show(value));
      for (std::size_t i = 0; i < value.size(); ++i)
        scan(value[i], resource, step(place, i), depth + 1);
    }
  }
}

void Documents::spend_location(std::size_t bytes, const Resource& resource,
                               const std::string& pointer) {
  location_bytes_ += bytes;
  if (location_bytes_ > options_.max_location_bytes)
    fail_at(resource, pointer,
            "the locations of all subschemas take more than " +
                std::to_string(options_.max_location_bytes) +
                " bytes (max_location_bytes): use shorter names and URIs");
}

const Json* Documents::find_document(std::string_view uri) const {
  const Json* document = options_.documents != nullptr ? options_.documents->find(uri) : nullptr;
  return document != nullptr ? document : find_meta_schema(uri);
}

Resource* Documents::find_resource(const std::string& uri) {
  if (const auto known = by_uri_.find(uri); known != by_uri_.end()) return known->second;
  const Json* document = find_document(uri);
  if (document == nullptr) return nullptr;
  Rules rules;
  rules.dialect = options_.default_dialect;
  rules.assert_format = options_.assert_format;
  Resource& resource = start_resource(*document, uri, uri, "", rules);
  scan(*document, resource, "", 0);
  return &resource;
}

const Place& Documents::resolve(const Place& from, std::string_view keyword,
                                const std::string& reference) {
  const auto fail = [&](const std::string& message) {
    fail_at(*from.resource, step(from.pointer, keyword), message);
  };
  const std::string uri = resolve_uri(from.resource->uri, reference);
  spend_location(uri.size() / 16, *from.resource, from.pointer);  // gone through, not kept
  const std::size_t hash = uri.find('#');
  const std::optional<std::string> decoded =
      hash == std::string::npos ? std::string()
                                : percent_decode(std::string_view(uri).substr(hash + 1));
  if (!decoded) fail(quote(reference) + " has a percent sign without two hexadecimal digits");
  const std::string& fragment = *decoded;
  // "#…" never leaves the resource, whatever its URI.
  Resource* resource = reference.empty() || reference.starts_with('#')
                           ? &resources_[from.resource->index]
                           : find_resource(uri.substr(0, hash));
  if (resource == nullptr)
    fail("the document of " + quote(reference) + " (" + quote(uri.substr(0, hash)) +
         ") is not known; register it (nothing is fetched)");
  if (fragment.empty()) return at(*resource->root);
  if (fragment.starts_with('/'))
    return follow_pointer(*resource, fragment, from, keyword, reference);
  const auto anchor = resource->anchors.find(fragment);
  if (anchor == resource->anchors.end())
    fail("there is no anchor " + quote(fragment) + " for " + quote(reference));
  return at(*anchor->second);
}

const Place& Documents::follow_pointer(Resource& start, const std::string& pointer,
                                       const Place& from, std::string_view keyword,
                                       const std::string& reference) {
  const Json* value = start.root;
  Resource* resource = &start;
  std::string place;
  std::string_view rest = pointer;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/', 1);
    const std::string token = unescape(rest.substr(1, slash == rest.npos ? slash : slash - 1));
    rest = slash == rest.npos ? std::string_view() : rest.substr(slash);
    value = child(*value, token);
    if (value == nullptr)
      fail_at(
          *from.resource, step(from.pointer, keyword),
          quote(reference) + " leads nowhere: there is no " + quote(token) + " at " + quote(place));
    append_json_pointer(place, token);
    if (const auto known = places_.find(value); known != places_.end()) {
      resource = &resources_[known->second.resource->index];
      place = known->second.pointer;
    }
  }
  if (!places_.contains(value)) {
    // A schema outside the known keywords: it counts from now on.
    if (!is_schema(*value))
      fail_at(*from.resource, step(from.pointer, keyword),
              quote(reference) + " leads to " + show(*value) + ", which is no schema");
    scan(*value, *resource, place, 0);
  }
  return at(*value);
}

}  // namespace mcp::schema
