#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/bearer_verifier.h>
#include <mcp/auth/discovery.h>
#include <mcp/auth/document.h>
#include <mcp/auth/fetcher.h>
#include <mcp/auth/loop_connector.h>
#include <mcp/auth/remote_keys.h>
#include <mcp/auth/www_authenticate.h>
#include <mcp/base/ascii.h>
#include <mcp/base/base64.h>
#include <mcp/base/digest.h>
#include <mcp/base/uri.h>

namespace mcp::auth {
namespace {

constexpr std::size_t max_token_bytes = 16 * 1024;
constexpr std::size_t max_remembered = 10'000;
constexpr std::chrono::minutes remember_for{5};

using WallTime = std::chrono::system_clock::time_point;

/// A principal, and until when the token may be believed without asking again.
struct Verified {
  Principal principal;
  WallTime until;
};

std::vector<std::string> scopes_of(const Json& claims) {
  std::vector<std::string> scopes;
  for (const char* name : {"scope", "scp"}) {
    const auto found = claims.find(name);
    if (found == claims.end()) continue;
    if (found->is_string()) scopes = scope_union(scopes, split_scope(found->get<std::string>()));
    if (found->is_array())
      for (const Json& item : *found)
        if (item.is_string()) scopes = scope_union(scopes, split_scope(item.get<std::string>()));
  }
  return scopes;
}

Principal principal_of(const Json& claims, const std::string& issuer) {
  Principal out;
  const auto client = text_member(claims, "client_id", "the token");
  out.client_id =
      client ? *client : text_member(claims, "azp", "the token").value_or(std::string());
  out.subject = text_member(claims, "sub", "the token").value_or(out.client_id);
  if (out.subject.empty()) throw AuthError("the token names neither a subject nor a client");
  out.id = issuer + " " + out.subject;
  out.scopes = scopes_of(claims);
  return out;
}

/// What the workers share; it outlives the verifier while they run.
class State : public std::enable_shared_from_this<State> {
 public:
  State(Runtime& runtime, BearerVerifierOptions options)
      : runtime_(runtime), options_(std::move(options)) {
    if (!outbound::parse_http_url(options_.resource))
      throw std::invalid_argument("a bearer verifier needs the URL of its server as `resource`");
    if (options_.authorization_servers.empty() && options_.static_tokens.empty())
      throw std::invalid_argument("a bearer verifier needs an issuer whose tokens it accepts");
    if (!options_.connector) options_.connector = make_loop_connector(runtime_);
    metadata_url_ = resource_metadata_urls(options_.resource).front();
    for (const auto& [token, principal] : options_.static_tokens)
      static_.emplace(sha256_hex(token), principal);
    options_.static_tokens.clear();
    for (const std::string& issuer : options_.authorization_servers)
      keys_.emplace(std::piecewise_construct, std::forward_as_tuple(issuer),
                    std::forward_as_tuple([this, issuer] { return fetch_keys(issuer); },
                                          [&loop = runtime_.loop()] { return loop.now(); }));
  }

  void verify(const RequestVerifier::Request& request, RequestVerifier::Done done) {
    std::string token;
    if (auto challenge = read_token(request.headers, token)) return done(*std::move(challenge));
    const std::string digest = sha256_hex(token);
    if (const auto known = static_.find(digest); known != static_.end())
      return done(admit(known->second));
    {
      std::unique_lock lock(mutex_);
      const auto found = remembered_.find(digest);
      if (found != remembered_.end() && runtime_.environment().wall_clock() < found->second.until) {
        const Principal principal = found->second.principal;
        lock.unlock();
        return done(admit(principal));
      }
      auto& waiting = waiting_[digest];
      waiting.push_back(std::move(done));
      if (waiting.size() > 1) return;  // the same token is being checked
    }
    const bool queued = runtime_.executor().try_submit(
        [self = shared_from_this(), token, digest] { self->check(token, digest); });
    if (!queued) answer(digest, unavailable());
  }

  std::optional<Challenge> authorize(const Principal& principal, std::string_view method,
                                     std::string_view name) const {
    // Everything that the operation needs, so that one step-up is enough.
    std::vector<std::string> needed;
    for (const ScopeRule& rule : options_.scope_rules)
      if (rule.method == method && (rule.name.empty() || rule.name == name))
        needed = scope_union(std::move(needed), rule.scopes);
    if (has_scopes(principal, needed)) return std::nullopt;
    return insufficient(needed);
  }

  std::vector<std::pair<std::string, std::string>> documents() const {
    Json document = {{"resource", options_.resource},
                     {"authorization_servers", options_.authorization_servers},
                     {"bearer_methods_supported", {"header"}}};
    if (!options_.scopes_supported.empty())
      document["scopes_supported"] = options_.scopes_supported;
    if (!options_.resource_name.empty()) document["resource_name"] = options_.resource_name;
    if (!options_.documentation_url.empty())
      document["resource_documentation"] = options_.documentation_url;
    const std::string text = document.dump();
    std::vector<std::pair<std::string, std::string>> out;
    for (const std::string& url : resource_metadata_urls(options_.resource))
      out.emplace_back(std::string(split_uri(url).path), text);
    return out;
  }

