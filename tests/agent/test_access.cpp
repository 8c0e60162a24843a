// One model or many behind the access layer: tries, fallback, breakers, balancing.

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include <client/model/anthropic_messages.h>
#include <client/model/model_access.h>
#include <client/model/openai_chat.h>

#include "gateway_simulator.h"

using namespace fairlead::agent;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// Sanitizers make a run some ten times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int slower = 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int slower = 10;
#else
constexpr int slower = 1;
#endif
#else
constexpr int slower = 1;
#endif

/// Time that passes only when somebody waits, and chance from a seed.
struct World {
  std::chrono::steady_clock::time_point now{};
  std::mt19937_64 random{1};
  milliseconds waited{0};

  ModelClock clock() {
    ModelClock clock = ModelClock::system();
    clock.wait = [this](milliseconds delay, std::stop_token stop) {
      now += delay;
      waited += delay;
      return !stop.stop_requested();
    };
    clock.random = [this] { return static_cast<double>(random() % 1'000) / 1'000; };
    clock.now = [this] { return now; };
    return clock;
  }
};

/// Fails with the kinds given, one a call, then answers.
class Scripted : public Model {
 public:
  explicit Scripted(std::vector<ModelError::Kind> failures = {}) : failures_(std::move(failures)) {}
  ModelReply reply(const ModelRequest& request, ModelListener& listener, std::stop_token) override {
    ++calls;
    last_time = request.max_time;
    if (during) during();
    if (static_cast<std::size_t>(calls) <= failures_.size()) {
      if (begins) listener.text("half of");
      throw ModelError(failures_[static_cast<std::size_t>(calls) - 1], "scripted");
    }
    listener.text("whole");
    return {text_message(Role::assistant, "whole"), FinishReason::stop, {}, "m", {}, {}, {}};
  }
  std::string name() const override { return "scripted"; }

  int calls = 0;
  bool begins = false;  ///< fails after a piece of text
  std::function<void()> during;
  std::optional<milliseconds> last_time;

 private:
  std::vector<ModelError::Kind> failures_;
};

/// What is heard; text that was taken back is gone.
class Heard : public ModelListener {
 public:
  bool takes_back = false;
  std::string text_heard;
  std::vector<std::string> events;
  void text(std::string_view delta) override { text_heard += delta; }
  void falling_back(const std::string& from, const std::string& to,
                    const ModelError& error) override {
    events.push_back(from + " -> " + to + ": " + to_string(error.kind()));
  }
  bool take_back(const ModelError&) override {
    if (takes_back) text_heard.clear();
    return takes_back;
  }
};

DeployedModel single(const std::string& name, std::shared_ptr<Model> model) {
  DeployedModel out;
  out.name = name;
  out.deployments.push_back({name, std::move(model)});
  return out;
}

ModelRequest hello(bool stream = true) {
  ModelRequest request;
  request.messages = {text_message(Role::user, "Hello")};
  request.stream = stream;
  return request;
}

using Kind = ModelError::Kind;

}  // namespace

TEST_CASE("each class of failure has its own consequence") {
  struct Row {
    Kind kind;
    int tries_of_first;
    bool second_answers;
  };
  const Row rows[] = {{Kind::rate_limit, 3, true},     {Kind::overloaded, 3, true},
                      {Kind::network, 3, true},        {Kind::timeout, 3, true},
                      {Kind::context_length, 1, true}, {Kind::server, 1, true},
                      {Kind::bad_request, 1, true},    {Kind::malformed, 1, true},
                      {Kind::auth, 1, false},          {Kind::cancelled, 1, false}};
  for (const Row& row : rows) {
    CAPTURE(to_string(row.kind));
    World world;
    const auto first = std::make_shared<Scripted>(std::vector<Kind>(9, row.kind));
    const auto second = std::make_shared<Scripted>();
    ModelAccess access({single("a", first), single("b", second)}, {}, world.clock());
    Heard heard;
    if (row.second_answers) {
      const ModelReply reply = access.reply({"a", "b"}, hello(), heard, {});
      CHECK(reply.served_by == "b");
      REQUIRE(reply.failures.size() == static_cast<std::size_t>(row.tries_of_first));
      CHECK(reply.failures[0].model == "a");
      CHECK(reply.failures[0].kind == row.kind);
      CHECK(reply.failures[0].message == "scripted");
      CHECK(heard.events ==
            std::vector<std::string>{std::string("a -> b: ") + to_string(row.kind)});
    } else {
      CHECK_THROWS_AS(access.reply({"a", "b"}, hello(), heard, {}), ModelError);
      CHECK(heard.events.empty());
    }
    CHECK(first->calls == row.tries_of_first);
    CHECK(second->calls == (row.second_answers ? 1 : 0));
  }
}

