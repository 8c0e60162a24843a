#include "servers/websearch/services.h"

#include "servers/websearch/dates.h"
#include "servers/websearch/indexing.h"
#include "servers/websearch/web_url.h"

namespace fairlead::websearch {
namespace {

std::string status_text(const WebResponse& response) {
  std::string text =
      "Failed to fetch " + response.url + " - status code " + std::to_string(response.status);
  if (response.status == 401 || response.status == 403) {
    text += ": the site does not let this program in";
  } else if (response.status == 404 || response.status == 410) {
    text += ": there is no such page";
  } else if (response.status == 429) {
    text += ": the site wants fewer calls";
  } else if (response.status >= 500) {
    text += ": the site has a problem of its own";
  }
  const std::string after = response.header("retry-after");
  if (!after.empty() && after.size() < 40) text += " (it says: again after " + after + ")";
  return text + ".";
}

// Services that a person chose may be anywhere, and none of them redirects: a key would go along.
WebOptions provider_options(WebOptions options) {
  options.rules.allow_loopback = true;
  options.rules.allow_private = true;
  options.rules.allowed_ports.clear();
  return options;
}

}  // namespace

Services::Services(const Options& options, const Connector& connector, const Resolver& resolver)
    : web(options.web, connector, resolver),
      provider_web(provider_options(options.web), connector, resolver),
      providers(provider_web, options.provider_times),
      file(options.index_file),
      daily_calls(file, options.now ? options.now : now_seconds),
      index(file),
      cache(file),
      cached_web(web, cache, options.now ? options.now : now_seconds),
      folder_reader(options.ingest_folders),
      timeout(options.timeout) {
  for (const ProviderOptions& each : options.providers) {
    providers.add(make_provider(each), each.limits,
                  [this, name = each.name, most = each.limits.calls_per_day] {
                    return daily_calls.take(name, most);
                  });
  }
}

Document fetch_document(Services& services, const std::string& url, Asker asker, bool refresh,
                        const Deadline& deadline) {
  CachingClient::Answer answer;
  if (asker == Asker::person) {
    answer.response = services.web.get(url, asker, deadline);
  } else {
    answer = services.cached_web.get(url, refresh, deadline);
  }
  const WebResponse& response = answer.response;
  if (response.status >= 400 || response.status < 200 || response.status == 304) {
    throw Failure(status_text(response), Failure::Kind::status);
  }
  Document document = read_document(response, deadline);
  if (!answer.note.empty()) {
    document.page.note += (document.page.note.empty() ? "" : " ") + answer.note;
  }
  if (!document.page.text.empty()) {
    try {
      services.index.add(services.index.source("web", "web", "Pages that were fetched"),
                         {to_indexed(document)}, now_seconds());
    } catch (const Failure& failure) {
      // The page itself was read.
      document.page.note += (document.page.note.empty() ? "" : " ") +
                            ("It could not be indexed: " + std::string(failure.what()));
    }
  }
  return document;
}

mcp::Json input_schema(mcp::Json properties, mcp::Json required) {
  mcp::Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

mcp::Json output_schema(mcp::Json properties, mcp::Json required) {
  mcp::Json schema = input_schema(std::move(properties), std::move(required));
  schema["additionalProperties"] = false;
  return schema;
}

mcp::Json text_property(const char* description) {
  return {{"type", "string"}, {"description", description}};
}

mcp::Json texts_property(const char* description) {
  return {{"type", "array"},
          {"items", {{"type", "string"}, {"minLength", 1}}},
          {"maxItems", 50},
          {"description", description}};
}

mcp::Json count_property(std::size_t least, std::size_t most, std::size_t usual,
                         const char* description) {
  return {{"type", "integer"},
          {"minimum", least},
          {"maximum", most},
          {"default", usual},
          {"description", description}};
}

}  // namespace fairlead::websearch
