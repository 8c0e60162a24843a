#include "servers/websearch/http_cache.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <mcp/base/json.h>

#include "servers/websearch/character.h"
#include "servers/websearch/dates.h"
#include "servers/websearch/failure.h"
#include "servers/websearch/web_url.h"

namespace fairlead::websearch {
namespace {

constexpr std::int64_t usual_lifetime = 300;
constexpr std::int64_t longest_guess = 86'400;
constexpr std::int64_t longest_lifetime = 30 * 86'400;
constexpr std::int64_t usual_after_error = 86'400;

// The rest says nothing of the body, or is between the site and this visit (cookies).
constexpr std::array kept_headers{"content-type", "etag", "last-modified", "cache-control",
                                  "expires",      "date", "age",           "vary"};

std::string header_of(const mcp::outbound::Headers& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& each) { return each.first == name; });
  return found == headers.end() ? std::string() : found->second;
}

std::int64_t seconds_of(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 1 && text.front() == '"') text = text.substr(1, text.find('"', 1) - 1);
  std::int64_t seconds = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc::result_out_of_range) return longest_lifetime;
  return error == std::errc{} && end == text.data() + text.size() ? seconds : -1;
}

struct Directives {
  bool no_store = false;
  bool no_cache = false;
  bool must_revalidate = false;
  std::int64_t max_age = -1;
  std::int64_t stale_if_error = -1;
};

Directives directives_of(const std::string& header) {
  Directives out;
  for (std::size_t at = 0; at < header.size();) {
    const std::size_t end = std::min(header.find(',', at), header.size());
    const std::string part = to_lower(trimmed(std::string_view(header).substr(at, end - at)));
    at = end + 1;
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string name = part.substr(0, equals);
    const std::string value = part.substr(std::min(equals + 1, part.size()));
    if (name == "no-store") out.no_store = true;
    if (name == "no-cache") out.no_cache = true;
    if (name == "must-revalidate") out.must_revalidate = true;
    if (name == "max-age") out.max_age = std::max<std::int64_t>(0, seconds_of(value));
    if (name == "stale-if-error") out.stale_if_error = seconds_of(value);
  }
  return out;
}

std::string headers_text(const mcp::outbound::Headers& headers) {
  mcp::Json out = mcp::Json::object();
  for (const char* name : kept_headers) {
    if (auto value = header_of(headers, name); !value.empty()) out[name] = std::move(value);
  }
  return out.dump(-1, ' ', false, mcp::Json::error_handler_t::replace);
}

mcp::outbound::Headers read_headers(const std::string& text) {
  mcp::outbound::Headers out;
  const auto read = mcp::Json::parse(text, nullptr, false);
  if (!read.is_object()) return out;
  for (const auto& [name, value] : read.items()) {
    if (value.is_string()) out.emplace_back(name, value.get<std::string>());
  }
  return out;
}

bool is_site_trouble(const Failure& failure) {
  return failure.kind() == Failure::Kind::network || failure.kind() == Failure::Kind::timeout;
}

}  // namespace

Freshness freshness_of(const mcp::outbound::Headers& headers, std::int64_t now) {
  const Directives said = directives_of(header_of(headers, "cache-control"));
  if (said.no_store || header_of(headers, "vary").find('*') != std::string::npos) return {};
  Freshness out{.store = true};
  const std::int64_t expires = read_date(header_of(headers, "expires"));
  const std::int64_t modified = read_date(header_of(headers, "last-modified"));
  const std::int64_t age = std::max<std::int64_t>(0, seconds_of(header_of(headers, "age")));
  if (said.no_cache) {
    out.lifetime = 0;
  } else if (said.max_age >= 0) {
    out.lifetime = said.max_age - age;
  } else if (!header_of(headers, "expires").empty()) {
    const std::int64_t date = read_date(header_of(headers, "date"));
    out.lifetime = expires == 0 ? 0 : expires - (date == 0 ? now : date) - age;
  } else {
    const std::int64_t guess = modified == 0 ? 0 : (now - modified) / 10;
    out.lifetime = std::clamp(guess, usual_lifetime, longest_guess);
  }
  out.lifetime = std::clamp<std::int64_t>(out.lifetime, 0, longest_lifetime);
  if (said.stale_if_error >= 0) {
    out.after_error = std::min(said.stale_if_error, longest_lifetime);
  } else if (!said.must_revalidate) {
    out.after_error = usual_after_error;
  }
  return out;
}

