#include <algorithm>
#include <stdexcept>
#include <thread>

#include <httplib.h>

#include <mcp/base/ascii.h>
#include <mcp/outbound/loopback_server.h>

namespace mcp::outbound {

struct LoopbackServer::Impl {
  Handler handler;
  httplib::Server server;
  int port = 0;
  std::thread thread;

  void serve(const httplib::Request& from, httplib::Response& to) {
    const std::size_t query = std::min(from.target.find('?'), from.target.size());
    Request request{from.method, from.path, from.target.substr(query), {}, from.body};
    if (!request.query.empty()) request.query.erase(0, 1);
    for (const auto& [name, value] : from.headers) {
      request.headers.emplace(ascii_lower(name), value);
    }
    Response response = handler(request);
    to.status = response.status;
    for (const auto& [name, value] : response.headers) to.set_header(name, value);
    if (!response.stream) {
      to.set_content(response.body, response.content_type);
      return;
    }
    to.set_chunked_content_provider(
        response.content_type,
        [stream = std::move(response.stream)](std::size_t, httplib::DataSink& sink) {
          const bool complete = stream(
              [&sink](std::string_view piece) { return sink.write(piece.data(), piece.size()); });
          if (complete) sink.done();
          return complete;
        });
  }
};

LoopbackServer::LoopbackServer(int port, Handler handler) : impl_(std::make_unique<Impl>()) {
  impl_->handler = std::move(handler);
  auto& server = impl_->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(8); };
  server.set_payload_max_length(64 * 1024 * 1024);
  server.set_tcp_nodelay(true);
  server.set_keep_alive_timeout(1);
  // httplib's default lets two servers share a port.
  server.set_socket_options([](socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  const auto serve = [impl = impl_.get()](const httplib::Request& from, httplib::Response& to) {
    impl->serve(from, to);
  };
  server.Get(".*", serve);
  server.Post(".*", serve);
  const std::string host = "127.0.0.1";
  impl_->port = port == 0                         ? server.bind_to_any_port(host)
                : server.bind_to_port(host, port) ? port
                                                  : -1;
  if (impl_->port <= 0) {
    throw std::runtime_error("can't listen on 127.0.0.1:" + std::to_string(port));
  }
  impl_->thread = std::thread([&server] { server.listen_after_bind(); });
  // Until the loop runs, a stop would be overlooked.
  while (!server.is_running()) std::this_thread::yield();
}

LoopbackServer::~LoopbackServer() {
  impl_->server.stop();
  impl_->thread.join();
}

int LoopbackServer::port() const noexcept {
  return impl_->port;
}

}  // namespace mcp::outbound