  void stop() { stop_.request_stop(); }

 private:
  // --- Answers ---

  Challenge challenge(int status, const std::string& error, const std::string& message,
                      const std::vector<std::string>& scopes) const {
    std::vector<std::pair<std::string, std::string>> parameters;
    if (!error.empty()) {
      parameters.emplace_back("error", error);
      parameters.emplace_back("error_description", message);
    }
    parameters.emplace_back("resource_metadata", metadata_url_);
    if (!scopes.empty()) parameters.emplace_back("scope", join_scope(scopes));
    return {status, {{"WWW-Authenticate", write_challenge("Bearer", parameters)}}, message};
  }

  /// The scopes to name to who has no good token.
  const std::vector<std::string>& first_scopes() const {
    return options_.required_scopes.empty() ? options_.scopes_supported : options_.required_scopes;
  }

  Challenge invalid(const std::string& message) const {
    return challenge(401, "invalid_token", message, first_scopes());
  }

  Challenge insufficient(const std::vector<std::string>& needed) const {
    return challenge(403, "insufficient_scope", "the token lacks a scope of: " + join_scope(needed),
                     needed);
  }

  static Challenge unavailable() {
    return {503, {{"Retry-After", "5"}}, "the token can't be checked now"};
  }

  bool has_scopes(const Principal& principal, const std::vector<std::string>& needed) const {
    return std::all_of(needed.begin(), needed.end(), [&](const std::string& scope) {
      return std::any_of(
          principal.scopes.begin(), principal.scopes.end(), [&](const std::string& granted) {
            return granted == scope || (options_.implies && options_.implies(granted, scope));
          });
    });
  }

  RequestVerifier::Verdict admit(const Principal& principal) const {
    if (has_scopes(principal, options_.required_scopes)) return principal;
    return insufficient(options_.required_scopes);
  }

  // --- Reading ---

  /// RFC 6750 section 2.1: the header, once, and nothing else.
  std::optional<Challenge> read_token(const HttpHeaders& headers, std::string& token) const {
    const std::string* authorization = nullptr;
    for (const auto& [name, value] : headers) {
      if (name != "authorization") continue;
      if (authorization != nullptr)
        return challenge(400, "invalid_request", "the request has two Authorization headers", {});
      authorization = &value;
    }
    if (authorization == nullptr)
      return challenge(401, "", "a bearer token is needed", first_scopes());
    constexpr std::string_view scheme = "bearer ";
    const bool is_bearer =
        authorization->size() > scheme.size() &&
        ascii_lower(std::string_view(*authorization).substr(0, scheme.size())) == scheme;
    if (!is_bearer) return challenge(401, "", "a bearer token is needed", first_scopes());
    token = authorization->substr(
        std::min(authorization->find_first_not_of(' ', scheme.size()), authorization->size()));
    const bool well_formed =
        !token.empty() && token.size() <= max_token_bytes &&
        std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!well_formed) return challenge(400, "invalid_request", "the bearer token is malformed", {});
    return std::nullopt;
  }

  // --- Checking, on a worker ---

  void check(const std::string& token, const std::string& digest) {
    try {
      const bool is_jwt = std::count(token.begin(), token.end(), '.') == 2;
      if (!is_jwt && !options_.introspection)
        return answer(digest, invalid("the token is of no kind that this server accepts"));
      const bool by_keys = !options_.introspection || !options_.jwks_url.empty();
      Verified verified = is_jwt && by_keys ? check_jwt(token) : introspect(token);
      const auto verdict = admit(verified.principal);
      {
        const std::lock_guard lock(mutex_);
        if (remembered_.size() >= max_remembered) remembered_.clear();
        remembered_.insert_or_assign(digest, std::move(verified));
      }
      answer(digest, verdict);
    } catch (const AuthError& error) {
      answer(digest, invalid(error.what()));
    } catch (const std::exception&) {  // Unavailable, or this machine's own trouble
      answer(digest, unavailable());
    }
  }

  void answer(const std::string& digest, const RequestVerifier::Verdict& verdict) {
    std::vector<RequestVerifier::Done> waiting;
    {
      const std::lock_guard lock(mutex_);
      const auto found = waiting_.find(digest);
      if (found == waiting_.end()) return;
      waiting = std::move(found->second);
      waiting_.erase(found);
    }
    for (const auto& done : waiting) done(verdict);
  }

