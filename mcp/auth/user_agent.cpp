#include <condition_variable>
#include <iostream>
#include <mutex>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/fetcher.h>
#include <mcp/auth/user_agent.h>
#include <mcp/base/digest.h>
#include <mcp/outbound/loopback_server.h>
#include <mcp/outbound/url.h>

namespace mcp::auth {
namespace {

constexpr const char* callback_path = "/callback";

std::string page(const std::string& text) {
  return "<!doctype html><meta charset=\"utf-8\"><title>Fairlead</title><p>" + text + "</p>";
}

class LoopbackUserAgent final : public UserAgent {
 public:
  explicit LoopbackUserAgent(LoopbackUserAgentOptions options) : options_(std::move(options)) {
    if (!options_.open) {
      options_.open = [](const std::string& url) {
        std::cerr << "To go on, authorize in the browser: " << url << std::endl;
        open_browser(url);
      };
    }
  }

  std::string redirect_uri(const std::optional<std::string>& registered) override {
    listen(registered);
    return "http://127.0.0.1:" + std::to_string(server_->port()) + callback_path;
  }

  std::string authorize(const std::string& url, std::stop_token stop) override {
    const std::size_t query = url.find('?');
    const Form asked =
        decode_form(query == url.npos ? "" : std::string_view(url).substr(query + 1));
    const std::string* state = single_field(asked, "state");
    if (server_ == nullptr || state == nullptr)
      throw AuthError("an authorization needs a redirect URI and a state");
    {
      const std::lock_guard lock(mutex_);
      state_ = *state;
      answer_.reset();
    }
    options_.open(url);
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, stop, options_.timeout, [&] { return answer_.has_value(); });
    state_.clear();
    const auto answer = answer_;
    lock.unlock();
    server_.reset();  // lets the last page go out, and frees the port
    if (!came)
      throw AuthError(stop.stop_requested() ? "the authorization was cancelled"
                                            : "nobody authorized within " +
                                                  std::to_string(options_.timeout.count()) + " s");
    return *answer;
  }

 private:
  using Server = outbound::LoopbackServer;

  void listen(const std::optional<std::string>& registered) {
    const auto handler = [this](const Server::Request& request) { return receive(request); };
    server_.reset();
    if (registered) {
      const auto earlier = outbound::parse_http_url(*registered);
      if (earlier && earlier->host == "127.0.0.1" && earlier->target == callback_path) {
        try {
          server_ = std::make_unique<Server>(earlier->port, handler);
          return;
        } catch (const std::runtime_error&) {
          // Taken meanwhile: another port, and a new registration.
        }
      }
    }
    try {
      server_ = std::make_unique<Server>(options_.port, handler);
    } catch (const std::runtime_error& error) {
      throw AuthError(std::string("the redirect can't be received: ") + error.what());
    }
  }

  Server::Response receive(const Server::Request& request) {
    Server::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers = {{"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}};
    const Form fields = decode_form(request.query);
    const std::string* state = single_field(fields, "state");
    const std::lock_guard lock(mutex_);
    if (request.path != callback_path || request.method != "GET") {
      response.status = 404;
      response.body = page("Nothing is here.");
    } else if (state_.empty() || answer_ || state == nullptr ||
               !equal_in_constant_time(*state, state_)) {
      response.status = 400;
      response.body = page("This answer belongs to no login that is under way.");
    } else {
      answer_ = request.query;
      changed_.notify_all();
      response.body = page("You can close this page and go back to the program.");
    }
    return response;
  }

  LoopbackUserAgentOptions options_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string state_;
  std::optional<std::string> answer_;
  std::unique_ptr<Server> server_;
};

class PastingUserAgent final : public UserAgent {
 public:
  PastingUserAgent(std::function<void(const std::string&)> show,
                   std::function<std::optional<std::string>()> read_line)
      : show_(std::move(show)), read_line_(std::move(read_line)) {}

  std::string redirect_uri(const std::optional<std::string>& registered) override {
    // The discard port: nothing answers, the browser keeps the address for the user to copy.
    return registered.value_or(std::string("http://127.0.0.1:9") + callback_path);
  }

  std::string authorize(const std::string& url, std::stop_token) override {
    show_("Open this address in a browser:\n\n  " + url +
          "\n\nThe browser will end at a page that it can't show. Paste that page's address "
          "here:\n");
    auto line = read_line_();
    if (!line) throw AuthError("the authorization was cancelled");
    while (!line->empty() && static_cast<unsigned char>(line->back()) <= ' ') line->pop_back();
    return *line;
  }

 private:
  std::function<void(const std::string&)> show_;
  std::function<std::optional<std::string>()> read_line_;
};

}  // namespace

std::shared_ptr<UserAgent> make_loopback_user_agent(LoopbackUserAgentOptions options) {
  return std::make_shared<LoopbackUserAgent>(std::move(options));
}

std::shared_ptr<UserAgent> make_pasting_user_agent(
    std::function<void(const std::string& text)> show,
    std::function<std::optional<std::string>()> read_line) {
  return std::make_shared<PastingUserAgent>(std::move(show), std::move(read_line));
}

}  // namespace mcp::auth
