#include <algorithm>
#include <mutex>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/document.h>
#include <mcp/auth/loop_connector.h>
#include <mcp/auth/oauth.h>
#include <mcp/auth/oauth_flow.h>
#include <mcp/auth/www_authenticate.h>

namespace mcp::auth {
namespace {

/// A message may be refused for a nonce, for its scopes, and once or twice for its token.
constexpr int max_attempts = 6;

/// The challenge to follow: proofs of possession rather than a bare token.
const AuthenticateChallenge* followed(const std::vector<AuthenticateChallenge>& challenges) {
  const AuthenticateChallenge* bearer = nullptr;
  for (const AuthenticateChallenge& challenge : challenges) {
    if (challenge.scheme == "dpop") return &challenge;
    if (challenge.scheme == "bearer" && bearer == nullptr) bearer = &challenge;
  }
  return bearer;
}

std::optional<std::string> parameter(const AuthenticateChallenge* challenge, const char* name) {
  const std::string* value = challenge == nullptr ? nullptr : challenge->parameter(name);
  if (value == nullptr) return std::nullopt;
  return *value;
}

/// Shared with the flow on its worker, which may outlive the authorizer.
class State : public std::enable_shared_from_this<State> {
 public:
  State(Runtime& runtime, std::string server_url, OAuthOptions options)
      : runtime_(runtime), server_url_(std::move(server_url)), options_(std::move(options)) {
    if (!options_.store) options_.store = make_memory_token_store();
    if (!options_.connector) options_.connector = make_loop_connector(runtime_);
  }

  HttpHeaders headers(const Authorizer::Request& request) {
    const std::lock_guard lock(mutex_);
    if (!token_) return {};
    if (!token_->prover) return {{"Authorization", "Bearer " + token_->session.access_token}};
    return {
        {"Authorization", "DPoP " + token_->session.access_token},
        {"DPoP", token_->prover->proof(request.method, request.url, token_->session.access_token)}};
  }

  void answered(const Authorizer::Request& request, const HttpHeaders& headers) {
    const std::lock_guard lock(mutex_);
    if (!token_) return;
    token_->accepted = true;
    if (token_->prover) token_->prover->learn(request.url, headers);
  }

  void refused(Authorizer::Refusal refusal, Authorizer::Done done) {
    std::unique_lock lock(mutex_);
    const auto answer = [&](std::optional<std::string> error) {
      lock.unlock();
      done(std::move(error));
    };
    if (refusal.attempt > max_attempts)
      return answer("the server refused the request " + std::to_string(refusal.attempt) +
                    " times, whatever was authorized");
    const auto challenges = parse_www_authenticate(refusal.headers);
    const AuthenticateChallenge* challenge = followed(challenges);

    if (token_ && !sent_current(refusal)) return answer(std::nullopt);  // renewed meanwhile
    if (token_ && token_->prover) {
      const bool new_nonce = token_->prover->learn(refusal.request.url, refusal.headers);
      if (refusal.status == 401 && parameter(challenge, "error") == "use_dpop_nonce") {
        if (new_nonce) return answer(std::nullopt);
        return answer("the server wants a DPoP nonce and names none that is new");
      }
    }

    FlowNeeds needs;
    needs.resource_metadata = parameter(challenge, "resource_metadata");
    if (const auto scope = parameter(challenge, "scope")) needs.scopes = split_scope(*scope);
    needs.dpop = challenge != nullptr && challenge->scheme == "dpop";
    if (token_) needs.session = token_->session;
    if (refusal.status == 403) {
      if (auto problem = step_up_problem(challenge, needs)) return answer(std::move(problem));
      needs.step_up = true;
      if (token_) token_->accepted = true;
    } else if (token_ && !token_->accepted && token_->fresh) {
      return answer("the server refuses the token that its authorization server has just given");
    } else if (token_) {
      needs.may_refresh = !token_->refreshed || token_->accepted;
    }

    waiting_.push_back(std::move(done));
    if (running_) return;
    running_ = true;
    lock.unlock();
    const bool queued = runtime_.executor().try_submit(
        [self = shared_from_this(), needs = std::move(needs)]() mutable {
          self->run(std::move(needs));
        });
    if (!queued) finish("too much is waiting for a worker: the token can't be renewed now");
  }