TEST_CASE("when none answers, the error says why each did not") {
  World world;
  ModelAccess access({single("a", std::make_shared<Scripted>(std::vector<Kind>{Kind::server})),
                      single("b", std::make_shared<Scripted>(std::vector<Kind>{Kind::malformed}))},
                     {}, world.clock());
  Heard heard;
  CHECK_THROWS_WITH_AS(access.reply({"a", "b"}, hello(), heard, {}),
                       "no model answered: a: scripted; b: scripted", ModelError);
  CHECK_THROWS_WITH_AS(access.reply({"a", "c"}, hello(), heard, {}), "there is no model c",
                       std::invalid_argument);
}

TEST_CASE("the deadline holds for tries and waits together") {
  World world;
  const auto slow = std::make_shared<Scripted>(std::vector<Kind>(9, Kind::timeout));
  slow->during = [&] { world.now += seconds(4); };
  AccessOptions options;
  options.total_time = seconds(10);
  options.retry.tries = 9;
  ModelAccess access({single("a", slow)}, options, world.clock());
  Heard heard;
  CHECK_THROWS_AS(access.reply({"a"}, hello(), heard, {}), ModelError);
  CHECK(slow->calls < 4);
  REQUIRE(slow->last_time);
  CHECK(*slow->last_time <= seconds(10));
}

TEST_CASE("an answer that broke off is restarted only for a listener that takes it back") {
  for (const bool restart : {false, true}) {
    for (const bool takes_back : {false, true}) {
      CAPTURE(restart);
      CAPTURE(takes_back);
      World world;
      const auto model = std::make_shared<Scripted>(std::vector<Kind>{Kind::network});
      model->begins = true;
      AccessOptions options;
      options.mid_stream = restart ? MidStream::restart : MidStream::stop;
      ModelAccess access({single("a", model)}, options, world.clock());
      Heard heard;
      heard.takes_back = takes_back;
      if (restart && takes_back) {
        CHECK(text_of(access.reply({"a"}, hello(), heard, {}).message) == "whole");
        CHECK(heard.text_heard == "whole");
      } else {
        CHECK_THROWS_AS(access.reply({"a"}, hello(), heard, {}), ModelError);
        CHECK(heard.text_heard == "half of");
        CHECK(model->calls == 1);
      }
    }
  }
}

TEST_CASE("a breaker opens after five failures, rests 30 s, then lets three probes through") {
  CircuitBreaker breaker;
  CircuitBreaker::Time now{};
  using State = CircuitBreaker::State;
  for (int i = 0; i < 4; ++i) breaker.failed(*breaker.begin(now), now);
  breaker.succeeded(*breaker.begin(now));  // the count begins anew
  for (int i = 0; i < 4; ++i) breaker.failed(*breaker.begin(now), now);
  CHECK(breaker.state(now) == State::closed);
  const auto late = *breaker.begin(now);
  breaker.failed(*breaker.begin(now), now);
  CHECK(breaker.state(now) == State::open);
  CHECK_FALSE(breaker.begin(now + seconds(29)));
  breaker.succeeded(late);  // it began before: it says nothing about now
  CHECK(breaker.state(now) == State::open);

  now += seconds(30);
  CHECK(breaker.state(now) == State::half_open);
  const auto first = breaker.begin(now);
  const auto second = breaker.begin(now);
  const auto third = breaker.begin(now);
  REQUIRE(third);
  CHECK_FALSE(breaker.begin(now));
  breaker.abandoned(*second);
  CHECK(breaker.begin(now));
  CHECK_FALSE(breaker.begin(now));
  breaker.failed(*third, now);
  CHECK(breaker.state(now) == State::open);
  breaker.succeeded(*first);
  CHECK(breaker.state(now) == State::open);

  now += seconds(30);
  breaker.succeeded(*breaker.begin(now));
  CHECK(breaker.state(now) == State::closed);
  for (int i = 0; i < 4; ++i) breaker.failed(*breaker.begin(now), now);
  CHECK(breaker.state(now) == State::closed);
}

