#include "tests/websearch/test_internet.h"

#include <condition_variable>
#include <stdexcept>

#include <mcp/outbound/ip_address.h>

#include "servers/websearch/character.h"
#include "servers/websearch/web_url.h"

namespace fairlead::websearch::testing {

using mcp::outbound::Headers;
using mcp::outbound::HttpError;
using mcp::outbound::HttpOptions;
using mcp::outbound::HttpRequest;
using mcp::outbound::HttpResponse;

void TestInternet::serve(const std::string& host, Handler handler) {
  const std::lock_guard lock(mutex_);
  addresses_.emplace(host, "93.184.216." + std::to_string(addresses_.size() + 1));
  handlers_[host] = std::move(handler);
}

void TestInternet::serve_by(const std::string& host, int port) {
  const std::lock_guard lock(mutex_);
  addresses_.emplace(host, "93.184.216." + std::to_string(addresses_.size() + 1));
  ports_[host] = port;
}

void TestInternet::hang(const std::string& host) {
  const std::lock_guard lock(mutex_);
  addresses_.emplace(host, "93.184.216." + std::to_string(addresses_.size() + 1));
  hanging_.insert(host);
}

void TestInternet::resolve(const std::string& host, std::vector<std::vector<std::string>> answers) {
  const std::lock_guard lock(mutex_);
  answers_[host] = std::move(answers);
}

WebOptions TestInternet::options() const {
  WebOptions options;
  options.rules.use_environment_proxy = false;
  options.pause = std::chrono::milliseconds(0);
  return options;
}

Resolver TestInternet::resolver() {
  return [this](const std::string& host) -> std::vector<std::string> {
    const std::lock_guard lock(mutex_);
    if (const auto found = answers_.find(host); found != answers_.end()) {
      auto now = found->second.front();
      if (found->second.size() > 1) found->second.erase(found->second.begin());
      return now;
    }
    const auto found = addresses_.find(host);
    if (found == addresses_.end()) throw std::runtime_error("can't resolve " + host);
    return {found->second};
  };
}

Connector TestInternet::connector() {
  return [this](const HttpRequest& request, const HttpOptions& options, std::stop_token stop,
                const mcp::outbound::BodyHandler& on_body) {
    const std::string host = host_of(request.url);
    Handler handler;
    int port = 0;
    bool hangs = false;
    {
      const std::lock_guard lock(mutex_);
      called_.push_back(request.method + " " + request.url);
      const auto known = addresses_.find(host);
      if (known == addresses_.end() || known->second != options.pinned_address) {
        forbidden_.push_back(options.pinned_address.empty() ? host : options.pinned_address);
        throw HttpError(HttpError::Kind::connect, "this would have been a connection");
      }
      hangs = hanging_.contains(host);
      if (const auto found = ports_.find(host); found != ports_.end()) port = found->second;
      if (const auto found = handlers_.find(host); found != handlers_.end()) {
        handler = found->second;
      }
    }
    if (hangs) {
      std::mutex mutex;
      std::condition_variable_any never;
      std::unique_lock lock(mutex);
      never.wait_for(lock, stop, options.total_timeout, [] { return false; });
      if (stop.stop_requested()) throw HttpError(HttpError::Kind::cancelled, "cancelled");
      throw HttpError(HttpError::Kind::timeout, "no answer in time");
    }
    if (port != 0) {
      HttpRequest real = request;
      const std::string origin = origin_of(request.url);
      real.url = "http://127.0.0.1:" + std::to_string(port) + request.url.substr(origin.size());
      HttpOptions how = options;
      how.allow_loopback = true;
      how.allowed_ports.clear();
      how.pinned_address.clear();
      return mcp::outbound::http_call(real, how, std::move(stop), on_body);
    }
    HttpResponse response = handler(request);
    const std::string body = std::exchange(response.body, {});
    if (!body.empty() && !on_body(response, body)) {
      throw HttpError(HttpError::Kind::cancelled, "the receiver ended the call", true);
    }
    return response;
  };
}

std::vector<std::string> TestInternet::called() const {
  const std::lock_guard lock(mutex_);
  return called_;
}

std::vector<std::string> TestInternet::forbidden() const {
  const std::lock_guard lock(mutex_);
  return forbidden_;
}

HttpResponse answer(int status, const std::string& type, const std::string& body, Headers headers) {
  HttpResponse response{.status = status, .headers = std::move(headers), .body = body};
  if (!type.empty()) response.headers.emplace_back("content-type", type);
  return response;
}

HttpResponse redirect(int status, const std::string& location) {
  return answer(status, "", "", {{"location", location}});
}

std::string sent(const HttpRequest& request, const std::string& header) {
  for (const auto& [name, value] : request.headers) {
    if (equals_ignoring_case(name, header)) return value;
  }
  return "(none)";
}

}  // namespace fairlead::websearch::testing