  void stop() { stop_.request_stop(); }

 private:
  struct Token {
    SessionRecord session;
    std::unique_ptr<DpopProver> prover = {};
    bool accepted = false;   // the server has taken it at least once
    bool fresh = false;      // from an authorization of this process, not from the store
    bool refreshed = false;  // from a refresh token
  };

  bool sent_current(const Authorizer::Refusal& refusal) const {
    return std::any_of(refusal.sent.begin(), refusal.sent.end(), [&](const auto& header) {
      return header.first == "Authorization" &&
             header.second.ends_with(" " + token_->session.access_token);
    });
  }

  /// Why more scopes won't help; nothing when they may.
  std::optional<std::string> step_up_problem(const AuthenticateChallenge* challenge,
                                             const FlowNeeds& needs) const {
    if (parameter(challenge, "error") != "insufficient_scope")
      return "the server forbids the request (403)";
    if (!needs.scopes || needs.scopes->empty())
      return "the token's scopes are not enough, and the server does not say which are";
    if (token_ && scope_covers(token_->session.scopes, *needs.scopes))
      return "the server wants the scopes " + printable(join_scope(*needs.scopes)) +
             ", which have been asked for already";
    return std::nullopt;
  }

  /// On a worker.
  void run(FlowNeeds needs) {
    std::optional<std::string> error;
    try {
      if (!use_stored(needs)) {
        auto result = run_flow(server_url_, options_, *options_.store, runtime_.environment(),
                               stop_.get_token(), needs);
        Token token{std::move(result.session)};
        token.fresh = !result.refreshed;
        token.refreshed = result.refreshed;
        use(std::move(token));
      }
    } catch (const std::exception& failure) {
      error = std::string("authorization failed: ") + failure.what();
    }
    finish(std::move(error));
  }

  /// The store's token, of an earlier run or another process, when it was not tried yet.
  bool use_stored(const FlowNeeds& needs) {
    if (needs.step_up) return false;
    auto stored = load_session(*options_.store, server_url_);
    if (!stored || (needs.session && needs.session->access_token == stored->access_token))
      return false;
    use(Token{*std::move(stored)});
    return true;
  }

  void use(Token token) {
    if (token.session.dpop)
      token.prover = std::make_unique<DpopProver>(SigningKey::from_pem(token.session.dpop_key),
                                                  runtime_.environment());
    const std::lock_guard lock(mutex_);
    token_ = std::move(token);
  }

  void finish(std::optional<std::string> error) {
    std::vector<Authorizer::Done> waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting.swap(waiting_);
      running_ = false;
    }
    for (const Authorizer::Done& done : waiting) done(error);
  }

  Runtime& runtime_;
  const std::string server_url_;
  OAuthOptions options_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::optional<Token> token_;
  bool running_ = false;
  std::vector<Authorizer::Done> waiting_;
};

class OAuthAuthorizer final : public Authorizer {
 public:
  explicit OAuthAuthorizer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~OAuthAuthorizer() override { state_->stop(); }

  HttpHeaders headers(const Request& request) override { return state_->headers(request); }
  void refused(Refusal refusal, Done done) override {
    state_->refused(std::move(refusal), std::move(done));
  }
  void answered(const Request& request, const HttpHeaders& headers) override {
    state_->answered(request, headers);
  }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace

std::shared_ptr<Authorizer> make_oauth_authorizer(Runtime& runtime, const std::string& server_url,
                                                  OAuthOptions options) {
  return std::make_shared<OAuthAuthorizer>(
      std::make_shared<State>(runtime, server_url, std::move(options)));
}

}  // namespace mcp::auth
