#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/document.h>
#include <mcp/auth/token_store.h>
#include <mcp/base/base64.h>

namespace mcp::auth {
namespace {

/// The first bytes of the file; authenticated with the rest.
constexpr std::string_view header = "fairlead tokens 1\n";
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t max_file_bytes = std::size_t{4} << 20;

using Values = std::map<std::string, std::string>;

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& file) {
  throw AuthError("the token file " + file.string() + " " + what);
}

[[noreturn]] void fail_with_errno(const std::string& what, const std::filesystem::path& file) {
  fail(what + ": " + std::strerror(errno), file);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Each operation reads the file anew under a lock beside it: another process may have refreshed a
/// token meanwhile, and a refresh token works only once.
class TokenFile final : public TokenStore {
 public:
  TokenFile(std::filesystem::path file, std::vector<std::uint8_t> key)
      : file_(std::move(file)), key_(std::move(key)) {}
  ~TokenFile() override { sodium_memzero(key_.data(), key_.size()); }

  std::optional<std::string> get(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    const auto file_lock = locked();
    const Values values = read();
    const auto found = values.find(key);
    if (found == values.end()) return std::nullopt;
    return found->second;
  }
  void put(const std::string& key, const std::string& value) override {
    change([&](Values& values) { values[key] = value; });
  }
  void erase(const std::string& key) override {
    change([&](Values& values) { values.erase(key); });
  }

  /// Reads the file once, so that a wrong key is told before it is needed.
  void check() {
    const std::lock_guard lock(mutex_);
    const auto file_lock = locked();
    static_cast<void>(read());
  }

 private:
  template <typename Function>
  void change(Function function) {
    const std::lock_guard lock(mutex_);
    const auto file_lock = locked();
    Values values = read();
    function(values);
    write(values);
  }

  std::filesystem::path beside(const char* suffix) const {
    auto path = file_;
    path += suffix;
    return path;
  }

  std::unique_ptr<Descriptor> locked() const {
    auto lock = std::make_unique<Descriptor>(
        ::open(beside(".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock->get() < 0 || ::flock(lock->get(), LOCK_EX) != 0)
      fail_with_errno("can't be locked", file_);
    return lock;
  }

  Values read() const {
    const Descriptor file(::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.get() < 0) {
      if (errno == ENOENT) return {};
      fail_with_errno("can't be opened", file_);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) fail_with_errno("can't be read", file_);
    if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
      fail("must be a file of this user with mode 0600, for it holds secrets", file_);
    if (status.st_size > static_cast<off_t>(max_file_bytes)) fail("is larger than 4 MiB", file_);
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      const ssize_t count = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail("can't be read", file_);
      filled += static_cast<std::size_t>(count);
    }
    return open_sealed(bytes);
  }

  Values open_sealed(std::string_view bytes) const {
    const std::size_t overhead =
        header.size() + nonce_bytes + crypto_aead_xchacha20poly1305_ietf_ABYTES;
    if (!bytes.starts_with(header) || bytes.size() < overhead) fail("is no token file", file_);
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    std::string plain(bytes.size() - overhead, '\0');
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr,
            at + header.size() + nonce_bytes, bytes.size() - header.size() - nonce_bytes, at,
            header.size(), at + header.size(), key_.data()) != 0)
      fail("is damaged, or was written with another key", file_);
    Values values;
    const Json document = parse_document(plain, "the token file", max_file_bytes);
    for (const auto& [name, value] : document.items())
      if (value.is_string()) values.emplace(name, value.get<std::string>());
    return values;
  }

  void write(const Values& values) const {
    const std::string plain = Json(values).dump();
    std::string bytes(header);
    bytes.resize(header.size() + nonce_bytes + plain.size() +
                 crypto_aead_xchacha20poly1305_ietf_ABYTES);
    auto* at = reinterpret_cast<unsigned char*>(bytes.data());
    randombytes_buf(at + header.size(), nonce_bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(at + header.size() + nonce_bytes, nullptr,
                                               reinterpret_cast<const unsigned char*>(plain.data()),
                                               plain.size(), at, header.size(), nullptr,
                                               at + header.size(), key_.data());
    if (bytes.size() > max_file_bytes) fail("would become larger than 4 MiB", file_);

    // A crash leaves the old file or the new one, never half of one.
    const auto fresh = beside(".new");
    ::unlink(fresh.c_str());
    const Descriptor file(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) fail_with_errno("can't be written", file_);
    for (std::size_t written = 0; written < bytes.size();) {
      const ssize_t count = ::write(file.get(), bytes.data() + written, bytes.size() - written);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail_with_errno("can't be written", file_);
      written += static_cast<std::size_t>(count);
    }
    if (::fsync(file.get()) != 0 || ::rename(fresh.c_str(), file_.c_str()) != 0)
      fail_with_errno("can't be written", file_);
  }

  const std::filesystem::path file_;
  std::vector<std::uint8_t> key_;
  mutable std::mutex mutex_;
};

}  // namespace

std::shared_ptr<TokenStore> open_token_file(const std::filesystem::path& file,
                                            const std::string& key) {
  auto bytes = base64_decode(key);
  if (!bytes || bytes->size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    throw AuthError(
        "the key of the token file must be base64 of 32 bytes, as "
        "`openssl rand -base64 32` prints it");
  if (sodium_init() < 0) throw AuthError("libsodium can't be initialised");
  auto store = std::make_shared<TokenFile>(file, *std::move(bytes));
  store->check();
  return store;
}

}  // namespace mcp::auth
