#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/schema/program.h>
#include <mcp/schema/schema.h>

// The words of validation errors: what was found, what would be right.

namespace mcp::schema::messages {

std::string wrong_type(const Json& value, std::uint8_t types);
std::string not_chosen(const Json& value, const Choices& choices);
std::string not_one_of(const Json& value, const std::vector<const Json*>& allowed);
/// `"ab" has 2 characters, fewer than the minimum 3`.
std::string too_few(const std::string& what, std::size_t found, const std::string& unit,
                    std::size_t minimum);
std::string too_many(const std::string& what, std::size_t found, const std::string& unit,
                     std::size_t maximum);
std::string missing_property(const std::string& name, const ObjectRules& rules,
                             const Json::object_t& object);
std::string unknown_property(const std::string& name, const ObjectRules& rules);
/// Of an object: the text that would tell which alternative is meant is none of theirs, or is not
/// there.
std::string unknown_discriminator(const Json& value, const Discriminator& discriminator);
std::string missing_discriminator(const Discriminator& discriminator);
std::string no_alternative(const Json& value, std::size_t alternatives);
std::string exhausted(std::string_view limit);

/// How far a value was from an alternative, by the errors at (and below) `instance_path`: a wrong
/// type or tag there says that another alternative was meant.
std::size_t distance(const std::vector<ValidationError>& errors, const std::string& instance_path);

}  // namespace mcp::schema::messages