TEST_CASE("calls are spread as the policy says") {
  World world;
  const auto share = [&](Balancing balancing, std::vector<double> weights, int calls,
                         std::vector<int> latencies = {}) {
    PoolOptions options;
    options.balancing = balancing;
    DeploymentPool pool(weights, options, world.clock());
    std::string taken;
    for (int i = 0; i < calls; ++i) {
      const auto lease = pool.take({});
      taken += static_cast<char>('a' + static_cast<char>(lease->index));
      pool.answered(*lease, milliseconds(latencies.empty() ? 1 : latencies[lease->index]));
    }
    return taken;
  };
  CHECK(share(Balancing::round_robin, {1, 1, 1}, 6) == "abcabc");
  CHECK(share(Balancing::weighted, {5, 3}, 8) == "abaababa");
  const std::string by_latency = share(Balancing::latency, {1, 1, 1}, 1000, {50, 10, 90});
  const auto count = [&](char which) {
    return std::count(by_latency.begin(), by_latency.end(), which);
  };
  CHECK(count('b') > 850);
  CHECK(count('a') > 10);  // explored: none is starved
  CHECK(count('c') > 10);

  PoolOptions busy;
  busy.balancing = Balancing::least_busy;
  DeploymentPool pool({1, 1}, busy, world.clock());
  const auto one = pool.take({});
  const auto two = pool.take({});
  CHECK(one->index != two->index);
  pool.answered(*two, milliseconds(1));
  CHECK(pool.take({})->index == two->index);
}

TEST_CASE("429 moves the next try to another deployment, at once, and lets the first rest") {
  World world;
  const auto busy = std::make_shared<Scripted>(std::vector<Kind>{Kind::rate_limit});
  const auto free = std::make_shared<Scripted>();
  DeployedModel model;
  model.name = "a";
  model.deployments = {{"east", busy}, {"west", free}};
  ModelAccess access({model}, {}, world.clock());
  Heard heard;
  const ModelReply reply = access.reply({"a"}, hello(), heard, {});
  CHECK(reply.deployment == "west");
  CHECK(reply.failures.at(0).deployment == "east");
  CHECK(world.waited == milliseconds(0));
  access.reply({"a"}, hello(), heard, {});
  CHECK(busy->calls == 1);
  world.now += seconds(5);
  access.reply({"a"}, hello(), heard, {});
  CHECK(busy->calls == 2);
}

TEST_CASE("when all deployments of a model are unwell, tries wait again") {
  World world;
  const auto down = std::make_shared<Scripted>(std::vector<Kind>(9, Kind::network));
  DeployedModel model;
  model.name = "a";
  model.deployments = {{"east", down}, {"west", down}};
  AccessOptions options;
  options.retry.tries = 4;
  ModelClock clock = world.clock();
  clock.random = [] { return 0.5; };
  ModelAccess access({model}, options, clock);
  Heard heard;
  CHECK_THROWS_AS(access.reply({"a"}, hello(), heard, {}), ModelError);
  CHECK(down->calls == 4);
  // Nothing before the second deployment, then half of 2 s and half of 4 s.
  CHECK(world.waited == seconds(3));
}

namespace {

struct Simulated {
  Simulated(const GatewaySimulator& gateway, AccessOptions options, World& world,
            Balancing balancing, milliseconds silence = seconds(30)) {
    const auto deployment = [&](const std::string& name, bool anthropic) {
      GatewayOptions at;
      at.base_url = gateway.url();
      at.model = name;
      at.http.connect_timeout = silence;  // until there is a connection, both count
      at.http.headers_timeout = silence;
      const ModelClock clock = world.clock();
      return Deployment{name, anthropic ? std::shared_ptr<Model>(make_anthropic_messages(at, clock))
                                        : std::shared_ptr<Model>(make_openai_chat(at, clock))};
    };
    std::vector<DeployedModel> models(2);
    models[0].name = "first";
    models[0].deployments = {deployment("first-east", false), deployment("first-west", true)};
    models[1].name = "second";
    models[1].deployments = {deployment("second", true)};
    for (DeployedModel& model : models) model.pool.balancing = balancing;
    access = std::make_unique<ModelAccess>(std::move(models), options, world.clock());
  }
  std::unique_ptr<ModelAccess> access;
};

}  // namespace

TEST_CASE("silence is a time-out: tried again, then the next model answers") {
  GatewaySimulator gateway(3);
  gateway.set_model("first-east", Fault::silent);
  gateway.set_model("first-west", Fault::silent);
  World world;
  Simulated simulated(gateway, {}, world, Balancing::round_robin, milliseconds(200));
  gateway.set_model("second", Fault::none);
  Heard heard;
  // The second model has the same patience and answers at once.
  const ModelReply reply = simulated.access->reply({"first", "second"}, hello(), heard, {});
  CHECK(reply.served_by == "second");
  REQUIRE(reply.failures.size() == 3);
  for (const FailedTry& failure : reply.failures) CHECK(failure.kind == Kind::timeout);
}

