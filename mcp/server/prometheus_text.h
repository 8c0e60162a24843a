#pragma once

#include <cstdint>
#include <string>

#include <mcp/server/metrics.h>

namespace mcp::server {

/// Numbers in the text format of Prometheus, version 0.0.4. Nothing is escaped: names, labels and
/// help are ours, or names of tools, which need none.
class PrometheusText {
 public:
  void counter(const std::string& name, const std::string& help, std::uint64_t value);
  void gauge(const std::string& name, const std::string& help, std::uint64_t value);
  /// Calls and their times by tool, in seconds and under the names that others give them.
  void tools(const Metrics& metrics);

  std::string take() { return std::move(text_); }

 private:
  void family(const std::string& name, const char* type, const std::string& help);
  void sample(const std::string& name, const std::string& labels, const std::string& value);
  void times(const std::string& name, const std::string& help, int unit_digits,
             const Metrics& metrics);

  std::string text_;
};

}  // namespace mcp::server
