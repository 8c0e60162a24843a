#include <mcp/server/request_state.h>

#include <sodium.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include <mcp/base/base64.h>
#include <mcp/base/error.h>
#include <mcp/jsonrpc/codec.h>

namespace mcp::server {
namespace {

constexpr std::size_t least_secret = 32;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t id_size = 4;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::int64_t seconds_now(Environment& environment) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             environment.wall_clock().time_since_epoch())
      .count();
}

[[noreturn]] void refuse(const char* why) {
  throw Error(error_code::invalid_params,
              std::string("requestState ") + why + ": call again without requestState");
}

}  // namespace

StateSealer::StateSealer(const std::vector<std::string>& secrets)
    : key_is_random_(secrets.empty()) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium can't be initialised");
  std::vector<std::string> sources = secrets;
  if (key_is_random_) {
    std::string random(least_secret, '\0');
    randombytes_buf(random.data(), random.size());
    sources.push_back(std::move(random));
  }
  for (const std::string& secret : sources) {
    if (secret.size() < least_secret)
      throw std::invalid_argument(
          "a state key needs at least 32 characters, such as those of "
          "`openssl rand -hex 32`");
    Key key{};
    crypto_generichash(key.bytes.data(), key.bytes.size(), bytes_of(secret), secret.size(), nullptr,
                       0);
    std::array<std::uint8_t, crypto_generichash_BYTES> digest{};
    crypto_generichash(digest.data(), digest.size(), key.bytes.data(), key.bytes.size(), nullptr,
                       0);
    std::copy_n(digest.begin(), key.id.size(), key.id.begin());
    keys_.push_back(key);
  }
}

std::string StateSealer::seal(const Json& payload, std::string_view bound_to,
                              std::chrono::seconds lifetime, Environment& environment) const {
  const Key& key = keys_.front();
  Json sealed = {{"expires", seconds_now(environment) + lifetime.count()}, {"payload", payload}};
  const std::string plain = jsonrpc::encode_value(sealed);
  std::vector<std::uint8_t> out(id_size + nonce_size + plain.size() + tag_size);
  std::copy(key.id.begin(), key.id.end(), out.begin());
  environment.random_bytes(std::as_writable_bytes(std::span(out).subspan(id_size, nonce_size)));
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      out.data() + id_size + nonce_size, nullptr, bytes_of(plain), plain.size(), bytes_of(bound_to),
      bound_to.size(), nullptr, out.data() + id_size, key.bytes.data());
  return base64url_encode(out);
}

Json StateSealer::open(std::string_view state, std::string_view bound_to,
                       Environment& environment) const {
  const auto bytes = base64url_decode(state);
  if (!bytes || bytes->size() < id_size + nonce_size + tag_size) refuse("is none of this server");
  const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const Key& candidate) {
    return std::equal(candidate.id.begin(), candidate.id.end(), bytes->begin());
  });
  if (key == keys_.end()) refuse("is none of this server, or its key was retired");
  const std::size_t head = id_size + nonce_size;
  std::string plain(bytes->size() - head - tag_size, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr, bytes->data() + head,
          bytes->size() - head, bytes_of(bound_to), bound_to.size(), bytes->data() + id_size,
          key->bytes.data()) != 0)
    refuse("was altered, or belongs to another call or caller");
  // What opens was written by a server with this key; it is still read with care. Answers may be as
  // deep as a message, and lie some levels deeper here.
  auto sealed = jsonrpc::Decoder({.depth = 256}).decode_value(plain);
  auto* json = std::get_if<Json>(&sealed);
  if (json == nullptr || !json->is_object() || !json->contains("payload") ||
      !json->value("expires", Json()).is_number_integer())
    refuse("is of another version of this server");
  if ((*json)["expires"].get<std::int64_t>() <= seconds_now(environment)) refuse("has expired");
  return std::move((*json)["payload"]);
}

}  // namespace mcp::server