  Verified check_jwt(const std::string& text) {
    const UnverifiedToken token = parse_token(text);
    const WallTime now = runtime_.environment().wall_clock();
    if (const auto problem = check_claims(token.claims, {.issuers = options_.authorization_servers,
                                                         .audience = options_.resource,
                                                         .now = now,
                                                         .leeway = options_.leeway}))
      throw AuthError(*problem);
    if (token.claims.contains("cnf"))
      throw AuthError("the token is bound to a key, and this server checks no proofs");
    const std::string issuer = token.claims.at("iss").get<std::string>();
    if (!keys_.at(issuer).signed_token(token))
      throw AuthError("the token's signature is not of a key of its issuer");
    return {principal_of(token.claims, issuer), until(token.claims, now, remember_for)};
  }

  WallTime until(const Json& claims, WallTime now, std::chrono::seconds at_most) const {
    const auto expires = claims.find("exp");
    WallTime end = now + at_most;
    if (expires != claims.end() && expires->is_number()) {
      const double left = expires->get<double>() + static_cast<double>(options_.leeway.count()) -
                          std::chrono::duration<double>(now.time_since_epoch()).count();
      if (left < static_cast<double>(at_most.count()))
        end = now + std::chrono::milliseconds(static_cast<long>(left * 1000));
    }
    return end;
  }

  Verified introspect(const std::string& token) {
    const IntrospectionOptions& options = *options_.introspection;
    Fetcher fetcher = make_fetcher();
    outbound::HttpResponse response;
    Json answer;
    try {
      response = fetcher.post(
          options.endpoint, "application/x-www-form-urlencoded",
          encode_form({{"token", token}, {"token_type_hint", "access_token"}}),
          {{"Authorization", "Basic " + base64_encode(percent_encode(options.client_id) + ":" +
                                                      percent_encode(options.client_secret))}},
          "the introspection");
      if (response.status != 200) throw AuthError("no answer");
      answer = parse_document(response.body, "the introspection's answer");
    } catch (const AuthError& error) {
      throw Unavailable(error.what());
    }
    if (!true_member(answer, "active")) throw AuthError("the token is not active");
    const auto& trusted = options_.authorization_servers;
    std::string issuer = text_member(answer, "iss", "the token").value_or("");
    if (issuer.empty() && trusted.size() == 1) issuer = trusted.front();
    // `exp` is optional here: the server has judged it already.
    Json claims = answer;
    claims["iss"] = issuer;
    const WallTime now = runtime_.environment().wall_clock();
    if (!claims.contains("exp"))
      claims["exp"] =
          std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() +
          options.cache_for.count();
    if (const auto problem = check_claims(claims, {.issuers = trusted,
                                                   .audience = options_.resource,
                                                   .now = now,
                                                   .leeway = options_.leeway}))
      throw AuthError(*problem);
    if (claims.contains("cnf"))
      throw AuthError("the token is bound to a key, and this server checks no proofs");
    return {principal_of(claims, issuer), until(claims, now, options.cache_for)};
  }

  Fetcher make_fetcher() const {
    return Fetcher(options_.rules, options_.connector, options_.resolver, stop_.get_token());
  }

  Json fetch_keys(const std::string& issuer) const {
    Fetcher fetcher = make_fetcher();
    std::string url = options_.jwks_url;
    if (url.empty()) {
      const auto server = find_server_metadata(fetcher, issuer);
      if (!server || server->jwks_uri.empty())
        throw AuthError("the issuer's metadata names no key set");
      url = server->jwks_uri;
    }
    const auto response = fetcher.get(url, "the key set");
    if (response.status != 200) throw AuthError("the key set is not there");
    return parse_document(response.body, "the key set");
  }

  Runtime& runtime_;
  BearerVerifierOptions options_;
  std::stop_source stop_;
  std::string metadata_url_;
  std::unordered_map<std::string, Principal> static_;  // by digest
  std::map<std::string, RemoteKeys> keys_;             // by issuer

  std::mutex mutex_;
  std::unordered_map<std::string, Verified> remembered_;  // by digest
  std::unordered_map<std::string, std::vector<RequestVerifier::Done>> waiting_;
};

class BearerVerifier final : public RequestVerifier {
 public:
  BearerVerifier(Runtime& runtime, BearerVerifierOptions options)
      : state_(std::make_shared<State>(runtime, std::move(options))) {}
  ~BearerVerifier() override { state_->stop(); }
  BearerVerifier(const BearerVerifier&) = delete;
  BearerVerifier& operator=(const BearerVerifier&) = delete;

  void verify(Request request, Done done) override { state_->verify(request, std::move(done)); }
  std::optional<Challenge> authorize(const Principal& principal, std::string_view method,
                                     std::string_view name) const override {
    return state_->authorize(principal, method, name);
  }
  std::vector<std::pair<std::string, std::string>> documents() const override {
    return state_->documents();
  }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace

std::shared_ptr<RequestVerifier> make_bearer_verifier(Runtime& runtime,
                                                      BearerVerifierOptions options) {
  return std::make_shared<BearerVerifier>(runtime, std::move(options));
}

}  // namespace mcp::auth
