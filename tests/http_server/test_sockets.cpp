// TLS, with a certificate made here, and Unix sockets.

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "fixture.h"

namespace {

namespace fs = std::filesystem;

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* held) const { release(held); }
};
template <class T, void (*release)(T*)>
using Held = std::unique_ptr<T, Release<T, release>>;

/// A folder that is gone afterwards.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "http_server_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

/// A certificate for `localhost`, signed by itself, and its key, in two files.
void make_certificate(const std::string& certificate_file, const std::string& key_file) {
  const Held<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
  const Held<X509, X509_free> certificate(X509_new());
  REQUIRE(key);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  const auto write = [](const std::string& file, auto&& to) {
    std::FILE* out = std::fopen(file.c_str(), "w");
    REQUIRE(out != nullptr);
    to(out);
    std::fclose(out);
  };
  write(certificate_file, [&](std::FILE* out) { PEM_write_X509(out, certificate.get()); });
  write(key_file, [&](std::FILE* out) {
    PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

/// A client that trusts one certificate, on a blocking socket.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const std::string& authority, int version = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_.get(), version);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_security_level(context_.get(), 0);
    REQUIRE(SSL_CTX_load_verify_file(context_.get(), authority.c_str()) == 1);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    connection_.reset(SSL_new(context_.get()));
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    SSL_set_fd(connection_.get(), socket_);
    open_ = SSL_connect(connection_.get()) == 1;
  }
  ~TlsClient() { ::close(socket_); }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool open() const { return open_; }
  std::string version() const { return SSL_get_version(connection_.get()); }
  void send(const std::string& bytes) {
    REQUIRE(SSL_write(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0);
  }
  /// All that came up to and including `end`.
  std::string until(const std::string& end) {
    while (held_.find(end) == std::string::npos) {
      char buffer[16384];
      const int count = SSL_read(connection_.get(), buffer, sizeof buffer);
      if (count <= 0) break;
      held_.append(buffer, static_cast<std::size_t>(count));
    }
    const auto at = held_.find(end);
    if (at == std::string::npos) return std::exchange(held_, {});
    std::string text = held_.substr(0, at + end.size());
    held_.erase(0, at + end.size());
    return text;
  }

 private:
  Held<SSL_CTX, SSL_CTX_free> context_;
  Held<SSL, SSL_free> connection_;
  int socket_ = -1;
  bool open_ = false;
  std::string held_;
};

struct Certificate {
  Folder folder;
  std::string file = folder.file("certificate.pem");
  std::string key = folder.file("key.pem");
  Certificate() { make_certificate(file, key); }
  mcp::HttpOptions options() const {
    mcp::HttpOptions options;
    options.listen.tls_certificate = file;
    options.listen.tls_key = key;
    return options;
  }
};

}  // namespace

TEST_CASE("TLS: calls, a large answer, a stream, and the end of the connection") {
  const Certificate certificate;
  Serving serving(certificate.options());
  CHECK(serving.service->url() ==
        "https://127.0.0.1:" + std::to_string(serving.service->port()) + "/mcp");
  TlsClient client(serving.service->port(), certificate.file);
  REQUIRE(client.open());
  CHECK(client.version() == "TLSv1.3");
  client.send(modern("1", "tools/call", "echo", R"("arguments":{"word":"over TLS"})"));
  const std::string end = R"("resultType":"complete"}})";
  CHECK(client.until(end).find("over TLS") != std::string::npos);

  const std::string large(500'000, 'x');
  client.send(modern("2", "tools/call", "echo", R"("arguments":{"word":")" + large + "\"}"));
  CHECK(client.until(end).find(large) != std::string::npos);

  client.send(
      modern("3", "subscriptions/listen", "", R"("notifications":{"toolsListChanged":true})"));
  CHECK(client.until("\n\n\r\n").find("notifications/subscriptions/acknowledged") !=
        std::string::npos);
  serving.server.tools_changed();
  CHECK(client.until("\n\n\r\n").find("notifications/tools/list_changed") != std::string::npos);
}

TEST_CASE("TLS: 1.2 is the oldest version; what speaks no TLS is not answered") {
  const Certificate certificate;
  Serving serving(certificate.options());
  TlsClient old(serving.service->port(), certificate.file, TLS1_1_VERSION);
  CHECK_FALSE(old.open());
  TlsClient enough(serving.service->port(), certificate.file, TLS1_2_VERSION);
  REQUIRE(enough.open());
  CHECK(enough.version() == "TLSv1.2");
  RawClient plain(serving.service->port());
  plain.send(modern("1", "server/discover"));
  CHECK(plain.until_end().find("HTTP/1.1 200") == std::string::npos);
  // The others are served on.
  enough.send(modern("2", "server/discover"));
  CHECK(enough.until("\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("TLS: files that can't be used are named") {
  const Certificate certificate;
  mcp::HttpOptions options = certificate.options();
  options.listen.tls_key = certificate.folder.file("missing.pem");
  CHECK_THROWS_WITH_AS(Serving{options}, doctest::Contains("missing.pem"), std::runtime_error);
}

TEST_CASE("a Unix socket: served, for its owner only, replaced when nobody listens, removed") {
  const Folder folder;
  const std::string path = folder.file("mcp.socket");
  mcp::HttpOptions options;
  options.listen.unix_path = path;
  const auto ask = [&] {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    RawClient client(RawClient::Connected{socket});
    return client.ask(modern("1", "tools/call", "echo", R"("arguments":{"word":"here"})"));
  };
  {
    Serving serving(options);
    CHECK(serving.service->url() == "unix:" + path);
    const auto answer = ask();
    CHECK(answer.status == 200);
    CHECK(answer.body.find("here") != std::string::npos);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0077U) == 0);
    CHECK_THROWS_WITH_AS(Serving{options}, doctest::Contains("already"), std::invalid_argument);
  }
  CHECK_FALSE(fs::exists(path));
  // A socket that a killed process left behind.
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(left);
  REQUIRE(fs::exists(path));
  Serving serving(options);
  CHECK(ask().status == 200);
}