TEST_CASE("10,000 calls of a gateway that fails by chance: each ends as it should") {
  GatewaySimulator gateway(20261123);
  const std::vector<Fault> all = {
      Fault::busy,     Fault::busy_for, Fault::overloaded, Fault::broken,      Fault::too_long,
      Fault::no_model, Fault::refused,  Fault::reset,      Fault::reset_after, Fault::half,
      Fault::garbled,  Fault::busy,     Fault::broken,     Fault::overloaded,  Fault::reset};
  const Balancing policies[] = {Balancing::round_robin, Balancing::weighted, Balancing::least_busy,
                                Balancing::latency};
  int answered = 0;
  int fell_back = 0;
  int restarted = 0;
  std::map<std::string, int> failed;
  World world;
  for (const Balancing balancing : policies) {
    for (const bool restart : {false, true}) {
      AccessOptions options;
      options.total_time = seconds(120);
      options.mid_stream = restart ? MidStream::restart : MidStream::stop;
      Simulated simulated(gateway, options, world, balancing);
      for (int run = 0; run < 1250 / slower; ++run) {
        CAPTURE(run);
        gateway.set_faults(all, run % 3 == 0 ? 0.1 : run % 3 == 1 ? 0.5 : 0.9);
        const int before = gateway.requests();
        const auto began = world.now;
        Heard heard;
        heard.takes_back = true;
        std::optional<ModelReply> reply;
        std::optional<ModelError> error;
        try {
          reply = simulated.access->reply({"first", "second"}, hello(run % 2 == 0), heard, {});
        } catch (const ModelError& failure) {
          error = failure;
        }
        const int requests = gateway.requests() - before;
        CHECK(requests <= 6);
        CHECK(world.now - began <= seconds(120));
        if (reply) {
          ++answered;
          if (reply->served_by == "second") ++fell_back;
          if (!reply->failures.empty() && restart) ++restarted;
          CHECK(text_of(reply->message) == GatewaySimulator::text_of(reply->deployment));
          CHECK(heard.text_heard == text_of(reply->message));
          const auto asked =
              std::count_if(reply->failures.begin(), reply->failures.end(),
                            [](const FailedTry& f) { return !f.deployment.empty(); });
          CHECK(requests == asked + 1);
        } else {
          ++failed[to_string(error->kind())];
          CHECK(error->kind() != Kind::cancelled);
          // What was heard is a beginning of what a model says, never more.
          bool is_beginning = false;
          for (const char* model : {"first-east", "first-west", "second"})
            is_beginning |= GatewaySimulator::text_of(model).starts_with(heard.text_heard);
          CHECK(is_beginning);
        }
        world.now += seconds(run % 40 == 0 ? 31 : 0);
      }
    }
  }
  std::string table =
      "answered " + std::to_string(answered) + ", by the second model " + std::to_string(fell_back);
  for (const auto& [kind, count] : failed) table += ", " + kind + " " + std::to_string(count);
  MESSAGE(table);
  CHECK(answered > 2'500 / slower);
  CHECK(fell_back > 100 / slower);
  CHECK(restarted > 100 / slower);
}

TEST_CASE("with one of two models down all calls are answered, without fallback none") {
  GatewaySimulator gateway(7);
  gateway.set_model("first-east", Fault::reset);
  gateway.set_model("first-west", Fault::broken);
  World world;
  Simulated simulated(gateway, {}, world, Balancing::round_robin);
  const int calls = 10'000 / slower;
  int answered = 0;
  for (int i = 0; i < calls; ++i) {
    Heard heard;
    try {
      const ModelReply reply = simulated.access->reply({"first", "second"}, hello(), heard, {});
      answered += heard.text_heard == GatewaySimulator::text_of("second") ? 1 : 0;
    } catch (const ModelError& error) {
      FAIL_CHECK(error.what());
    }
  }
  CHECK(answered == calls);
  CHECK(world.waited < seconds(5));
  // The breakers keep the calls away from what is down.
  CHECK(gateway.requests_of("first-east") + gateway.requests_of("first-west") == 10);
  CHECK(simulated.access->state("first", 0) == CircuitBreaker::State::open);

  int alone = 0;
  for (int i = 0; i < 100; ++i) {
    Heard heard;
    try {
      simulated.access->reply({"first"}, hello(), heard, {});
      ++alone;
    } catch (const ModelError&) {
    }
  }
  CHECK(alone == 0);

  // It lives again: after the rest of 30 s it is asked again.
  gateway.set_model("first-east", Fault::none);
  gateway.set_model("first-west", Fault::none);
  world.now += seconds(30);
  Heard heard;
  CHECK(simulated.access->reply({"first", "second"}, hello(), heard, {}).served_by == "first");
}
