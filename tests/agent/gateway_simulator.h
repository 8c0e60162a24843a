#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

/// What the simulated gateway does with one request.
enum class Fault {
  none,
  busy,         ///< 429
  busy_for,     ///< 429 with Retry-After: 2
  overloaded,   ///< 503
  broken,       ///< 500
  too_long,     ///< 400, the context is too long
  no_model,     ///< 404
  refused,      ///< 401
  reset,        ///< before the first byte
  reset_after,  ///< after the first piece of the answer
  half,         ///< the stream ends in order, without its finish marker
  garbled,      ///< a piece that is no JSON, after the first
  silent,       ///< no byte until the other side goes away
};

/// A gateway on 127.0.0.1 that speaks both wire formats (by the path) and fails by chance, from a
/// seed: the same seed and the same requests give the same faults.
class GatewaySimulator {
 public:
  explicit GatewaySimulator(std::uint64_t seed);
  GatewaySimulator(const GatewaySimulator&) = delete;
  GatewaySimulator& operator=(const GatewaySimulator&) = delete;
  ~GatewaySimulator();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// From now on each request meets one of these by chance, with `share` of 1; else none.
  void set_faults(std::vector<Fault> faults, double share);
  /// This model always fails so; Fault::none lets it live again.
  void set_model(const std::string& model, Fault fault);

  int requests() const { return requests_; }
  int requests_of(const std::string& model) const;
  /// What the model says in each answer.
  static std::string text_of(const std::string& model);

 private:
  void serve();
  void answer(int connection);
  Fault fault_of(const std::string& model);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> requests_ = 0;
  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  std::vector<Fault> faults_;
  double share_ = 0;
  std::map<std::string, Fault> models_;
  std::map<std::string, int> requests_of_;
  std::thread thread_;
};
