#include "gateway_simulator.h"

#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <client/model/foreign_json.h>

#include "fake_gateway.h"

using fairlead::agent::Json;

namespace {

std::vector<std::string> pieces_of(const std::string& model) {
  return {"This is ", "what ", model, " says."};
}

/// The answer as pieces of a stream; the first holds the beginning of the text.
std::vector<std::string> stream_of(const std::string& model, bool anthropic) {
  std::vector<std::string> out;
  if (anthropic) {
    const auto event = [](const char* type, Json data) {
      data["type"] = type;
      return std::string("event: ") + type + "\ndata: " + data.dump() + "\n\n";
    };
    std::string begin = event(
        "message_start",
        {{"message", {{"model", model}, {"usage", {{"input_tokens", 7}, {"output_tokens", 1}}}}}});
    begin += event("content_block_start",
                   {{"index", 0}, {"content_block", {{"type", "text"}, {"text", ""}}}});
    for (const std::string& piece : pieces_of(model)) {
      out.push_back(begin +
                    event("content_block_delta",
                          {{"index", 0}, {"delta", {{"type", "text_delta"}, {"text", piece}}}}));
      begin.clear();
    }
    out.push_back(event("content_block_stop", {{"index", 0}}) +
                  event("message_delta", {{"delta", {{"stop_reason", "end_turn"}}},
                                          {"usage", {{"output_tokens", 4}}}}) +
                  event("message_stop", Json::object()));
    return out;
  }
  const auto chunk = [&](Json delta, Json finish) {
    const Json data{{"model", model},
                    {"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}}}};
    return "data: " + data.dump() + "\n\n";
  };
  for (const std::string& piece : pieces_of(model))
    out.push_back(chunk({{"content", piece}}, nullptr));
  const Json usage{{"choices", Json::array()},
                   {"usage", {{"prompt_tokens", 7}, {"completion_tokens", 4}}}};
  out.push_back(chunk(Json::object(), "stop") + "data: " + usage.dump() + "\n\ndata: [DONE]\n\n");
  return out;
}

std::string whole_of(const std::string& model, bool anthropic) {
  const std::string text = GatewaySimulator::text_of(model);
  const Json json = anthropic ? Json{{"type", "message"},
                                     {"model", model},
                                     {"content", {{{"type", "text"}, {"text", text}}}},
                                     {"stop_reason", "end_turn"},
                                     {"usage", {{"input_tokens", 7}, {"output_tokens", 4}}}}
                              : Json{{"model", model},
                                     {"choices",
                                      {{{"message", {{"role", "assistant"}, {"content", text}}},
                                        {"finish_reason", "stop"}}}},
                                     {"usage", {{"prompt_tokens", 7}, {"completion_tokens", 4}}}};
  return json.dump();
}

std::string error_of(int status, const std::string& message, const std::string& headers = {}) {
  return http_answer(status, Json{{"error", {{"message", message}}}}.dump(), headers);
}

}  // namespace

std::string GatewaySimulator::text_of(const std::string& model) {
  std::string text;
  for (const std::string& piece : pieces_of(model)) text += piece;
  return text;
}

GatewaySimulator::GatewaySimulator(std::uint64_t seed) : random_(seed) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no loopback socket");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

GatewaySimulator::~GatewaySimulator() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void GatewaySimulator::set_faults(std::vector<Fault> faults, double share) {
  const std::lock_guard lock(mutex_);
  faults_ = std::move(faults);
  share_ = share;
}

void GatewaySimulator::set_model(const std::string& model, Fault fault) {
  const std::lock_guard lock(mutex_);
  models_[model] = fault;
}

int GatewaySimulator::requests_of(const std::string& model) const {
  const std::lock_guard lock(mutex_);
  const auto found = requests_of_.find(model);
  return found == requests_of_.end() ? 0 : found->second;
}

Fault GatewaySimulator::fault_of(const std::string& model) {
  const std::lock_guard lock(mutex_);
  ++requests_;
  ++requests_of_[model];
  if (const auto found = models_.find(model); found != models_.end()) return found->second;
  if (faults_.empty() || static_cast<double>(random_() % 1'000'000) >= share_ * 1e6) {
    return Fault::none;
  }
  return faults_[random_() % faults_.size()];
}

void GatewaySimulator::serve() {
  for (;;) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    const int on = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    answer(connection);
    ::close(connection);
  }
}

void GatewaySimulator::answer(int connection) {
  std::string request;
  char buffer[65536];
  const auto complete = [&] {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const std::size_t length = request.find("Content-Length: ");
    return request.size() >= head + 4 + std::stoul(request.substr(length + 16));
  };
  while (!complete()) {
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) return;
    request.append(buffer, static_cast<std::size_t>(got));
  }
  const bool anthropic = request.find(" /v1/messages ") != std::string::npos;
  const Json body = Json::parse(request.substr(request.find("\r\n\r\n") + 4));
  const std::string model = body["model"];
  const bool streams = body.value("stream", false);
  const Fault fault = fault_of(model);
  const auto say = [&](const std::string& text) {
    ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
  };
  const auto reset = [&] {
    const linger at_once{1, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  };
  switch (fault) {
    case Fault::busy:
      return say(error_of(429, "slow down"));
    case Fault::busy_for:
      return say(error_of(429, "slow down", "Retry-After: 2\r\n"));
    case Fault::overloaded:
      return say(error_of(503, "overloaded"));
    case Fault::broken:
      return say(error_of(500, "it broke"));
    case Fault::too_long:
      return say(error_of(400, "prompt is too long: 9 > 8"));
    case Fault::no_model:
      return say(error_of(404, "no such model"));
    case Fault::refused:
      return say(error_of(401, "bad key"));
    case Fault::reset:
      return reset();
    case Fault::silent: {
      pollfd wait[] = {{connection, POLLIN | POLLRDHUP, 0}, {listener_, POLLHUP, 0}};
      ::poll(wait, 2, 30'000);
      return;
    }
    case Fault::none:
    case Fault::reset_after:
    case Fault::half:
    case Fault::garbled:
      break;
  }
  if (!streams) {
    const std::string answer = whole_of(model, anthropic);
    if (fault == Fault::none) return say(http_answer(200, answer));
    if (fault == Fault::garbled) return say(http_answer(200, answer.substr(0, 9)));
    const std::string all = http_answer(200, answer);
    return say(all.substr(0, all.size() - 9));  // less than its Content-Length
  }
  const std::vector<std::string> pieces = stream_of(model, anthropic);
  if (fault == Fault::none) {
    std::string all = stream_head();
    for (const std::string& piece : pieces) all += piece;
    return say(all);
  }
  say(stream_head() + pieces[0]);
  if (fault == Fault::half) say(pieces[1]);
  if (fault == Fault::garbled) say("data: {\"choices\": [\n\n");
  if (fault == Fault::reset_after) {
    // What was sent is read before the reset throws it away.
    pollfd gone{connection, POLLRDHUP, 0};
    ::poll(&gone, 1, 2);
    reset();
  }
}
