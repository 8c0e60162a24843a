#pragma once

#include <string_view>

// The checks behind `format`, one file a family: format_time, format_host, format_uri.

namespace mcp::schema {

bool is_date_time(std::string_view text);  ///< RFC 3339, section 5.6
bool is_date(std::string_view text);
bool is_time(std::string_view text);
bool is_duration(std::string_view text);  ///< RFC 3339, appendix A

bool is_email(std::string_view text);         ///< RFC 5321, section 4.1.2, Mailbox
bool is_idn_email(std::string_view text);     ///< RFC 6531, section 3.3
bool is_hostname(std::string_view text);      ///< RFC 1123, section 2.1, with A-labels of RFC 5890
bool is_idn_hostname(std::string_view text);  ///< RFC 5890, section 2.3.2.3
bool is_ipv4(std::string_view text);          ///< RFC 2673, section 3.2
bool is_ipv6(std::string_view text);          ///< RFC 4291, section 2.2

bool is_uri(std::string_view text);  ///< RFC 3986
bool is_uri_reference(std::string_view text);
bool is_iri(std::string_view text);  ///< RFC 3987
bool is_iri_reference(std::string_view text);
bool is_uri_template(std::string_view text);  ///< RFC 6570

}  // namespace mcp::schema
