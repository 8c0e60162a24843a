#include <mcp/server/prometheus_text.h>

#include <utility>

namespace mcp::server {
namespace {

constexpr std::pair<CallEnd, const char*> ends[] = {
    {CallEnd::success, "success"}, {CallEnd::error, "error"}, {CallEnd::cancelled, "cancelled"}};

constexpr int seconds = 9;
constexpr int milliseconds = 6;

/// Nanoseconds in a unit of 10^`digits` of them, exactly.
std::string in_unit(std::chrono::nanoseconds time, int digits) {
  std::string text = std::to_string(time.count());
  const auto after_point = static_cast<std::size_t>(digits);
  if (text.size() <= after_point) text.insert(0, after_point + 1 - text.size(), '0');
  text.insert(text.size() - after_point, ".");
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

void PrometheusText::family(const std::string& name, const char* type, const std::string& help) {
  text_ += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void PrometheusText::sample(const std::string& name, const std::string& labels,
                            const std::string& value) {
  text_ += name;
  if (!labels.empty()) text_ += "{" + labels + "}";
  text_ += " " + value + "\n";
}

void PrometheusText::counter(const std::string& name, const std::string& help,
                             std::uint64_t value) {
  family(name, "counter", help);
  sample(name, "", std::to_string(value));
}

void PrometheusText::gauge(const std::string& name, const std::string& help, std::uint64_t value) {
  family(name, "gauge", help);
  sample(name, "", std::to_string(value));
}

void PrometheusText::tools(const Metrics& metrics) {
  family("mcp_tool_calls_total", "counter", "Total MCP tool invocations");
  for (const auto& [tool, numbers] : metrics.tools()) {
    for (const auto& [end, status] : ends)
      sample("mcp_tool_calls_total", "tool=\"" + tool + "\",status=\"" + status + "\"",
             std::to_string(numbers->ended(end)));
  }
  times("mcp_tool_call_duration_seconds", "What handlers of tools took", seconds, metrics);
  times("mcp_tool_latency_ms", "MCP tool call latency in milliseconds", milliseconds, metrics);
}

void PrometheusText::times(const std::string& name, const std::string& help, int unit_digits,
                           const Metrics& metrics) {
  family(name, "histogram", help);
  for (const auto& [tool, numbers] : metrics.tools()) {
    const std::string label = "tool=\"" + tool + "\"";
    std::uint64_t calls = 0;
    const auto bucket = [&](const std::string& bound, std::size_t index) {
      calls += numbers->in_bucket(index);
      sample(name + "_bucket", label + ",le=\"" + bound + "\"", std::to_string(calls));
    };
    for (std::size_t index = 0; index < ToolMetrics::bounds.size(); ++index)
      bucket(in_unit(ToolMetrics::bounds[index], unit_digits), index);
    bucket("+Inf", ToolMetrics::bounds.size());
    sample(name + "_sum", label, in_unit(numbers->total(), unit_digits));
    sample(name + "_count", label, std::to_string(calls));
  }
}

}  // namespace mcp::server