std::optional<HttpCache::Kept> HttpCache::find(const std::string& url) {
  const StoreFile::Lease lease(file_);
  Statement select(lease.get(),
                   "SELECT final_url, status, headers, body, truncated, fetched FROM responses "
                   "WHERE url = ?1");
  select.bind(1, url);
  if (!select.step()) return std::nullopt;
  return Kept{.response = {.url = select.text(0),
                           .status = static_cast<int>(select.number(1)),
                           .headers = read_headers(select.text(2)),
                           .body = select.text(3),
                           .truncated = select.number(4) != 0},
              .fetched = select.number(5)};
}

void HttpCache::keep(const std::string& url, const WebResponse& response, std::int64_t now) {
  StoreFile::Writing writing(file_);
  // As many of those kept last as fit beside this one.
  const auto size = static_cast<std::int64_t>(response.body.size());
  Statement make_room(
      writing.get(),
      "DELETE FROM responses WHERE url = ?1 OR url IN (SELECT url FROM (SELECT url, "
      "sum(length(body)) OVER (ORDER BY fetched DESC, url) AS bytes FROM responses) "
      "WHERE bytes > ?2)");
  make_room.bind(1, url).bind(2, max_bytes_ - size).step();
  if (size <= max_bytes_) {
    Statement insert(
        writing.get(),
        "INSERT INTO responses (url, final_url, host, status, headers, body, truncated, "
        "fetched) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    insert.bind(1, url)
        .bind(2, response.url)
        .bind(3, host_of(response.url))
        .bind(4, static_cast<std::int64_t>(response.status))
        .bind(5, headers_text(response.headers))
        .bind_bytes(6, response.body)
        .bind(7, std::int64_t{response.truncated ? 1 : 0})
        .bind(8, now)
        .step();
  }
  writing.commit();
}

void HttpCache::confirm(const std::string& url, const Kept& kept, std::int64_t now) {
  StoreFile::Writing writing(file_);
  Statement update(writing.get(), "UPDATE responses SET headers = ?2, fetched = ?3 WHERE url = ?1");
  update.bind(1, url).bind(2, headers_text(kept.response.headers)).bind(3, now).step();
  writing.commit();
}

void HttpCache::drop(const std::string& url) {
  StoreFile::Writing writing(file_);
  Statement remove(writing.get(), "DELETE FROM responses WHERE url = ?1");
  remove.bind(1, url).step();
  writing.commit();
}

CachingClient::Answer CachingClient::get(const std::string& given, bool refresh,
                                         const Deadline& deadline) {
  const std::string url = web_url(given);
  const std::int64_t now = now_();
  auto kept = cache_.find(url);
  const Freshness known = kept ? freshness_of(kept->response.headers, kept->fetched) : Freshness{};
  if (kept && !refresh && now - kept->fetched < known.lifetime) {
    return {.response = std::move(kept->response)};
  }
  mcp::outbound::Headers conditions;
  if (kept && !kept->response.truncated) {
    const std::string etag = kept->response.header("etag");
    const std::string modified = kept->response.header("last-modified");
    if (!etag.empty()) conditions.emplace_back("If-None-Match", etag);
    if (etag.empty() && !modified.empty()) conditions.emplace_back("If-Modified-Since", modified);
  }
  const bool may_be_old = kept && now - kept->fetched < known.lifetime + known.after_error;
  const auto old_copy = [&](const std::string& why) {
    return Answer{.response = std::move(kept->response),
                  .note = "The site can't be read now (" + why + "): this is the copy of " +
                          date_text(kept->fetched) + "."};
  };
  try {
    WebResponse response = web_.get(url, Asker::program, deadline, conditions);
    if (response.status == 304 && kept) {
      for (const auto& [name, value] : response.headers) {
        std::erase_if(kept->response.headers,
                      [&name = name](const auto& each) { return each.first == name; });
        kept->response.headers.emplace_back(name, value);
      }
      cache_.confirm(url, *kept, now);
      return {.response = std::move(kept->response)};
    }
    if (response.status >= 500 && may_be_old) {
      return old_copy("status code " + std::to_string(response.status));
    }
    if (response.status == 200 && freshness_of(response.headers, now).store) {
      cache_.keep(url, response, now);
    } else if (kept && response.status < 500) {
      cache_.drop(url);
    }
    return {.response = std::move(response)};
  } catch (const Failure& failure) {
    if (!may_be_old || !is_site_trouble(failure)) throw;
    return old_copy(failure.what());
  }
}

}  // namespace fairlead::websearch
