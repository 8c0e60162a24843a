// Calls over TLS, against a server whose certificate names `localhost` and 127.0.0.1.
#include <doctest/doctest.h>

#include <thread>

#include <httplib.h>

#include <mcp/outbound/http_call.h>

using namespace mcp::outbound;

namespace {

std::string certificate(const char* file) {
  return std::string(CERTIFICATES) + "/" + file;
}

class TlsServer {
 public:
  TlsServer() : server_(certificate("server.pem").c_str(), certificate("server.key").c_str()) {
    server_.Get("/", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content("hello " + request.get_header_value("Host"), "text/plain");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer() {
    server_.stop();
    thread_.join();
  }

  std::string authority(const std::string& host) const {
    return host + ":" + std::to_string(port_);
  }
  std::string url(const std::string& host) const { return "https://" + authority(host) + "/"; }

 private:
  httplib::SSLServer server_;
  int port_ = 0;
  std::thread thread_;
};

std::string tls_failure(const std::string& url, const HttpOptions& options) {
  try {
    http_call({"GET", url, {}, {}}, options);
  } catch (const HttpError& error) {
    CHECK(error.kind() == HttpError::Kind::tls);
    return error.what();
  }
  return "no failure";
}

}  // namespace

TEST_CASE("a server is trusted by the certificate authority of ca_file, and by no other way") {
  const TlsServer server;
  HttpOptions options;
  CHECK(tls_failure(server.url("localhost"), options) ==
        "the certificate of " + server.authority("localhost") + " is not trusted");
  options.ca_file = certificate("authority.pem");
  CHECK(http_call({"GET", server.url("localhost"), {}, {}}, options).body ==
        "hello " + server.authority("localhost"));
  CHECK(http_call({"GET", server.url("127.0.0.1"), {}, {}}, options).status == 200);
  options.ca_file = certificate("missing.pem");
  CHECK(tls_failure(server.url("localhost"), options) ==
        "can't read the certificates in " + options.ca_file);
}

TEST_CASE("a pinned address is connected to, and the certificate must still name the host") {
  const TlsServer server;
  HttpOptions options;
  options.ca_file = certificate("authority.pem");
  options.pinned_address = "127.0.0.1";
  CHECK(http_call({"GET", server.url("localhost"), {}, {}}, options).body ==
        "hello " + server.authority("localhost"));
  CHECK(tls_failure(server.url("shop.example"), options) ==
        "the certificate of " + server.authority("shop.example") + " is not trusted");
}
